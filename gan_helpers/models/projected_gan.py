"""The networks of the next GAN-CLS, which no recipe trains yet: packs, eyes for D, a text that steers each layer of G.

D sees the pictures of a caption side by side (see `gan_cls.Pack`) and looks through the frozen eyes of the image
encoder (Sauer et al. 2021, "Projected GANs Converge Faster", section 3). In G, z and text set scale and shift after
each normalisation (Karras et al. 2019, "A Style-Based Generator Architecture for GANs", section 2).
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers.models import dcgan
from gan_helpers.models.gan_cls import LATENT, PROJECTED, Pack, projection
from gan_helpers.models.image_encoder import WIDTHS, Eyes, ImageEncoder

STYLE = 128  # numbers that z and text become before they set scale and shift
SEEN_BY = 64  # maps that each head of D makes of what it is shown
MAPS = (6, 4, 3, 2, 1)  # of G from 4 x 4 to its full size, each times the width; a smaller G begins later


class StyledBlock(nn.Module):
    """A 3 x 3 convolution, a normalisation, and a scale and shift that depend on z and text: (N, C, H, W), (N, STYLE).

    With `double` the maps come out twice as high and wide.
    """

    def __init__(self, inputs: int, outputs: int, double: bool):
        super().__init__()
        self.double, self.convolution = double, nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.normalise, self.style = nn.BatchNorm2d(outputs, affine=False), nn.Linear(STYLE, 2 * outputs)
        nn.init.normal_(self.convolution.weight, 0, 0.03)
        nn.init.normal_(self.style.weight, 0, 0.02)
        nn.init.zeros_(self.style.bias)

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """The next maps."""
        x = doubled(x, self.convolution.weight) if self.double else self.convolution(x)
        scale, shift = self.style(style)[:, :, None, None].chunk(2, 1)  # (N, C, 1, 1) each
        return F.leaky_relu(self.normalise(x) * (1 + scale) + shift, 0.2)


def doubled(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Each place of `x` (N, C, H, W) repeated to 2 x 2, then convolved by `weight` (O, C, 3, 3): (N, O, 2 H, 2 W).

    In one step, at less than half the time: each place spreads its neighbours' 3 x 3 weights over 4 x 4.
    """
    weight = F.pad(weight.flip(2, 3).transpose(0, 1), (1, 1, 1, 1))
    weight = weight[:, :, 1:] + weight[:, :, :-1]
    weight = weight[:, :, :, 1:] + weight[:, :, :, :-1]
    return F.conv_transpose2d(x, weight, stride=2, padding=1)


class StyledGenerator(nn.Module):
    """z (N, LATENT, 1, 1) and text embeddings (N, FEATURES) -> pictures (N, 3, size, size) in [-1, 1].

    `size` is 16, 32 or 64; `width`, the maps of the last layer.
    """

    def __init__(self, size: int = 64, width: int = 32):
        super().__init__()
        layers = layers_of(size, width)
        self.project = projection()
        self.style = nn.Sequential(
            nn.Linear(LATENT + PROJECTED, STYLE), nn.LeakyReLU(0.2), nn.Linear(STYLE, STYLE), nn.LeakyReLU(0.2)
        )
        self.first = nn.Linear(LATENT + PROJECTED, layers[0][0] * 16)
        self.blocks = nn.ModuleList(StyledBlock(*layer) for layer in layers)
        self.colour = nn.Conv2d(layers[-1][1], 3, 3, padding=1)

    def forward(self, z: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """A picture of each text."""
        both = torch.cat([z.flatten(1), self.project(text)], 1)  # (N, LATENT + PROJECTED)
        style, x = self.style(both), self.first(both).unflatten(1, (-1, 4, 4))
        for block in self.blocks:
            x = block(x, style)
        return torch.tanh(self.colour(x))


def layers_of(size: int, width: int) -> list[tuple[int, int, bool]]:
    """The blocks of a generator of `size` pixels: maps in, maps out, and whether the picture doubles there.

    Each doubling is one block; at 4 x 4, at 8 x 8 and at half of the full size stands one more. Raises ValueError for
    another size than 16, 32 or 64.
    """
    if size not in (16, 32, 64):
        raise ValueError(f"size should be 16, 32 or 64 pixels, not {size!r}.")
    doublings = dcgan.doublings(size)
    maps = [width * factor for factor in MAPS[-doublings - 1 :]]
    layers = [(maps[0], maps[0], False)]
    for number, (inputs, outputs) in enumerate(pairwise(maps)):
        layers.append((inputs, outputs, True))
        if number in (0, doublings - 2):
            layers.append((outputs, outputs, False))
    return layers


class Head(nn.Module):
    """One of D's judges: what is seen at one scale, (N, C, side, side), and M N texts -> logits (M N,).

    Above 4 x 4 it halves the maps first. Where they are still larger then, it judges each place and its logit is the
    mean of them (as the discriminator of Isola et al. 2017, section 3.2.2).
    """

    def __init__(self, channels: int, side: int):
        super().__init__()
        look = nn.Conv2d(channels, SEEN_BY, 4, 2, 1) if side > 4 else nn.Conv2d(channels, SEEN_BY, 3, padding=1)
        self.look, self.pack = nn.Sequential(spectral_norm(look), nn.LeakyReLU(0.2)), Pack(SEEN_BY)
        self.join = spectral_norm(nn.Conv2d(2 * SEEN_BY, SEEN_BY, 1))
        self.said, self.product = (spectral_norm(nn.Linear(PROJECTED, SEEN_BY)) for _ in range(2))
        last = nn.Conv2d(SEEN_BY, 1, 3, padding=1) if side > 8 else nn.Conv2d(SEEN_BY, 1, 4)
        self.judge = spectral_norm(last)

    def forward(self, seen: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """The logits; of M N texts, row n and n + N and so on belong to picture n."""
        maps = self.look(seen)
        texts = text.unflatten(0, (-1, len(maps)))  # (M, N, PROJECTED)
        joined = self.join(self.pack(maps)) + self.said(texts)[..., None, None]  # (M, N, C, H, W)
        logits = self.judge(F.leaky_relu(joined, 0.2).flatten(0, 1)).mean((1, 2, 3))
        return logits + (self.product(texts) * maps.mean((2, 3))).sum(2).flatten()


class ProjectedDiscriminator(nn.Module):
    """Pictures (N, 3, size, size) and M N text embeddings -> logits (M N, heads), above 0 for "real, and this".

    It looks at the picture itself and, at several scales, at what the frozen eyes see in it; there is a head for each.
    """

    def __init__(self, encoder: ImageEncoder, size: int = 64):
        super().__init__()
        self.eyes, self.project = Eyes(encoder), projection()
        raw, channels = [spectral_norm(nn.Conv2d(3, 16, 3, padding=1)), nn.LeakyReLU(0.2)], 16
        for _ in range(dcgan.doublings(size) - 1):  # down to 8 x 8
            raw += [spectral_norm(nn.Conv2d(channels, 2 * channels, 4, 2, 1)), nn.LeakyReLU(0.2)]
            channels *= 2
        self.raw = nn.Sequential(*raw)
        scales = [(maps, size // 2**halvings) for halvings, maps in enumerate(WIDTHS)][1:]
        self.heads = nn.ModuleList(Head(maps, side) for maps, side in scales if side >= 4)
        self.heads.append(Head(channels, 8))

    def forward(self, images: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """How real each picture looks as a picture of its text, once for each head."""
        seen = [maps for maps in self.eyes(images) if maps.shape[-1] >= 4] + [self.raw(images)]
        text = self.project(text)
        return torch.stack([head(maps, text) for head, maps in zip(self.heads, seen, strict=True)], 1)
