"""Every command of README, CONTRIBUTING, docs and slides/README runs, in the order in which it stands, in a clone.

The network is loopback: packages come from a stand-in index, COCO from a small one, the clone from this working tree.
Servers end once they answer, and trainings of hours are interrupted once they train.
"""

import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest
from clone import git, hear_interrupts, make_clone
from documented import commands
from PIL import Image
from stand_in_index import StandInIndex

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
import coco_world

PAGES = ["README.md", "CONTRIBUTING.md", "docs/install.md", "docs/commands.md", "docs/scale.md", "slides/README.md"]
# What this machine cannot do; the pages say so of the last two themselves.
LEFT_OUT = {
    "conda env create -f environment.yml": "conda cannot be installed here; test_packaging.py reads the file",
    "conda activate gan-workshop": "conda",
    "jupyter lab notebooks": "conda",
    ".venv/bin/python -m pip install voila": "would install into the environment of these tests",
    ".venv/bin/voila notebooks/playground.ipynb": "voila is not installed",
    ".venv/bin/accelerate launch --multi_gpu": "wants several GPUs",
}
# What takes too long, or names what everybody has to fill in: (pattern, what is run instead).
INSTEAD = [
    (r"^(\.venv/bin/python scripts/measure_\w+\.py)$", r"\1 --help"),
    (r"^(.*) train NAME\b", r"\1 train mlp-gan-plane --steps 20 --folder made"),
    (r"--logdir FOLDER$", "--logdir runs"),
    (r"^(.*scripts/release\.py .*)", r"git add --all && git commit --quiet --message done && \1"),  # as it asks
    (r"( train (gan-cls|dcgan|mlp-gan)(?![-\w]).*)", r"\1 --steps 40"),  # tells of every second step
    (r"/media/stick", "$STICK"),
    (r"(gan_helpers data coco)", r"\1 --address $COCO"),
]
# What a server or a training prints once it does what it is for, and the signal that ends it then.
AT_WORK = [
    (r"Jupyter Server .* is running at", signal.SIGTERM),
    (r"TensorBoard .* at http", signal.SIGTERM),
    (r"^step .* of ", signal.SIGINT),
]
LIMIT = 600  # seconds for one command


@pytest.fixture(scope="module")
def copy(repository, tmp_path_factory):
    """The working tree as a repository to clone from."""
    return make_clone(repository, tmp_path_factory.mktemp("published") / "gan-workshop")


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    """The address of a small COCO."""
    with coco_world.serving(coco_world.make_world(tmp_path_factory.mktemp("coco"), held_out=140)) as server:
        yield server.address


@pytest.fixture
def index(repository):
    server = StandInIndex(repository / "constraints.txt", also=repository / "tests" / "colab" / "constraints.txt")
    yield server
    server.shutdown()


@pytest.fixture
def environment(repository, copy, coco, index, tmp_path):
    programs, stick = tmp_path / "programs", tmp_path / "stick"
    programs.mkdir()
    stick.mkdir()
    for name in ("python", "python3"):
        (programs / name).symlink_to(sys.executable)
    settings = {"user.name": "test", "user.email": "test@example.org",
                f"url.{copy}.insteadOf": "https://github.com/gan-workshop/gan-workshop"}  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MAKE"))}
    kept["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):
        kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{index.address}/simple",
        "UV_DEFAULT_INDEX": f"{index.address}/simple",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "TORCH_INDEX": f"{index.address}/torch",
        "LAB_ARGS": "--no-browser --port=0 --ServerApp.token=",
        "LAYERS": "check",
        "STICK": str(stick),
        "COCO": coco,
        "PYTHONUNBUFFERED": "1",
    }


def link_installed(repository, folder):
    """Give a clone what it has after its first `make test`: an environment that borrows the packages of this one."""
    if not (folder / "install.py").exists() or (folder / ".venv").exists():
        return
    venv.create(folder / ".venv", symlinks=True)
    real, new = Path(sys.prefix), folder / ".venv"
    packages = next(new.glob("lib/*/site-packages"))
    (packages / "borrowed.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    for there in (*real.glob("bin/*"), *real.glob("share"), *real.glob("etc"), *real.glob(".installed.json")):
        if not (new / there.relative_to(real)).exists():
            (new / there.relative_to(real)).symlink_to(there)
    for name in (".venv-colab", "slides/node_modules"):
        if (repository / name).exists() and not (folder / name).exists():
            (folder / name).symlink_to(repository / name)
            (repository / name / ".installed").touch()  # newer than what the clone brings, so make takes it for done


def run(command, *, folder, environment):
    """(status, output, folder afterwards) of a command of bash; one at work is ended, and has then status 0."""
    place = folder.parent / "where.txt"
    process = subprocess.Popen(
        ["bash", "-c", f"{command}\nstatus=$?\npwd > '{place}'\nexit $status"],
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )
    watch = subprocess.Popen(["sh", "-c", f"sleep {LIMIT}; kill -9 -{process.pid}"], start_new_session=True)
    lines, ended = [], False
    for line in process.stdout:
        lines.append(line)
        for pattern, number in AT_WORK:
            if not ended and re.search(pattern, line):
                os.killpg(process.pid, number)
                ended = True
    status = process.wait()
    os.killpg(watch.pid, signal.SIGKILL)
    watch.wait()
    where = Path(place.read_text().strip()) if place.exists() and not ended else folder
    return 0 if ended else status, "".join(lines), where


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs_as_it_stands(repository, copy, environment, tmp_path, page):
    text = (repository / page).read_text("utf-8")
    found = list(dict.fromkeys(commands(text)))
    assert found, f"{page} has no command"
    begins_with_a_clone = found[0].startswith("git clone")
    folder = tmp_path / "somewhere"
    folder.mkdir()
    if not begins_with_a_clone:
        git("clone", "--quiet", str(copy), str(folder / "gan-workshop"), folder=tmp_path)
        folder = folder / "gan-workshop"
        Image.linear_gradient("L").convert("RGB").resize((96, 64)).save(folder / "photo.jpg")
        (folder / "captions.txt").write_text("a mushroom pizza on a blue plate\ntwo florets of broccoli\n", "utf-8")
    installed = folder  # from a new clone in the middle of a page until its `make lab`, nothing is installed there
    for command in found:
        if any(command.startswith(left_out) for left_out in LEFT_OUT):
            continue
        if command.startswith("git clone http") and not begins_with_a_clone:
            folder = tmp_path / "for the room"
            folder.mkdir()
        elif begins_with_a_clone or folder == installed:
            link_installed(repository, folder)
        for pattern, instead in INSTEAD:
            command = re.sub(pattern, instead, command)
        start = time.monotonic()
        status, output, folder = run(command, folder=folder, environment=environment)
        print(f"{time.monotonic() - start:6.1f} s  {command}")
        assert status == 0, f"{page}: {command}\nended with status {status}:\n{output[-3000:]}"
        if command.startswith("make lab") and not begins_with_a_clone:
            folder = installed


def test_what_is_left_out_stands_on_a_page(repository):
    everything = [command for page in PAGES for command in commands((repository / page).read_text("utf-8"))]
    for left_out in LEFT_OUT:
        assert any(command.startswith(left_out) for command in everything), left_out


def test_every_page_with_commands_is_followed(repository):
    pages = [
        "README.md",
        "CONTRIBUTING.md",
        "slides/README.md",
        *(f"docs/{p.name}" for p in (repository / "docs").glob("*.md")),
    ]
    assert {page for page in pages if commands((repository / page).read_text("utf-8"))} == set(PAGES)


def test_a_command_that_fails_and_one_that_hangs_are_noticed(environment, tmp_path):
    assert run("ls no-such-file", folder=tmp_path, environment=environment)[0] != 0
    assert run("cd / && false", folder=tmp_path, environment=environment)[0] == 1
    assert run("cd /usr && true", folder=tmp_path, environment=environment)[2] == Path("/usr")
    status, output, _ = run("echo 'step 3 of 9'; sleep 1000", folder=tmp_path, environment=environment)
    assert status == 0 and output == "step 3 of 9\n"


def test_commands_are_found_in_blocks_and_spans():
    page = "Run `make lab`, not `make`.\n\n```sh\ngit clone x && cd y   # why\nprintf a \\\n    b\n```\n"
    page += "\n```python\nmake(1)\n```\n"
    assert commands(page) == ["make lab", "git clone x && cd y", "printf a  b"]
