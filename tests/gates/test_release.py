"""A release: one command moves badges, setup cells and README to the tag, and no output goes stale by it."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml


def git(*arguments, folder):
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def clone(repository, tmp_path):
    """The working tree as a repository of its own, everything committed."""
    folder = tmp_path / "clone"
    for name in filter(None, git("ls-files", "-z", "-co", "--exclude-standard", folder=repository).split("\0")):
        if (repository / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", folder=folder)
    git("config", "user.name", "test", folder=folder)
    git("config", "user.email", "test@example.org", folder=folder)
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--message", "copy", folder=folder)
    return folder


def run(clone, *arguments):
    command = [sys.executable, str(clone / "scripts" / "release.py"), *arguments]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)


def fresh(clone):
    command = [sys.executable, str(clone / "notebooks" / "source" / "build.py"), "--check"]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)


def addresses(clone):
    """What follows blob/ or @ in badge, setup cell and README."""
    cells = json.loads((clone / "notebooks" / "03_mlp_gan.ipynb").read_text("utf-8"))["cells"]
    text = "".join("".join(cell["source"]) for cell in cells[:2])
    badge = text.split("/blob/")[1].split("/")[0]
    setup = text.split("gan-workshop@")[1].split('"')[0]
    return badge, setup, (clone / "README.md").read_text("utf-8").split("/blob/")[1].split("/")[0]


def test_one_command_moves_every_address_and_leaves_outputs_fresh(clone):
    done = run(clone, "v9.8.7")
    assert done.returncode == 0, done.stderr
    assert "git push --follow-tags origin main" in done.stdout
    assert addresses(clone) == ("main",) * 3 and fresh(clone).returncode == 0
    git("checkout", "--quiet", "v9.8.7", folder=clone)
    assert addresses(clone) == ("v9.8.7",) * 3
    assert 'version = "9.8.7"' in (clone / "pyproject.toml").read_text("utf-8")
    checked = fresh(clone)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_release_of_what_is_not_committed_or_was_made_before_is_refused(clone):
    assert "should be like v1.0.0" in run(clone, "1.0").stderr
    git("tag", "v1.0.0", folder=clone)
    assert "there is a tag v1.0.0 already" in run(clone, "v1.0.0").stderr
    (clone / "README.md").write_text("changed")
    refused = run(clone, "v1.0.1")
    assert refused.returncode != 0 and "everything to be committed" in refused.stderr
    assert git("tag", "--list", folder=clone).split() == ["v1.0.0"]


def test_the_workflow_calls_the_script_that_ci_runs(repository):
    workflow = yaml.safe_load((repository / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert "schedule" in workflow[True]  # YAML takes the word on for a truth value
    assert "constraints.txt" in job["env"]["CONSTRAINTS"]
    makefile = (repository / "Makefile").read_text("utf-8")
    assert "CONSTRAINTS ?= constraints.txt" in makefile
