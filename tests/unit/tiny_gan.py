"""A GAN small enough for tests of what surrounds the training: BatchNorm in G, dropout in D, so that modes, buffers and
random numbers all matter."""

import torch

from gan_helpers.models.mlp_gan import GAN, build_discriminator, build_generator, discriminator_step, generator_step

POINTS = torch.rand(50, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1  # (N, 2) in [-1, 1]


def tiny_gan(seed: int = 0, *, lr: float = 1e-3):
    """(nets, opts), the same for the same seed; torch's random generator is seeded along."""
    torch.manual_seed(seed)
    nets = GAN(build_generator(2, (8,), batchnorm=True), build_discriminator(2, (8,), dropout=0.3))
    return nets, GAN(*(torch.optim.Adam(net.parameters(), lr=lr, betas=(0.5, 0.999)) for net in nets))


def train(run, nets, opts) -> list:
    """The loop of the lessons; returns the batches it was given."""
    batches = []
    for _, real in run:
        run.log(loss_d=discriminator_step(real, nets, opts), loss_g=generator_step(real, nets, opts))
        batches.append(real)
    return batches


def numbers(nets, opts) -> list[torch.Tensor]:
    """Every number of the networks and their optimizers, in a fixed order."""
    weights = [tensor for net in nets for tensor in net.state_dict().values()]
    states = [
        torch.as_tensor(value)
        for opt in opts
        for state in opt.state_dict()["state"].values()
        for value in state.values()
    ]
    return [tensor.clone() for tensor in (*weights, *states)]


def same(these: list[torch.Tensor], those: list[torch.Tensor]) -> bool:
    """Whether two lists of tensors are equal to the last bit."""
    return len(these) == len(those) and all(torch.equal(a, b) for a, b in zip(these, those, strict=True))


class FakeClock:
    """Seconds that pass only when told to."""

    def __init__(self):
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += seconds
