"""The museum's exhibits: each has the fault it is named after, and no other."""

import pytest
import torch
from torch import nn

from gan_helpers.faults import BATCH, FAULTS, RATE, SIDE, exhibit
from gan_helpers.models.mlp_gan import sample_z


def weights_of(net):
    return torch.cat([weight.detach().flatten().clone() for weight in net.parameters()])


def test_the_same_seed_begins_alike_and_another_does_not():
    first, again, other = exhibit(seed=1), exhibit(seed=1), exhibit(seed=2)
    assert torch.equal(weights_of(first.nets.generator), weights_of(again.nets.generator))
    assert not torch.equal(weights_of(first.nets.generator), weights_of(other.nets.generator))
    assert first.real.shape == (4000, SIDE**2) and first.real.min() >= -1 and first.real.max() <= 1


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_each_can_be_trained(fault):
    real, nets, opts, step = exhibit(fault)
    before = [weights_of(net) for net in nets]
    for number in range(2):
        losses = step(real[number * BATCH : (number + 1) * BATCH], nets, opts)
        assert all(loss.ndim == 0 and loss.isfinite() and not loss.requires_grad for loss in losses)
    assert all(not torch.equal(weights_of(net), old) for net, old in zip(nets, before, strict=True)), "both move"
    assert all(weight.requires_grad for net in nets for weight in net.parameters())


def generator_after_one_step(fault):
    real, nets, opts, step = exhibit(fault)
    torch.manual_seed(5)
    step(real[:BATCH], nets, opts)
    return weights_of(nets.generator)


@pytest.mark.parametrize("fault", ["forgotten detach", "labels swapped"])
def test_a_fault_of_the_step_moves_the_same_networks_elsewhere(fault):
    start = [weights_of(exhibit(name).nets.generator) for name in (None, fault)]
    assert torch.equal(*start)
    assert not torch.equal(generator_after_one_step(None), generator_after_one_step(fault))


def test_without_detach_the_discriminators_loss_pulls_at_the_generator():
    """With a D that G's own turn cannot use, all that moves G is what D's turn left in it."""
    real, nets, opts, step = exhibit("forgotten detach")
    calls = []

    class OnlyOnce(nn.Module):
        """Lets a slope through for the real ones and the fakes of D's turn, none for those of G's."""

        def forward(self, logits):
            calls.append(1)
            return logits if len(calls) <= 2 else logits.detach() * logits.new_ones(()).requires_grad_()

    nets = nets._replace(discriminator=nn.Sequential(nets.discriminator, OnlyOnce()))
    before = weights_of(nets.generator)
    step(real[:BATCH], nets, opts)
    assert not torch.equal(weights_of(nets.generator), before)


def test_the_others_are_what_they_are_called():
    assert not exhibit("generator in eval mode").nets.generator.training
    logits = exhibit("sigmoid applied twice").nets.discriminator(torch.randn(50, SIDE**2) * 10)
    assert logits.min() >= 0 and logits.max() <= 1
    wrong = exhibit("pictures in [0, 1]").real
    assert torch.allclose(wrong * 2 - 1, exhibit().real, atol=1e-6)
    norms = [m for m in exhibit("BatchNorm eps 0.8").nets.generator.modules() if isinstance(m, nn.BatchNorm1d)]
    assert norms and all(norm.eps == 0.8 and norm.momentum == 0.1 for norm in norms)
    same = exhibit("no noise").nets.generator.eval()(sample_z(3, torch.zeros(1)))
    assert torch.equal(same[0], same[1]) and torch.equal(same[0], same[2])
    fast = exhibit("learning rate x 30").opts
    assert all(opt.param_groups[0]["lr"] == pytest.approx(30 * RATE) for opt in fast)
    sizes = {
        fault: sum(weight.numel() for weight in exhibit(fault).nets.discriminator.parameters())
        for fault in ("D far too strong", None, "D far too weak")
    }
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="forgotten detach"):
        exhibit("forgotten")
