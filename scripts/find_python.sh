#!/bin/sh
# Prints the Python that makes the environment: the newest of the versions that this project is tested with, else
# whatever python3 is. With an argument, that Python and no other. Says what it found when none will do.
set -u

verdict() { # prints the version; status 0: will do, 3: too old, 4: makes no environments, other: does not run
    "$1" -c '
import sys
print("%d.%d.%d" % sys.version_info[:3])
if sys.version_info < (3, 10):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
' 2>/dev/null
}

found=
for candidate in ${1:-python3.13 python3.12 python3.11 python3.10 python3 python}; do
    version=$(verdict "$candidate")
    code=$?
    case $code in
    0)
        echo "$candidate"
        exit 0
        ;;
    3) found="$found
  $candidate is Python $version: too old" ;;
    4) found="$found
  $candidate is Python $version, but lacks venv or ensurepip (Debian, Ubuntu: apt-get install python3-venv)" ;;
    *) [ $# -gt 0 ] && found="
  $candidate does not run" ;;
    esac
done

cat >&2 <<EOT
Expected: Python 3.10 or newer, with venv. Found:${found:-
  no Python on the PATH}
What to do: install one (https://www.python.org/downloads/), or name one that is elsewhere:
  make lab PYTHON=/path/to/python3
EOT
exit 1
