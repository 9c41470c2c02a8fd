"""What food lies on: a table, and on it one of seven surfaces."""

import math

import numpy as np
from PIL import Image, ImageDraw

from gan_helpers.datasets.food.canvas import Colour, cast_shadow, disc, hsv, shade, turned, vary


def draw_surface(surface: str, side: int, rng: np.random.Generator, light: float) -> tuple[Image.Image, float, float]:
    """A picture (`side` x `side` pixels) of the surface on a table, and the middle of the place for food on it."""
    if surface == "marble table":
        return _marble(side, rng), *_near_middle(side, rng)
    image = _table(side, rng, avoid=surface)
    x, y = _near_middle(side, rng)
    thing = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(thing)
    if surface.endswith("plate"):
        _plate(draw, x, y, side * rng.uniform(0.45, 0.49), _PLATES[surface](rng), light)
    else:
        _FLAT[surface](draw, x, y, side, rng)
    cast_shadow(image, thing.getchannel("A"), light, length=side * 0.02, strength=0.55)
    image.paste(thing, (0, 0), thing)
    return image, x, y


def _near_middle(side: int, rng: np.random.Generator) -> tuple[float, float]:
    return tuple(side * rng.uniform(0.47, 0.53, 2))


_PLATES = {
    "white plate": lambda rng: hsv(rng.uniform(0, 1), rng.uniform(0, 0.05), rng.uniform(0.93, 0.99)),
    "black plate": lambda rng: hsv(rng.uniform(0, 1), rng.uniform(0, 0.15), rng.uniform(0.13, 0.19)),
    "blue plate": lambda rng: vary(rng, 0.605, 0.68, 0.74),
}


def _plate(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour, light: float) -> None:
    dark = sum(colour) < 200
    disc(draw, x, y, radius, shade(colour, 0.82 if not dark else 1.5))
    disc(draw, x, y, radius * 0.975, colour)
    # The rim slopes towards the middle: bright on the side away from the light, dark on the near one.
    dx, dy = math.cos(light) * radius * 0.018, math.sin(light) * radius * 0.018
    disc(draw, x + dx, y + dy, radius * 0.735, shade(colour, 0.86 if not dark else 0.6))
    disc(draw, x - dx, y - dy, radius * 0.735, shade(colour, 1.06 if not dark else 1.7))
    disc(draw, x, y, radius * 0.72, shade(colour, 0.97))


def _table(side: int, rng: np.random.Generator, avoid: str) -> Image.Image:
    """A table top: cloth or painted wood in a colour that sets the surface off."""
    hue = rng.choice([0.08, 0.1, 0.12, 0.33, 0.45, 0.55, 0.75, 0.95]) + rng.normal(0, 0.02)
    value = rng.uniform(0.35, 0.55) if avoid in ("white plate", "red napkin") else rng.uniform(0.62, 0.86)
    colour = hsv(hue, rng.uniform(0.12, 0.38), value)
    image = Image.new("RGB", (side, side), colour)
    draw = ImageDraw.Draw(image)
    kind = rng.integers(3)
    if kind == 0:  # boards, with gaps between
        step = side * rng.uniform(0.16, 0.3)
        for k in range(1, 8):
            at = k * step - side * 0.1
            draw.line([(0, at), (side, at + side * 0.01)], fill=shade(colour, 0.82), width=max(1, side // 90))
    elif kind == 1:  # stripes of a cloth
        step = side / rng.integers(6, 11)
        for k in range(0, 12, 2):
            draw.rectangle([k * step, 0, (k + 1) * step, side], fill=shade(colour, 0.93))
    return image


def _board(draw: ImageDraw.ImageDraw, x: float, y: float, side: int, rng: np.random.Generator) -> None:
    colour = vary(rng, 0.075, 0.58, 0.66, by=1.4)
    angle, half = rng.uniform(-0.12, 0.12), side * rng.uniform(0.43, 0.46)
    draw.polygon(turned(_rounded(half, half * 0.93, half * 0.12), x, y, angle), fill=shade(colour, 0.75))
    draw.polygon(turned(_rounded(half * 0.975, half * 0.905, half * 0.12), x, y, angle), fill=colour)
    for _ in range(9):  # the grain
        at, sag = rng.uniform(-0.85, 0.85) * half, rng.normal(0, 0.03) * half
        reach = half * 0.93
        grain = [(-reach, at), (-reach / 3, at + sag), (reach / 3, at - sag), (reach, at)]
        draw.line(turned(grain, x, y, angle), fill=shade(colour, rng.uniform(0.82, 0.93)), width=max(1, side // 110))


def _napkin(draw: ImageDraw.ImageDraw, x: float, y: float, side: int, rng: np.random.Generator) -> None:
    colour = vary(rng, 0.985, 0.72, 0.74)
    angle, half, cells = rng.uniform(-0.35, 0.35), side * 0.43, 8
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    draw.polygon(turned(corners, x, y, angle), fill=(238, 232, 226))
    step = 2 * half / cells
    for row in range(cells):
        for column in range(cells):
            a, b = -half + column * step, -half + row * step
            crossed = (row % 2 == 0) + (column % 2 == 0)
            if crossed:
                square = [(a, b), (a + step, b), (a + step, b + step), (a, b + step)]
                mixed = (
                    colour
                    if crossed == 2
                    else tuple((c + w) // 2 for c, w in zip(colour, (238, 232, 226), strict=True))
                )
                draw.polygon(turned(square, x, y, angle), fill=mixed)


def _tray(draw: ImageDraw.ImageDraw, x: float, y: float, side: int, rng: np.random.Generator) -> None:
    colour = hsv(0.6, rng.uniform(0.02, 0.08), rng.uniform(0.36, 0.44))
    angle, half = rng.uniform(-0.08, 0.08), side * 0.465
    draw.polygon(turned(_rounded(half, half * 0.9, half * 0.16), x, y, angle), fill=shade(colour, 1.7))
    draw.polygon(turned(_rounded(half * 0.95, half * 0.85, half * 0.14), x, y, angle), fill=shade(colour, 0.7))
    draw.polygon(turned(_rounded(half * 0.9, half * 0.8, half * 0.12), x, y, angle), fill=colour)


def _marble(side: int, rng: np.random.Generator) -> Image.Image:
    colour = hsv(rng.uniform(0.5, 0.7), rng.uniform(0.01, 0.04), rng.uniform(0.86, 0.93))
    image = Image.new("RGB", (side, side), colour)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(9, 14)):  # veins: random walks across
        angle = rng.uniform(0, 2 * math.pi)
        place = rng.uniform(-0.1, 1.1, 2) * side
        vein, tone = [tuple(place)], shade(colour, rng.uniform(0.72, 0.9))
        for _ in range(14):
            angle += rng.normal(0, 0.45)
            place = place + side * 0.06 * np.array([math.cos(angle), math.sin(angle)])
            vein.append(tuple(place))
        draw.line(vein, fill=tone, width=max(1, round(side * rng.uniform(0.004, 0.016))), joint="curve")
    return image


def _rounded(half_width: float, half_height: float, corner: float) -> list[tuple[float, float]]:
    """A rectangle round (0, 0) with round corners."""
    points = []
    for sx, sy, first in ((1, -1, -math.pi / 2), (1, 1, 0), (-1, 1, math.pi / 2), (-1, -1, math.pi)):
        for k in range(6):
            a = first + k * math.pi / 10
            points.append((sx * (half_width - corner) + corner * math.cos(a),
                           sy * (half_height - corner) + corner * math.sin(a)))  # fmt: skip
    return points


_FLAT = {"wooden board": _board, "red napkin": _napkin, "baking tray": _tray}
