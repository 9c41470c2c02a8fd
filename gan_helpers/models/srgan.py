"""Lesson 06: super-resolution by a GAN, SRGAN, after Ledig et al. 2017.

"Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network" (CVPR 2017): the networks are
those of figure 4, the losses those of section 2.2. PixelShuffle is from Shi et al. 2016, PReLU from He et al. 2015.
"""

import copy
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.models.mlp_gan import GAN, discriminator_loss, generator_loss
from gan_helpers.pixels import enlarge, shrink

FACTOR = 4  # as many times as many pixels across; two stages of PixelShuffle
ADVERSARIAL_WEIGHT = 1e-3  # Ledig et al. 2017, equation 3
DISCRIMINATOR_STRIDES = (1, 2, 1, 2, 1, 2, 1, 2)
SHIFTS = 8  # pixels: the third stage of the content network sees one place in 8 x 8
CROP = 64  # pixels across that D judges, and that a training step takes of a picture; 96 in section 3.2

__all__ = [
    "ADVERSARIAL_WEIGHT",
    "CROP",
    "FACTOR",
    "GAN",
    "Alone",
    "ResidualBlock",
    "SRDiscriminator",
    "SRGenerator",
    "UpscaleBlock",
    "adam",
    "adversarial_step",
    "blend",
    "content_loss",
    "discriminator_loss",
    "generator_loss",
    "moved",
    "perceptual_loss",
    "pixel_loss",
    "pixel_shuffle",
    "pixel_step",
    "reach",
    "residual_branch",
    "sr_discriminator_step",
    "sr_generator_step",
    "total_variation",
]  # fmt: skip


class Alone(NamedTuple):
    """A generator that is trained alone, without a discriminator: the network, or its optimizer."""

    generator: Any


def pixel_shuffle(maps: torch.Tensor, factor: int = 2) -> torch.Tensor:
    """Many coarse feature maps as fewer fine ones: (N, C f^2, H, W) -> (N, C, f H, f W).

    The f^2 numbers that stand at one place become a square of f x f pixels (Shi et al. 2016, equation 4). Nothing is
    computed, only moved.
    """
    n, channels, height, width = maps.shape
    squares = maps.view(n, channels // factor**2, factor, factor, height, width)  # (N, C, f, f, H, W)
    return squares.permute(0, 1, 4, 2, 5, 3).reshape(n, -1, factor * height, factor * width)  # rows and columns mesh


def residual_branch(width: int) -> nn.Sequential:
    """What a residual block adds to its input: (N, width, H, W) -> the same shape (figure 4).

    Two convolutions of 3 x 3 with batch normalisation, PReLU between them, none at the end.
    """
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
    )  # fmt: skip


class ResidualBlock(nn.Module):
    """Feature maps and what two convolutions add to them: (N, width, H, W) -> the same shape (figure 4)."""

    def __init__(self, width: int):
        super().__init__()
        self.change = residual_branch(width)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """The maps, changed a little."""
        return maps + self.change(maps)


class UpscaleBlock(nn.Module):
    """Twice as high and wide: (N, width, H, W) -> (N, width, 2H, 2W), by a convolution and PixelShuffle (figure 4)."""

    def __init__(self, width: int):
        super().__init__()
        self.grow = nn.Conv2d(width, 4 * width, 3, padding=1)
        self.bend = nn.PReLU()

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """The maps, twice as high and wide."""
        return self.bend(pixel_shuffle(self.grow(maps)))


class SRGenerator(nn.Module):
    """Small pictures (N, 3, h, w) in [-1, 1] -> large ones (N, 3, 4h, 4w), in about [-1, 1]; any h and w.

    A convolution of `ends` x `ends`, `blocks` residual blocks of `width` channels, a skip over all of them, two stages
    of PixelShuffle, a convolution of `ends` x `ends` (figure 4; there 64, 16 and 9). With `over_bicubic`, which the
    paper does not have, all this is added to the bicubic enlargement: the untrained network is bicubic then, and every
    step goes into what that lacks (the global skip of Kim et al. 2016).
    """

    def __init__(self, width: int = 64, blocks: int = 16, *, ends: int = 9, over_bicubic: bool = False):
        super().__init__()
        self.head = nn.Sequential(nn.Conv2d(3, width, ends, padding=ends // 2), nn.PReLU())
        after = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.body = nn.Sequential(*(ResidualBlock(width) for _ in range(blocks)), *after)
        self.upscale = nn.Sequential(UpscaleBlock(width), UpscaleBlock(width))
        self.tail = nn.Conv2d(width, 3, ends, padding=ends // 2)
        self.over_bicubic = over_bicubic
        if over_bicubic:
            nn.init.zeros_(self.tail.weight)
            nn.init.zeros_(self.tail.bias)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        """The large pictures."""
        maps = self.head(small)  # (N, width, h, w)
        maps = maps + self.body(maps)  # the long skip
        large = self.tail(self.upscale(maps))  # (N, 3, 4h, 4w)
        return large + enlarge(small) if self.over_bicubic else large


def reach(generator: SRGenerator) -> int:
    """How many small pixels away, at most, a pixel still changes what `generator` makes at a place."""
    blocks = sum(isinstance(module, ResidualBlock) for module in generator.body)
    # Before the first shuffle: the first convolution, two of 3 x 3 in each block, one behind them, one that grows.
    small = generator.head[0].padding[0] + 2 * blocks + 1 + 1
    # Behind it a small pixel is two, then four; bicubic enlargement reaches 2.
    return max(2, small + math.ceil(1 / 2 + generator.tail.padding[0] / 4))


class SRDiscriminator(nn.Module):
    """Pictures (N, 3, size, size) -> logits (N,), above 0 for "a photo, not an enlargement".

    Eight convolutions of 3 x 3, every second one with stride 2, of `width` to 8 `width` channels; LeakyReLU 0.2, batch
    normalisation except in the first; two linear layers (figure 4; there `width` 64). `size` is a multiple of 16.
    """

    def __init__(self, size: int = CROP, width: int = 64):
        super().__init__()
        layers, inputs = [], 3
        for number, stride in enumerate(DISCRIMINATOR_STRIDES):
            outputs = width * 2 ** (number // 2)
            layers.append(nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=number == 0))
            if number:
                layers.append(nn.BatchNorm2d(outputs))
            layers.append(nn.LeakyReLU(0.2))
            inputs = outputs
        side, hidden = size // 16, 16 * width
        self.look = nn.Sequential(*layers)
        self.judge = nn.Sequential(
            nn.Flatten(), nn.Linear(inputs * side**2, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1), nn.Flatten(0)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """How real each picture looks."""
        return self.judge(self.look(images))


@torch.no_grad()
def blend(first: SRGenerator, second: SRGenerator, share: float) -> SRGenerator:
    """A network whose weights lie between those of two: `share` of the way from `first` (0) to `second` (1).

    Makes sense where one was trained from the other (network interpolation, Wang et al. 2018, section 3.4). Raises
    ValueError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share should be from 0 to 1, not {share!r}.")
    between = copy.deepcopy(first)
    for ours, theirs in zip(between.state_dict().values(), second.state_dict().values(), strict=True):
        if ours.is_floating_point():
            ours.lerp_(theirs.to(ours), share)
    return between


def pixel_loss(large: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """The mean squared difference of the pixels (equation 4): 0-d. What it is lowest for has the highest PSNR."""
    return F.mse_loss(large.float(), real)


def content_loss(seen_in_large: list[torch.Tensor], seen_in_real: list[torch.Tensor]) -> torch.Tensor:
    """The mean squared difference of feature maps, summed over the layers looked at (equation 5): 0-d.

    The second ones are of the original, not of the small picture.
    """
    pairs = zip(seen_in_large, seen_in_real, strict=True)
    return sum(F.mse_loss(ours.float(), theirs.float()) for ours, theirs in pairs)


def moved(fake: torch.Tensor, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both (N, 3, H, W) without the first 0 to SHIFTS - 1 rows and columns, as many in both, by chance.

    A network that halves the picture in its first layers sees some patterns of single pixels only at every second
    place, and where it is blind G would leave such a pattern. Moved, it is seen.
    """
    top, left = torch.randint(SHIFTS, (2,)).tolist()
    return fake[..., top:, left:], real[..., top:, left:]


def perceptual_loss(
    content: torch.Tensor, fake_logits: torch.Tensor, weight: float = ADVERSARIAL_WEIGHT
) -> torch.Tensor:
    """G's loss: content + `weight` times the adversarial loss, -log D (equations 3 and 6): 0-d."""
    return content + weight * generator_loss(fake_logits)


def total_variation(images: torch.Tensor) -> torch.Tensor:
    """The mean squared difference of neighbouring pixels, down and across: 0-d; 0 for pictures of one colour.

    A penalty against noise that the first version of the paper had (arXiv 1609.04802v1, weight 2e-8) and many
    reimplementations keep; the published one does without.
    """
    down, across = images[..., 1:, :] - images[..., :-1, :], images[..., 1:] - images[..., :-1]
    return down.square().mean() + across.square().mean()


def adam(net: nn.Module, learning_rate: float = 1e-4) -> torch.optim.Adam:
    """Adam with beta1 0.9 (section 3.2), where the other lessons have 0.5."""
    return torch.optim.Adam(net.parameters(), learning_rate, betas=(0.9, 0.999), fused=True)


def pixel_step(
    real, nets: Alone, opts: Alone, *, small_of: Callable = shrink, backward=torch.Tensor.backward
) -> torch.Tensor:
    """Move G one step towards the lowest pixel loss. Returns it, 0-d. `real` is (N, 3, H, W) in [-1, 1].

    `small_of` makes the small pictures of `real`, (N, 3, H/4, W/4).
    """
    loss_g = pixel_loss(nets.generator(small_of(real)), real)
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_g.detach()


def sr_discriminator_step(
    real: torch.Tensor, fake: torch.Tensor, nets: GAN, opts: GAN, *, backward=torch.Tensor.backward
) -> torch.Tensor:
    """D learns to tell originals, `real`, from enlargements, `fake`: its loss, 0-d. No slope runs back into `fake`."""
    loss_d = discriminator_loss(nets.discriminator(real), nets.discriminator(fake.detach()))
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()
    return loss_d.detach()


def sr_generator_step(
    real: torch.Tensor, fake: torch.Tensor, nets: GAN, opts: GAN, look: Callable, *,
    weight: float = ADVERSARIAL_WEIGHT, smoothing: float = 0.0, backward=torch.Tensor.backward,
) -> torch.Tensor:  # fmt: skip
    """G learns to make `fake`, its enlargements, like `real` to `look`, and D take them for real: its loss, 0-d.

    `look(images)` returns a list of feature maps; `weight` is that of the adversarial loss, 0 for none; `smoothing`
    that of `total_variation`.
    """
    shown, original = moved(fake, real)
    with torch.no_grad():
        seen_in_original = look(original)
    loss_g = content_loss(look(shown), seen_in_original)
    if weight:
        loss_g = perceptual_loss(loss_g, nets.discriminator(fake), weight)
    if smoothing:
        loss_g = loss_g + smoothing * total_variation(fake)
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_g.detach()


def adversarial_step(
    real: torch.Tensor, nets: GAN, opts: GAN, look: Callable, *,
    small_of: Callable = shrink, backward=torch.Tensor.backward, **more,
) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
    """One turn of D, then one of G, about the same enlargements. Returns loss_d and loss_g, 0-d tensors.

    `small_of` makes the small pictures of `real`, (N, 3, H/4, W/4). `more` goes to G's turn: `weight` and `smoothing`,
    see `sr_generator_step`.
    """
    fake = nets.generator(small_of(real))
    loss_d = sr_discriminator_step(real, fake, nets, opts, backward=backward)
    return loss_d, sr_generator_step(real, fake, nets, opts, look, backward=backward, **more)
