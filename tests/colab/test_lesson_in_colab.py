"""A lesson opened in Google Colab: no clone, no package, Colab's kernel and widgets.

The setup cell has to fetch the package from the repository address, here a local one, without an index, and without
touching torch; then the whole attendee copy runs.
"""

import json
import os
import shutil
import subprocess

import lessons
import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager

PROBE = """
import importlib.metadata, json
import gan_helpers, ipykernel, ipywidgets, torch

print(json.dumps({
    "ipykernel": ipykernel.__version__,
    "ipywidgets": ipywidgets.__version__,
    "gan_helpers": gan_helpers.__file__,
    "weights": [str(f) for f in importlib.metadata.files("gan-helpers") if f.suffix == ".safetensors"],
    "torch": torch.__file__,
}))
"""


@pytest.fixture(scope="session")
def colab_environment(repository):
    """The folder of the Colab-like environment."""
    folder = repository / ".venv-colab"
    if not (folder / ".installed").exists():
        pytest.skip("the environment with Colab's versions is missing: make test makes it")
    return folder


@pytest.fixture(scope="session")
def repository_url(repository, settings, tmp_path_factory):
    """The working tree as a git repository of its own, whatever is committed so far; the address as pip takes it."""
    copy = tmp_path_factory.mktemp("published")
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=repository)
    for name in filter(None, listed.split("\0")):
        if (repository / name).is_file():  # a deleted file is still listed
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, copy / name)
    git("init", "--quiet", f"--initial-branch={settings['tool']['gan_helpers']['ref']}", folder=copy)
    git("add", "--all", folder=copy)
    git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", "copy", folder=copy)
    return f"git+{copy.as_uri()}"


def git(*arguments, folder):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def without_package(colab_environment):
    """Colab's Python, before and after the test without gan_helpers."""
    python = colab_environment / "bin" / "python"
    uninstall = [python, "-m", "pip", "uninstall", "--quiet", "--yes", "gan-helpers"]
    subprocess.run(uninstall, check=True, capture_output=True)
    yield python
    subprocess.run(uninstall, check=True, capture_output=True)


@pytest.fixture
def colab_kernel(without_package, tmp_path):
    """A manager of a kernel in which, as in Colab, google.colab is loaded from the start."""
    launch = "import google.colab; from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    spec = {"argv": [str(without_package), "-c", launch, "-f", "{connection_file}"], "display_name": "Colab"}
    folder = tmp_path / "kernels" / "colab"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec | {"language": "python"}), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)


@pytest.fixture
def colab_variables(repository_url, tmp_path):
    """The environment variables of the kernel: nobody's settings, no index, and the local repository address."""
    home = tmp_path / "home"
    home.mkdir()
    hidden = ("PIP_", "PYTHON", "XDG_", "GAN_WORKSHOP_", "JUPYTER", "IPYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)} | {
        "HOME": str(home),
        "GAN_WORKSHOP_PACE": "ci",
        "GAN_WORKSHOP_DATA": os.environ["GAN_WORKSHOP_DATA"],  # drawn pictures, once for all layers
        "GAN_WORKSHOP_REPOSITORY": repository_url,
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the other way round: 0 switches isolation off
    }


def test_the_package_is_not_there_beforehand(without_package, tmp_path):
    result = subprocess.run(
        [without_package, "-c", "import torch, gan_helpers"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "No module named 'gan_helpers'" in result.stderr


@pytest.mark.parametrize("path", lessons.attendee_lessons(), ids=lambda path: path.stem)
def test_lesson(path, colab_environment, colab_kernel, colab_variables, tmp_path):
    notebook = lessons.with_sources(lessons.read(path), {})
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE))
    folder = tmp_path / "content"
    folder.mkdir()

    ran = lessons.run(notebook, folder=folder, env=colab_variables, kernel_manager=colab_kernel)

    assert lessons.errors(ran) == []
    assert lessons.not_run(ran) == []
    assert lessons.silent_checks(ran) == []
    probe = json.loads(lessons.text_of(ran.cells[-1]))
    assert probe["ipykernel"].startswith("6.17.")
    assert probe["ipywidgets"].startswith("7.7.")
    assert probe["gan_helpers"].startswith(str(colab_environment / "lib"))
    assert probe["weights"], "the installed package lacks its weights"
    assert probe["torch"].startswith(str(colab_environment / "borrowed")), "the setup cell replaced torch"
