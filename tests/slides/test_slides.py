"""The slides: built without a network, every figure made by code, and each fault that they are checked for is found."""

import importlib.util
import re
import shutil
import sys

import pytest
from playwright.sync_api import sync_playwright

FRONT = "---\nmarp: true\ntheme: gan-workshop\n---\n\n"
MINUTE = re.compile(r"\b\d:\d\d\b")


@pytest.fixture(scope="module")
def builder(repository):
    """slides/build.py as a module."""
    return module(repository / "slides" / "build.py")


def module(path):
    spec = importlib.util.spec_from_file_location(f"slides_{path.stem}", path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def browser(builder):
    program = next(filter(None, map(shutil.which, builder.BROWSERS)), None)
    assert program, "no Chromium: sh scripts/install_chromium.sh"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])


@pytest.fixture
def built(builder, tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "BUILT", tmp_path)
    return tmp_path


def lesson_numbers(repository):
    return [path.name[:2] for path in sorted((repository / "notebooks").glob("[0-9][0-9]_*.ipynb"))]


def test_every_lesson_has_a_deck(repository, builder):
    assert [deck.name[:2] for deck in builder.decks([])] == lesson_numbers(repository)


def test_every_deck_is_built_whole_and_can_be_read(builder, browser, built):
    for deck in builder.decks([]):
        assert builder.build(deck, browser) == [], deck.name
        page = (built / f"{deck.stem}.html").read_text("utf-8")
        assert not builder.FIGURE.search(page), "a figure is not inside the page"
        assert (built / f"{deck.stem}.pdf").read_bytes().startswith(b"%PDF")


def test_every_deck_has_ten_to_twenty_slides_with_notes_and_minutes(builder):
    for deck in builder.decks([]):
        slides = re.split(r"^---$", deck.read_text("utf-8"), flags=re.MULTILINE)[2:]
        assert 10 <= len(slides) <= 20, f"{deck.name} has {len(slides)}"
        for number, slide in enumerate(slides, start=1):
            notes = [note for note in re.findall(r"<!--(.*?)-->", slide, re.DOTALL) if not note.strip().startswith("_")]
            assert notes and MINUTE.search(notes[0]), f"{deck.name}, slide {number}: no note with a minute mark"
        assert sum("_class: pause" in slide for slide in slides) >= 1, f"{deck.name} has no pause for questions"


def test_every_figure_shown_is_made_by_code_and_every_one_made_is_shown(repository, builder):
    made = set(module(repository / "slides" / "figures.py").FIGURES)
    shown = {
        name.removeprefix("figures/").removesuffix(".png")
        for deck in builder.decks([])
        for name in builder.FIGURE.findall(deck.read_text("utf-8"))
    }
    there = {path.stem for path in (repository / "slides" / "figures").glob("*.png")}
    assert shown <= made, f"drawn by nobody: {shown - made}"
    assert there == made, "python slides/figures.py makes what is missing; what is left over can go"
    assert made <= shown | {"finale"}, f"shown nowhere: {made - shown}"


FAULTS = {
    "too long": ("\n\n".join(f"- line {number}" for number in range(30)), "runs over its edge"),
    "code too wide": (f"```python\nx = {'1 + ' * 40}1\n```", "code that is cut off"),
    "figure too small": ("![w:200 the generator](figures/dcgan_generator.png)", "a figure whose text is"),
    "no description": ("![w:900](figures/dcgan_generator.png)", "without a description"),
    "from elsewhere": ("![w:900 a picture](http://127.0.0.1:9/picture.png)", "asks for http://127.0.0.1:9"),
    "not a picture": ("![w:900 a picture](picture.png)", "does not show"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(builder, browser, built, repository, fault):
    text, message = FAULTS[fault]
    deck = repository / "slides" / "99_fault.md"
    deck.write_text(f"{FRONT}# A slide\n\n{text}\n", "utf-8")
    try:
        assert any(message in found for found in builder.build(deck, browser)), builder.build(deck, browser)
    finally:
        deck.unlink()


def test_small_text_is_found(builder):
    slide = {
        "number": 1,
        "right": 1280,
        "bottom": 720,
        "smallest": 17,
        "cut": 0,
        "figures": [],
        "undescribed": 0,
        "broken": 0,
    }
    assert builder.faults([slide]) == ["slide 1 has text of 17 pixels, less than 18"]
    assert builder.faults([slide | {"smallest": 18}]) == []


def test_a_figure_that_is_not_there_ends_the_build(builder, repository):
    with pytest.raises(SystemExit, match=r"figures/nowhere.png, which is not there: python slides/figures.py nowhere"):
        builder.with_figures_inside('<img src="figures/nowhere.png">', repository / "slides" / "03_mlp_gan.md")
