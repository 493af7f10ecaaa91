#!/bin/sh
# Electron without the rights to bind ports below 1024 and to open raw sockets, which root has even where nobody else does (capabilities(7)).
exec setpriv --bounding-set=-net_bind_service,-net_raw --inh-caps=-net_bind_service,-net_raw "$ELECTRON_EXEC_PATH" "$@"
