"""A release: one command moves badges and setup cells to the tag, and no output goes stale by it."""

import json
import subprocess
import sys

import pytest
import yaml
from clone import git, make_clone


@pytest.fixture
def clone(repository, tmp_path):
    return make_clone(repository, tmp_path / "clone")


def run(clone, *arguments):
    command = [sys.executable, str(clone / "scripts" / "release.py"), *arguments]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)


def fresh(clone):
    command = [sys.executable, str(clone / "notebooks" / "source" / "build.py"), "--check"]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)


def addresses(clone):
    """What follows blob/ or @ in badge and setup cell."""
    cells = json.loads((clone / "notebooks" / "03_mlp_gan.ipynb").read_text("utf-8"))["cells"]
    text = "".join("".join(cell["source"]) for cell in cells[:2])
    badge = text.split("/blob/")[1].split("/")[0]
    setup = text.split("gan-workshop@")[1].split('"')[0]
    return badge, setup


def test_one_command_moves_every_address_and_leaves_outputs_fresh(clone):
    done = run(clone, "v9.8.7")
    assert done.returncode == 0, done.stderr
    assert "git push --follow-tags origin main" in done.stdout
    assert addresses(clone) == ("main",) * 2 and fresh(clone).returncode == 0
    git("checkout", "--quiet", "v9.8.7", folder=clone)
    assert addresses(clone) == ("v9.8.7",) * 2
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
    assert 'os.environ.get("CONSTRAINTS", "constraints.txt")' in (repository / "install.py").read_text("utf-8")
