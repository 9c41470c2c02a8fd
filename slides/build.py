"""Builds the slides: a web page and a PDF of each deck, with everything inside them.

    python slides/build.py            into build/slides/
    python slides/build.py 03 05      only these

Marp (a Node package, pinned in slides/package.json) makes the pages, the browser of the tests the PDF. It fails, naming
deck and slide, on a figure that is missing, on text that runs over the edge of its slide or is smaller than can be read
from the last row, and on anything that a page would fetch from elsewhere.
"""

import argparse
import base64
import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "build" / "slides"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SMALLEST_TEXT, SMALLEST_IN_FIGURES = 18, 12  # pixels of a slide of 1280 x 720
FIGURE = re.compile(r"figures/[\w-]+\.png")

# What stands on each slide: its number, how far it reaches, the smallest text, and the pictures without a description.
MEASURE = """sections => sections.map((section, number) => {
  const frame = section.getBoundingClientRect(), scale = frame.width / 1280, texts = [];
  let right = 0, bottom = 0;
  for (const element of section.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest('mjx-assistive-mml')) continue;
    right = Math.max(right, (box.right - frame.left) / scale);
    bottom = Math.max(bottom, (box.bottom - frame.top) / scale);
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (own && !element.closest('svg, mjx-container')) texts.push(parseFloat(getComputedStyle(element).fontSize));
  }
  const images = [...section.querySelectorAll('img')];
  const widthOf = image => image.getBoundingClientRect().width / scale;
  return {
    number: number + 1, right, bottom, smallest: Math.min(...texts, 1000),
    cut: [...section.querySelectorAll('pre')].filter(block => block.scrollWidth > block.clientWidth + 1).length,
    figures: images.map(image => ({name: image.src, width: widthOf(image)})),
    undescribed: images.filter(image => !image.alt.trim()).length,
    broken: images.filter(image => !image.naturalWidth).length,
  };
})"""


def decks(numbers: list[str]) -> list[Path]:
    """The decks whose names begin with one of `numbers`; all of them without any."""
    found = sorted(HERE.glob("[0-9][0-9]_*.md"))
    return [deck for deck in found if not numbers or deck.name.startswith(tuple(numbers))]


def marp(deck: Path, out: Path, template: str) -> None:
    """Let Marp make the page `out` of a deck."""
    program = HERE / "node_modules" / ".bin" / "marp"
    if not program.exists():
        sys.exit("expected Marp in slides/node_modules, found none: run make slides, or npm ci in slides/")
    command = [program, deck.name, "--template", template, "--config", "marp.config.mjs", "--no-stdin", "-o", out]
    subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)


def with_figures_inside(page: str, deck: Path) -> str:
    """The page with its figures as part of it. Raises SystemExit for one that is missing."""

    def inside(found: re.Match) -> str:
        path = HERE / found[0]
        if not path.exists():
            sys.exit(f"{deck.name} shows {found[0]}, which is not there: python slides/figures.py {path.stem}")
        return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()

    return FIGURE.sub(inside, page)


def text_in(address: str, width: float) -> float:
    """How many pixels high the smallest text of a figure is, shown `width` pixels wide; its maker noted both sizes."""
    from PIL import Image

    if not address.startswith("data:image/png;base64,"):
        return 1000.0  # what is no figure of ours is found by its absence
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as image:
        points, inches = float(image.text["smallest text, points"]), float(image.text["width, inches"])
    return points / 72 * width / inches


def faults(measured: list[dict]) -> list[str]:
    """What is wrong with slides of which that was measured, in words."""
    found = []
    for slide in measured:
        name = f"slide {slide['number']}"
        if slide["bottom"] > 720.5 or slide["right"] > 1280.5:
            found.append(
                f"{name} runs over its edge: {slide['right']:.0f} x {slide['bottom']:.0f} of 1280 x 720 pixels"
            )
        if slide["smallest"] < SMALLEST_TEXT:
            found.append(f"{name} has text of {slide['smallest']:.0f} pixels, less than {SMALLEST_TEXT}")
        if slide["cut"]:
            found.append(f"{name} has code that is cut off at the right")
        for figure in slide["figures"]:
            if (pixels := text_in(figure["name"], figure["width"])) < SMALLEST_IN_FIGURES:
                found.append(
                    f"{name} shows a figure whose text is {pixels:.1f} pixels, less than {SMALLEST_IN_FIGURES}"
                )
        if slide["undescribed"]:
            found.append(f"{name} has a picture without a description")
        if slide["broken"]:
            found.append(f"{name} has a picture that does not show")
    return found


def build(deck: Path, browser) -> list[str]:
    """Write the page and the PDF of a deck; what is wrong with them."""
    with tempfile.TemporaryDirectory() as scratch:
        plain, shown = Path(scratch, "plain.html"), Path(scratch, "shown.html")
        marp(deck, plain, "bare")
        marp(deck, shown, "bespoke")
        (BUILT / f"{deck.stem}.html").write_text(with_figures_inside(shown.read_text("utf-8"), deck), "utf-8")
        plain.write_text(with_figures_inside(plain.read_text("utf-8"), deck), "utf-8")
        asked = []
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.on("request", lambda request: asked.append(request.url))
        for path in (plain, BUILT / f"{deck.stem}.html"):
            page.goto(path.as_uri())
        elsewhere = sorted({url for url in asked if not url.startswith(("file:", "data:", "blob:"))})
        page.goto(plain.as_uri())
        measured = page.eval_on_selector_all("section", MEASURE)
        page.pdf(path=BUILT / f"{deck.stem}.pdf", width="1280px", height="720px", print_background=True)
        page.close()
    return faults(measured) + [f"a page asks for {url}" for url in elsewhere]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="of decks, such as 03; all if left out")
    chosen = decks(parser.parse_args().numbers)
    if not chosen:
        sys.exit("no deck of that number in slides/")
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("expected Chromium or Chrome on the PATH, found none: sh scripts/install_chromium.sh")
    BUILT.mkdir(parents=True, exist_ok=True)
    status = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for deck in chosen:
            wrong = build(deck, browser)
            made = [BUILT / f"{deck.stem}.{end}" for end in ("html", "pdf")]
            print(*(f"{path.name}, {path.stat().st_size / 1e6:.1f} MB" for path in made), sep="\n")
            for fault in wrong:
                print(f"{deck.name}, {fault}", file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
