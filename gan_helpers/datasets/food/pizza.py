"""A pizza from above, whole, half or a slice, with its toppings."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from gan_helpers.datasets.food.canvas import Colour, blob, disc, hsv, shade, turned, vary
from gan_helpers.datasets.food.large_pieces import LARGE_TOPPINGS

WEDGES = {"whole": 2 * math.pi, "half": math.pi, "slice": math.radians(52)}
COVER, COVERED = (255, 0, 255), 0.95


class Pieces(NamedTuple):
    """How large a pizza and the pieces on it are drawn, by shape.

    `radii` of the pizza it is cut from, as a share of the place; `margin`, the square as a share of the place; `places`
    for pieces on the whole pizza that is then cut, of which `fewest` or more have to be left; `sizes`, the least and
    largest radius of a piece as a share of the pizza's, times `scale`; `jitter` of a place and its distance `from_cut`,
    as shares of a piece; `draw`, what draws each topping.
    """

    radii: dict[str, float]
    margin: float
    places: dict[str, int]
    fewest: int
    sizes: tuple[float, float]
    scale: dict[str, float]
    jitter: float
    from_cut: float
    draw: dict[str, Callable]


def draw_pizza(
    shape: str,
    toppings: tuple[str, ...],
    side: int,
    rng: np.random.Generator,
    *,
    shown: str = "toppings",
    pieces: str = "small",
) -> Image.Image:
    """A pizza for a place of `side` pixels, its middle of mass in the middle of a transparent square, turned at random.

    A whole one fills the place; halves and slices are cut from larger ones, and their corners may reach beyond it, so
    the square is larger by a margin. `shown` is what lies on the cheese: "toppings"; "nothing": the same pizza, to the
    pixel, without them; or "cover": all but the rim in one colour that no food has, to find where they could lie.
    `pieces` of topping are one of PIECES.
    """
    look = PIECES[pieces]
    radius = side * look.radii[shape]
    side = round(side * look.margin)
    angle, turn = WEDGES[shape], rng.uniform(0, 2 * math.pi)
    # A sector's middle of mass lies on its axis, 4/3 sin(a/2) / a radii from the tip.
    shift = 0.0 if shape == "whole" else radius * 4 / 3 * math.sin(angle / 2) / angle
    x, y = side / 2 - shift * math.cos(turn), side / 2 - shift * math.sin(turn)
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    _base(draw, x, y, radius, rng)
    cheese = _cheese(draw, x, y, radius * rng.uniform(0.79, 0.83), rng)
    # What is not to be seen is drawn all the same, elsewhere: the random numbers after it stay the same.
    on = draw if shown == "toppings" else ImageDraw.Draw(Image.new("RGBA", image.size))
    size = radius * rng.uniform(*look.sizes) * look.scale[shape]
    within = (turn, angle) if shape != "whole" else None
    for number, (px, py) in enumerate(_places(x, y, radius * 0.72, size, shape, look, within, rng)):
        if toppings:
            look.draw[toppings[number % len(toppings)]](on, px, py, size, rng.uniform(0, 2 * math.pi), rng, cheese)
    if shown == "cover":
        disc(draw, x, y, radius * COVERED, COVER)
    if shape != "whole":
        _cut(image, x, y, radius * 1.2, turn, angle)
    return image


def _base(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    crust = vary(rng, 0.085, 0.56, 0.79)
    draw.polygon(blob(rng, x, y, radius, rough=0.012, points=60), fill=shade(crust, 0.84))
    draw.polygon(blob(rng, x, y, radius * 0.975, rough=0.012, points=60), fill=crust)
    for _ in range(rng.integers(14, 26)):  # bubbles and browned spots of the rim
        a, r = rng.uniform(0, 2 * math.pi), radius * rng.uniform(0.89, 0.96)
        spot = shade(crust, rng.choice([0.62, 0.74, 0.88, 1.12]))
        disc(draw, x + r * math.cos(a), y + r * math.sin(a), radius * rng.uniform(0.012, 0.035), spot)
    sauce = vary(rng, 0.02, 0.86, 0.72)
    draw.polygon(blob(rng, x, y, radius * rng.uniform(0.86, 0.885), rough=0.012, points=60), fill=sauce)


def _cheese(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, rng: np.random.Generator) -> Colour:
    colour = vary(rng, 0.125, 0.56, 0.95)
    draw.polygon(blob(rng, x, y, radius, rough=0.022, points=60), fill=colour)
    for _ in range(rng.integers(26, 40)):  # melted patches, paler, deeper, a few browned
        a, r = rng.uniform(0, 2 * math.pi), radius * math.sqrt(rng.uniform(0, 0.86))
        tone = hsv(0.125 + rng.normal(0, 0.012), rng.uniform(0.3, 0.66), rng.uniform(0.88, 1.0))
        if rng.random() < 0.16:
            tone = shade(colour, rng.uniform(0.72, 0.86))
        draw.polygon(
            blob(rng, x + r * math.cos(a), y + r * math.sin(a), radius * rng.uniform(0.03, 0.1), rough=0.12, points=14),
            fill=tone,
        )
    return colour


def _places(x, y, radius, size, shape, look, within, rng) -> list[tuple[float, float]]:
    """Places for toppings: a sunflower's seeds, moved a little; `within` a sector only, and away from its cuts."""
    while len(places := _seeds(x, y, radius, size, shape, look, within, rng)) < look.fewest:
        pass
    order = rng.permutation(len(places))
    return [places[k] for k in order]


def _seeds(x, y, radius, size, shape, look, within, rng) -> list[tuple[float, float]]:
    turn, places, number = rng.uniform(0, 2 * math.pi), [], look.places[shape]
    for k in range(number):
        r = radius * math.sqrt((k + 0.5) / number)
        a = turn + k * math.pi * (3 - math.sqrt(5))
        px, py = (
            x + r * math.cos(a) + rng.normal(0, look.jitter) * size,
            y + r * math.sin(a) + rng.normal(0, look.jitter) * size,
        )
        if within is not None:
            off = (math.atan2(py - y, px - x) - within[0] + math.pi) % (2 * math.pi) - math.pi
            from_cut = math.hypot(px - x, py - y) * math.sin(max(0.0, min(math.pi / 2, within[1] / 2 - abs(off))))
            if abs(off) > within[1] / 2 or from_cut < look.from_cut * size:
                continue
        places.append((px, py))
    return places


def _cut(image: Image.Image, x: float, y: float, reach: float, turn: float, angle: float) -> None:
    mask = Image.new("L", image.size)
    edge = [(x, y)]
    edge += [(x + reach * math.cos(turn + a), y + reach * math.sin(turn + a))
             for a in np.linspace(-angle / 2, angle / 2, 24)]  # fmt: skip
    ImageDraw.Draw(mask).polygon(edge, fill=255)
    image.putalpha(Image.composite(image.getchannel("A"), Image.new("L", image.size), mask))


def _pepperoni(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.995, 0.8, 0.66)
    disc(draw, x, y, size, shade(colour, 0.68))
    disc(draw, x, y, size * 0.84, colour)
    for _ in range(5):
        a, r = rng.uniform(0, 2 * math.pi), size * 0.6 * math.sqrt(rng.random())
        disc(draw, x + r * math.cos(a), y + r * math.sin(a), size * 0.12, shade(colour, 1.3))


def _mushroom(draw, x, y, size, angle, rng, cheese) -> None:
    flesh = vary(rng, 0.09, 0.12, 0.9)
    edge = shade(flesh, 0.52)
    cap = [(math.cos(a) * 1.15, math.sin(a) * 0.95) for a in np.linspace(math.pi, 2 * math.pi, 12)]
    outline = [*cap, (1.0, 0.3), (0.38, 0.24), (0.34, 1.05), (-0.34, 1.05), (-0.38, 0.24), (-1.0, 0.3)]
    for scale, colour in ((1.0, edge), (0.8, flesh)):
        points = [(a * size * scale, (b - 0.1) * size * scale) for a, b in outline]
        draw.polygon(turned(points, x, y, angle), fill=colour)


def _olive(draw, x, y, size, angle, rng, cheese) -> None:
    colour = hsv(rng.uniform(0.7, 0.9), 0.25, rng.uniform(0.1, 0.18))
    disc(draw, x, y, size * 0.8, colour)
    disc(draw, x, y, size * 0.36, shade(cheese, 0.93))


def _basil(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.335, 0.78, 0.46)
    leaf = [(1.35 * t, 0.62 * math.sin(math.pi * (t + 1) / 2) ** 0.8) for t in np.linspace(-1, 1, 12)]
    leaf += [(a, -b) for a, b in reversed(leaf)]
    draw.polygon(turned([(a * size, b * size) for a, b in leaf], x, y, angle), fill=colour)
    rib = turned([(-1.2 * size, 0), (1.2 * size, 0)], x, y, angle)
    draw.line(rib, fill=shade(colour, 1.5), width=max(1, round(size * 0.14)))


def _pepper(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.28, 0.82, 0.66)
    arc = [(math.cos(a) * 1.15 * size, (math.sin(a) * 1.1 + 0.55) * size) for a in np.linspace(math.pi, 2 * math.pi, 9)]
    width = max(2, round(size * 0.46))
    draw.line(turned(arc, x, y, angle), fill=shade(colour, 0.62), width=width, joint="curve")
    draw.line(turned(arc, x, y, angle), fill=colour, width=max(1, round(width * 0.55)), joint="curve")


def _onion(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.86, 0.45, 0.66)
    for radius, tone in ((1.25, colour), (0.72, shade(colour, 1.3))):
        box = [x - radius * size, y - radius * size, x + radius * size, y + radius * size]
        first = math.degrees(angle)
        draw.arc(box, first, first + rng.uniform(250, 360), fill=tone, width=max(1, round(size * 0.24)))


def _tomato(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.015, 0.88, 0.9)
    disc(draw, x, y, size * 1.2, colour)
    disc(draw, x, y, size * 0.98, shade(colour, 1.12))
    for k in range(4):  # chambers with seeds
        a = angle + k * math.pi / 2
        px, py = x + 0.55 * size * math.cos(a), y + 0.55 * size * math.sin(a)
        disc(draw, px, py, size * 0.32, hsv(0.1, 0.62, 0.96))


def _ham(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.965, 0.36, 0.95)
    for scale, tone in ((1.0, shade(colour, 0.78)), (0.82, colour)):
        square = [(-0.95, -0.85), (0.95, -0.95), (0.9, 0.9), (-0.9, 0.85)]
        draw.polygon(turned([(a * size * scale, b * size * scale) for a, b in square], x, y, angle), fill=tone)


def _pineapple(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.15, 0.82, 0.99)
    wedge = [(-0.35, -0.75), (0.35, -0.75), (1.2, 0.75), (0.0, 1.0), (-1.2, 0.75)]
    for scale, tone in ((1.0, shade(colour, 0.55)), (0.78, colour)):
        draw.polygon(turned([(a * size * scale, b * size * scale) for a, b in wedge], x, y, angle), fill=tone)
    rib = turned([(0, -0.5 * size), (0, 0.7 * size)], x, y, angle)
    draw.line(rib, fill=shade(colour, 0.72), width=max(1, round(size * 0.16)))


SMALL_TOPPINGS = {
    "pepperoni": _pepperoni,
    "mushrooms": _mushroom,
    "olives": _olive,
    "basil": _basil,
    "peppers": _pepper,
    "onions": _onion,
    "tomatoes": _tomato,
    "ham": _ham,
    "pineapple": _pineapple,
}

# With large pieces the pizza is larger, too, and even a slice with two toppings has two pieces of each.
PIECES = {
    "small": Pieces(
        radii={"whole": 0.46, "half": 0.55, "slice": 0.88}, margin=1.2, places={"whole": 21, "half": 24, "slice": 62},
        fewest=0, sizes=(0.115, 0.13), scale={"whole": 1.0, "half": 0.9, "slice": 0.66}, jitter=0.2, from_cut=0.75,
        draw=SMALL_TOPPINGS,
    ),
    "large": Pieces(
        radii={"whole": 0.52, "half": 0.6, "slice": 0.96}, margin=1.3, places={"whole": 9, "half": 13, "slice": 44},
        fewest=4, sizes=(0.17, 0.19), scale={"whole": 1.0, "half": 0.9, "slice": 0.6}, jitter=0.12, from_cut=0.7,
        draw=LARGE_TOPPINGS,
    ),
}  # fmt: skip
