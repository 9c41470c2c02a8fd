"""Pictures of one's own: any folder of image files as one tensor."""

import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
FEW = 200  # with fewer a GAN learns the pictures by heart before it learns what they have in common
LARGEST_SIZE = 1024  # pixels
NAMED = 5  # broken files named in the report; the others are counted


def load_pictures(folder: Path | str, *, size: int = 64) -> torch.Tensor:
    """All pictures in `folder` and below, in the order of their names: (N, 3, size, size) uint8.

    Each is turned as its camera says, cut to the largest square in its middle and shrunk or enlarged; what is
    transparent becomes white. Files that cannot be read are left out, with a warning that names and counts them. Raises
    NotADirectoryError, and ValueError for a size outside 16 to 1024 and for a folder without a readable picture.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} should be a folder with pictures; there is no such folder.")
    if not 16 <= size <= LARGEST_SIZE:
        raise ValueError(f"size should be from 16 to {LARGEST_SIZE} pixels, not {size}.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    pictures, broken = [], []
    for file in files:
        try:
            pictures.append(_read(file, size))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
            broken.append(f"{file.relative_to(folder)} ({type(error).__name__})")
    if not pictures:
        found = f"{len(files)} files that look like pictures, none of them readable" if files else "no picture"
        raise ValueError(f"{folder} should hold pictures ({', '.join(sorted(SUFFIXES))}); it holds {found}.")
    if broken:
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        warnings.warn(f"{len(broken)} of {len(files)} files could not be read and are left out: "
                      f"{', '.join(broken[:NAMED])}{more}.", stacklevel=2)  # fmt: skip
    if len(pictures) < FEW:
        warnings.warn(f"{len(pictures)} pictures are few: a GAN learns them by heart. {FEW} or more are better, and "
                      "thousands good.", stacklevel=2)  # fmt: skip
    return torch.from_numpy(np.stack(pictures))


def _read(file: Path, size: int) -> np.ndarray:
    with Image.open(file) as image:
        image.draft("RGB", (2 * size, 2 * size))  # a large JPEG is decoded small at once
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            upright = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
        square = ImageOps.fit(upright.convert("RGB"), (size, size), Image.Resampling.LANCZOS)
    return np.asarray(square).transpose(2, 0, 1)
