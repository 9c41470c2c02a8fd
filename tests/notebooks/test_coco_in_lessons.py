"""Lesson 05 with COCO's photos in the place of drawn food: the change of one word that its end speaks of."""

import os
import sys
from pathlib import Path

import lessons
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
from coco_world import make_world

from gan_helpers.datasets.coco.prepare import prepare_coco


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """A cache folder with photos as COCO has them, as many as the course's batches need."""
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path / "data"))
    world = tmp_path / "world"
    world.mkdir()
    prepare_coco(source=make_world(world, train=1100, held_out=220))
    return tmp_path / "data"


def test_the_lesson_takes_photos_by_one_word(repository, prepared):
    (path,) = (path for path in lessons.instructor_lessons() if path.stem == "05_gan_cls")
    notebook = lessons.read(path)
    changed = {i: cell.source.replace("gh.load_food(", "gh.load_coco(") for i, cell in lessons.code_cells(notebook)}
    assert sum("load_coco" in source for source in changed.values()) >= 3
    env = os.environ | {"GAN_WORKSHOP_PACE": "ci", "GAN_WORKSHOP_DATA": str(prepared)}
    ran = lessons.run(lessons.with_sources(notebook, changed), folder=path.parent, env=env)
    assert lessons.errors(ran) == []
    assert all(cell.execution_count for _, cell in lessons.code_cells(ran))
