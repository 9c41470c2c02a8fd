"""The files that describe an install agree with each other and with the README; a bad start gets a clear word."""

import re
import subprocess
import sys

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
# What Google Colab brings, besides the kernel's side in tests/colab/constraints.txt. An install there must keep them.
COLAB_KEEPS = {"torch": "2.6.0", "torchvision": "0.21.0", "numpy": "2.0.2", "matplotlib": "3.10.0", "pillow": "11.3.0"}


def requirements(path):
    return [Requirement(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pinned(path, environment):
    """{name: version} of the constraints that hold in that environment (a dictionary of marker variables)."""
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in requirements(path)
        if each.marker is None or each.marker.evaluate(environment)
    }


@pytest.fixture
def project(settings):
    return settings["project"]


@pytest.fixture
def all_requirements(project):
    """Every requirement of the package and of its extras."""
    texts = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("file", ["constraints.txt", "tests/colab/constraints.txt"])
def test_constraints_are_names_and_versions_only(repository, file):
    for each in requirements(repository / file):
        assert re.fullmatch(r"==[^,*]+", str(each.specifier)), each
        assert each.url is None and not each.extras, each


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_pin_every_requirement(repository, all_requirements, python, system):
    # Only the minor version is known here: .99 stands behind every marker that asks for a late patch release.
    environment = SYSTEMS[system] | {"python_version": python, "python_full_version": f"{python}.99", "extra": ""}
    pins = pinned(repository / "constraints.txt", environment)
    for each in all_requirements:
        if each.marker is None or each.marker.evaluate(environment):
            assert pins[canonicalize_name(each.name)] in each.specifier, each


def test_core_keeps_what_colab_has(repository, project):
    colab = pinned(repository / "tests/colab/constraints.txt", {"python_version": "3.12"}) | COLAB_KEEPS
    core = {canonicalize_name(each.name): each.specifier for each in map(Requirement, project["dependencies"])}
    assert set(core) >= {*COLAB_KEEPS, "ipython", "ipywidgets"}
    for name in core.keys() & colab.keys():
        assert colab[name] in core[name], name
    assert not [name for name, specifier in core.items() if re.search(r"==|<|~=", str(specifier))]


def test_conda_environment_agrees(repository, project):
    environment = yaml.safe_load((repository / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    *conda, with_pip = environment["dependencies"]
    python, pip = map(Requirement, conda)
    assert python.name == "python"
    assert str(python.specifier) == str(SpecifierSet(project["requires-python"]))
    assert pip.name == "pip"
    editable = re.fullmatch(r"-e \.\[(?P<extras>[a-z,]+)\]", with_pip["pip"][-1])
    assert editable and set(editable["extras"].split(",")) <= set(project["optional-dependencies"])
    constraint = re.fullmatch(r"--constraint (?P<file>\S+)", with_pip["pip"][0])
    assert constraint and (repository / constraint["file"]).is_file()


def test_python_bound_stands_alike_everywhere(repository, settings):
    oldest = re.fullmatch(r">=3\.(\d+)", settings["project"]["requires-python"])[1]
    install = (repository / "install.py").read_text(encoding="utf-8")
    assert f"(3, {oldest})" in install and f"Expected: Python 3.{oldest} or newer" in install
    assert f'"3.{oldest}")' in re.search(r"^TESTED = .*$", install, flags=re.MULTILINE)[0]
    assert settings["tool"]["ruff"]["target-version"] == f"py3{oldest}"


def test_readme_names_only_commands_that_exist(repository):
    rules = re.findall(r"^([a-z ]+):", (repository / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    targets = " ".join(rules).split()
    for file in ("README.md", "CONTRIBUTING.md", "docs/install.md", "slides/README.md"):
        named = re.findall(r"\bmake ([a-z]+)\b", code_in((repository / file).read_text(encoding="utf-8")))
        assert named, f"{file} names no make command"
        assert set(named) <= set(targets), file


def code_in(markdown):
    """What stands in code spans and code blocks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", markdown, flags=re.DOTALL))


def test_pre_commit_runs_what_make_check_runs(repository):
    repos = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [each["repo"] for each in repos] == ["local"], "hooks from elsewhere need the network"
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)[1]
    checked = {line.removeprefix("\t$(BIN)/python ").removesuffix(" .") for line in recipe.splitlines()}
    hooked = {
        hook["entry"].removeprefix(".venv/bin/python ").removesuffix(" --force-exclude") for hook in repos[0]["hooks"]
    }
    assert hooked == checked


def test_torchvision_works_beside_this_torch():
    """In a process of its own, as an attendee's: transforms, a data set, a network; operators where they are there."""
    program = """
import torch, torchvision
from torchvision import datasets, models, transforms
pictures = datasets.FakeData(2, (3, 64, 64), transform=transforms.ToTensor())
print(tuple(models.resnet18()(pictures[0][0][None]).shape))
boxes, scores = torch.tensor([[0.0, 0, 9, 9], [0, 0, 9, 8]]), torch.tensor([0.9, 0.8])
try:
    print(torchvision.ops.nms(boxes, scores, 0.5).tolist())
except RuntimeError as error:
    print("custom C++ ops" in str(error))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() in (["(1, 1000)", "[0]"], ["(1, 1000)", "True"])


@pytest.mark.parametrize("slow_to_import", ["accelerate", "matplotlib.pyplot", "torchmetrics", "torchvision"])
def test_import_is_light(slow_to_import):
    program = f"import gan_helpers, sys; sys.exit({slow_to_import!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
