"""The command `sample`: pictures of one caption, or of each line of a file, and what the reader sees in them."""

import json
import sys
from pathlib import Path

import torch

from gan_helpers.food_scores import read_food
from gan_helpers.picture_output import check_output
from gan_helpers.text import check_caption, nearest_caption, undrawn_words, what_is_drawn
from gan_helpers.text_to_image import LARGEST_GRID, draw, save_grid

MOST_CAPTIONS = 1000  # lines of a file


def sample_one(caption: str, output: Path, *, grid: int, seed: int, force: bool, upscale: bool, as_json: bool) -> None:
    """Draw `grid` rows of `grid` pictures of a caption into the file `output`, and print what was done or seen.

    Raises ValueError for a grid outside 1 to 16, a caption that says nothing, and an output that cannot be written.
    """
    _check_grid(grid)
    check_output(output, force=force)
    images = draw([caption] * grid**2, seed=seed)
    if undrawn := undrawn_words(caption):
        print(f"Not drawn: {', '.join(undrawn)}. {what_is_drawn()}", file=sys.stderr)
        print(f"The nearest caption: {nearest_caption(caption)!r}.", file=sys.stderr)
    shown = _save(images, output, columns=grid, upscale=upscale)
    if as_json:
        print(json.dumps(_described(caption, seed, images), indent=2))
    else:
        print(f"wrote {output}, {grid} x {grid} of {shown.shape[-1]} pixels")


def sample_captions(
    file: Path, output: Path, *, each: int, seed: int, force: bool, upscale: bool, as_json: bool
) -> None:
    """The same for each line of a text file: a row of `each` pictures for each caption, empty lines left out.

    The pictures of a line depend on it and on the seed alone, not on the other lines. Raises ValueError, naming the
    line, for a caption that says nothing, and for a file that is no text or has no line or more than 1,000.
    """
    _check_grid(each)
    check_output(output, force=force)
    captions = _lines(file)
    images = torch.cat([draw([caption] * each, seed=seed) for caption in captions])
    shown = _save(images, output, columns=each, upscale=upscale)
    if as_json:
        rows = zip(captions, images.split(each), strict=True)
        print(json.dumps([_described(caption, seed, row) for caption, row in rows], indent=2))
    else:
        print(f"wrote {output}, {len(captions)} x {each} of {shown.shape[-1]} pixels")


def _check_grid(grid: int) -> None:
    if not 1 <= grid <= LARGEST_GRID:
        raise ValueError(f"--grid should be from 1 to {LARGEST_GRID}, not {grid}.")


def _lines(file: Path) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} should be a text file in UTF-8, with a caption in each line: {error}.") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line]
    if not 1 <= len(numbered) <= MOST_CAPTIONS:
        raise ValueError(
            f"{file} should have 1 to {MOST_CAPTIONS:,} captions, one in each line, not {len(numbered):,}."
        )
    for number, line in numbered:
        try:
            check_caption(line)
        except ValueError as error:
            raise ValueError(f"{file}, line {number}: {error}") from error
    return [line for _, line in numbered]


def _save(images: torch.Tensor, output: Path, *, columns: int, upscale: bool) -> torch.Tensor:
    if upscale:
        from gan_helpers.super_resolution import upscale as enlarge

        images = enlarge(images, "food")
    save_grid(images, output, columns=columns)
    return images


def _described(caption: str, seed: int, images: torch.Tensor) -> dict:
    """What was asked, and what the reader sees in each picture."""
    reading = read_food(images)
    seen = [
        food._asdict() | {"confidence": round(confidence, 3)}
        for food, confidence in zip(reading.foods(), reading.confidence.tolist(), strict=True)
    ]
    return {"caption": caption, "seed": seed, "not_drawn": undrawn_words(caption), "seen": seen}
