"""Makes a release: python scripts/release.py v1.0.0

Sets the version, points the Colab badges and the setup cells at the tag, commits that and makes the tag;
then, on the branch, points them at the branch again. Nothing is pushed: git push --follow-tags does that. It begins
only where everything is committed and the tag is new.

    python scripts/release.py --point-at main    only moves badges and setup cells, and commits nothing
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TAG = re.compile(r"v(\d+\.\d+\.\d+)")
REF = re.compile(r'^(ref = )"([^"]+)"', re.MULTILINE)
VERSION = re.compile(r'^(version = )"([^"]+)"', re.MULTILINE)


def git(*arguments: str) -> str:
    """What git says to that, in this repository."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def point_at(ref: str, version: str | None = None) -> None:
    """Write `ref` into pyproject.toml and rebuild the notebooks, which take it from there."""
    settings = ROOT / "pyproject.toml"
    text = settings.read_text("utf-8")
    if not REF.search(text):
        sys.exit('pyproject.toml: expected a line ref = "..." in [tool.gan_helpers]; found none')
    text = REF.sub(rf'\1"{ref}"', text)
    if version:
        text = VERSION.sub(rf'\1"{version}"', text, count=1)
    settings.write_text(text, "utf-8")
    subprocess.run([sys.executable, ROOT / "notebooks" / "source" / "build.py"], check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", nargs="?", help="such as v1.0.0")
    parser.add_argument("--point-at", metavar="REF", help="a branch or a tag")
    chosen = parser.parse_args()
    if chosen.point_at:
        point_at(chosen.point_at)
        return 0
    matched = TAG.fullmatch(chosen.tag or "")
    if not matched:
        parser.error(f"the tag should be like v1.0.0, not {chosen.tag!r}")
    if git("status", "--porcelain"):
        sys.exit("expected everything to be committed; git status names what is not")
    if chosen.tag in git("tag", "--list").split():
        sys.exit(f"there is a tag {chosen.tag} already; git tag --list names all")
    branch = git("rev-parse", "--abbrev-ref", "HEAD")
    point_at(chosen.tag, matched[1])
    git("commit", "--all", "--message", f"Release {chosen.tag}")
    git("tag", "--annotate", "--message", f"Release {chosen.tag}", chosen.tag)
    point_at(branch)
    git("commit", "--all", "--message", f"Point badges and setup cells at {branch} again")
    print(f"made {chosen.tag}; now: git push --follow-tags origin {branch}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
