# Python, and the published Python SDK. Sourced after suite.sh.
# shellcheck shell=bash

NEWEST_FIRST=(3.14 3.13 3.12)

recent_python() { # PYTHON
    [ -n "$1" ] && [ -x "$1" ] &&
        "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
}

# Prints a Python of at least 3.12: the machine's, pyenv's, or Debian's package of it.
find_python() {
    local version candidate
    for version in "${NEWEST_FIRST[@]}"; do
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version"*/bin/python \
            "$(command -v "python$version")"; do
            recent_python "$candidate" && { echo "$candidate"; return; }
        done
    done
    candidate=$(command -v python3)
    recent_python "$candidate" && { echo "$candidate"; return; }
    command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ] || return 1
    apt-get update -qq >&2
    for version in "${NEWEST_FIRST[@]}" 3; do
        apt-get install -y -qq "python$version" "python$version-venv" >&2 2>/dev/null || continue
        candidate=$(command -v "python$version")
        recent_python "$candidate" && { echo "$candidate"; return; }
    done
    return 1
}

# An environment of its own for each version of the SDK.
install_python_sdk() { # PYTHON VERSION
    local home=$CACHE/python/$2
    "$home/bin/python" -c 'import resonate.resonate' 2>/dev/null && return
    rm -rf "$home"
    "$1" -m venv "$home" >&2 &&
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check \
            "resonate-sdk==$2" >&2
}
