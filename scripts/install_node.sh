#!/bin/sh
# Makes sure that Node is there, which the slides are built with: the one that is, else Debian's package where we may
# install packages, else a word on what to do.
set -eu

if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "No Node found: installing the package of this system"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q </dev/null
    apt-get install -y -q --no-install-recommends nodejs npm </dev/null
    command -v npm >/dev/null && exit 0
fi

cat >&2 <<'EOT'
Expected: Node 18 or newer with npm on the PATH, for the slides. Found: none, and it cannot be installed from here.
What to do: install it with the system's package manager (Debian: apt-get install nodejs npm), then run make again.
EOT
exit 1
