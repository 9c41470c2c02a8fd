"""What cannot be read on a notebook page: faint text, small text in figures, pictures without a description."""

import base64
import io
import time

from PIL import Image

CONTRAST, CONTRAST_OF_LARGE = 4.5, 3.0  # WCAG 2.1, 1.4.3: of text against what is behind it
LARGE = 24.0  # pixels from which text counts as large
SMALLEST_IN_FIGURES = 12.0  # pixels on the screen
SETTLED_AFTER = 10.0  # seconds after which what is wrong stays wrong

# All text in outputs and text cells, with its colour and that of what lies behind it; canvases and pictures apart.
TEXTS = """() => {
  const parse = colour => {
    const numbers = (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const scale = colour.startsWith('color(srgb') ? 255 : 1;
    return [...numbers.slice(0, 3).map(value => scale * value), numbers.length > 3 ? numbers[3] : 1];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const behind = element => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== 'none') return null;
      const colour = parse(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => [...over(layer, below), 1], [255, 255, 255, 1]);
  };
  const linear = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = colour => 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  const found = [];
  const roots = document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output,'
    + '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownOutput');
  for (const root of roots) for (const element of [root, ...root.querySelectorAll('*')]) {
    const words = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent);
    const own = words.join(' ').trim();
    const left_out = element.closest('svg, canvas, mjx-assistive-mml, .MathJax, [disabled], :disabled');
    if (!own || left_out || !element.getBoundingClientRect().width) continue;
    const style = getComputedStyle(element), ground = behind(element);
    if (!ground || style.visibility === 'hidden' || +style.opacity < 1) continue;
    const ink = over(parse(style.color), ground), pair = [light(ink), light(ground)].sort((a, b) => b - a);
    found.push({text: own.slice(0, 50), ratio: (pair[0] + 0.05) / (pair[1] + 0.05), size: parseFloat(style.fontSize)});
  }
  return found;
}"""
PICTURES = """() => [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output img')]
  .filter(image => image.getBoundingClientRect().width)
  .map(image => ({alt: image.alt, width: image.getBoundingClientRect().width, src: image.src}))"""


def faint_texts(page) -> list[str]:
    """Text on a NotebookPage whose contrast is too low, with the contrast."""
    measured = page.page.evaluate(TEXTS)
    assert len(measured) > 20, "hardly any text was found: the selectors no longer fit the page"
    return sorted(
        {
            f"{one['ratio']:.1f}: {one['text']!r}"
            for one in measured
            if one["ratio"] < (CONTRAST_OF_LARGE if one["size"] >= LARGE else CONTRAST) - 0.05
        }
    )


def unreadable_pictures(page) -> list[str]:
    """Pictures without a description, and figures whose smallest text is too small at the size they are shown."""
    faults = []
    for one in page.page.evaluate(PICTURES):
        name = one["alt"] or one["src"][:40]
        if not one["src"].startswith("data:image/png;base64,"):
            # JupyterLab 4.6 puts the descriptions of PNG outputs, and widgets those of theirs, nowhere; to a picture
            # of HTML without one it gives the word "Image".
            if one["alt"].strip() in ("", "Image") and not one["src"].startswith("blob:"):
                faults.append(f"no description: {name}")
            continue
        with Image.open(io.BytesIO(base64.b64decode(one["src"].partition(",")[2]))) as image:
            points = float(getattr(image, "text", {}).get("smallest text, points", "inf"))
            inches = float(getattr(image, "text", {}).get("width, inches", "1"))
        pixels = points / 72 * one["width"] / inches
        if pixels < SMALLEST_IN_FIGURES - 0.05:
            faults.append(
                f"text of {pixels:.1f} pixels, {points:g} points on {inches:g} inches, {one['width']:.0f} wide: {name}"
            )
    return faults


def faults_that_stay(measure, page) -> list[str]:
    """What `measure(page)` finds once the page has come to rest: a width or a colour may change for a moment."""
    end = time.monotonic() + SETTLED_AFTER
    while (faults := measure(page)) and time.monotonic() < end:
        time.sleep(0.05)
    return faults


def choose_theme(page, name: str) -> None:
    """Change JupyterLab's theme by its menu, to "JupyterLab Dark", say, and wait until the page has it."""
    page.page.locator(".lm-MenuBar-item", has_text="Settings").click()
    page.page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.page.locator(".lm-Menu-item", has_text=name).first.click()
    page.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
