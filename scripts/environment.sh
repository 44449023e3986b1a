#!/bin/sh
# Makes an environment and installs what a lock file lists; into .venv also driftbot itself, as an editable install.
# Usage: scripts/environment.sh LOCK STAMP    (STAMP lies in the environment's folder and is touched at the end)
set -eu
lock=$1
stamp=$2
environment=$(dirname "$stamp")

say() { printf '%s\n' "$*" >&2; }

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null && is_recent "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "driftbot needs Python 3.11 or newer; none of these is: ${PYTHON:-python3 python3.14 … python3.11}."
    say "Install one (Debian 12 and later: apt-get install python3) or name it: make PYTHON=/path/to/python3."
    return 1
}

# Debian splits ensurepip off into python3-venv; a pip of the system can stand in for it.
make_environment() {
    "$1" -c 'import ensurepip' 2>/dev/null && "$1" -m venv "$environment" && return
    if "$1" -m pip --version >/dev/null 2>&1 && "$1" -m venv --without-pip "$environment"; then
        "$1" -m pip --python "$environment/bin/python" install --quiet pip 2>/dev/null && return
    fi
    rm -rf "$environment"
    say "This Python cannot make virtual environments: Debian keeps that in a package of its own."
    say "Install it and try again: apt-get install python3-venv"
    return 1
}

# What pip and apt print may name internal package indexes; only what went wrong is of use here.
without_hosts() { sed -E 's#[a-z]+://[^/[:space:]]+#(package index)#g'; }

install() {
    log=$environment/install.log
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@" >"$log" 2>&1 && return
    without_hosts <"$log" >&2
    say "The packages could not be installed (above is pip's own word). Once that is mended, run the same command again."
    return 1
}

if ! [ -x "$environment/bin/python" ] || ! is_recent "$environment/bin/python"; then
    python=$(find_python)
    rm -rf "$environment"
    say "Making $environment with $("$python" --version) …"
    make_environment "$python"
fi
say "Installing what $lock lists …"
install --require-hashes --requirement "$lock"
[ "$environment" != .venv ] || install --no-deps --no-build-isolation --editable .
touch "$stamp"
