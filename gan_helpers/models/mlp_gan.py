"""Lesson 03: a GAN of fully connected layers, for points in the plane and for handwritten digits.

The losses are those of Goodfellow et al. 2014, "Generative Adversarial Nets" (section 3 and algorithm 1), written on
logits; one-sided label smoothing is from Salimans et al. 2016, section 3.4; Adam with beta1 0.5 and LeakyReLU 0.2 from
Radford et al. 2016 (DCGAN), section 4.
"""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

LATENT = 100  # numbers in z, as many as Radford et al. 2016 take
REAL_TARGET = 0.9  # what D should answer for real samples: one-sided label smoothing


class GAN(NamedTuple):
    """A pair for the generator and the discriminator: the two networks, or their two optimizers."""

    generator: Any
    discriminator: Any


def sample_z(n: int, like: torch.Tensor) -> torch.Tensor:
    """`n` random inputs for the generator: (n, LATENT) float32, uniform in [-1, 1], on the device of `like`."""
    return torch.rand(n, LATENT, device=like.device) * 2 - 1  # (N, Z) in [-1, 1]


def build_generator(features: int, widths: tuple[int, ...] = (64, 64), *, batchnorm: bool = False) -> nn.Module:
    """The network that turns random numbers into fakes: (N, LATENT) -> (N, features) in [-1, 1].

    A stack of linear layers of the given widths, LeakyReLU 0.2 after each, tanh at the end. With `batchnorm`, batch
    normalisation (Ioffe & Szegedy 2015) between each linear layer and its LeakyReLU, none at the output.
    """
    layers, inputs = [], LATENT
    for width in widths:
        layers.append(nn.Linear(inputs, width))
        if batchnorm:
            layers.append(nn.BatchNorm1d(width))
        layers.append(nn.LeakyReLU(0.2))
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, features), nn.Tanh())


def build_discriminator(features: int, widths: tuple[int, ...] = (64, 64), *, dropout: float = 0.0) -> nn.Module:
    """The network that scores how real each sample looks: (N, features) -> logits (N,), above 0 means "real".

    A stack of linear layers of the given widths, LeakyReLU 0.2 and dropout (a share of units, in [0, 1)) after each.
    """
    layers, inputs = [], features
    for width in widths:
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Dropout(dropout)]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 1), nn.Flatten(0))


def discriminator_loss(real_logits: torch.Tensor, fake_logits: torch.Tensor, real_target: float = 1.0) -> torch.Tensor:
    """How wrong D is: low when it calls the real ones real and the fakes fake.

    Logits (N,) each; the answer is a 0-d tensor, 2 log 2 = 1.386 for a D that always says "fifty-fifty". A
    `real_target` a little below 1 (0.9) keeps D from growing too sure (Salimans et al. 2016, section 3.4).
    """
    real_loss = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, real_target))
    fake_loss = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real_loss + fake_loss


def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """How far G is from fooling D: the non-saturating loss -log D(G(z)) (Goodfellow et al. 2014, section 3).

    Logits (N,); the answer is a 0-d tensor, log 2 = 0.693 where D says "fifty-fifty".
    """
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def adam(net: nn.Module, learning_rate: float) -> torch.optim.Adam:
    """The optimizer of the course's GANs: Adam with beta1 0.5 (Radford et al. 2016, section 4)."""
    return torch.optim.Adam(net.parameters(), learning_rate, betas=(0.5, 0.999), fused=True)  # fused: the same, faster


def discriminator_step(real, nets: GAN, opts: GAN, *, backward=torch.Tensor.backward) -> torch.Tensor:
    """Move D one step towards telling `real` from fakes; G stays as it is. Returns loss_d, a 0-d tensor.

    `real` is (N, features) float32 in [-1, 1]; `nets` and `opts` are the networks and their optimizers; `backward`
    fills the gradients, for libraries that bring their own (Accelerate).
    """
    fake = nets.generator(sample_z(len(real), like=real)).detach()  # no gradient flows into G
    loss_d = discriminator_loss(nets.discriminator(real), nets.discriminator(fake), REAL_TARGET)
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()
    return loss_d.detach()


def generator_step(real, nets: GAN, opts: GAN, *, backward=torch.Tensor.backward) -> torch.Tensor:
    """Move G one step towards fooling D; D stays as it is. Returns loss_g, a 0-d tensor.

    Arguments as in `discriminator_step`; of `real` only the number of rows and the device are used.
    """
    fake_logits = nets.discriminator(nets.generator(sample_z(len(real), like=real)))  # no detach: D passes the slope on
    loss_g = generator_loss(fake_logits)
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_g.detach()
