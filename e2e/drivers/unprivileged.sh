#!/bin/sh
# Electron without the right to bind ports below 1024, which root has even where nobody else does (capabilities(7)).
exec setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service "$ELECTRON_EXEC_PATH" "$@"
