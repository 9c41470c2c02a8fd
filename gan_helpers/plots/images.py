"""Grids of small images, and samples beside their nearest real neighbours."""

import io
import math

import torch
from matplotlib.axes import Axes
from PIL import Image

from gan_helpers.plots.figures import TEXT_SIZE, Picture, bare, new_figure

LETTER = 0.09  # inches that a letter of a title takes


def image_batch(images: torch.Tensor) -> torch.Tensor:
    """`images` as (N, C, H, W) float32 in [0, 1], for drawing.

    Takes uint8 in [0, 255] or float in [-1, 1], as (N, C, H, W) or as (N, H * W) for square grey images. Raises
    ValueError or TypeError for anything else, saying what came.
    """
    if not isinstance(images, torch.Tensor):
        raise TypeError(f"images should be a torch tensor, not {type(images).__name__}.")
    images = images.detach().cpu()
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1]:
        side = math.isqrt(images.shape[1])
        images = images.reshape(-1, 1, side, side)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(
            f"images should be (N, C, H, W) with 1 or 3 channels, or (N, H * W) for square grey ones, with N above 0; "
            f"got {tuple(images.shape)}."
        )
    if images.dtype == torch.uint8:
        return images.float() / 255
    if not images.is_floating_point():
        raise TypeError(f"images should be uint8 in [0, 255] or float in [-1, 1], not {images.dtype}.")
    images = images.float()
    if not torch.isfinite(images).all():
        raise ValueError("images hold NaN or infinite values: look at the losses of the network that made them.")
    if images.min() < -1.001 or images.max() > 1.001:
        raise ValueError(
            f"float images should lie in [-1, 1]; these lie in [{images.min():.2f}, {images.max():.2f}]. "
            "Pixels in [0, 255] become that by x / 127.5 - 1."
        )
    return (images + 1) / 2


def mosaic(images: torch.Tensor, columns: int) -> torch.Tensor:
    """One image (rows * H, columns * W, C) in [0, 1] with all `images` on it, row by row, a thin white line between."""
    batch = torch.nn.functional.pad(image_batch(images), (0, 1, 0, 1), value=1.0)
    missing = -len(batch) % columns
    batch = torch.cat([batch, torch.ones(missing, *batch.shape[1:])])
    n, c, h, w = batch.shape
    return (
        batch.reshape(n // columns, columns, c, h, w).permute(0, 3, 1, 4, 2).reshape(n // columns * h, columns * w, c)
    )


def pillow_image(image: torch.Tensor) -> Image.Image:
    """`image` (H, W, 3) or grey (H, W, 1), float in [0, 1], for Pillow: RGB."""
    return Image.fromarray((image.expand(-1, -1, 3) * 255).round().byte().cpu().numpy())


def enlarged_png(image: torch.Tensor, *, screen: int = 256) -> bytes:
    """One picture in [-1, 1], (C, H, W) or (H * W,), as PNG, enlarged by a whole number to about `screen` pixels."""
    drawn = pillow_image(image_batch(image[None])[0].permute(1, 2, 0))
    scale = max(1, round(screen / max(drawn.size)))
    buffer = io.BytesIO()
    drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST).save(buffer, "png")
    return buffer.getvalue()


def images_in(ax: Axes, images: torch.Tensor, *, columns: int = 10, title: str = "") -> None:
    """Draw `images` (see `image_batch`) as one mosaic into `ax`."""
    ax.imshow(mosaic(images, columns).expand(-1, -1, 3).numpy(), interpolation="nearest")
    ax.set_title(title, size=TEXT_SIZE + 1)
    bare(ax)


def show_images(
    images: torch.Tensor, *, columns: int = 10, labels: list[str] | None = None, title: str = ""
) -> Picture:
    """A figure of `images`, uint8 in [0, 255] or float in [-1, 1]: (N, C, H, W), or (N, H * W) for square grey ones.

    `labels`, one a picture, are written under each. Raises ValueError or TypeError as said by `image_batch`.
    """
    batch = image_batch(images)
    alt = f"{len(batch)} images" + (f": {title}" if title else "")
    if labels is None:
        rows = math.ceil(len(batch) / columns)
        width = max(min(columns, len(batch)) * 0.75, len(title) * LETTER)
        figure, (ax,) = new_figure(width, rows * 0.75 + (0.3 if title else 0), alt)
        images_in(ax, images, columns=min(columns, len(batch)), title=title)
        return figure
    if len(labels) != len(batch):
        raise ValueError(f"labels should be one for each of the {len(batch)} images, not {len(labels)}.")
    rows = math.ceil(len(batch) / columns)
    figure, axes = new_figure(columns * 1.1, rows * 1.4 + 0.3, alt, columns=columns, rows=rows)
    figure.suptitle(title, size=TEXT_SIZE + 1)
    for ax in axes:
        bare(ax)
    for ax, image, label in zip(axes, batch, labels, strict=False):
        ax.imshow(image.permute(1, 2, 0).expand(-1, -1, 3).numpy(), interpolation="nearest")
        ax.set_xlabel(label, size=TEXT_SIZE)
    return figure


def show_nearest(images: torch.Tensor, neighbours: torch.Tensor, distances: torch.Tensor) -> Picture:
    """A figure of `images` above their nearest `neighbours`, with the `distances` (N,) below each pair."""
    n = len(images)
    figure, axes = new_figure(n * 0.95, 2.3, f"{n} samples above the nearest training image of each", columns=n, rows=2)
    rows = (image_batch(images), image_batch(neighbours))
    for row, batch in enumerate(rows):
        for column in range(n):
            ax = axes[row * n + column]
            ax.imshow(batch[column].permute(1, 2, 0).expand(-1, -1, 3).numpy(), interpolation="nearest")
            bare(ax)
            if row:
                ax.set_xlabel(f"{distances[column]:.1f}", size=TEXT_SIZE)
    axes[0].set_ylabel("sample", size=TEXT_SIZE)
    axes[n].set_ylabel("nearest", size=TEXT_SIZE)
    return figure
