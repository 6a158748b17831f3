#!/usr/bin/env bash
# Builds the virtual environment once: scripts/venv.sh FOLDER REQUIREMENTS…
# A second run only compares checksums; an interrupted one is taken up again; two at once wait for each other.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or newer was not found; install it, or name it: make PYTHON=/path/to/python3" >&2
    return 1
}

make_folder() {
    # Where the system's Python comes without ensurepip, its own pip can fill the folder from outside.
    "$python" -m venv --clear "$folder" >/dev/null 2>&1 && "$folder/bin/python" -m pip --version >/dev/null 2>&1 && return
    "$python" -m venv --clear --without-pip "$folder" &&
        "$python" -m pip --version >/dev/null 2>&1 && return
    echo "This Python cannot make virtual environments; install its venv and pip packages (python3-venv)." >&2
    return 1
}

install() {
    local pip=("$folder/bin/python" -m pip)
    "${pip[@]}" --version >/dev/null 2>&1 || pip=("$python" -m pip --python "$folder/bin/python")
    "${pip[@]}" install --quiet --quiet --disable-pip-version-check "$@"
}

mkdir -p "$folder"
if command -v flock >/dev/null 2>&1; then
    exec 9>"$folder/lock"
    flock 9
fi
python=$(find_python)
usable() { "$folder/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
# An install that was cut off can leave half a package that pip takes for a whole one: begin anew.
if ! usable || [ -e "$folder/installing" ]; then
    echo "Making the virtual environment in $folder with $python …"
    make_folder
fi
for file in "$@"; do
    # What a file names beside itself counts too.
    sum=$(cat requirements*.txt | cksum | tr -c '0-9\n' '-')
    stamp="$folder/installed-$(basename "$file" .txt)-$sum"
    if [ ! -e "$stamp" ]; then
        echo "Installing $file …"
        touch "$folder/installing"
        install -r "$file"
        rm -f "$folder/installed-$(basename "$file" .txt)"-[0-9]*
        touch "$stamp"
        rm -f "$folder/installing"
    fi
done
