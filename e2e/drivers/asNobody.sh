#!/bin/sh
# The program as an ordinary user, when the tests run as root: Chromium's sandbox is for ordinary users.
exec runuser -u nobody -- env HOME="$NOBODYS_HOME" XAUTHORITY="$NOBODYS_HOME/.Xauthority" "$NOBODYS_ELECTRON" "$@"
