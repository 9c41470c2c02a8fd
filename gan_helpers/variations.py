"""Pictures in other colours and blended: more to learn from where there are few photos."""

import torch

DARKEST, BRIGHTEST = 0.6, 1.2  # times the contrast
TINT = 0.3  # standard deviation of what is added to each colour


def varied(images: torch.Tensor) -> torch.Tensor:
    """`images` (N, 3, H, W) in [-1, 1], each changed by chance; edges and textures stay.

    The three colours change places, contrast and tint vary, half are negatives, and half are blended with the image
    next to them; what lies outside [-1, 1] is clamped. Exchanged colours, tints and blending are among what Yoo et al.
    2020 find to help ("Rethinking Data Augmentation for Image Super-resolution", table 1).
    """
    n, channels = images.shape[:2]
    order = torch.rand(n, channels, device=images.device).argsort(1)
    images = images[torch.arange(n, device=images.device)[:, None], order]
    contrast = torch.empty(n, 1, 1, 1, device=images.device).uniform_(DARKEST, BRIGHTEST)
    images = contrast * images + TINT * torch.randn(n, channels, 1, 1, device=images.device)
    negative, alone = (torch.rand(2, n, 1, 1, 1, device=images.device) < 0.5).unbind()
    images = torch.where(negative, -images, images)
    share = torch.where(alone, 1.0, torch.rand(n, 1, 1, 1, device=images.device))
    return (share * images + (1 - share) * images.flip(0)).clamp(-1, 1)
