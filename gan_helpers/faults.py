"""A small GAN of digits with one fault planted in it: the exhibits of the failure museum, lesson 08.

Digits of 14 x 14 pixels and narrow layers, so that a training shows what it is in half a minute.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.datasets.digits import load_digits
from gan_helpers.models.mlp_gan import (
    GAN,
    LATENT,
    REAL_TARGET,
    adam,
    build_discriminator,
    build_generator,
    discriminator_loss,
    discriminator_step,
    generator_loss,
    generator_step,
    sample_z,
)

SIDE = 14  # pixels
WIDTHS = (128, 256), (256, 128)  # of the generator, of the discriminator
DROPOUT = 0.3
RATE = 5e-4
BATCH = 64
JUDGED, JUDGED_SEED = 500, 123_456  # samples, real and fake, that symptoms rest on

Step = Callable[[torch.Tensor, GAN, GAN], tuple[torch.Tensor, torch.Tensor]]  # -> loss_d, loss_g


class Exhibit(NamedTuple):
    """A GAN ready to be trained: what is real (N, 196), both networks, their optimizers, and what one step does."""

    real: torch.Tensor
    nets: GAN
    opts: GAN
    step: Step


def small_digits(split: str = "train") -> torch.Tensor:
    """The digits of a split, averaged over squares of 2 x 2 pixels: (N, 196) float32 in [-1, 1]."""
    images = load_digits(split).images.float() / 127.5 - 1
    return F.avg_pool2d(images, 2).flatten(1)


def held_out() -> torch.Tensor:
    """The 500 small digits that symptoms are judged by, none of which is trained on: (500, 196) in [-1, 1]."""
    return small_digits("held-out")[::2]


def judged_z() -> torch.Tensor:
    """As many inputs for G: (500, LATENT) in [-1, 1], always the same.

    Their seed is no training's: one that a network was initialised with gives the same random numbers again, as rows of
    its first weights, and samples that are not like others.
    """
    return torch.rand(JUDGED, LATENT, generator=torch.Generator().manual_seed(JUDGED_SEED)) * 2 - 1


def _networks() -> GAN:
    generator = build_generator(SIDE**2, WIDTHS[0], batchnorm=True)
    return GAN(generator, build_discriminator(SIDE**2, WIDTHS[1], dropout=DROPOUT))


def _optimizers(nets: GAN, rate_g: float = RATE, rate_d: float = RATE) -> GAN:
    return GAN(adam(nets.generator, rate_g), adam(nets.discriminator, rate_d))


def _step(real: torch.Tensor, nets: GAN, opts: GAN) -> tuple[torch.Tensor, torch.Tensor]:
    return discriminator_step(real, nets, opts), generator_step(real, nets, opts)


def healthy() -> Exhibit:
    """The one without a fault."""
    nets = _networks()
    return Exhibit(small_digits(), nets, _optimizers(nets), _step)


def _step_without_detach(real, nets: GAN, opts: GAN) -> tuple[torch.Tensor, torch.Tensor]:
    """All old slopes are cleared first; what D's turn then leaves in G is added to G's own."""
    for opt in opts:
        opt.zero_grad()
    fake = nets.generator(sample_z(len(real), like=real))
    loss_d = discriminator_loss(nets.discriminator(real), nets.discriminator(fake), REAL_TARGET)
    loss_d.backward()
    opts.discriminator.step()
    for weight in nets.discriminator.parameters():
        weight.requires_grad_(False)  # so that G's turn leaves nothing in D: one fault at a time
    loss_g = generator_loss(nets.discriminator(nets.generator(sample_z(len(real), like=real))))
    loss_g.backward()
    opts.generator.step()
    for weight in nets.discriminator.parameters():
        weight.requires_grad_(True)
    return loss_d.detach(), loss_g.detach()


def _step_with_swapped_labels(real, nets: GAN, opts: GAN) -> tuple[torch.Tensor, torch.Tensor]:
    fake = nets.generator(sample_z(len(real), like=real)).detach()
    loss_d = discriminator_loss(nets.discriminator(fake), nets.discriminator(real), REAL_TARGET)
    opts.discriminator.zero_grad()
    loss_d.backward()
    opts.discriminator.step()
    return loss_d.detach(), generator_step(real, nets, opts)


class _SameInput(nn.Module):
    """Puts one and the same z in the place of whatever comes."""

    def __init__(self):
        super().__init__()
        self.register_buffer("z", torch.rand(1, LATENT) * 2 - 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.z.expand_as(z)


def _without_detach() -> Exhibit:
    return healthy()._replace(step=_step_without_detach)


def _generator_in_eval_mode() -> Exhibit:
    whole = healthy()
    whole.nets.generator.eval()
    return whole


def _sigmoid_twice() -> Exhibit:
    whole = healthy()
    nets = whole.nets._replace(discriminator=nn.Sequential(whole.nets.discriminator, nn.Sigmoid()))
    return whole._replace(nets=nets, opts=_optimizers(nets))


def _wrong_range() -> Exhibit:
    whole = healthy()
    return whole._replace(real=(whole.real + 1) / 2)


def _large_eps() -> Exhibit:
    whole = healthy()
    for layer in whole.nets.generator:
        if isinstance(layer, nn.BatchNorm1d):
            layer.eps = 0.8
    return whole


def _strong_discriminator() -> Exhibit:
    generator = build_generator(SIDE**2, WIDTHS[0], batchnorm=True)
    nets = GAN(generator, build_discriminator(SIDE**2, (1024, 512)))
    return Exhibit(small_digits(), nets, _optimizers(nets, rate_g=RATE / 10, rate_d=4 * RATE), _step)


def _weak_discriminator() -> Exhibit:
    whole = healthy()
    nets = whole.nets._replace(discriminator=build_discriminator(SIDE**2, (2,)))
    return whole._replace(nets=nets, opts=_optimizers(nets, rate_d=RATE / 50))


def _no_noise() -> Exhibit:
    whole = healthy()
    nets = whole.nets._replace(generator=nn.Sequential(_SameInput(), whole.nets.generator))
    return whole._replace(nets=nets, opts=_optimizers(nets))


def _swapped_labels() -> Exhibit:
    return healthy()._replace(step=_step_with_swapped_labels)


def _large_rate() -> Exhibit:
    whole = healthy()
    return whole._replace(opts=_optimizers(whole.nets, 30 * RATE, 30 * RATE))


FAULTS: dict[str, Callable[[], Exhibit]] = {
    "forgotten detach": _without_detach,
    "generator in eval mode": _generator_in_eval_mode,
    "sigmoid applied twice": _sigmoid_twice,
    "pictures in [0, 1]": _wrong_range,
    "BatchNorm eps 0.8": _large_eps,
    "D far too strong": _strong_discriminator,
    "D far too weak": _weak_discriminator,
    "no noise": _no_noise,
    "labels swapped": _swapped_labels,
    "learning rate x 30": _large_rate,
}


def exhibit(fault: str | None = None, *, seed: int = 0) -> Exhibit:
    """A new GAN with this fault (one of FAULTS), or without one; its weights depend on `seed` alone.

    Raises ValueError for another word.
    """
    if fault is not None and fault not in FAULTS:
        raise ValueError(f"fault should be one of {', '.join(map(repr, FAULTS))}, or None, not {fault!r}.")
    torch.manual_seed(seed)
    return healthy() if fault is None else FAULTS[fault]()
