#!/bin/sh
# Makes sure that the browser tests find a Chromium or a Chrome: one that is there, else Debian's package where we may
# install packages, else a word on what to do.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium found: installing the package of this system"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q </dev/null
    apt-get install -y -q --no-install-recommends chromium </dev/null
    command -v chromium >/dev/null && exit 0
fi

cat >&2 <<'EOT'
Expected: Chromium or Chrome on the PATH, for the browser tests. Found: none, and it cannot be installed from here.
What to do: install one with the system's package manager (Debian: apt-get install chromium), then run make test again.
EOT
exit 1
