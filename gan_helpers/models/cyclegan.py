"""Lesson 07: pictures translated without pairs, CycleGAN, after Zhu et al. 2017.

"Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks" (ICCV 2017): the networks are those of
section 4 and appendix 7.2, smaller; the losses those of sections 3 and 5.2. Instance normalisation is from Ulyanov et
al. 2016, least squares from Mao et al. 2017, the buffer from Shrivastava et al. 2017, section 2.3.

Kind A and kind B are two sets of pictures that form no pairs; a batch holds as many of each, (N, 2, 3, H, W).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.models.dcgan import adam, initialise
from gan_helpers.models.mlp_gan import GAN

CYCLE_WEIGHT = 10.0  # lambda in Zhu et al. 2017, section 4
IDENTITY_WEIGHT = 5.0  # half of it, section 5.2
BUFFER = 50  # fakes of each kind that D may be shown again, section 4

__all__ = [
    "BUFFER",
    "CYCLE_WEIGHT",
    "GAN",
    "IDENTITY_WEIGHT",
    "BothDiscriminators",
    "BothGenerators",
    "Pair",
    "PatchDiscriminator",
    "ResidualBlock",
    "Translator",
    "adam",
    "cycle_loss",
    "discriminators_step",
    "full_generators_loss",
    "generators_step",
    "identity_loss",
    "patch",
    "remember",
    "squared_discriminator_loss",
    "squared_generator_loss",
    "translation_step",
]  # fmt: skip


class Pair(NamedTuple):
    """One thing of kind A and one of kind B: pictures, logits, or lists of fakes that were shown before."""

    a: torch.Tensor | list
    b: torch.Tensor | list


def normed(layer: nn.Module, outputs: int) -> list[nn.Module]:
    """The layer, instance normalisation, ReLU: each feature map of each picture gets mean 0 and spread 1."""
    return [layer, nn.InstanceNorm2d(outputs), nn.ReLU()]


class ResidualBlock(nn.Module):
    """Feature maps and what two convolutions add to them: (N, width, H, W) -> the same shape (appendix 7.2).

    Borders are mirrored rather than filled with zeros, which would show as a frame.
    """

    def __init__(self, width: int):
        super().__init__()
        first = normed(nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect"), width)
        second = nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect"), nn.InstanceNorm2d(width)
        self.change = nn.Sequential(*first, *second)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """The maps, changed a little."""
        return maps + self.change(maps)


class Translator(nn.Module):
    """A picture of one kind -> the same as the other kind: (N, 3, H, W) in [-1, 1] -> the same; 4 divides H and W.

    A convolution of 7 x 7, two of stride 2, `blocks` residual blocks of 4 `width` maps, two transposed convolutions,
    one of 7 x 7 (appendix 7.2; there `width` 64, and 6 blocks for 128 pixels). With `over_input`, which the paper does
    not have, all this is added to the picture: the untrained network leaves it as it is, and every step goes into the
    difference; what comes out may then lie a little outside [-1, 1].
    """

    def __init__(self, width: int = 64, blocks: int = 6, *, over_input: bool = False):
        super().__init__()
        self.shrink = nn.Sequential(
            *normed(nn.Conv2d(3, width, 7, padding=3, padding_mode="reflect"), width),
            *normed(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), 2 * width),
            *normed(nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1), 4 * width),
        )
        self.change = nn.Sequential(*(ResidualBlock(4 * width) for _ in range(blocks)))
        self.grow = nn.Sequential(
            *normed(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, padding=1, output_padding=1), 2 * width),
            *normed(nn.ConvTranspose2d(2 * width, width, 3, 2, padding=1, output_padding=1), width),
            nn.Conv2d(width, 3, 7, padding=3, padding_mode="reflect"),
        )
        self.over_input = over_input
        initialise(self)
        if over_input:
            nn.init.zeros_(self.grow[-1].weight)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The pictures, translated."""
        made = self.grow(self.change(self.shrink(images)))
        return images + made if self.over_input else made.tanh()


class PatchDiscriminator(nn.Module):
    """Pictures (N, 3, H, W) -> logits (N, 1, h, w): one for each patch, above 0.5 for "of my kind".

    `halvings` convolutions of stride 2 and two of stride 1, all 4 x 4; instance normalisation except in the first and
    the last, LeakyReLU 0.2 (appendix 7.2). Three halvings see patches of 70 x 70, the paper's for 256 pixels; see
    `patch`.
    """

    def __init__(self, width: int = 64, halvings: int = 3):
        super().__init__()
        layers, inputs = [nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)], width
        for number in range(1, halvings + 1):
            stride = 2 if number < halvings else 1
            layers += [nn.Conv2d(inputs, 2 * inputs, 4, stride, padding=1), nn.InstanceNorm2d(2 * inputs)]
            layers.append(nn.LeakyReLU(0.2))
            inputs = 2 * inputs
        self.judge = nn.Sequential(*layers, nn.Conv2d(inputs, 1, 4, padding=1))
        initialise(self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """How real each patch looks."""
        return self.judge(images)


def patch(halvings: int) -> int:
    """How many pixels across each logit of a PatchDiscriminator sees: 16, 34, 70 for 1, 2, 3 `halvings`."""
    sees = 1 + 3 + 3  # the two convolutions of stride 1
    for _ in range(halvings):
        sees = 2 * sees + 2
    return sees


class BothGenerators(nn.Module):
    """The two translators as one network, for one optimizer: pictures of A and of B -> of B and of A."""

    def __init__(self, to_b: nn.Module, to_a: nn.Module):
        super().__init__()
        self.to_b, self.to_a = to_b, to_a

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> Pair:
        """What each makes: `b` of the first pictures, `a` of the second."""
        return Pair(a=self.to_a(b), b=self.to_b(a))


class BothDiscriminators(nn.Module):
    """The two discriminators as one network, for one optimizer: each judges pictures of the kind it knows."""

    def __init__(self, of_a: nn.Module, of_b: nn.Module):
        super().__init__()
        self.of_a, self.of_b = of_a, of_b

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> Pair:
        """The logits of the pictures."""
        return Pair(a=self.of_a(a), b=self.of_b(b))


def squared_discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor) -> torch.Tensor:
    """How far D is from 1 for real ones and from 0 for fakes, squared (Mao et al. 2017); 0-d, 0.5 where all are 0.5."""
    return (real_logits - 1).square().mean() + fake_logits.square().mean()


def squared_generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """How far the fakes are from a 1 by D, squared: 0-d."""
    return (fake_logits - 1).square().mean()


def cycle_loss(real: Pair, again: Pair) -> torch.Tensor:
    """How far the pictures that went there and back are from where they began (equation 2): 0-d.

    The mean absolute difference of the pixels, of A and of B, added.
    """
    return F.l1_loss(again.a, real.a) + F.l1_loss(again.b, real.b)


def identity_loss(real: Pair, same: Pair) -> torch.Tensor:
    """How much a translator changes what is already of the kind that it makes (section 5.2): 0-d."""
    return F.l1_loss(same.a, real.a) + F.l1_loss(same.b, real.b)


def full_generators_loss(
    fake_logits: Pair, cycle: torch.Tensor, identity: torch.Tensor, weights: tuple[float, float]
) -> torch.Tensor:
    """The loss of both translators (equation 3, with the identity loss of section 5.2): 0-d.

    The adversarial losses of both, plus `weights[0]` times the cycle loss, plus `weights[1]` times the identity loss.
    """
    adversarial = squared_generator_loss(fake_logits.a) + squared_generator_loss(fake_logits.b)
    return adversarial + weights[0] * cycle + weights[1] * identity


def remember(fake: torch.Tensor, kept: list[torch.Tensor], size: int = BUFFER) -> torch.Tensor:
    """The fakes to show D: each is, by a throw of a coin, swapped with an older one (Shrivastava et al. 2017).

    `kept` holds up to `size` older ones and is changed in place; until it is full, fakes are kept and shown. (N, ...)
    in, (N, ...) out, without a past.
    """
    shown = []
    for one in fake.detach():
        if len(kept) < size:
            kept.append(one)
        elif torch.rand(()) < 0.5:
            place = int(torch.randint(size, ()))
            kept[place], one = one, kept[place]
        shown.append(one)
    return torch.stack(shown)


def generators_step(
    real: torch.Tensor, nets: GAN, opts: GAN, *,
    weights: tuple[float, float] = (CYCLE_WEIGHT, IDENTITY_WEIGHT), backward=torch.Tensor.backward,
) -> tuple[torch.Tensor, Pair]:  # fmt: skip
    """Move both translators one step. Returns their loss, 0-d, and the fakes they made, without a past.

    `real` is (N, 2, 3, H, W) float32 in [-1, 1]: N pictures of A, N of B, which have nothing to do with each other.
    """
    real = Pair(*real.unbind(1))
    fake = nets.generator(real.a, real.b)
    again = nets.generator(fake.a, fake.b)  # .a: there and back, from A to B to A
    cycle = cycle_loss(real, again)
    identity = identity_loss(real, nets.generator(real.b, real.a)) if weights[1] else cycle.new_zeros(())
    loss_g = full_generators_loss(nets.discriminator(fake.a, fake.b), cycle, identity, weights)
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_g.detach(), Pair(fake.a.detach(), fake.b.detach())


def discriminators_step(
    real: torch.Tensor, fake: Pair, nets: GAN, opts: GAN, *, backward=torch.Tensor.backward
) -> torch.Tensor:
    """Move both discriminators one step towards telling `real`, (N, 2, 3, H, W), from `fake`: their loss, 0-d.

    Half of the loss counts, so that D learns more slowly than G (section 4).
    """
    real = Pair(*real.unbind(1))
    said_of_real, said_of_fake = nets.discriminator(real.a, real.b), nets.discriminator(fake.a, fake.b)
    loss_d = squared_discriminator_loss(said_of_real.a, said_of_fake.a)
    loss_d = (loss_d + squared_discriminator_loss(said_of_real.b, said_of_fake.b)) / 2
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()
    return loss_d.detach()


def translation_step(
    real: torch.Tensor, nets: GAN, opts: GAN, kept: Pair, *,
    weights: tuple[float, float] = (CYCLE_WEIGHT, IDENTITY_WEIGHT), backward=torch.Tensor.backward,
) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
    """One turn of both translators, then one of both discriminators. Returns loss_d and loss_g, 0-d tensors.

    `kept` holds the older fakes of each kind, two lists that are empty at first (see `remember`).
    """
    loss_g, fake = generators_step(real, nets, opts, weights=weights, backward=backward)
    shown = Pair(remember(fake.a, kept.a), remember(fake.b, kept.b))
    return discriminators_step(real, shown, nets, opts, backward=backward), loss_g
