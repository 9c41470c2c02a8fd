"""A game between two small networks whose every step has a closed form: what the exercises on steps are checked by."""

import torch
from torch import nn

from gan_helpers.exercises.expectations import expect, expect_tensor
from gan_helpers.models.mlp_gan import GAN, LATENT


class Points(nn.Module):
    """A generator whose fakes are the rows of its one parameter, whatever z is: every update has a closed form."""

    def __init__(self, n: int, z_shape: tuple[int, ...]):
        super().__init__()
        self.z_shape = z_shape
        self.rows = nn.Parameter(torch.randn(n, 2, generator=torch.Generator().manual_seed(1)))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        expect_tensor(z, (len(self.rows), *self.z_shape), "The z given to G")
        expect(bool((z.abs() <= 1).all()), "The z given to G should be uniform in [-1, 1]: sample_z makes it.")
        return self.rows * 1.0  # a parameter itself would ask for a slope even under no_grad


def game(z_shape: tuple[int, ...] = (LATENT,)) -> tuple[torch.Tensor, GAN, GAN]:
    """Real points, two small networks with gradients left over from before, and plain gradient descent for both."""
    discriminator = nn.Sequential(nn.Linear(2, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1), nn.Flatten(0))
    nets = GAN(Points(8, z_shape), discriminator)
    for net in nets:
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, 5.0)  # what a forgotten zero_grad would add
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=0.5) for net in nets))
    return torch.randn(8, 2, generator=torch.Generator().manual_seed(2)), nets, opts


def weights_of(net: nn.Module) -> torch.Tensor:
    """All weights as one row of numbers, a copy."""
    return nn.utils.parameters_to_vector(net.parameters()).detach().clone()


def after_descent(net: nn.Module, loss: torch.Tensor, learning_rate: float = 0.5) -> torch.Tensor:
    """What `weights_of(net)` are after one step of plain gradient descent on `loss`, which itself moves nothing."""
    gradients = torch.autograd.grad(loss, list(net.parameters()))
    return weights_of(net) - learning_rate * torch.cat([gradient.flatten() for gradient in gradients])


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two rows of weights are equal but for rounding."""
    return torch.allclose(a, b, atol=1e-5)


def expect_own_backward(step, *, calls: int = 1, z_shape: tuple[int, ...] = (LATENT,)) -> None:
    """Libraries such as Accelerate bring their own backward: the step must call the one it is given."""
    called = []

    def backward(loss: torch.Tensor) -> None:
        called.append(loss)
        loss.backward()

    step(*game(z_shape), backward=backward)
    times = {1: "once", 2: "twice, once for each loss"}[calls]
    expect(len(called) == calls, f"Call backward(loss), the argument, {times}: it stands for loss.backward().")
