"""Pictures into files: refused in words before the work is done, written whole or not at all."""

import os
from pathlib import Path

from PIL import Image

# Pixels across that the formats can hold.
LONGEST = {"JPEG": 65_500, "WEBP": 16_383}


def check_output(path: Path, *, force: bool, alpha: bool = False, longest: int = 0) -> None:
    """Raise ValueError, FileNotFoundError or PermissionError unless a picture can be written to `path`.

    To be asked before the work is done, not after it. A file that is there is overwritten by `force` alone. `alpha`:
    whether the picture has transparent places; `longest`: pixels of its longer side.
    """
    known = Image.registered_extensions()
    kind = known.get(path.suffix.lower())
    if kind not in Image.SAVE:
        raise ValueError(f"{path.name}: the name should end with .png, .jpg or .webp, not {path.suffix!r}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}: make it, or choose another place for {path.name}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it.")
    if path.exists() and not force:
        raise ValueError(f"{path} is there already: choose another name, or overwrite it by --force.")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"nothing may be written in the folder {path.parent}: choose another one.")
    if alpha and kind == "JPEG":
        raise ValueError(f"{path.name}: JPEG cannot hold transparency, which the picture has. Let the name end with "
                         ".png or .webp.")  # fmt: skip
    if longest > LONGEST.get(kind, longest):
        raise ValueError(f"{path.name}: {kind} holds {LONGEST[kind]:,} pixels across at the most, and this would be "
                         f"{longest:,}. Let the name end with .png.")  # fmt: skip


def write_picture(picture: Image.Image, path: Path, **options) -> None:
    """Write `picture` to `path`, whole or not at all; `options` go to Pillow's `save`."""
    beside = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        picture.save(beside, **options)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
