"""Stop in every training cell of a lesson at pace workshop: each ends, and the lesson goes on.

In a file of its own: two browsers cannot be open in one thread, and each file closes its own.
"""

import re
import shutil

import lessons
from jupyterlab_page import JupyterLab, NotebookPage
from playwright.sync_api import expect

RUN_ALL_LIMIT = 240.0  # seconds for a whole lesson on a slow machine
LESSON_03 = "03_mlp_gan.ipynb"


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
        # A short training may end by itself between the look and the click; then there is nothing left to stop.
        clicks += button.evaluate("button => { const open = !button.disabled; button.click(); return Number(open) }")
        page.page.wait_for_function("button => button.disabled || !button.isConnected", arg=button)


def test_at_workshop_pace_stop_ends_each_training_of_lesson_03_and_the_lesson_goes_on(tmp_path):
    shutil.copy(lessons.NOTEBOOKS / LESSON_03, tmp_path)
    last = lessons.code_cells(lessons.read(tmp_path / LESSON_03))[-1][0]
    with JupyterLab(tmp_path, pace="workshop") as lab, lab.open(LESSON_03) as page:
        page.run_all()
        clicks = stop_every_training(page, last)
        assert clicks >= 5  # the plane, one's own shape, digits twice, and four ways to share the turns
        assert page.errors() == []
        expect(page.notebook.get_by_text("stopped by you at step")).not_to_have_count(0)
