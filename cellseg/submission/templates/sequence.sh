#!/bin/sh
# Segments and tracks @@dataset/@@sequence into @@result. Needs install.sh once before, and no network.
set -eu
cd "$(dirname "$0")"
[ -x @@environment/bin/python ] || {
    echo "$0: run install.sh first" >&2
    exit 1
}
exec @@environment/bin/python -I -m cellseg @@arguments
