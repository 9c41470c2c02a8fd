"""Copies of the lessons: an edited one is never overwritten, and what is new comes all the same."""

import json

import pytest

from gan_helpers.__main__ import main
from gan_helpers.lesson_copies import copy_lessons, lessons_folder


@pytest.fixture
def published(tmp_path):
    """Two lessons, as they come with the course."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("00_welcome", "01_more"):
        (folder / f"{name}.ipynb").write_text(f"{name}, first edition")
    return folder


def outcomes(folder, published):
    return {copied.name[:2]: (copied.outcome, copied.beside) for copied in copy_lessons(folder, published)}


def test_an_edited_lesson_survives_every_update(tmp_path, published):
    mine = tmp_path / "mine"
    assert outcomes(mine, published) == {"00": ("new", ""), "01": ("new", "")}
    assert outcomes(mine, published) == {"00": ("unchanged", ""), "01": ("unchanged", "")}
    (mine / "00_welcome.ipynb").write_text("edited")
    assert outcomes(mine, published) == {"00": ("kept", ""), "01": ("unchanged", "")}
    for name in ("00_welcome", "01_more"):
        (published / f"{name}.ipynb").write_text(f"{name}, second edition")
    assert outcomes(mine, published) == {"00": ("kept", "00_welcome.new.ipynb"), "01": ("updated", "")}
    assert (mine / "00_welcome.ipynb").read_text() == "edited"
    assert (mine / "00_welcome.new.ipynb").read_text() == "00_welcome, second edition"
    assert (mine / "01_more.ipynb").read_text() == "01_more, second edition"
    (mine / "00_welcome.ipynb").unlink()  # given up: the newest comes
    assert outcomes(mine, published)["00"] == ("new", "")
    assert not list(mine.glob(".*.part"))


def test_a_folder_that_was_copied_by_hand_is_left_alone(tmp_path, published):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00_welcome.ipynb").write_text("copied and edited, who knows when")
    assert outcomes(mine, published)["00"] == ("kept", "00_welcome.new.ipynb")
    assert (mine / "00_welcome.ipynb").read_text() == "copied and edited, who knows when"


def test_the_command_brings_every_lesson(tmp_path, capsys):
    assert main(["notebooks", str(tmp_path / "mine")]) == 0
    assert "jupyter lab" in capsys.readouterr().out
    names = {path.name for path in lessons_folder().glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "mine").glob("*.ipynb")} == names and len(names) >= 7
    json.loads((tmp_path / "mine" / "00_welcome.ipynb").read_text())
    (tmp_path / "file").touch()
    assert main(["notebooks", str(tmp_path / "file")]) == 2
    assert "it is a file" in capsys.readouterr().err
