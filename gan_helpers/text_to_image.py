"""From a caption to pictures by the GAN-CLS that ships, and into a file."""

from functools import cache
from pathlib import Path

import torch

from gan_helpers.models.gan_cls import GAN, LATENT
from gan_helpers.picture_output import write_picture
from gan_helpers.plots.images import image_batch, mosaic, pillow_image
from gan_helpers.runtime import place
from gan_helpers.text import embed
from gan_helpers.train_gan_cls import SHIPPED, SIZE, WIDTH
from gan_helpers.watch import samples
from gan_helpers.weights import load_shipped

LARGEST_GRID = 16  # pictures in a row, and as many rows


@cache
def shipped_text_gan() -> GAN:
    """The GAN-CLS that ships, 64 pixels, both networks ready to use on the fastest device."""
    nets = SHIPPED.pair(SIZE, WIDTH)
    for part, net in nets._asdict().items():
        load_shipped(net, f"gan_cls_{part}")
    return GAN(*(place(net).eval().requires_grad_(False) for net in nets))


def draw(captions: list[str], *, seed: int = 0) -> torch.Tensor:
    """A picture of each caption: (N, 3, 64, 64) float32 in [-1, 1]; the same captions and seed, the same pictures.

    What a caption leaves open is up to chance, so say one several times to see several. Raises ValueError for a caption
    that says nothing (see `text.check_caption`).
    """
    return samples(shipped_text_gan().generator, seeded_z(len(captions), seed), embed(captions))


def seeded_z(n: int, seed: int) -> torch.Tensor:
    """The same `n` random inputs for the same seed: (n, LATENT, 1, 1), normal, as `gan_cls.sample_z` draws them."""
    return torch.randn(n, LATENT, 1, 1, generator=torch.Generator().manual_seed(seed))


def save_grid(images: torch.Tensor, path: Path, *, columns: int) -> None:
    """Write `images` (see `image_batch`), `columns` in a row, as one picture to `path`, whole or not at all."""
    one = image_batch(images)[0].permute(1, 2, 0) if len(images) == 1 else mosaic(images, columns)
    write_picture(pillow_image(one), path)
