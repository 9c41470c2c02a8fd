"""Shapes, colours and shadows that everything drawn is made of. Lengths are in pixels of the canvas."""

import colorsys
import functools
import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue in turns (0 red, 1/3 green), saturation and value in [0, 1]; clipped to what there is."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(r * 255), round(g * 255), round(b * 255)


def shade(colour: Colour, factor: float) -> Colour:
    """The colour lighter (factor above 1) or darker."""
    r, g, b = colour
    return (
        min(255, max(0, round(r * factor))),
        min(255, max(0, round(g * factor))),
        min(255, max(0, round(b * factor))),
    )


def vary(rng: np.random.Generator, hue: float, saturation: float, value: float, by: float = 1.0) -> Colour:
    """A colour near this one, as things of one kind differ."""
    h, s, v = rng.normal(0, 1, 3) * (0.008 * by, 0.05 * by, 0.045 * by)
    return hsv(hue + h, saturation + s, value + v)


def blob(
    rng: np.random.Generator, x: float, y: float, radius: float, *, rough: float = 0.06, points: int = 28
) -> list[tuple[float, float]]:
    """The outline of a round thing that is not quite round: its radius wanders by the share `rough`."""
    multiples, cos, sin = _circle(points)
    sizes, phases = np.array([(rng.normal() / k, rng.uniform(0, 7)) for k in range(2, 6)]).T
    waves = (sizes[:, None] * np.cos(multiples + phases[:, None])).sum(0)
    r = radius * (1 + rough * waves)
    return list(zip((x + r * cos).tolist(), (y + r * sin).tolist(), strict=True))


@functools.cache
def _circle(points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Angles once round, times 2 to 5 (4, points); their cosines and sines (points,)."""
    angles = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.arange(2, 6)[:, None] * angles, np.cos(angles), np.sin(angles)


def turned(points: list[tuple[float, float]], x: float, y: float, angle: float) -> list[tuple[float, float]]:
    """`points` given round (0, 0), turned by `angle` (radians) and moved to (x, y)."""
    c, s = math.cos(angle), math.sin(angle)
    return [(x + c * a - s * b, y + s * a + c * b) for a, b in points]


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour, **style) -> None:
    """A filled circle."""
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour, **style)


def cast_shadow(ground: Image.Image, alpha: Image.Image, light: float, *, length: float, strength: float) -> None:
    """Darken `ground`, in place, where the thing with this `alpha` keeps the light off.

    `light` is the direction the light comes from (radians), `length` how far the shadow falls, in pixels, and
    `strength` how dark it is, in [0, 1].
    """
    fallen = ImageChops.offset(alpha, round(-math.cos(light) * length), round(-math.sin(light) * length))
    soft = fallen.filter(ImageFilter.GaussianBlur(max(1.0, length * 0.7))).point(lambda value: value * strength)
    ground.paste((18, 12, 14), (0, 0), soft)


def light_up(image: Image.Image, light: float, contrast: float) -> Image.Image:
    """The picture, brighter towards the light and darker away from it by the share `contrast`."""
    width, height = image.size
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    factor = 1 + contrast * (math.cos(light) * x[None, :] + math.sin(light) * y[:, None])
    lit = np.asarray(image, np.float32) * factor[..., None]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
