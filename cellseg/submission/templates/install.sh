#!/bin/sh
# Run once. Installs the program into SW/@@environment, from SW/@@wheelhouse if that is here, else from the network.
# Needs Python 3.11 or newer; another than python3 is named so: PYTHON=/path/to/python ./install.sh
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "install.sh: $PYTHON is not Python 3.11 or newer; name one with PYTHON=/path/to/python" >&2
    exit 1
}
"$PYTHON" -m venv --clear @@environment
if [ -d @@wheelhouse ]; then
    set -- --no-index --find-links @@wheelhouse
else
    set --
fi
@@environment/bin/python -m pip install --disable-pip-version-check "$@" --constraint @@lock ./*.whl
@@environment/bin/python -I -m cellseg --version
