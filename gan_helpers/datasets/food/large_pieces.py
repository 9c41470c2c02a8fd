"""Toppings as few large pieces, so that a picture of 64 pixels shows what lies on a pizza.

The data sets are still drawn with the smaller ones of `pizza`: the weights that ship know those.
"""

import math

import numpy as np

from gan_helpers.datasets.food.canvas import disc, hsv, shade, turned, vary


def _pepperoni(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.995, 0.82, 0.66)
    disc(draw, x, y, size * 1.05, shade(colour, 0.6))
    disc(draw, x, y, size * 0.86, colour)
    for _ in range(5):
        a, r = rng.uniform(0, 2 * math.pi), size * 0.55 * math.sqrt(rng.random())
        disc(draw, x + r * math.cos(a), y + r * math.sin(a), size * 0.13, shade(colour, 1.35))


def _mushroom(draw, x, y, size, angle, rng, cheese) -> None:
    flesh = vary(rng, 0.09, 0.08, 0.94)
    edge = shade(flesh, 0.42)
    cap = [(math.cos(a) * 1.3, math.sin(a) * 1.05) for a in np.linspace(math.pi, 2 * math.pi, 12)]
    outline = [*cap, (1.1, 0.3), (0.42, 0.26), (0.38, 1.15), (-0.38, 1.15), (-0.42, 0.26), (-1.1, 0.3)]
    for scale, colour in ((1.0, edge), (0.8, flesh)):
        points = [(a * size * scale, (b - 0.1) * size * scale) for a, b in outline]
        draw.polygon(turned(points, x, y, angle), fill=colour)


def _olive(draw, x, y, size, angle, rng, cheese) -> None:
    colour = hsv(rng.uniform(0.7, 0.9), 0.25, rng.uniform(0.08, 0.15))
    disc(draw, x, y, size * 0.92, colour)
    disc(draw, x, y, size * 0.38, shade(cheese, 0.95))


def _basil(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.335, 0.8, 0.42)
    leaf = [(1.5 * t, 0.72 * math.sin(math.pi * (t + 1) / 2) ** 0.8) for t in np.linspace(-1, 1, 12)]
    leaf += [(a, -b) for a, b in reversed(leaf)]
    draw.polygon(turned([(a * size, b * size) for a, b in leaf], x, y, angle), fill=colour)
    rib = turned([(-1.2 * size, 0), (1.2 * size, 0)], x, y, angle)
    draw.line(rib, fill=shade(colour, 1.7), width=max(1, round(size * 0.18)))


def _pepper(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.26, 0.85, 0.72)  # a ring of three lobes, yellow green beside basil's dark green
    ring = [
        (size * r * math.cos(a), size * r * math.sin(a))
        for a in np.linspace(0, 2 * math.pi, 25)
        for r in [1.0 + 0.22 * math.cos(3 * a)]
    ]
    width = max(2, round(size * 0.42))
    draw.line(turned(ring, x, y, angle), fill=shade(colour, 0.55), width=width, joint="curve")
    draw.line(turned(ring, x, y, angle), fill=colour, width=max(1, round(width * 0.6)), joint="curve")


def _onion(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.84, 0.55, 0.62)  # a purple ring, with a pale one inside
    disc(draw, x, y, size * 1.2, colour)
    disc(draw, x, y, size * 0.9, hsv(0.86, 0.1, 0.97))
    disc(draw, x, y, size * 0.58, colour)
    disc(draw, x, y, size * 0.34, hsv(0.86, 0.1, 0.97))


def _tomato(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.015, 0.9, 0.92)
    disc(draw, x, y, size * 1.3, shade(colour, 0.9))
    disc(draw, x, y, size * 1.08, shade(colour, 1.15))
    for k in range(3):  # chambers with seeds
        a = angle + k * 2 * math.pi / 3
        px, py = x + 0.56 * size * math.cos(a), y + 0.56 * size * math.sin(a)
        disc(draw, px, py, size * 0.42, hsv(0.11, 0.45, 0.99))


def _ham(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.955, 0.38, 0.96)
    for scale, tone in ((1.05, shade(colour, 0.66)), (0.82, colour)):
        square = [(-0.95, -0.85), (0.95, -0.95), (0.9, 0.9), (-0.9, 0.85)]
        draw.polygon(turned([(a * size * scale, b * size * scale) for a, b in square], x, y, angle), fill=tone)


def _pineapple(draw, x, y, size, angle, rng, cheese) -> None:
    colour = vary(rng, 0.155, 0.95, 1.0)
    wedge = [(-0.4, -0.85), (0.4, -0.85), (1.35, 0.8), (0.0, 1.1), (-1.35, 0.8)]
    for scale, tone in ((1.0, hsv(0.08, 0.85, 0.5)), (0.74, colour)):
        draw.polygon(turned([(a * size * scale, b * size * scale) for a, b in wedge], x, y, angle), fill=tone)


LARGE_TOPPINGS = {
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
