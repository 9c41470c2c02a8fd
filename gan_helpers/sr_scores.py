"""How good an enlargement is: PSNR and SSIM against the original, and two distances in the eyes of a network."""

from functools import cache
from types import ModuleType
from typing import NamedTuple

import torch
from torch import nn

from gan_helpers.models.efficientnet_lite import FirstStages
from gan_helpers.runtime import place

BORDER = 4  # pixels at each edge that are not judged (Ledig et al. 2017, section 3.1)
STAGES = 5  # of the judging network


class SRScores(NamedTuple):
    """PSNR of the brightness in dB, SSIM of it (1 at best), feature distance and texture distance (0 at best)."""

    psnr: float
    ssim: float
    distance: float
    texture: float

    def __str__(self) -> str:
        return (
            f"PSNR {self.psnr:.2f} dB, SSIM {self.ssim:.3f}, feature distance {self.distance:.3f}, "
            f"texture distance {self.texture:.2%}"
        )


def brightness(images: torch.Tensor) -> torch.Tensor:
    """The Y of YCbCr, from 16 (black) to 235 (white): (N, 3, H, W) in [-1, 1] -> (N, 1, H, W) (ITU-R BT.601)."""
    red, green, blue = ((images.float().clamp(-1, 1) + 1) / 2).unbind(1)
    return (16 + 65.481 * red + 128.553 * green + 24.966 * blue)[:, None]


def psnr(large: torch.Tensor, real: torch.Tensor) -> float:
    """How little `large` differs from `real`, in dB: 10 log10(255^2 / mean squared difference of the brightness).

    Both are (N, 3, H, W) in [-1, 1]; BORDER pixels at the edges do not count. 3 dB more is half the squared error;
    equal pictures have infinity. Raises ValueError for shapes that differ and for pictures that are all border.
    """
    ours, theirs = _judged(large, real)
    return _torchmetrics().peak_signal_noise_ratio(ours, theirs, data_range=255.0, dim=(1, 2, 3)).item()


def ssim(large: torch.Tensor, real: torch.Tensor) -> float:
    """How alike the brightness of the two varies from place to place: 1 for equal pictures (Wang et al. 2004).

    Arguments and errors as in `psnr`.
    """
    ours, theirs = _judged(large, real)
    return _torchmetrics().structural_similarity_index_measure(ours, theirs, data_range=255.0).item()


@torch.no_grad()
def feature_distance(large: torch.Tensor, real: torch.Tensor) -> float:
    """How far the two lie apart in the eyes of EfficientNet-Lite2, which nothing here is trained by; 0 for equal ones.

    At each place of each of five stages the feature vectors are brought to length 1; the squared distance of the two
    is averaged over places and stages (Zhang et al. 2018, equation 1, without their learned weights). What is there in
    kind, but at another place, counts as wrong. Arguments as in `psnr`. Raises ModuleNotFoundError, saying what to
    install, where the network's package is missing.
    """
    return _feature_distance(_seen(large, real))


@torch.no_grad()
def texture_distance(large: torch.Tensor, real: torch.Tensor) -> float:
    """How much more or less the features of the same network vary over `large` than over `real`; 0 for equal ones.

    With s and t for the standard deviations of a feature over the places of the two: 1 - 2 s t / (s^2 + t^2), the
    contrast of Wang et al. 2004 (equation 9), averaged over features and five stages. Where in the picture a texture is
    does not count, only how much of it there is: of a blurred one too little. Arguments and errors as in
    `feature_distance`.
    """
    return _texture_distance(_seen(large, real))


@torch.no_grad()
def score_enlargement(large: torch.Tensor, real: torch.Tensor) -> SRScores:
    """All four; arguments as in `psnr`."""
    seen = _seen(large, real)
    return SRScores(psnr(large, real), ssim(large, real), _feature_distance(seen), _texture_distance(seen))


def _seen(large: torch.Tensor, real: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The feature maps of both, stage by stage."""
    judge = judging_network()
    where = next(judge.parameters()).device
    maps = ([one.float() for one in judge(images.to(where))] for images in (large, real))
    return list(zip(*maps, strict=True))


def _feature_distance(seen: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    distances = []
    for ours, theirs in seen:
        ours, theirs = (nn.functional.normalize(maps, dim=1) for maps in (ours, theirs))
        distances.append((ours - theirs).square().sum(1).mean())
    return torch.stack(distances).mean().item()


def _texture_distance(seen: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    distances = []
    for ours, theirs in seen:
        s, t = ours.std((2, 3)), theirs.std((2, 3))
        distances.append(1 - (2 * s * t / (s.square() + t.square()).clamp_min(1e-12)).mean())
    return torch.stack(distances).mean().item()


@torch.no_grad()
def texture_features(images: torch.Tensor) -> torch.Tensor:
    """What the first three stages of the judging network see on average, (N, 88): for a Frechet distance of textures.

    `images` are (N, 3, H, W), float in [-1, 1].
    """
    judge = judging_network()
    where = next(judge.parameters()).device
    parts = [
        torch.cat([maps.float().mean((2, 3)) for maps in judge(part.to(where))[:3]], 1).cpu()
        for part in images.split(50)
    ]
    return torch.cat(parts)


@cache
def judging_network() -> nn.Module:
    """EfficientNet-Lite2, its first stages, on the fastest device."""
    return place(FirstStages("lite2", STAGES)).eval()


def _torchmetrics() -> ModuleType:
    import torchmetrics.functional.image

    return torchmetrics.functional.image


def _judged(large: torch.Tensor, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if large.shape != real.shape or large.ndim != 4 or min(large.shape[2:]) < 2 * BORDER + 11:
        raise ValueError(
            f"both pictures should be (N, 3, H, W) of the same shape, {2 * BORDER + 11} pixels or more wide and high; "
            f"{tuple(large.shape)} and {tuple(real.shape)} came."
        )
    inside = (..., slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    return brightness(large)[inside], brightness(real)[inside]
