"""Films of trainings, which ship: what the same z became as a network learned."""

import io
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from gan_helpers.weights import card, load_tensors

QUALITY = 92  # of the JPEG that films are stored as: a third of the bytes, wrong by 4 of 255 in the mean


class Film(NamedTuple):
    """`frames` (T, N, C, H, W) uint8, the samples of the same N z at each of the T `steps`; `card`, what made them."""

    frames: torch.Tensor
    steps: list[int]
    card: dict


def film_tensors(frames: dict[int, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What `save_tensors` writes of a film, from step -> samples (N, 3, H, W) uint8: all of them in one JPEG.

    JPEG can keep the colours at full size (`subsampling`), which WebP halves: at 32 pixels that would be seen.
    """
    stacked = torch.stack(list(frames.values()))
    t, n, channels, height, width = stacked.shape
    grid = stacked.permute(0, 3, 1, 4, 2).reshape(t * height, n * width, channels)
    written = io.BytesIO()
    Image.fromarray(grid.numpy()).save(written, "jpeg", quality=QUALITY, subsampling=0)
    return {
        "jpeg": torch.frombuffer(bytearray(written.getvalue()), dtype=torch.uint8),
        "shape": torch.tensor(stacked.shape),
        "steps": torch.tensor(list(frames)),
    }


def load_film(name: str) -> Film:
    """The shipped film `name`. Raises KeyError, naming what ships, for another name; ValueError for a damaged file."""
    stored = load_tensors(name)
    # The films of lesson 04 are older than that and hold their frames as they are.
    frames = stored["frames"] if "frames" in stored else _frames(stored)
    return Film(frames, stored["steps"].tolist(), card(name))


def _frames(stored: dict[str, torch.Tensor]) -> torch.Tensor:
    t, n, channels, height, width = stored["shape"].tolist()
    grid = np.array(Image.open(io.BytesIO(stored["jpeg"].numpy().tobytes())))
    return torch.from_numpy(grid).view(t, height, n, width, channels).permute(0, 2, 4, 1, 3).contiguous()
