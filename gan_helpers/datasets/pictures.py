"""Pictures of one's own: any folder of image files as one tensor."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
FEW = 200  # with fewer a GAN learns the pictures by heart before it learns what they have in common
LARGEST_SIZE = 1024  # pixels
# What Pillow raises for a file that is no whole picture.
UNREADABLE = (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError)
NAMED = 5  # broken files named in the report; the others are counted


def load_pictures(folder: Path | str, *, size: int = 64) -> torch.Tensor:
    """All pictures in `folder` and below, in the order of their names: (N, 3, size, size) uint8.

    Each is turned as its camera says, cut to the largest square in its middle and shrunk or enlarged; what is
    transparent becomes white. Files that cannot be read are left out, with a warning that names and counts them. Raises
    NotADirectoryError, and ValueError for a size outside 16 to 1024 and for a folder without a readable picture.
    """
    if not 16 <= size <= LARGEST_SIZE:
        raise ValueError(f"size should be from 16 to {LARGEST_SIZE} pixels, not {size}.")
    pictures = [square for _, square in picture_files(folder, lambda file: _read_square(file, size))]
    if len(pictures) < FEW:
        warnings.warn(f"{len(pictures)} pictures are few: a GAN learns them by heart. {FEW} or more are better, and "
                      "thousands good.", stacklevel=2)  # fmt: skip
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy())


def picture_files(folder: Path | str, read: Callable[[Path], np.ndarray]) -> list[tuple[str, np.ndarray]]:
    """What `read` makes of each picture in `folder` and below, by its path in there, in the order of the names.

    Files that cannot be read are left out, with a warning that names and counts them. Raises NotADirectoryError, and
    ValueError for a folder without a readable picture.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} should be a folder with pictures; there is no such folder.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    pictures, broken = [], []
    for file in files:
        try:
            pictures.append((str(file.relative_to(folder)), read(file)))
        except UNREADABLE as error:
            broken.append(f"{file.relative_to(folder)} ({type(error).__name__})")
    if not pictures:
        found = f"{len(files)} files that look like pictures, none of them readable" if files else "no picture"
        raise ValueError(f"{folder} should hold pictures ({', '.join(sorted(SUFFIXES))}); it holds {found}.")
    if broken:
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        warnings.warn(f"{len(broken)} of {len(files)} files could not be read and are left out: "
                      f"{', '.join(broken[:NAMED])}{more}.", stacklevel=3)  # fmt: skip
    return pictures


def read_upright(file: Path) -> np.ndarray:
    """The picture in `file`, turned as its camera says: (H, W, 3) uint8. What is transparent becomes white."""
    with Image.open(file) as image:
        return np.asarray(_upright(image))


def _read_square(file: Path, size: int) -> np.ndarray:
    with Image.open(file) as image:
        image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is decoded small at once
        return np.asarray(ImageOps.fit(_upright(image), (size, size), Image.Resampling.LANCZOS))


def _upright(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    return upright.convert("RGB")
