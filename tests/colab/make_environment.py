"""Makes an environment like Google Colab's: its versions of the kernel and the widgets, and a module google.colab.

torch and the other packages that gan_helpers needs are borrowed from the environment that runs this script, through
links: a second torch would cost gigabytes. Nothing else of that environment is visible there, gan_helpers least of all,
so a lesson that imports something that the package does not declare fails.
"""

import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
KERNEL_SIDE = ["ipykernel", "ipywidgets", "ipython", "jupyter-client", "notebook", "pip", "setuptools", "wheel"]


def needed(requirements, *, present):
    """{name: distribution} of what the requirements need, directly or not, besides what is `present` already.

    Raises SystemExit naming a package that is missing here.
    """
    result = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in present or name in result:
            continue
        try:
            result[name] = distribution(name)
        except PackageNotFoundError:
            sys.exit(f"expected {requirement} in {sys.prefix}, found none: install it with make test")
        inner = (Requirement(text) for text in result[name].requires or [])
        waiting.extend(each for each in inner if each.marker is None or each.marker.evaluate({"extra": ""}))
    return result


def link(found, folder):
    """Link everything importable of the distribution `found`, and its metadata, into `folder`."""
    entries = {file.parts[0] for file in found.files or []}
    for entry in entries - {"..", "__pycache__"}:
        if not entry.endswith(".pth") and not (folder / entry).exists():
            (folder / entry).symlink_to(found.locate_file(entry))


def main(target):
    venv.create(target, with_pip=True, clear=True, symlinks=True)
    python = target / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--constraint", HERE / "constraints.txt", *KERNEL_SIDE], check=True)
    look = "import importlib.metadata as m, sysconfig; print(sysconfig.get_path('purelib'));"
    look += "print(*(d.metadata['Name'] for d in m.distributions()), sep='\\n')"
    output = subprocess.run([python, "-c", look], check=True, capture_output=True, text=True).stdout
    site_packages, *present = output.splitlines()

    borrowed = target / "borrowed"
    borrowed.mkdir()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for found in needed(project["dependencies"], present={canonicalize_name(name) for name in present}).values():
        link(found, borrowed)
    Path(site_packages, "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")

    colab = Path(site_packages, "google", "colab")
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
