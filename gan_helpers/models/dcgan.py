"""Lesson 04: a GAN of convolutions for pictures, after DCGAN, and what later papers mended.

The architecture and its numbers are those of Radford et al. 2016, "Unsupervised Representation Learning with Deep
Convolutional GANs" (sections 3 and 4, figure 1); spectral normalisation is from Miyato et al. 2018, section 2; the
hinge loss from Lim & Ye 2017, section 3; enlarging before convolving from Odena et al. 2016. The switches answer
what Khayatkhoei et al. 2018 and Tanielian et al. 2020 found, in a simpler way than theirs.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import is_parametrized

from gan_helpers.models import mlp_gan
from gan_helpers.models.mlp_gan import GAN, LATENT, discriminator_loss, generator_loss

SIDE = 4  # pixels: the smallest feature map of both networks is 4 x 4
NORMS = ("batch", "spectral", "none")  # what keeps the numbers inside D at bay

__all__ = ["CROSS_ENTROPY", "GAN", "HINGE", "LATENT", "Switches", "adam", "adversarial_step", "build_discriminator",
           "build_generator", "discriminator_block", "discriminator_features", "generator_block", "initialise",
           "resize_block", "sample_z"]  # fmt: skip


def sample_z(n: int, like: torch.Tensor) -> torch.Tensor:
    """`n` random inputs for the generator, each a picture of one pixel: (n, LATENT, 1, 1) uniform in [-1, 1]."""
    return torch.rand(n, LATENT, 1, 1, device=like.device) * 2 - 1  # (N, Z, 1, 1) in [-1, 1]


def generator_block(inputs: int, outputs: int, *, norm: bool = True) -> nn.Module:
    """Twice as high and wide: (N, inputs, H, W) -> (N, outputs, 2H, 2W), by a transposed convolution.

    Batch normalisation and ReLU after it (Radford et al. 2016, section 3); without `norm` only the ReLU.
    """
    grow = nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=not norm)
    return nn.Sequential(grow, nn.BatchNorm2d(outputs) if norm else nn.Identity(), nn.ReLU())


def resize_block(inputs: int, outputs: int, *, norm: bool = True) -> nn.Module:
    """Twice as high and wide without a checkerboard: each pixel is repeated, then convolved (Odena et al. 2016)."""
    grow = [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=not norm)]
    return nn.Sequential(*grow, nn.BatchNorm2d(outputs) if norm else nn.Identity(), nn.ReLU())


def discriminator_block(inputs: int, outputs: int, *, norm: str = "batch", slope: float = 0.2) -> nn.Module:
    """Half as high and wide: (N, inputs, H, W) -> (N, outputs, H/2, W/2), by a convolution with stride 2.

    Then what `norm` says (one of NORMS) and LeakyReLU, which lets the share `slope` of a negative number through: 0.2
    in Radford et al. 2016, section 4; 0 makes it a ReLU. Spectral normalisation belongs to the convolution itself.
    """
    shrink = nn.Conv2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=norm != "batch")
    if norm == "spectral":
        shrink = spectral_norm(shrink)
    return nn.Sequential(shrink, nn.BatchNorm2d(outputs) if norm == "batch" else nn.Identity(), nn.LeakyReLU(slope))


class Switches(nn.Module):
    """Turns the first `number` of the random numbers into -1 or 1; (N, Z, ...) in, the same out.

    A network is continuous: between two samples it makes everything in between, also what no picture shows (Khayatkhoei
    et al. 2018; Tanielian et al. 2020). Where a number jumps, what is made of it may jump too. No slope runs back
    through a switch.
    """

    def __init__(self, number: int):
        super().__init__()
        self.number = number

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """`z` with its first numbers rounded to -1 or 1, 0 to 1."""
        thrown = torch.where(z[:, : self.number] < 0, -1.0, 1.0).to(z.dtype)
        return torch.cat([thrown, z[:, self.number :]], 1)

    def extra_repr(self) -> str:
        """For print."""
        return str(self.number)


def build_generator(
    size: int = 64,
    width: int = 32,
    *,
    inputs: int = LATENT,
    block: Callable = generator_block,
    norm: bool = True,
    switches: int = 0,
) -> nn.Module:
    """The network that turns random numbers into pictures: (N, inputs, 1, 1) -> (N, 3, size, size) in [-1, 1].

    `size` is 16, 32, 64 or another power of two; `width` the number of feature maps before the last layer, doubled with
    each step back towards 4 x 4. `block(inputs, outputs, norm=...)` doubles height and width. `switches` of the random
    numbers count by their sign alone. Raises ValueError for another size or more switches than numbers.
    """
    if not 0 <= switches <= inputs:
        raise ValueError(f"switches should be from 0 to {inputs}, the random numbers there are, not {switches}.")
    channels = width * 2 ** (doublings(size) - 1)
    layers = [Switches(switches)] if switches else []
    layers.append(nn.ConvTranspose2d(inputs, channels, SIDE, bias=not norm))  # (N, channels, 4, 4)
    layers += [nn.BatchNorm2d(channels) if norm else nn.Identity(), nn.ReLU()]
    for _ in range(doublings(size) - 1):
        layers.append(block(channels, channels // 2, norm=norm))
        channels //= 2
    last = block(channels, 3, norm=False)[:-1]  # neither normalised nor cut off at 0: tanh wants both signs
    return initialise(nn.Sequential(*layers, last, nn.Tanh()))


def build_discriminator(size: int = 64, width: int = 32, *, norm: str = "batch", slope: float = 0.2) -> nn.Module:
    """The network that scores how real each picture looks: (N, 3, size, size) -> logits (N,), above 0 means "real".

    `width` feature maps after the first block, doubled with each further one down to 4 x 4; `norm` (one of NORMS) and
    `slope` go to the blocks. The first block has no batch normalisation (Radford et al. 2016, section 3). Raises
    ValueError for another size or norm.
    """
    if norm not in NORMS:
        raise ValueError(f"norm should be one of {', '.join(map(repr, NORMS))}, not {norm!r}.")
    blocks = [discriminator_block(3, width, norm="none" if norm == "batch" else norm, slope=slope)]
    channels = width
    for _ in range(doublings(size) - 1):
        blocks.append(discriminator_block(channels, 2 * channels, norm=norm, slope=slope))
        channels *= 2
    last = nn.Conv2d(channels, 1, SIDE)  # (N, channels, 4, 4) -> (N, 1, 1, 1)
    return initialise(nn.Sequential(*blocks, spectral_norm(last) if norm == "spectral" else last, nn.Flatten(0)))


def initialise(net: nn.Module) -> nn.Module:
    """Draw the weights anew, N(0, 0.02), as Radford et al. 2016, section 4, do; returns `net`.

    The factors of batch normalisation get N(1, 0.02), biases 0. Weights under spectral normalisation keep theirs: it
    divides their scale out.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not is_parametrized(module):
            nn.init.normal_(module.weight, 0.0, 0.02)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)
    return net


def doublings(size: int) -> int:
    """How often 4 doubles on the way to `size`, 2 or more. Raises ValueError where it never gets there."""
    times = int(math.log2(size / SIDE)) if size > 0 else 0
    if times < 2 or SIDE * 2**times != size:
        raise ValueError(f"size should be 16, 32, 64 or another power of two, not {size}.")
    return times


def hinge_discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """How far D is from giving real ones more than 1 and fakes less than -1 (Lim & Ye 2017, section 3).

    Logits (N,) each; the answer is a 0-d tensor, 0 at best and 2 where all logits are 0. What is beyond its margin
    costs nothing and moves nothing.
    """
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def hinge_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """How little D thinks of the fakes: minus the mean of their logits (N,), 0-d (Lim & Ye 2017, section 3)."""
    return -fake_logits.mean()


def adam(net: nn.Module, learning_rate: float, *, beta1: float = 0.5) -> torch.optim.Adam:
    """The optimizer of lesson 03 with another `beta1`, in [0, 1): 0 in Zhang et al. 2019, section 4."""
    optimizer = mlp_gan.adam(net, learning_rate)
    for group in optimizer.param_groups:
        group["betas"] = (beta1, 0.999)
    return optimizer


CROSS_ENTROPY = GAN(generator_loss, discriminator_loss)  # those of lesson 03
HINGE = GAN(hinge_generator_loss, hinge_discriminator_loss)


def adversarial_step(real, nets: GAN, opts: GAN, losses: GAN = CROSS_ENTROPY, *, backward=torch.Tensor.backward):
    """One turn of D, then one of G, on the same fakes. Returns loss_d and loss_g, 0-d tensors.

    `real` is (N, 3, H, W) float32 in [-1, 1]; `losses` holds G's and D's; the other arguments are those of the steps of
    lesson 03. One batch of fakes for both turns saves a pass through G.
    """
    fake = nets.generator(sample_z(len(real), like=real))
    loss_d = losses.discriminator(nets.discriminator(real), nets.discriminator(fake.detach()))
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()

    loss_g = losses.generator(nets.discriminator(fake))  # D has just moved: its answers are new
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_d.detach(), loss_g.detach()


def discriminator_features(discriminator: nn.Sequential, images: torch.Tensor) -> torch.Tensor:
    """What D sees in `images` (N, 3, H, W): the maxima of all its feature maps on a 4 x 4 grid, (N, F).

    Radford et al. 2016, section 5.1, whose classifier of pictures works on these numbers.
    """
    features = []
    for block in discriminator[:-2]:  # the last two make the logit
        images = block(images)
        features.append(F.adaptive_max_pool2d(images, SIDE).flatten(1))
    return torch.cat(features, 1)
