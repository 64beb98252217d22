#!/bin/sh
# Makes a virtual environment with exactly the packages of a hashed list, by uv where it is present, else by pip.
# Usage: tools/set_up.sh FOLDER REQUIREMENTS [project]     ("project" adds Tactful itself, editable)
set -eu

folder=$1 requirements=$2 project=${3:-}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

stop() {
    printf '\n%s\n' "$1" >&2
    exit 3
}

recent='import sys; sys.exit(sys.version_info < (3, 11))'

# A Python of at least 3.11: the one asked for, python3, or any newer one beside it.
python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$recent" 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    command -v "${PYTHON:-python3}" >/dev/null 2>&1 ||
        stop "Python is missing. On Debian:  apt-get install python3 python3-venv"
    stop "$("${PYTHON:-python3}" -V 2>&1) is too old: Tactful needs 3.11 or later (Debian 12 and later have it). Name another with  make PYTHON=/path/to/python3"
fi

uv=
if [ -z "${TACTFUL_NO_UV:-}" ] && command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
    uv=uv
fi

if ! "$folder/bin/python" -c "$recent" >/dev/null 2>&1; then
    echo "Making $folder with $("$python" -V 2>&1)"
    rm -rf "$folder"
    if [ -n "$uv" ]; then
        uv venv --quiet --no-python-downloads --python "$(command -v "$python")" "$folder"
    else
        "$python" -c 'import venv, ensurepip' 2>/dev/null || {
            version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
            stop "Python's venv is missing. On Debian:  apt-get install python3-venv   (or $version)"
        }
        "$python" -m venv "$folder"
    fi
fi

echo "Installing the packages of $requirements"
if [ -n "$uv" ]; then
    uv pip install --quiet --compile-bytecode --python "$folder/bin/python" --require-hashes --no-deps -r "$requirements"
else
    # An environment that uv made has no pip.
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 || "$folder/bin/python" -m ensurepip >/dev/null 2>&1 ||
        stop "Python's ensurepip is missing. On Debian:  apt-get install python3-venv"
    "$folder/bin/python" -m pip install --quiet --require-hashes --no-deps -r "$requirements"
fi

[ -n "$project" ] || exit 0

# The build back end is in the list above, so this asks the network for nothing.
if [ -n "$uv" ]; then
    uv pip install --quiet --offline --python "$folder/bin/python" --no-deps --no-build-isolation -e .
else
    # The back end looks for its own program on the path.
    PATH="$PWD/$folder/bin:$PATH" "$folder/bin/python" -m pip install --quiet --no-index --no-deps --no-build-isolation -e .
fi
