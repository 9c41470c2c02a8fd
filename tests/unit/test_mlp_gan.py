"""The MLP GAN against closed forms and a second implementation."""

import math

import pytest
import torch

from gan_helpers.models.mlp_gan import (
    GAN,
    LATENT,
    adam,
    build_discriminator,
    build_generator,
    discriminator_loss,
    discriminator_step,
    generator_loss,
    generator_step,
    sample_z,
)


def pair():
    torch.manual_seed(0)
    nets = GAN(build_generator(2, (16,)), build_discriminator(2, (16,)))
    return nets, GAN(adam(nets.generator, 1e-2), adam(nets.discriminator, 1e-2))


def test_z_is_uniform_in_the_cube():
    torch.manual_seed(0)
    z = sample_z(5000, torch.zeros(1))
    assert z.shape == (5000, LATENT) and z.min() >= -1 and z.max() <= 1
    assert z.mean().item() == pytest.approx(0, abs=0.01) and z.var().item() == pytest.approx(1 / 3, abs=0.01)


def test_losses_follow_the_papers_formulas():
    real, fake = torch.randn(50, dtype=torch.float64), torch.randn(50, dtype=torch.float64)
    d = (-real.sigmoid().log() - (1 - fake.sigmoid()).log()).mean()
    assert torch.allclose(discriminator_loss(real, fake), d)
    smooth = (-0.9 * real.sigmoid().log() - 0.1 * (1 - real.sigmoid()).log() - (1 - fake.sigmoid()).log()).mean()
    assert torch.allclose(discriminator_loss(real, fake, 0.9), smooth)
    assert torch.allclose(generator_loss(fake), -fake.sigmoid().log().mean())


def test_a_discriminator_that_guesses_loses_two_log_two():
    zeros = torch.zeros(4)
    assert discriminator_loss(zeros, zeros).item() == pytest.approx(2 * math.log(2))
    assert generator_loss(zeros).item() == pytest.approx(math.log(2))


def test_each_step_moves_one_network_only():
    nets, opts = pair()
    real = torch.rand(32, 2)
    for step, moved, still in ((discriminator_step, 1, 0), (generator_step, 0, 1)):
        before = [[p.clone() for p in net.parameters()] for net in nets]
        loss = step(real, nets, opts)
        assert loss.ndim == 0 and not loss.requires_grad
        assert all(torch.equal(a, b) for a, b in zip(before[still], nets[still].parameters(), strict=True))
        assert all(not torch.equal(a, b) for a, b in zip(before[moved], nets[moved].parameters(), strict=True))


def test_with_g_fixed_d_approaches_the_optimal_discriminator():
    """Goodfellow et al. 2014, proposition 1, for two densities on a line of four places."""
    torch.manual_seed(0)
    p_data, p_g = torch.tensor([0.4, 0.3, 0.2, 0.1]), torch.tensor([0.1, 0.2, 0.3, 0.4])
    logits = torch.zeros(4, requires_grad=True)  # one free logit a place: the discriminator without limits
    optimizer = torch.optim.Adam([logits], 0.05)
    for _ in range(500):
        real, fake = (torch.multinomial(p, 4000, replacement=True) for p in (p_data, p_g))
        loss = discriminator_loss(logits[real], logits[fake])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.allclose(logits.detach().sigmoid(), p_data / (p_data + p_g), atol=0.02)


def test_a_step_calls_the_backward_it_is_given():
    nets, opts = pair()
    called = []
    for step in (discriminator_step, generator_step):
        step(torch.rand(8, 2), nets, opts, backward=lambda loss: called.append(loss) or loss.backward())
    assert len(called) == 2


def test_the_pair_learns_a_single_cloud():
    nets, opts = pair()
    cloud = 0.1 * torch.randn(512, 2) + torch.tensor([0.5, -0.3])
    for _ in range(400):
        discriminator_step(cloud[torch.randint(512, (64,))], nets, opts)
        generator_step(cloud[:64], nets, opts)
    with torch.no_grad():
        centre = nets.generator(sample_z(500, cloud)).mean(0)
    assert torch.allclose(centre, torch.tensor([0.5, -0.3]), atol=0.25)
