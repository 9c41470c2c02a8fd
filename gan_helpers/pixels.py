"""Pictures as numbers: bytes and floats, and fewer or more pixels."""

import torch
import torch.nn.functional as F


def as_floats(images: torch.Tensor) -> torch.Tensor:
    """uint8 pictures in [0, 255] as float32 in [-1, 1]; float pictures as they are."""
    return images.to(torch.float32) / 127.5 - 1 if images.dtype == torch.uint8 else images.float()


def as_bytes(images: torch.Tensor) -> torch.Tensor:
    """float pictures in [-1, 1] as uint8 in [0, 255], rounded; what lies outside is clamped."""
    return ((images.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)


def resized(images: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """float pictures (N, C, H, W) brought to (N, C, height, width) by bicubic interpolation.

    What is shrunk is smoothed first by a kernel as wide as the shrinking, so that fine patterns do not turn into coarse
    ones (aliasing), as Pillow does. At edges the result overshoots the range of the pixels by a little.
    """
    return F.interpolate(images, (height, width), mode="bicubic", antialias=True, align_corners=False)


def shrink(images: torch.Tensor, factor: int = 4) -> torch.Tensor:
    """The small pictures that super-resolution starts from: (N, C, H, W) in [-1, 1] -> (N, C, H/factor, W/factor).

    Bicubic, smoothed against aliasing, and rounded to the 256 levels that a file can hold (Ledig et al. 2017, section
    3.2). Raises ValueError where `factor` does not divide H and W.
    """
    height, width = images.shape[-2:]
    if height % factor or width % factor:
        raise ValueError(f"height and width should be multiples of {factor}, not {height} x {width}: cut them first.")
    return as_floats(as_bytes(resized(images, height // factor, width // factor)))


def enlarge(images: torch.Tensor, factor: int = 4) -> torch.Tensor:
    """Bicubic enlargement, what super-resolution is compared with: (N, C, h, w) -> (N, C, factor h, factor w)."""
    return resized(images, images.shape[-2] * factor, images.shape[-1] * factor).clamp(-1, 1)
