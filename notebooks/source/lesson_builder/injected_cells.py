"""What every lesson gets without writing it: the Colab badge below the title, and the setup cell."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Repository:
    """Where the course is published: `path` is OWNER/REPO on GitHub, `ref` the branch or tag that attendees get."""

    path: str
    ref: str

    def badge(self, lesson: str) -> str:
        """The markdown of the button which opens the lesson's attendee copy in Colab."""
        address = f"https://colab.research.google.com/github/{self.path}/blob/{self.ref}/notebooks/{lesson}.ipynb"
        # Words, not the usual picture: without a network that would be a broken one.
        return f"[▶ Open in Colab]({address})"

    def setup_source(self) -> str:
        """The source of the setup cell, the same in every lesson."""
        return _SETUP.replace("{ADDRESS}", f"git+https://github.com/{self.path}@{self.ref}")


def read_repository(root: Path) -> Repository:
    """The address in pyproject.toml, the one place where it stands. Raises ValueError when it is not there."""
    with (root / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    address = settings.get("project", {}).get("urls", {}).get("Repository", "")
    match = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", address)
    if match is None:
        raise ValueError(
            'pyproject.toml: expected [project.urls] Repository = "https://github.com/OWNER/REPO", '
            f"found {address!r}; the Colab badges and the setup cell are made from it"
        )
    return Repository(match[1], settings.get("tool", {}).get("gan_helpers", {}).get("ref", "main"))


# A package without origin is a bare folder named gan_helpers that Python took for one: it does not count as installed.
_SETUP = """\
# Setup. Installed: nothing to do. In a clone: Python is told where it lies. Elsewhere (Colab): pip installs the course.
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

if getattr(importlib.util.find_spec("gan_helpers"), "origin", None) is None:
    above = [Path.cwd(), *Path.cwd().parents]
    clone = next((folder for folder in above if (folder / "gan_helpers" / "__init__.py").is_file()), None)
    if clone:
        sys.path.insert(0, str(clone))
    else:
        print("Installing the course, which takes about a minute ...")
        address = os.environ.get("GAN_WORKSHOP_REPOSITORY", "{ADDRESS}")
        command = [sys.executable, "-m", "pip", "install", "-q", f"gan-helpers @ {address}"]
        pip = subprocess.run(command, capture_output=True, text=True)
        if pip.returncode:
            said = "\\n".join((pip.stdout + pip.stderr).splitlines()[-8:])
            raise RuntimeError(f"No course yet: check the network, then run this cell again. pip said:\\n{said}")
        importlib.invalidate_caches()"""
