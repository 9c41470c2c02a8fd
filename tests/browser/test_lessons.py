"""The attendee copies in a real JupyterLab: Run All as handed out."""

import re
import shutil

import lessons
import pytest
from jupyterlab_page import JupyterLab
from playwright.sync_api import expect

RUN_ALL_LIMIT = 240.0  # seconds for a whole lesson on a slow machine


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Copies of all attendee notebooks, alone in a folder."""
    folder = tmp_path_factory.mktemp("attendee")
    for path in lessons.attendee_lessons():
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def at_ci(served):
    with JupyterLab(served, pace="ci") as lab:
        yield lab


@pytest.mark.parametrize("path", lessons.attendee_lessons(), ids=lambda path: path.stem)
def test_run_all_shows_nothing_red_and_leaves_no_widget_loading(at_ci, path, tmp_path):
    with at_ci.open(path.name) as page:
        page.run_all()
        last = lessons.code_cells(lessons.read(path))[-1][0]
        expect(page.prompt(last)).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_ALL_LIMIT * 1000)
        assert page.errors() == []
        expect(page.notebook.get_by_text("Loading widget")).to_have_count(0)
        expect(page.notebook.get_by_text("Error displaying widget")).to_have_count(0)
        page.screenshot(tmp_path / f"{path.stem}.png")
