"""Pictures of lessons as they look in JupyterLab: the two of the README, or the best moment of each lesson.

    python scripts/screenshots.py                 docs/training.png and docs/caption.png, for the README
    python scripts/screenshots.py --all FOLDER    one picture a lesson, at pace `ci`

They need Chromium, and show what the lessons show today: nothing is arranged by hand.
"""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "browser"))
import lessons
from jupyterlab_page import REPOSITORY, JupyterLab, NotebookPage
from playwright.sync_api import expect

# The cell whose output is the best moment of each lesson, by a piece of its source.
BEST = {
    "00_welcome": "gh.text_playground(",
    "01_pytorch_basics": 'gh.quiz("shared_memory")',
    "02_linear_model": "gh.explore_learning_rate(",
    "03_mlp_gan": "gh.latent_map(",
    "04_dcgan": "gh.latent_arithmetic(",
    "05_gan_cls": "gh.explore_embeddings(",
    "06_srgan": "gh.upscale(drawn",
    "07_cyclegan": 'gh.shipped_translators("cyclegan_free")',
    "08_failure_museum": "gh.visit(1, ticket",
}
CAPTION = "a whole pepperoni pizza on a wooden board"
TRAINING = "plane_run = gh.training("  # in lesson 03
LARGEST = 500_000  # bytes of a picture in the README
LIMIT = 300.0  # seconds for a cell


def cell_with(notebook: Path, text: str) -> int:
    """The number of the first code cell of `notebook` that holds `text`; ValueError if none does."""
    for number, cell in lessons.code_cells(lessons.read(notebook)):
        if text in cell.source:
            return number
    raise ValueError(f"no cell of {notebook.name} holds {text!r}: has the lesson changed? Mend the table above.")


def run_up_to(page: NotebookPage, notebook: Path, last: int) -> None:
    """Run the code cells before `last`, one after another."""
    for number, _ in lessons.code_cells(lessons.read(notebook)):
        if number < last:
            page.run(number, limit=LIMIT)


def take(page: NotebookPage, cell: int, path: Path, *, block: str = "end") -> None:
    """Save the window with the "start" or the "end" of what `cell` put out at its edge, in few bytes."""
    page.page.keyboard.press("Control+b")  # away with the list of files
    output = page.cell(cell).locator(".jp-Cell-outputWrapper")
    output.evaluate("(element, block) => element.scrollIntoView({block})", block)
    page.page.mouse.move(2, 2)
    page.screenshot(path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size:,} bytes")


def for_the_readme(folder: Path, docs: Path) -> None:
    """A training of lesson 03, and the playground of lesson 00 with a caption typed into it."""
    with JupyterLab(folder, pace="workshop") as lab:
        notebook = folder / "03_mlp_gan.ipynb"
        with lab.open(notebook.name) as page:
            cell = cell_with(notebook, TRAINING)
            run_up_to(page, notebook, cell)
            page.run(cell, limit=LIMIT)
            take(page, cell, docs / "training.png")
        notebook = folder / "00_welcome.ipynb"
        with lab.open(notebook.name) as page:
            cell = cell_with(notebook, BEST["00_welcome"])
            run_up_to(page, notebook, cell + 1)
            box = page.cell(cell).locator(".widget-text", has_text="caption").locator("input")
            box.fill(CAPTION)
            expect(page.cell(cell).get_by_role("status").locator("a")).to_have_attribute(
                "download", re.compile(f"^{CAPTION.replace(' ', '-')[:20]}")
            )
            page.cell(cell).get_by_label("four times as large (lesson 06)").check()
            expect(page.cell(cell).locator("img.widget-image").first).to_have_attribute("width", "512")
            take(page, cell, docs / "caption.png", block="start")
    for name in ("training.png", "caption.png"):
        size = (docs / name).stat().st_size
        if size > LARGEST:
            raise SystemExit(f"docs/{name} has {size:,} bytes, more than the {LARGEST:,} that a page may carry")


def best_moments(folder: Path, out: Path) -> None:
    """One picture of each lesson after Run All at pace `ci`."""
    with JupyterLab(folder, pace="ci") as lab:
        for name, text in BEST.items():
            notebook = folder / f"{name}.ipynb"
            with lab.open(notebook.name) as page:
                page.run_all()
                last = lessons.code_cells(lessons.read(notebook))[-1][0]
                page.wait_until_done(last, limit=LIMIT)
                take(page, cell_with(notebook, text), out / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="the best moment of each lesson, into this folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for path in lessons.attendee_lessons():
            shutil.copy(path, name)
        if chosen.all:
            chosen.all.mkdir(parents=True, exist_ok=True)
            best_moments(Path(name), chosen.all)
        else:
            for_the_readme(Path(name), REPOSITORY / "docs")


if __name__ == "__main__":
    main()
