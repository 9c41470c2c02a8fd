"""Broccoli from above: florets with a stalk, raw, dark, roasted or under cheese sauce."""

import math

import numpy as np
from PIL import Image, ImageDraw

from gan_helpers.datasets.food.canvas import Colour, blob, disc, hsv, shade, turned, vary

# Where the pieces lie, as shares of the room for food, for each count; moved a little, and turned as a whole.
LAYOUTS = {
    1: [(0.0, 0.0)],
    2: [(-0.25, 0.02), (0.25, -0.02)],
    3: [(-0.25, 0.17), (0.25, 0.17), (0.0, -0.27)],
    4: [(-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)],
}
SIZES = {1: 0.31, 2: 0.225, 3: 0.195, 4: 0.18}  # radius of the head


def draw_broccoli(count: int, style: str, side: int, rng: np.random.Generator) -> Image.Image:
    """`count` pieces of broccoli on a transparent square of `side` pixels."""
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    turn = rng.uniform(-0.5, 0.5) if count == 2 else rng.uniform(-0.25, 0.25)
    for x, y in turned([(a * side, b * side) for a, b in LAYOUTS[count]], side / 2, side / 2, turn):
        jitter = rng.normal(0, 0.012, 2) * side
        size = side * SIZES[count] * rng.uniform(0.92, 1.06)
        _floret(draw, x + jitter[0], y + jitter[1], size, style, rng)
    return image


def _greens(style: str, rng: np.random.Generator) -> tuple[Colour, Colour]:
    """The colours of head and stalk."""
    if style == "dark":
        return vary(rng, 0.385, 0.72, 0.3), vary(rng, 0.29, 0.45, 0.56)
    if style == "roasted":
        return vary(rng, 0.165, 0.7, 0.4), vary(rng, 0.115, 0.55, 0.56)
    return vary(rng, 0.3, 0.74, 0.56), vary(rng, 0.24, 0.42, 0.8)


def _floret(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, style: str, rng: np.random.Generator) -> None:
    head, stalk = _greens(style, rng)
    down = math.pi / 2 + rng.normal(0, 0.35)
    y -= size * 0.28  # so that head and stalk together lie in the middle
    trunk = [(0.1, -0.3), (1.35, -0.24), (1.42, 0.0), (1.35, 0.24), (0.1, 0.3)]
    draw.polygon(turned([(a * size, b * size) for a, b in trunk], x, y, down), fill=shade(stalk, 0.78))
    inner = [(0.1, -0.22), (1.3, -0.16), (1.3, 0.16), (0.1, 0.22)]
    draw.polygon(turned([(a * size, b * size) for a, b in inner], x, y, down), fill=stalk)
    for side in (-1, 1):  # two branches
        branch = turned([(0.62 * size, 0), (0.1 * size, side * 0.5 * size)], x, y, down)
        draw.line(branch, fill=shade(stalk, 0.9), width=max(2, round(size * 0.2)))
    cut = turned([(1.36 * size, 0)], x, y, down)[0]
    disc(draw, *cut, size * 0.2, shade(stalk, 1.16))
    around = np.linspace(0, 2 * math.pi, 7, endpoint=False) + rng.uniform(0, 1)
    clumps = [(0.0, 0.0, 0.62), *((0.6 * math.cos(a), 0.6 * math.sin(a), 0.4) for a in around)]
    for a, b, r in clumps:
        draw.polygon(blob(rng, x + a * size, y + b * size, r * size * 1.06, rough=0.07), fill=shade(head, 0.72))
    for a, b, r in clumps:
        _buds(draw, x + a * size, y + b * size, r * size, head, style, rng)
    if style == "cheese sauce":
        _sauce(draw, x, y, size, rng)


def _buds(draw, x: float, y: float, radius: float, colour: Colour, style: str, rng: np.random.Generator) -> None:
    """The grainy top of a clump: many small discs, lighter towards the upper left."""
    draw_number, roasted = rng.random, style == "roasted"  # low + width * random() is uniform(), at a third of its cost
    for _ in range(26):
        a, r = 2 * math.pi * draw_number(), radius * math.sqrt(draw_number())
        tone = shade(colour, 0.82 + (1.22 - 0.82) * draw_number() - 0.16 * r / radius * math.cos(a - math.pi / 4))
        if roasted and draw_number() < 0.24:
            tone = hsv(0.07, 0.6, 0.2 + (0.34 - 0.2) * draw_number())
        disc(draw, x + r * math.cos(a), y + r * math.sin(a), radius * (0.1 + (0.17 - 0.1) * draw_number()), tone)


def _sauce(draw, x: float, y: float, size: float, rng: np.random.Generator) -> None:
    colour = vary(rng, 0.125, 0.72, 0.98)
    puddles = [(0, -0.1, 0.5)] + [(*rng.uniform(-0.5, 0.5, 2), rng.uniform(0.16, 0.28)) for _ in range(5)]
    for scale, tone in ((1.08, shade(colour, 0.8)), (1.0, colour)):
        for a, b, r in puddles:
            draw.polygon(blob(rng, x + a * size, y + b * size, r * size * scale, rough=0.09), fill=tone)
    disc(draw, x - 0.16 * size, y - 0.26 * size, size * 0.1, shade(colour, 1.2))
