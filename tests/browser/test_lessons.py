"""The attendee copies in a real JupyterLab: Run All as handed out, and each kind of control moved once."""

import re
import shutil

import lessons
import pytest
from jupyterlab_page import JupyterLab, NotebookPage
from playwright.sync_api import Locator, expect

RUN_ALL_LIMIT = 240.0  # seconds for a whole lesson on a slow machine
LESSON_03 = "03_mlp_gan.ipynb"


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


def cell_with(notebook: str, text: str) -> int:
    """The number of the only code cell of an attendee copy that holds `text`."""
    cells = lessons.code_cells(lessons.read(lessons.NOTEBOOKS / notebook))
    (number,) = [i for i, cell in cells if text in cell.source]
    return number


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


def picture(where: Locator) -> str:
    return where.locator("img").first.get_attribute("src")


def test_the_controls_of_lesson_03(at_ci):
    with at_ci.open(LESSON_03) as page:
        walk = cell_with(LESSON_03, "latent_walk(")
        page.run_all()
        expect(page.prompt(walk)).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_ALL_LIMIT * 1000)

        where = page.cell(walk)
        image = where.locator("img.widget-image, .widget-image img").first
        expect(image).to_be_visible()
        for move in (
            lambda: where.locator(".widget-slider .noUi-handle").first.press("ArrowRight"),
            lambda: where.get_by_role("button", name="four other corners").click(),
        ):
            before = image.get_attribute("src")
            move()
            expect(image).not_to_have_attribute("src", before)

        question = page.cell(cell_with(LESSON_03, 'quiz("who_saturates")'))
        question.get_by_label("G's", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✓")
        question.get_by_label("Neither", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✗")

        film = page.cell(cell_with(LESSON_03, "plots.film("))
        frames = film.locator("input[type=range]")
        before = picture(film)
        frames.press("ArrowRight")
        expect(film.locator("img").first).not_to_have_attribute("src", before)


def stop_every_training(page: NotebookPage, last: int) -> int:
    """Click Stop whenever a training offers it, until the cell `last` has run; how often that was."""
    clicks = 0
    stop = page.notebook.locator("button.jupyter-button:enabled", has_text=re.compile(r"^\s*Stop\s*$"))
    done = page.prompt(last).filter(has_text=re.compile(r"\[\d+\]:"))
    while True:
        expect(stop.or_(done).first).to_be_visible(timeout=RUN_ALL_LIMIT * 1000)
        if done.count():
            return clicks
        button = stop.first.element_handle()
        button.click()
        clicks += 1
        page.page.wait_for_function("button => button.disabled || !button.isConnected", arg=button)


def test_at_workshop_pace_stop_ends_each_training_of_lesson_03_and_the_lesson_goes_on(served):
    last = lessons.code_cells(lessons.read(served / LESSON_03))[-1][0]
    with JupyterLab(served, pace="workshop") as lab, lab.open(LESSON_03) as page:
        page.run_all()
        clicks = stop_every_training(page, last)
        assert clicks >= 5  # the plane, one's own shape, digits twice, and four ways to share the turns
        assert page.errors() == []
        expect(page.notebook.get_by_text("stopped by you at step")).not_to_have_count(0)
