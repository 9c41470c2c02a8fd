"""`make lab` on machines of every kind: with and without PyTorch's index, a GPU, uv; interrupted; with a wrong pair."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from clone import hear_interrupts
from stand_in_index import StandInIndex

NEEDED = ("install.py", "Makefile", "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "NOTICE", "scripts")


class Machine:
    """A clean clone beside a stand-in index, with the system's programs and, of "uv" and "nvidia-smi", `tools` only."""

    def __init__(self, repository, folder, *, tools=(), fits=True):
        self.clone, self.folder = folder / "clone", folder
        self.clone.mkdir(parents=True)
        for name in NEEDED:
            copy = shutil.copytree if (repository / name).is_dir() else shutil.copy
            copy(repository / name, self.clone / name)
        (self.clone / "gan_helpers").mkdir()
        (self.clone / "gan_helpers" / "__init__.py").touch()
        (self.clone / "notebooks").mkdir()
        (self.clone / "notebooks" / "00_welcome.ipynb").touch()
        self.index = StandInIndex(repository / "constraints.txt", fits=fits)
        programs = folder / "programs"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        if "uv" in tools:
            (programs / "uv").symlink_to(Path(sys.prefix) / "bin" / "uv")
        if "nvidia-smi" in tools:
            (programs / "nvidia-smi").write_text("#!/bin/sh\necho NVIDIA Example 9000\n")
            (programs / "nvidia-smi").chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MAKE"))}
        self.environment = kept | {
            "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{self.index.address}/simple",
            "PIP_CACHE_DIR": str(folder / "pip-cache"),
            "UV_CACHE_DIR": str(folder / "uv-cache"),
            "TORCH_INDEX": f"{self.index.address}/torch",
        }

    def make(self, *words):
        """What `make lab` and the like print; CompletedProcess with both streams in stdout."""
        return subprocess.run(["make", *words], **self.options())

    def options(self):
        """How a command is started in the clone."""
        return {"cwd": self.clone, "env": self.environment, "text": True, "stdout": subprocess.PIPE,
                "stderr": subprocess.STDOUT}  # fmt: skip

    def python(self, program):
        """What the new environment's Python prints."""
        command = [self.clone / ".venv" / "bin" / "python", "-c", program]
        return subprocess.run(command, **self.options()).stdout.strip()

    def asked(self, start):
        """The paths asked of the index that begin with `start`."""
        return [path for path in self.index.requests if path.startswith(start)]


@pytest.fixture
def machine(repository, tmp_path):
    """Makes machines; their indexes end with the test."""
    made = []

    def make(**options):
        made.append(Machine(repository, tmp_path / f"machine-{len(made)}", **options))
        return made[-1]

    yield make
    for one in made:
        one.index.released.set()
        one.index.shutdown()


@pytest.fixture
def silent_server():
    """A server that takes connections and never answers: (address, list of connections)."""
    server, connections = socket.create_server(("127.0.0.1", 0)), []

    def take():
        while True:
            try:
                connections.append(server.accept())
            except OSError:
                return

    threading.Thread(target=take, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", connections
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    for connection, _ in connections:
        connection.close()


VERSIONS = "import torch, importlib.metadata as m, torchvision; print(torch.__version__, m.version('torchvision'))"


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_without_a_gpu_torch_and_torchvision_alone_come_from_pytorchs_index(machine, tools):
    here = machine(tools=tools)
    done = here.make("lab", "LAB_ARGS=--port=9000")
    assert done.returncode == 0, done.stdout
    assert "no NVIDIA GPU: the build without CUDA from PyTorch's index, about 200 MB" in done.stdout
    assert "add one of these to the command: CPU=0 (with CUDA), WHEELS=FOLDER" in done.stdout
    assert f"installing by {'uv' if tools else 'pip'}" in done.stdout
    assert here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"
    assert {path.split("/")[3] for path in here.asked("/torch/")} == {"torch", "torchvision"}
    assert not [path for path in here.asked("/files/torch") if "+cpu" not in path and "metrics" not in path]
    opened = done.stdout.splitlines()[-1]
    assert opened.startswith("JupyterLab opens") and "--port=9000" in opened and "00_welcome.ipynb" in opened
    # Called again it asks nobody anything; for the tests it adds what they need, and leaves PyTorch alone.
    here.index.requests.clear()
    assert here.make("lab").returncode == 0 and here.index.requests == []
    assert "it is there" in here.make("dev").stdout
    assert not here.asked("/torch/") and here.asked("/simple/pytest/")


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_an_index_that_never_answers_is_asked_once(machine, silent_server, tools):
    address, connections = silent_server
    here = machine(tools=tools)
    done = here.make("lab", "CPU=1", f"TORCH_INDEX={address}")
    assert done.returncode == 0, done.stdout
    assert "CPU=1. PyTorch's own index cannot be used, so the ordinary index decides" in done.stdout
    assert f"({address}/cpu: timed out)" in done.stdout and "TORCH_INDEX=ADDRESS (a mirror)" in done.stdout
    assert len(connections) == 1
    assert here.python(VERSIONS) == "2.13.0 0.28.0"


def test_an_index_that_is_not_there_and_a_login_page_are_told(machine):
    here = machine()
    nowhere = here.make("lab", "TORCH_INDEX=http://127.0.0.1:9/whl")
    assert nowhere.returncode == 0 and "Connection refused" in nowhere.stdout
    portal = here.make("lab", f"TORCH_INDEX={here.index.address}/simple/a/b", "CPU=1")
    assert "cannot be used" in portal.stdout and portal.returncode == 0


def test_an_index_without_a_fitting_wheel_is_passed_over(machine):
    here = machine()
    usual = here.index.packages
    here.index.packages = lambda *, build: {"torch": "9.9", "torchvision": "9.9"} if build else usual(build="")
    done = here.make("lab")
    assert done.returncode == 0 and "the ordinary index instead" in done.stdout, done.stdout
    assert here.python(VERSIONS) == "2.13.0 0.28.0"


def test_an_nvidia_gpu_gets_the_build_with_cuda_and_cpu_1_changes_it(machine):
    here = machine(tools=["nvidia-smi"])
    done = here.make("lab")
    assert "NVIDIA Example 9000: the build with CUDA from the ordinary index, up to 2.8 GB" in done.stdout
    assert "It does not reach the GPU" in done.stdout
    assert not here.asked("/torch/")
    assert here.python(VERSIONS) == "2.13.0 0.28.0"
    changed = here.make("lab", "CPU=1")
    assert "CPU=1: the build without CUDA from PyTorch's index" in changed.stdout
    assert here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"
    assert "with CUDA" in here.make("lab", "CPU=0").stdout
    assert here.python(VERSIONS) == "2.13.0 0.28.0"


@pytest.mark.parametrize("tools", [(), ("uv",)], ids=["pip", "uv"])
def test_a_pair_that_does_not_fit_is_mended(machine, tools):
    here = machine(tools=tools, fits=False)
    offline = here.make("lab", "TORCH_INDEX=http://127.0.0.1:9/whl")
    assert offline.returncode == 0, offline.stdout
    assert "torchvision 0.28.0 was built for another torch than 2.13.0" in offline.stdout
    assert here.python(VERSIONS) == "2.13.0 0.28.0"
    (here.clone / ".venv" / ".installed.json").unlink()
    online = here.make("lab", "CPU=0")
    assert online.returncode == 0, online.stdout


def test_a_pair_that_does_not_fit_comes_anew_from_pytorchs_index(machine):
    here = machine(fits=False)
    done = here.make("lab", "CPU=0")
    assert "do not fit each other: both again, from PyTorch's index" in done.stdout
    assert here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"


def test_an_interrupted_installation_goes_on(machine):
    here = machine()
    here.index.hold = "/files/scikit_image-"
    process = subprocess.Popen(["make", "lab"], start_new_session=True, preexec_fn=hear_interrupts, **here.options())
    assert here.index.reached.wait(120)
    os.killpg(process.pid, signal.SIGINT)
    here.index.released.set()
    output = process.communicate()[0]
    assert (
        process.returncode != 0 and "Interrupted. What came is kept. Run the same command again to continue." in output
    )
    assert "Traceback" not in output
    here.index.hold = None
    done = here.make("lab")
    assert done.returncode == 0 and "JupyterLab opens" in done.stdout
    # An unpacking that was cut off leaves packages in part, which pip and uv take for whole.
    (here.clone / ".venv" / ".installed.json").unlink()
    packages = next((here.clone / ".venv").glob("lib/*/site-packages"))
    (packages / "torchvision" / "registrations.py").unlink()
    again = here.make("lab")
    assert again.returncode == 0 and "left half installed, so installed again: torchvision" in again.stdout
    assert here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"


def test_wheels_are_collected_and_installed_without_a_network(machine):
    here = machine()
    collected = here.make("wheels", "WHEELS=wheels")
    assert collected.returncode == 0, collected.stdout
    names = {path.name for path in (here.clone / "wheels").glob("torch*")}
    assert {"torch-2.13.0+cpu-py3-none-any.whl", "torchvision-0.28.0+cpu-py3-none-any.whl"} <= names
    assert "torch-2.13.0-py3-none-any.whl" not in names
    shutil.rmtree(here.clone / ".venv")
    here.index.requests.clear()
    installed = here.make("lab", "WHEELS=wheels")
    assert installed.returncode == 0, installed.stdout
    assert "from wheels, without a network" in installed.stdout and here.index.requests == []
    assert here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"


def test_uv_is_told_of_the_mirror_that_pip_knows(machine):
    here = machine(tools=["uv"])
    config = here.folder / "pip.conf"
    config.write_text(f"[global]\nindex-url = {here.environment.pop('PIP_INDEX_URL')}\n")
    here.environment["PIP_CONFIG_FILE"] = str(config)
    done = here.make("lab")
    assert done.returncode == 0, done.stdout
    assert here.asked("/simple/tqdm/") and here.python(VERSIONS) == "2.13.0+cpu 0.28.0+cpu"


def test_a_failed_installation_says_what_to_do(machine):
    here = machine()
    here.environment["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
    here.environment["PIP_RETRIES"] = "0"
    done = here.make("lab")
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert "run the same command again: it continues" in done.stdout
    assert not (here.clone / ".venv" / ".installed.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["CPU=2"], "CPU should be 0 or 1, not '2'"),
        (["jupyter"], "Expected: one of lab, dev, wheels"),
        (["GPU=1"], "settings among CPU, WHEELS"),
        (["lab", "WHEELS=nowhere"], "WHEELS should be a folder with wheels; nowhere is not there"),
        (["lab", "CONSTRAINTS=no.txt"], "CONSTRAINTS should be a file; no.txt is not there"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_made(machine, words, said):
    here = machine()
    done = subprocess.run([sys.executable, "install.py", *words], **here.options())
    assert done.returncode != 0 and said in done.stdout and "Traceback" not in done.stdout
    assert not (here.clone / ".venv").exists()


def stand_in_python(folder, name, *, version):
    """A program that answers like a Python of that version."""
    path = folder / "programs" / name
    path.unlink(missing_ok=True)
    path.write_text(f'#!/bin/sh\necho "{version} $0"\n')
    path.chmod(0o755)


def test_pythons_that_will_not_do_are_named(machine):
    here = machine()
    here.environment["PATH"] = str(here.folder / "programs")
    for name in ("python3", "python"):
        stand_in_python(here.folder, name, version="3.9.18")
    program = "import install; install.sys.executable = 'python3'; install.find_python()"
    done = subprocess.run([sys.executable, "-c", program], **here.options())
    assert "Expected: Python 3.10 or newer" in done.stdout and "python3 is Python 3.9.18: too old" in done.stdout


def test_the_newest_tested_python_is_taken(machine):
    here = machine()
    here.environment["PATH"] = str(here.folder / "programs")
    for name, version in [("python3", "3.9.1"), ("python3.12", "3.12.1"), ("python3.11", "3.11.9")]:
        stand_in_python(here.folder, name, version=version)
    program = "import install, json; install.sys.executable = 'python3'; print(json.dumps(install.find_python()))"
    done = subprocess.run([sys.executable, "-c", program], **here.options())
    assert json.loads(done.stdout)[1] == "3.12.1"


def test_a_python_that_makes_no_environments_is_told_how(machine):
    here = machine()
    path = here.folder / "programs" / "python3.11"
    path.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\necho "3.11.2 $0"\n')
    path.chmod(0o755)
    here.environment["PATH"] = str(here.folder / "programs")
    program = "import install; install.sys.executable = 'python3.11'; install.make_environment({'WHEELS': ''})"
    done = subprocess.run([sys.executable, "-c", program], **here.options())
    assert "apt-get install python3-venv" in done.stdout
