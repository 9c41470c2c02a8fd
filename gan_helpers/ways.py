"""How a GAN is built and by what it learns, as one value: what the recipes of lessons 04 and 05 vary."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch

from gan_helpers.accelerated import Order, Played, play
from gan_helpers.batches import Batches
from gan_helpers.hyperparameters import ConvolutionalGAN
from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import CROSS_ENTROPY, GAN, adam
from gan_helpers.pairs import set_learning_rate


class Way(NamedTuple):
    """A way to build and train a GAN of convolutions; what is not said is as Radford et al. 2016 have it."""

    builders: GAN = GAN(dcgan.build_generator, dcgan.build_discriminator)
    generator: Mapping = MappingProxyType({})  # further keyword arguments of what builds it
    discriminator: Mapping = MappingProxyType({})
    losses: GAN = CROSS_ENTROPY
    rates: GAN = GAN(2e-4, 2e-4)
    beta1: float = 0.5
    batch: int = 64
    falling: bool = False  # whether the learning rates go down to 0 over the second half
    step: Mapping = MappingProxyType({})  # further keyword arguments of the step
    dealt: Mapping = MappingProxyType({})  # and of what deals its batches, where they are more than pictures

    def pair(self, size: int, width: int) -> GAN:
        """The two networks, new."""
        given = zip(self.builders, (self.generator, self.discriminator), strict=True)
        return GAN(*(build(size, width, **more) for build, more in given))

    def optimizers(self, nets: GAN) -> GAN:
        """The optimizers of the two."""
        return GAN(*(adam(net, rate, beta1=self.beta1) for net, rate in zip(nets, self.rates, strict=True)))


def with_hyperparameters(way: Way, chosen: ConvolutionalGAN) -> Way:
    """The `way` at the batch, learning rates and beta1 that are `chosen`."""
    return way._replace(batch=chosen.batch, rates=GAN(chosen.rate_g, chosen.rate_d), beta1=chosen.beta1)


def falling_rate(rate: float, done: int, steps: int) -> float:
    """The learning rate after `done` of `steps` steps: `rate` over the first half, then down to a thousandth of it."""
    return rate * min(1.0, max(1e-3, 2 * (1 - done / steps)))


def play_way(
    batches: Batches,
    step: Callable,
    nets: GAN,
    way: Way,
    order: Order,
    *,
    decay: float | None = None,
    rows: bool = False,
    each_step: Callable[[int], object] = int,
) -> Played:
    """Train `nets` by the `step` of a lesson, in the `way` given: see `accelerated.play`.

    `step(real, nets, opts, losses, *, backward, **way.step)` returns loss_d and loss_g.
    """
    opts = way.optimizers(nets)

    def turns(dealt, nets, opts, *, backward) -> dict[str, torch.Tensor]:
        loss_d, loss_g = step(dealt, nets, opts, way.losses, backward=backward, **way.step)
        return {"loss_d": loss_d, "loss_g": loss_g}

    def look(done: int) -> None:
        each_step(done)
        if way.falling:
            for opt, rate in zip(opts, way.rates, strict=True):
                set_learning_rate(opt, falling_rate(rate, done, order.steps))

    return play(batches, turns, nets, opts, order, decay=decay, rows=rows, each_step=look)
