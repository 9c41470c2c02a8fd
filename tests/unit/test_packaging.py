"""The files that describe an install agree with each other and with the README; a bad start gets a clear word."""

import re
import shutil
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
    assert f"(3, {oldest})" in (repository / "scripts/find_python.sh").read_text(encoding="utf-8")
    assert settings["tool"]["ruff"]["target-version"] == f"py3{oldest}"


def test_readme_names_only_commands_that_exist(repository):
    targets = re.findall(r"^([a-z]+):", (repository / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for file in ("README.md", "CONTRIBUTING.md"):
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


@pytest.mark.parametrize("slow_to_import", ["accelerate", "matplotlib.pyplot", "torchmetrics", "torchvision"])
def test_import_is_light(slow_to_import):
    program = f"import gan_helpers, sys; sys.exit({slow_to_import!r} in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture
def bare_clone(repository, tmp_path):
    """A folder with what a first `make lab` needs to find a Python, and no environment."""
    clone = tmp_path / "clone"
    (clone / "scripts").mkdir(parents=True)
    for file in ("Makefile", "scripts/find_python.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(repository / file, clone / file)
    return clone


def stand_in(path, *, version, status):
    """A program at `path` that answers like a Python of that version, with that verdict on itself."""
    path.write_text(f"#!/bin/sh\necho {version}\nexit {status}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def make_lab(clone, *variables):
    return subprocess.run(["make", "lab", *variables], cwd=clone, capture_output=True, text=True, check=False)


def test_python_too_old(bare_clone, tmp_path):
    old = stand_in(tmp_path / "python-old", version="3.9.18", status=3)
    result = make_lab(bare_clone, f"PYTHON={old}")
    assert result.returncode != 0
    assert "Expected: Python 3.10 or newer" in result.stderr
    assert "3.9.18: too old" in result.stderr
    assert "make lab PYTHON=" in result.stderr
    assert not (bare_clone / ".venv").exists()


def test_python_without_venv(bare_clone, tmp_path):
    bare = stand_in(tmp_path / "python-bare", version="3.11.2", status=4)
    result = make_lab(bare_clone, f"PYTHON={bare}")
    assert result.returncode != 0
    assert "apt-get install python3-venv" in result.stderr


def test_no_such_python(bare_clone):
    result = make_lab(bare_clone, "PYTHON=/nowhere/python3")
    assert result.returncode != 0
    assert "/nowhere/python3 does not run" in result.stderr


def test_newest_tested_python_is_chosen(repository, tmp_path):
    for name, version, status in [("python3", "3.9.1", 3), ("python3.11", "3.11.9", 0), ("python3.12", "3.12.1", 4)]:
        stand_in(tmp_path / name, version=version, status=status)
    script = repository / "scripts" / "find_python.sh"
    result = subprocess.run(
        ["/bin/sh", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert result.stdout == "python3.11\n"
