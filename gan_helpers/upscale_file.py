"""`python -m gan_helpers upscale`: a picture file four times as high and wide."""

import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps

from gan_helpers.datasets.pictures import UNREADABLE
from gan_helpers.models.srgan import FACTOR
from gan_helpers.picture_output import check_output, write_picture
from gan_helpers.pixels import as_bytes, as_floats, enlarge
from gan_helpers.super_resolution import shipped_sr_generator
from gan_helpers.tiles import upscaled

LARGEST = 16_000_000  # pixels of a picture to be enlarged: the result then takes 0.8 GB
GREY = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I")  # Pillow's names for pictures without colour


class Original(NamedTuple):
    """A picture read from a file: `colour` (3, H, W) uint8, `alpha` (1, H, W) uint8 or None, and how to write it.

    `grey` says that the colours are all greys; `profile` is what the file says about its colours, or None; `notes` are
    sentences about what could not be kept.
    """

    colour: torch.Tensor
    alpha: torch.Tensor | None
    grey: bool
    profile: bytes | None
    notes: list[str]


def upscale_file(
    source: Path, target: Path, *, subject: str = "photos", method: str = "blend", force: bool = False
) -> list[str]:
    """Write the picture `source`, four times as high and wide, to `target`; returns what could not be kept, in words.

    Turned as its camera says; transparency is enlarged too, grey stays grey. `subject` and `method` name the network
    (see `upscale`). Nothing is written unless all went well. Raises FileNotFoundError, PermissionError, or ValueError
    with a reason: no picture, cut short, several pictures, too large, or a target that does not do.
    """
    source, target = Path(source).expanduser(), Path(target).expanduser()
    if not source.exists():
        raise FileNotFoundError(f"there is no file {source}.")
    if source.is_dir():
        raise ValueError(f"{source} is a folder; name a picture in it.")
    if target.exists() and os.path.samefile(source, target):
        raise ValueError(f"{target} is the picture itself, which would be lost: choose another name.")
    check_output(target, force=force)
    picture = read_original(source)
    longest = FACTOR * max(picture.colour.shape[1:])
    check_output(target, force=force, alpha=picture.alpha is not None, longest=longest)
    generator = shipped_sr_generator(subject, method)
    large = upscaled(as_floats(picture.colour), generator, progress=True)
    pixels = Image.fromarray(large.permute(1, 2, 0).numpy())
    if picture.grey:
        pixels = pixels.convert("L")
    if picture.alpha is not None:
        opacity = as_bytes(enlarge(as_floats(picture.alpha[None])))[0, 0]
        pixels.putalpha(Image.fromarray(opacity.numpy()))
    options = {} if picture.profile is None else {"icc_profile": picture.profile}
    write_picture(pixels, target, **options)
    return picture.notes


def read_original(source: Path) -> Original:
    """The picture in the file `source`, whole. Raises ValueError as `upscale_file` does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is looked at below
            image = Image.open(source)
    except Image.DecompressionBombError as error:
        raise ValueError(f"{source} is too large: {_limit()}") from error
    except UNREADABLE as error:
        raise ValueError(f"{source} is no picture that can be read, whatever its name says.") from error
    with image:
        if image.width * image.height > LARGEST:
            raise ValueError(f"{source} has {image.width:,} x {image.height:,} pixels: {_limit()}")
        if getattr(image, "n_frames", 1) > 1:
            raise ValueError(f"{source} holds {image.n_frames} pictures, an animation or pages: save one as a file.")
        try:
            upright = ImageOps.exif_transpose(image)
        except UNREADABLE as error:
            raise ValueError(f"{source} is cut short or damaged: {error}.") from error
    return _separated(upright, source)


def _limit() -> str:
    side = int(LARGEST**0.5)
    return f"{LARGEST // 10**6} million pixels ({side:,} x {side:,}) can be enlarged. Cut it, or shrink it first."


def _separated(image: Image.Image, source: Path) -> Original:
    notes, profile, alpha = [], image.info.get("icc_profile"), None
    grey = image.mode in GREY
    if image.mode.startswith("I"):
        notes.append("16 bits for each pixel became 8")
        array = np.asarray(image).astype(np.float64)
        image = Image.fromarray((array / 257).round().clip(0, 255).astype(np.uint8))
    elif image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        notes.append(f"{image.mode} colours became RGB")
        profile = None  # it speaks of colours that are not there any more
        image = image.convert("RGB")
    elif image.mode == "F":
        raise ValueError(f"{source} holds floating-point numbers, not colours: save it as PNG with 8 bits first.")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = _tensor(image.getchannel("A"))
    return Original(_tensor(image.convert("RGB")), alpha, grey, profile, notes)


def _tensor(image: Image.Image) -> torch.Tensor:
    pixels = np.array(image)
    return torch.from_numpy(pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1).copy())
