"""CycleGAN: what the networks see, the losses in numbers, and whose turn moves whom."""

import pytest
import torch
from torch import nn

from gan_helpers.models.cyclegan import (
    GAN,
    BothDiscriminators,
    BothGenerators,
    Pair,
    PatchDiscriminator,
    Translator,
    adam,
    cycle_loss,
    discriminators_step,
    full_generators_loss,
    generators_step,
    identity_loss,
    patch,
    remember,
    squared_discriminator_loss,
    squared_generator_loss,
    translation_step,
)


class Plus(nn.Module):
    """A translator that adds one number to each pixel."""

    def __init__(self, number: float):
        super().__init__()
        self.number = nn.Parameter(torch.tensor(number))

    def forward(self, images):
        return images + self.number


class MeanOf(nn.Module):
    """A discriminator whose logit is a multiple of the mean of the picture."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, images):
        return self.factor * images.mean((1, 2, 3), keepdim=True)


def game(to_b=0.5, to_a=-0.3, of_a=1.0, of_b=2.0):
    nets = GAN(BothGenerators(Plus(to_b), Plus(to_a)), BothDiscriminators(MeanOf(of_a), MeanOf(of_b)))
    return nets, GAN(*(torch.optim.SGD(net.parameters(), 0.1) for net in nets))


def weights_of(net):
    return torch.cat([weight.detach().flatten().clone() for weight in net.parameters()])


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_a_logit_sees_its_patch_and_nothing_else(halvings):
    judge = PatchDiscriminator(4, halvings)
    for module in judge.modules():  # its means over the whole picture would let every pixel count
        if isinstance(module, nn.InstanceNorm2d):
            module.forward = lambda maps: maps
    image = torch.randn(1, 3, 128, 128, requires_grad=True)
    logits = judge(image)
    assert logits.shape[:2] == (1, 1)
    logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
    rows = image.grad.abs().sum((0, 1, 3)).nonzero()
    assert rows.max() - rows.min() + 1 == patch(halvings)
    assert [patch(number) for number in (1, 2, 3)] == [16, 34, 70]  # 70 x 70: section 4 of the paper


def test_over_its_input_an_untrained_translator_leaves_pictures_as_they_are():
    images = torch.rand(2, 3, 32, 48) * 2 - 1
    assert torch.equal(Translator(4, 1, over_input=True)(images), images)
    made = Translator(4, 1)(images)
    assert made.shape == images.shape and made.abs().max() <= 1 and not torch.equal(made, images)


def test_each_translator_makes_its_kind_and_each_discriminator_judges_its_own():
    nets, _ = game()
    a, b = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    fake = nets.generator(a, b)
    assert torch.equal(fake.b, a + 0.5) and torch.allclose(fake.a, b - 0.3)
    logits = nets.discriminator(b, b)
    assert logits.a.flatten().tolist() == [1.0, 1.0] and logits.b.flatten().tolist() == [2.0, 2.0]


def test_the_losses_in_numbers():
    assert squared_discriminator_loss(torch.full((2, 1, 3, 3), 0.5), torch.full((2, 1, 3, 3), 0.5)) == 0.5
    assert squared_discriminator_loss(torch.ones(2, 1, 3, 3), torch.zeros(2, 1, 3, 3)) == 0
    assert squared_generator_loss(torch.tensor([3.0, 1.0])) == 2
    real = Pair(torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4))
    again = Pair(torch.full((2, 3, 4, 4), 0.25), torch.full((2, 3, 4, 4), 0.5))
    assert cycle_loss(real, again) == identity_loss(real, again) == 0.75
    logits = Pair(torch.tensor([2.0]), torch.tensor([-1.0]))
    loss = full_generators_loss(logits, torch.tensor(0.75), torch.tensor(0.5), (10.0, 5.0))
    assert loss == 1 + 4 + 7.5 + 2.5


def test_the_generators_turn_is_the_slope_of_the_whole_loss_and_leaves_d():
    nets, opts = game()
    real = torch.randn(3, 2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    a, b = real.unbind(1)
    p, q = (torch.tensor(value, requires_grad=True) for value in (0.5, -0.3))
    adversarial = (2 * (a + p).mean((1, 2, 3)) - 1).square().mean() + ((b + q).mean((1, 2, 3)) - 1).square().mean()
    expected = adversarial + 10 * 2 * (p + q).abs() + 5 * (p.abs() + q.abs())
    expected.backward()
    before = weights_of(nets.discriminator)
    loss, fake = generators_step(real, nets, opts)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert not loss.requires_grad and not fake.a.requires_grad
    after = weights_of(nets.generator)
    assert torch.allclose(after, torch.stack([p - 0.1 * p.grad, q - 0.1 * q.grad]), atol=1e-5)
    assert torch.equal(weights_of(nets.discriminator), before)


def test_without_the_identity_loss_it_is_not_computed():
    nets, opts = game()
    real, calls = torch.randn(2, 2, 3, 4, 4), []
    nets.generator.register_forward_hook(lambda *_: calls.append(1))
    loss, _ = generators_step(real, nets, opts, weights=(10.0, 0.0))
    assert len(calls) == 2 and loss.isfinite()


def test_the_discriminators_turn_counts_half_and_leaves_g():
    nets, opts = game()
    real = torch.randn(3, 2, 3, 4, 4)
    fake = Pair(torch.randn(3, 3, 4, 4), torch.randn(3, 3, 4, 4))
    of_a, of_b = (torch.tensor(value, requires_grad=True) for value in (1.0, 2.0))

    def loss_of(factor, true, false):
        means = (factor * pictures.mean((1, 2, 3)) for pictures in (true, false))
        said_of_true, said_of_false = means
        return (said_of_true - 1).square().mean() + said_of_false.square().mean()

    expected = (loss_of(of_a, real[:, 0], fake.a) + loss_of(of_b, real[:, 1], fake.b)) / 2
    expected.backward()
    before = weights_of(nets.generator)
    loss = discriminators_step(real, fake, nets, opts)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    moved = torch.stack([of_a - 0.1 * of_a.grad, of_b - 0.1 * of_b.grad])
    assert torch.allclose(weights_of(nets.discriminator), moved, atol=1e-5)
    assert torch.equal(weights_of(nets.generator), before)


def test_the_buffer_keeps_until_it_is_full_then_swaps_about_half():
    torch.manual_seed(0)
    kept, seen = [], []
    for number in range(200):
        fake = torch.full((4, 1, 1, 1), float(number)) + torch.arange(4).view(4, 1, 1, 1) / 10
        shown = remember(fake.requires_grad_(), kept, size=20)
        assert shown.shape == fake.shape and not shown.requires_grad and len(kept) <= 20
        if number < 5:
            assert torch.equal(shown, fake)
        seen.append((shown, fake))
    swapped = torch.cat([(shown != fake).flatten() for shown, fake in seen[5:]])
    assert 0.4 < swapped.float().mean() < 0.6
    given, numbers = torch.cat([fake for _, fake in seen]), torch.cat([shown for shown, _ in seen])
    left = torch.stack(kept)
    # Nothing is lost and nothing is made up: each fake was shown once or is still kept.
    after = torch.cat([numbers[20:], left]).flatten().sort().values  # the first twenty were shown and kept
    assert torch.equal(after, given.flatten().sort().values)


def test_a_few_steps_bring_the_translators_nearer_to_the_other_kind():
    torch.manual_seed(0)
    dark, light = torch.full((8, 3, 16, 16), -0.5), torch.full((8, 3, 16, 16), 0.5)
    real = (torch.stack([dark, light], 1) + 0.05 * torch.randn(8, 2, 3, 16, 16)).clamp(-1, 1)
    nets = GAN(
        BothGenerators(Plus(0.0), Plus(0.0)),
        BothDiscriminators(*(nn.Sequential(nn.Conv2d(3, 8, 3), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3)) for _ in "ab")),
    )
    opts, kept = GAN(adam(nets.generator, 0.02), adam(nets.discriminator, 0.01)), Pair([], [])
    for _ in range(150):
        loss_d, loss_g = translation_step(real, nets, opts, kept, weights=(0.5, 0.0))
    assert loss_d.isfinite() and loss_g.isfinite()
    there, back = weights_of(nets.generator)
    assert there > 0.5 and back < -0.5 and abs(there + back) < 0.1
