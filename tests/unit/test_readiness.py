"""The doctor: healthy machines pass, and each thing that can be wrong is named with its mend."""

import json
import re
from pathlib import Path

import pytest
import torch

from gan_helpers import readiness, weights
from gan_helpers.__main__ import main

GOOD = {"ipywidgets": "8.1.9", "jupyterlab": "4.6.6", "jupyterlab_widgets": "3.0.17"}


@pytest.fixture(autouse=True)
def quick_machine(monkeypatch):
    """How fast this one is depends on what else it does just now: no test may. What is measured is tested below."""
    monkeypatch.setattr(readiness, "_speed", lambda seconds: readiness.speed_finding(100.0))


MEASURED = readiness._speed


def test_the_speed_is_measured_and_leaves_the_random_numbers():
    before = torch.get_rng_state()
    found = MEASURED(0.2)
    assert found.name == "speed" and re.search(r"\(\d[\d.e+]* steps/s\)", found.said)
    assert torch.equal(torch.get_rng_state(), before)


def test_this_machine_passes_in_text_and_in_json(capsys):
    assert main(["doctor", "--seconds", "0.2"]) == 0
    text = capsys.readouterr().out
    assert "ready" in text.splitlines()[-1] and "lesson 03's digits are legible after about" in text
    assert main(["doctor", "--seconds", "0.2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is True
    names = [finding["name"] for finding in found["findings"]]
    assert names == ["Python", "packages", "device", "speed", "disk", "memory", "weights", "widgets"]


def test_a_problem_is_named_with_its_mend_and_the_exit_code_is_1(capsys, monkeypatch):
    monkeypatch.setattr(
        readiness, "memory_finding", lambda free, total: readiness.Finding("memory", "problem", "none", "buy")
    )
    assert main(["doctor", "--seconds", "0.2"]) == 1
    out = capsys.readouterr().out
    assert "X  memory" in out and "-> buy" in out and "1 problem to mend" in out
    assert main(["doctor", "--seconds", "0.2", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ready"] is False


def test_no_time_for_the_speed_test_is_refused(capsys):
    assert main(["doctor", "--seconds", "0"]) == 2
    assert "above 0" in capsys.readouterr().err


@pytest.mark.parametrize(("version", "state"), [((3, 9, 18), "problem"), ((3, 10, 0), "ok"), ((3, 14, 1), "ok")])
def test_python(version, state):
    assert readiness.python_finding(version).state == state


@pytest.mark.parametrize(
    ("speed", "state", "said"),
    [
        (55.0, "ok", "1.5 minutes"),
        (500.0, "ok", "10 seconds"),
        (20.0, "warning", "4 minutes"),
        (1.0, "problem", "83 minutes"),
    ],
)
def test_speed_becomes_minutes(speed, state, said):
    found = readiness.speed_finding(speed)
    assert found.state == state and said in found.said
    assert bool(found.mend) == (state != "ok")


@pytest.mark.parametrize(("free", "state"), [(0.1, "problem"), (1.0, "warning"), (50.0, "ok")])
def test_disk(free, state, tmp_path):
    assert readiness.disk_finding(free, tmp_path).state == state
    assert str(tmp_path) in readiness.disk_finding(free, tmp_path).said


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    found = readiness.disk_finding(50.0, tmp_path, "Permission denied")
    assert found.state == "warning" and "GAN_WORKSHOP_DATA" in found.mend
    assert readiness._problem_writing(tmp_path) == ""
    assert readiness._problem_writing(tmp_path / "not there") != ""


def test_a_clone_is_not_named_by_its_path():
    assert "the clone's data folder" in readiness.disk_finding(9.0, readiness.CLONE / "data").said


@pytest.mark.parametrize(("free", "state"), [(0.5, "problem"), (2.0, "warning"), (8.0, "ok")])
def test_memory(free, state):
    assert readiness.memory_finding(free, 16.0).state == state


def test_requirements_that_are_not_met():
    required = ["numpy>=1.26", "torch>=2.6", 'jupyterlab>=4.4; extra == "lab"', 'tomli>=2; python_version < "3"',
                'ipykernel>=7; extra == "lab"', "psutil>=5.9"]  # fmt: skip
    versions = {"numpy": "1.20", "torch": "2.13.0+cpu", "ipykernel": "6.17.1"}
    wrong, missing = readiness.unmet(required, versions.get)
    assert wrong == ["numpy 1.20 is installed, >=1.26 is needed", "ipykernel 6.17.1 is installed, >=7 is needed"]
    assert missing == ["psutil is missing, >=5.9 is needed"]


@pytest.mark.parametrize(
    ("change", "hosted", "state"),
    [
        ({}, False, "ok"),
        ({"ipywidgets": None}, False, "problem"),
        ({"jupyterlab": None}, False, "warning"),
        ({"jupyterlab_widgets": "1.1.0"}, False, "problem"),
        ({"jupyterlab_widgets": None}, False, "problem"),
        ({"ipywidgets": "7.7.1", "jupyterlab": None}, True, "ok"),
    ],
)
def test_the_packages_behind_sliders(change, hosted, state):
    found = readiness.widgets_finding(GOOD | change, hosted=hosted)
    assert found.state == state and bool(found.mend) == (state != "ok")


def test_damaged_weights_are_named(monkeypatch, tmp_path):
    for suffix in (".json", ".safetensors"):
        source = Path(weights.__file__).parent / f"mlp_gan_plane_generator{suffix}"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert readiness._weights().state == "ok"
    with (tmp_path / "mlp_gan_plane_generator.safetensors").open("r+b") as file:
        file.truncate(1000)
    assert readiness._weights().state == "problem" and "mlp_gan_plane_generator" in readiness._weights().said


def test_the_speed_test_leaves_the_random_numbers_alone():
    import torch

    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    readiness._speed(0.05)
    assert torch.equal(torch.rand(2), expected)
