"""Install the workshop into .venv and open it: `python install.py`, which is what `make lab` calls, too.

    python install.py           install, then open JupyterLab at the first lesson
    python install.py dev       install, also what the tests need; open nothing
    python install.py wheels    collect everything in a folder, for a room without a network

Settings, after the command or as environment variables:

    CPU=1 | CPU=0        PyTorch without CUDA, or with it (default: with it where there is an NVIDIA GPU)
    WHEELS=FOLDER        install from there, without a network; with `wheels`, the folder to fill
    LAB_ARGS="..."       options for JupyterLab
    CONSTRAINTS=FILE     the versions to install (default: constraints.txt; empty: the newest)
    TORCH_INDEX=ADDRESS  a mirror of https://download.pytorch.org/whl

It uses uv where uv is on the PATH, and pip otherwise. After an interrupt, call it again: it continues.
"""

import sys

if sys.version_info < (3, 8):  # noqa: UP036  an older one stops below, at what it does not know, without a word
    sys.exit("Expected: Python 3.10 or newer. Found: Python " + sys.version.split()[0] + ". Run this with a newer one.")

import ast
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))
from install_progress import InstallError, run, say  # noqa: E402
from install_torch import check_pair, choose_torch, install_pair  # noqa: E402

VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
DONE = VENV / ".installed.json"  # what the last complete installation was made from
TESTED = ("3.13", "3.12", "3.11", "3.10")
EXTRAS = {"lab": "lab,train", "dev": "lab,train,dev", "wheels": "lab,train"}
TORCH = ("torch", "torchvision")
SETTINGS = ("CPU", "WHEELS", "LAB_ARGS", "CONSTRAINTS", "TORCH_INDEX")


def main(words):
    settings = {name: os.environ.get(name, "") for name in SETTINGS}
    settings["CONSTRAINTS"] = os.environ.get("CONSTRAINTS", "constraints.txt")
    settings.update(word.split("=", 1) for word in words if "=" in word)
    commands = [word for word in words if "=" not in word] or ["lab"]
    if {"-h", "--help"} & set(commands):
        print(__doc__.strip())
        return 0
    unknown = [name for name in settings if name not in SETTINGS] + [word for word in commands if word not in EXTRAS]
    if unknown or len(commands) > 1:
        raise InstallError(
            f"Expected: one of {', '.join(EXTRAS)}, and settings among {', '.join(SETTINGS)}.\n"
            f"Found: {' '.join(words)}. What to do: python install.py --help"
        )
    if settings["CPU"] not in {"", "0", "1"}:
        raise InstallError(f"CPU should be 0 or 1, not {settings['CPU']!r}.")
    if settings["CONSTRAINTS"] and not (ROOT / settings["CONSTRAINTS"]).is_file():
        raise InstallError(f"CONSTRAINTS should be a file; {settings['CONSTRAINTS']} is not there.")
    command = commands[0]
    if command == "wheels":
        return collect_wheels(settings)
    if settings["WHEELS"] and not list(Path(settings["WHEELS"]).glob("*.whl")):
        what = "holds none" if Path(settings["WHEELS"]).is_dir() else "is not there"
        raise InstallError(f"WHEELS should be a folder with wheels; {settings['WHEELS']} {what}.")
    install(EXTRAS[command], settings)
    if command == "lab":
        open_lab(shlex.split(settings["LAB_ARGS"]))
    return 0


def install(extras, settings):
    """Bring .venv to what pyproject.toml and the constraints ask for; quick where that is so already."""
    made_from = [ROOT / "pyproject.toml", *filter(None, [constraints(settings)])]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()
    done = json.loads(DONE.read_text("utf-8")) if DONE.exists() else {}
    other_build = "cuda" in done and settings["CPU"] == ("1" if done["cuda"] else "0")
    if done.get("digest") == digest and set(extras.split(",")) <= set(done["extras"]) and not other_build:
        return
    DONE.unlink(missing_ok=True)
    say(1, "making the environment .venv")
    make_environment(settings)
    if not done:
        remove_half_installed()
    installer = Installer(settings)
    say(2, "choosing PyTorch")
    index = None
    if done.get("digest") == digest and not other_build:
        print("      it is there")
    else:
        index = choose_torch(settings)
        if index or (other_build and settings["CPU"] == "0"):
            try:
                install_pair(installer, index, again=other_build)
            except InstallError:
                if index is None:
                    raise
                print("      PyTorch's index answered, but has nothing that fits: the ordinary index instead")
                index = None
    say(3, f"installing by {installer.name}")
    installer.install("--editable", f"{ROOT}[{extras}]")
    say(4, "checking what was installed")
    found = check_pair(installer, settings, index)
    subprocess.run(
        # No question about news over the first lesson.
        [PYTHON, "-m", "jupyter", "labextension", "disable", "--level=sys_prefix",
         "@jupyterlab/apputils-extension:announcements"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    DONE.write_text(json.dumps({"digest": digest, "extras": extras.split(","), **found}), "utf-8")


def make_environment(settings):
    """A new .venv, unless a working one is there."""
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL).returncode == 0
    ):
        return
    python, version = find_python()
    print(f"      Python {version}: {python}")
    uv = shutil.which("uv")
    lacks = subprocess.run([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL).returncode
    if lacks and not uv:
        raise InstallError(
            f"Expected: a Python that can make environments. Found: {python} lacks venv or ensurepip.\n"
            "What to do: on Debian and Ubuntu, apt-get install python3-venv; or install uv, which needs neither."
        )
    make = [uv, "venv", "--seed", "--clear", "--python", python] if lacks else [python, "-m", "venv", "--clear"]
    run([*make, str(VENV)])
    if not (uv or settings["WHEELS"]):  # this one goes on with a download that was cut off
        newer = ["install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip>=25.1"]
        subprocess.run([PYTHON, "-m", "pip", *newer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def find_python():
    """(path, version) of the Python that runs this if it will do, else of the newest tested one on the PATH."""
    candidates = [sys.executable, *(f"python{version}" for version in TESTED), "python3", "python"]
    found, untested = [], []
    for candidate in candidates:
        try:
            program = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.executable)"
            answer = subprocess.run([candidate, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError:
            continue
        if answer.returncode:
            continue
        version, path = answer.stdout.decode().strip().split(" ", 1)
        short = version.rsplit(".", 1)[0]
        if short in TESTED:
            return path, version
        is_new = tuple(map(int, short.split("."))) >= (3, 10)
        (untested if is_new else found).append((path, version))
    if untested:
        print(f"      Python {untested[0][1]} is newer than those this course was tested with ({', '.join(TESTED)})")
        return untested[0]
    listed = "".join(f"\n  {path} is Python {version}: too old" for path, version in dict(found).items())
    raise InstallError(
        f"Expected: Python 3.10 or newer. Found:{listed}\n"
        "What to do: install one (https://www.python.org/downloads/), then: /path/to/python3 install.py\n"
        "with make: make lab PYTHON=/path/to/python3"
    )


def remove_half_installed():
    """Take out the packages that an interrupted installation left in part: uv and pip would take them for whole."""
    program = (
        "import importlib.metadata as m, shutil\n"
        "for d in m.distributions():\n"
        "    if d._path.suffix == '.dist-info' and not (\n"
        "        d.files and all(f.locate().exists() for f in d.files if f.suffix != '.pyc')\n"
        "    ):\n"
        "        print(d.metadata['Name'] or d._path.name)\n"
        "        shutil.rmtree(d._path)\n"
    )
    left = subprocess.run([PYTHON, "-I", "-c", program], stdout=subprocess.PIPE, check=True).stdout.decode().split()
    if left:
        print(f"      left half installed, so installed again: {', '.join(left)}")


class Installer:
    """uv where it is there, pip otherwise: both install into .venv, under the same constraints and settings."""

    def __init__(self, settings):
        self.python = str(PYTHON)
        uv = shutil.which("uv")
        self.name = "uv" if uv else "pip"
        if uv:
            self._command = [uv, "pip", "install", "--python", self.python]
            self._environment = uv_environment()
        else:
            self._command = [self.python, "-m", "pip", "install", "--disable-pip-version-check"]
            self._environment = dict(os.environ)
        self._constraints = constraints(settings)
        self._wheels = settings["WHEELS"]

    def install(self, *what, index=None, again=False):
        """Install from `index`, else from WHEELS where that was given, else from the ordinary index."""
        source = []
        if index:
            source = ["--default-index" if self.name == "uv" else "--index-url", index]
        elif self._wheels:
            source = ["--no-index", "--find-links", self._wheels]
        pins = ["--constraint", str(self._constraints)] if self._constraints else []
        again = ["--reinstall" if self.name == "uv" else "--force-reinstall"] if again else []
        run([*self._command, *pins, *source, *again, *what], environment=self._environment)

    def pin(self, name):
        """The requirement for a package, at the version of the constraints where they have one."""
        return name + pinned(self._constraints).get(name, "")


def constraints(settings):
    """The file of versions to install, None for the newest of each."""
    return ROOT / settings["CONSTRAINTS"] if settings["CONSTRAINTS"] else None


def pinned(file):
    """{name: "==version"} of a file of constraints (or None), without those that hold on some machines only."""
    lines = file.read_text("utf-8").splitlines() if file else []
    return {name: "==" + version for name, _, version in (line.partition("==") for line in lines) if ";" not in version}


def uv_environment():
    """The environment variables for uv, which reads none of pip's settings: the mirror that pip was told of goes on."""
    told = subprocess.run([PYTHON, "-m", "pip", "config", "list"], stdout=subprocess.PIPE).stdout.decode()
    values = {}
    for key, value in re.findall(r"^([\w:.-]+)='(.*)'$", told, flags=re.MULTILINE):  # :env: comes last, and counts
        values[key.rpartition(".")[2]] = ast.literal_eval(f"'{value}'").split()
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS",
             "cert": "SSL_CERT_FILE", "constraint": "UV_CONSTRAINT", "trusted-host": "UV_INSECURE_HOST"}  # fmt: skip
    separator = {"UV_FIND_LINKS": ","}
    passed = {name: separator.get(name, " ").join(values[key]) for key, name in names.items() if key in values}
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **passed, **os.environ}


def collect_wheels(settings):
    """Fill WHEELS with what `install` needs; setuptools is what builds the package itself."""
    folder = settings["WHEELS"] or "wheels"
    settings = {**settings, "WHEELS": ""}
    make_environment(settings)
    file = constraints(settings)
    wheel = [str(PYTHON), "-m", "pip", "wheel", "--wheel-dir", folder, *(["--constraint", str(file)] if file else [])]
    say(1, "choosing PyTorch", of=2)
    index = choose_torch(settings)
    if index:  # torchvision names the torch that it was built for, and all that torch needs comes from there
        versions = pinned(file)
        run([*wheel, "--no-deps", "--index-url", index, *(name + versions.get(name, "") for name in TORCH)])
    say(2, "collecting wheels by pip", of=2)
    run([*wheel, "--find-links", folder, f"{ROOT}[{EXTRAS['wheels']}]", "setuptools>=77", "pip"])
    sizes = [path.stat().st_size for path in Path(folder).glob("*.whl")]
    print(f"{folder}: {len(sizes)} wheels, {sum(sizes) / 1e6:,.0f} MB")
    print(f"Install from them elsewhere by make lab WHEELS={folder}, or python install.py WHEELS={folder}")
    return 0


def open_lab(options):
    """Open JupyterLab at the first lesson, until it is closed."""
    lessons = sorted(ROOT.glob("notebooks/[0-9]*.ipynb"))
    if not lessons:
        raise InstallError("Expected: lessons in notebooks/. Found: none. What to do: make notebooks")
    # JupyterLab refuses to run as root, as in a container, unless told; news and updates would ask the network.
    root = ["--allow-root"] if hasattr(os, "getuid") and os.getuid() == 0 else []
    quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
             "--LanguageServerManager.autodetect=False"]  # fmt: skip
    command = [str(PYTHON), "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={ROOT}", *quiet,
               *root, *options, str(lessons[0].relative_to(ROOT))]  # fmt: skip
    os.chdir(ROOT)
    print("JupyterLab opens in the browser. If it does not, open the address below. To stop it: Ctrl-C, then y.")
    if os.name == "nt":  # exec on Windows leaves the console to two programs at once
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # so that a pipe shows these lines and those of uv and pip in order
    try:
        sys.exit(main(sys.argv[1:]))
    except InstallError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. What came is kept. Run the same command again to continue.")
