"""Enlarge pictures by the super-resolution networks that ship."""

from functools import cache

import torch

from gan_helpers.models.srgan import SRGenerator
from gan_helpers.pixels import as_floats
from gan_helpers.runtime import device, fast_layout
from gan_helpers.tiles import upscaled
from gan_helpers.train_srgan import BLEND, SHIPPED, SHIPPED_NAMES, blended
from gan_helpers.weights import load_shipped


def upscale(images: torch.Tensor, subject: str = "photos", method: str = "blend") -> torch.Tensor:
    """`images` four times as high and wide by a network that ships: (N, 3, h, w) -> (N, 3, 4h, 4w) in [-1, 1].

    images   uint8 in [0, 255] or float in [-1, 1], of any size
    subject  what the network was trained on: "photos", or "food" for drawn food
    method   "resnet" for SRResNet, "gan" for SRGAN, "blend" for a network between the two (`train_srgan.GAN_SHARE`); of
             photos also "content", by content loss without a discriminator

    Raises ValueError for another subject, method or shape.
    """
    if images.ndim != 4 or images.shape[1] != 3 or min(images.shape) < 1:
        raise ValueError(f"images should be (N, 3, h, w), none of these 0, not {tuple(images.shape)}.")
    generator = shipped_sr_generator(subject, method)
    return as_floats(torch.stack([upscaled(one, generator) for one in as_floats(images)]))


@cache
def shipped_sr_generator(subject: str = "photos", method: str = "blend") -> SRGenerator:
    """A super-resolution network that ships, ready to use on the fastest device; see `upscale` for the names.

    Raises ValueError for another name.
    """
    names = {known: (*shipped, BLEND) for known, shipped in SHIPPED_NAMES.items()}
    if method not in names.get(subject, ()):
        there = ", ".join(f"{known} {name}" for known in names for name in names[known])
        raise ValueError(f"no network {method!r} for {subject!r} ships; there are: {there}.")
    if method == BLEND:
        generator = blended(*(shipped_sr_generator(subject, name) for name in ("resnet", "gan")))
    else:
        generator = SHIPPED.generator()
        load_shipped(generator, f"srgan_{subject}_{method}")
    # In float32 everywhere: a tile's pixels then do not depend on where it was cut.
    return fast_layout(generator.to(device())).eval().requires_grad_(False)
