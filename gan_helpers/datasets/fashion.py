"""Fashion-MNIST: 70,000 small grey pictures of clothes, from the network or from files on disk."""

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gan_helpers.datasets.cache import cached_arrays

CLASSES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # of the package dataset-fashion-mnist
SPLITS = ("train", "held-out")


class Fashion(NamedTuple):
    """`images` (N, 1, 28, 28) uint8, light on black in [0, 255]; `labels` (N,) int64, places in CLASSES."""

    images: torch.Tensor
    labels: torch.Tensor


def load_fashion(split: str = "train", *, folder: Path | str | None = None) -> Fashion:
    """Fashion-MNIST (Xiao et al. 2017, MIT licence): 60,000 pictures to train on, or 10,000 "held-out" ones.

    Read from the cache; else from the four files *-ubyte.gz in `folder`, or where Debian's package
    dataset-fashion-mnist puts them; else downloaded by torchvision (30 MB). Their checksums are verified. Raises
    ValueError for another split and for a file that is damaged, FileNotFoundError when `folder` lacks one,
    ConnectionError, with what works offline, when nothing could be downloaded.
    """
    if split not in SPLITS:
        raise ValueError(f"split should be one of {', '.join(map(repr, SPLITS))}, not {split!r}.")
    arrays = cached_arrays(f"fashion-{split}-v1", lambda: _read(split, folder))
    return Fashion(torch.from_numpy(arrays["images"])[:, None], torch.from_numpy(arrays["labels"].astype(np.int64)))


def _read(split: str, folder: Path | str | None) -> dict[str, np.ndarray]:
    from torchvision import datasets  # takes a second

    if folder is None and DEBIAN.is_dir():
        folder = DEBIAN
    with tempfile.TemporaryDirectory() as root:
        if folder is not None:
            _lay_out(Path(folder), Path(root) / "FashionMNIST" / "raw", datasets)
        try:
            # With the files in place torchvision downloads nothing; without, it checks what comes.
            fashion = datasets.FashionMNIST(root, train=split == "train", download=True)
        except (OSError, RuntimeError) as error:
            raise ConnectionError(
                f"Fashion-MNIST could not be downloaded ({error}). Check the network and try again; or fetch its four "
                "*-ubyte.gz files elsewhere and name their folder: python -m gan_helpers data fashion --from FOLDER "
                "(Debian has them: apt install dataset-fashion-mnist). The drawn food needs no network."
            ) from error
    return {"images": fashion.data.numpy(), "labels": fashion.targets.numpy().astype(np.uint8)}


def _lay_out(folder: Path, raw: Path, datasets) -> None:
    """Copy the four files from `folder` to where torchvision looks for them, if each is whole."""
    raw.mkdir(parents=True)
    for name, md5 in datasets.FashionMNIST.resources:
        file = folder / name
        if not file.is_file():
            wanted = ", ".join(name for name, _ in datasets.FashionMNIST.resources)
            raise FileNotFoundError(f"{folder} should hold {wanted}; {name} is missing.")
        if not datasets.utils.check_integrity(str(file), md5):
            raise ValueError(f"{file} is damaged: its MD5 sum should be {md5}. Fetch it anew.")
        shutil.copy(file, raw)
