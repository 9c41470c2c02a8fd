"""The networks and losses of GAN-CLS."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.models import gan_cls
from gan_helpers.models.dcgan import NORMS, generator_block, resize_block
from gan_helpers.models.gan_cls import LATENT, PROJECTED, TextDiscriminator, TextGenerator
from gan_helpers.models.text_encoder import FEATURES


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("block", [generator_block, resize_block])
def test_a_text_becomes_a_picture_and_both_one_logit(size, block):
    generator = TextGenerator(size, 4, block=block)
    z, text = gan_cls.sample_z(3, torch.zeros(1)), torch.randn(3, FEATURES)
    fake = generator(z, text)
    assert fake.shape == (3, 3, size, size) and fake.abs().max() <= 1
    for norm in NORMS:
        for product in (False, True):
            assert TextDiscriminator(size, 4, norm=norm, product=product)(fake, text).shape == (3,)


def test_at_64_pixels_four_convolutions_of_stride_2_come_before_the_text():
    discriminator = TextDiscriminator(64, 4)
    strides = [layer.stride for layer in discriminator.look.modules() if isinstance(layer, nn.Conv2d)]
    assert strides == [(2, 2)] * 4
    join, last = (layer for layer in discriminator.judge.modules() if isinstance(layer, nn.Conv2d))
    assert join.kernel_size == (1, 1) and join.in_channels == 32 + PROJECTED and last.kernel_size == (4, 4)
    maps = discriminator.look(torch.randn(2, 3, 64, 64))
    assert maps.shape == (2, 32, 4, 4) and maps.min() < 0  # after a LeakyReLU, not a ReLU


def test_both_networks_heed_the_text_and_g_heeds_z():
    torch.manual_seed(0)
    generator, discriminator = TextGenerator(32, 4).eval(), TextDiscriminator(32, 4).eval()
    z, text = gan_cls.sample_z(2, torch.zeros(1)), torch.randn(2, FEATURES)
    picture = generator(z, text)
    assert not torch.allclose(picture, generator(z, text.flip(0)))
    assert not torch.allclose(picture, generator(z.flip(0), text))
    assert not torch.allclose(discriminator(picture, text), discriminator(picture, text.flip(0)))
    loss = discriminator(picture, text).sum()
    loss.backward()
    for net in (generator, discriminator):
        assert all(weight.grad is not None for weight in net.parameters())


def test_the_text_never_goes_through_a_switch():
    torch.manual_seed(0)
    generator = TextGenerator(32, 4, switches=LATENT).eval()
    z, text = gan_cls.sample_z(1, torch.zeros(1)), torch.randn(1, FEATURES)
    assert torch.equal(generator(z, text), generator(2 * z, text))  # of z only the signs count
    assert not torch.allclose(generator(z, text), generator(z, 2 * text))


def test_one_picture_alone():
    generator, discriminator = TextGenerator(32, 4), TextDiscriminator(32, 4, norm="spectral")
    z, text = gan_cls.sample_z(1, torch.zeros(1)), torch.randn(1, FEATURES)
    assert discriminator(generator(z, text), text).shape == (1,)


def test_the_losses_against_algorithm_1():
    right, wrong, fake = torch.randn(3, 8).unbind()
    by_hand = -(right.sigmoid().log() + ((1 - wrong.sigmoid()).log() + (1 - fake.sigmoid()).log()) / 2).mean()
    assert gan_cls.cls_loss(right, wrong, fake).item() == pytest.approx(by_hand.item(), rel=1e-5)
    zero = torch.zeros(4)
    assert gan_cls.cls_loss(zero, zero, zero).item() == pytest.approx(2 * math.log(2))
    assert gan_cls.hinge_cls_loss(zero, zero, zero).item() == 2
    sure = torch.full((4,), 3.0)
    assert gan_cls.hinge_cls_loss(sure, -sure, -sure).item() == 0
    assert gan_cls.CLS.generator(fake).item() == pytest.approx(F.softplus(-fake).mean().item(), rel=1e-5)


def test_a_real_picture_with_a_wrong_text_costs_half_as_much_as_with_the_right_one():
    low, high = torch.zeros(4), torch.zeros(4, requires_grad=True)
    for loss in (gan_cls.cls_loss, gan_cls.hinge_cls_loss):
        slopes = []
        for place in range(3):
            logits = [low, low, low]
            logits[place] = high
            slopes.append(torch.autograd.grad(loss(*logits), high)[0].sum().item())
        assert slopes[0] < 0 < slopes[1] and slopes[1] == slopes[2] == pytest.approx(-slopes[0] / 2)


def test_mixed_texts_lie_between_two():
    text = torch.randn(5, FEATURES)
    mixed = gan_cls.mixed_texts(text)
    assert torch.allclose(mixed[0], (text[0] + text[1]) / 2) and torch.allclose(mixed[4], (text[4] + text[0]) / 2)
    assert torch.equal(gan_cls.mixed_texts(text, beta=1.0), text)
    with pytest.raises(ValueError, match="two texts or more"):
        gan_cls.mixed_texts(text[:1])


def tiny():
    torch.manual_seed(0)
    nets = gan_cls.GAN(TextGenerator(16, 4), TextDiscriminator(16, 4))
    return nets, gan_cls.GAN(*(torch.optim.SGD(net.parameters(), 0.1) for net in nets))


def a_batch(n: int = 4) -> gan_cls.Captioned:
    return gan_cls.Captioned(torch.rand(n, 3, 16, 16) * 2 - 1, torch.randn(n, FEATURES), torch.randn(n, FEATURES))


@pytest.mark.parametrize("switches", [{}, {"mixing": True}, {"seeking": 0.1}, {"mixing": True, "seeking": 0.1}])
@pytest.mark.parametrize("losses", [gan_cls.CONDITIONAL, gan_cls.CLS, gan_cls.HINGE_CLS])
def test_a_step_moves_both_networks_and_reports_finite_losses(losses, switches):
    nets, opts = tiny()
    before = [[weight.clone() for weight in net.parameters()] for net in nets]
    found = gan_cls.adversarial_step(a_batch(), nets, opts, losses, **switches)
    assert all(loss.ndim == 0 and loss.isfinite() and not loss.requires_grad for loss in found)
    for old, net in zip(before, nets, strict=True):
        assert any(not torch.equal(was, weight) for was, weight in zip(old, net.parameters(), strict=True))


def logits_seen(**switches):
    """The pairs that D is shown in a step: (pictures, texts) of each call."""
    nets, opts = tiny()
    seen, batch = [], a_batch()
    nets.discriminator.register_forward_pre_hook(lambda _, given: seen.append(tuple(one.detach() for one in given)))
    gan_cls.adversarial_step(batch, nets, opts, **switches)
    return batch, seen


def test_d_is_shown_the_three_pairs_and_g_is_judged_by_its_own_text():
    batch, seen = logits_seen()
    (real, real_texts), (fake, fake_text), (again, again_text) = seen
    assert torch.equal(real, batch.real) and torch.equal(real_texts, torch.cat([batch.text, batch.wrong_text]))
    assert torch.equal(fake_text, batch.text) and not torch.equal(fake, batch.real)
    assert torch.equal(again, fake) and torch.equal(again_text, batch.text)


def test_mixed_texts_reach_d_in_the_turn_of_g_alone():
    batch, seen = logits_seen(mixing=True)
    mixed = gan_cls.mixed_texts(batch.text)
    assert [torch.equal(text, mixed) for _, text in seen] == [False, False, False, True]


def test_a_text_stands_beside_each_place_of_its_own_maps():
    maps, text = torch.randn(3, 5, 4, 4), torch.randn(3, 2)
    joined = gan_cls.tile_and_join(maps, text)
    assert joined.shape == (3, 7, 4, 4) and torch.equal(joined[:, :5], maps)
    for n in range(3):
        assert all(torch.equal(joined[n, 5:, row, column], text[n]) for row in range(4) for column in range(4))


def test_a_second_text_is_judged_as_if_it_came_alone():
    discriminator = TextDiscriminator(16, 4).eval()
    real, text, wrong_text = a_batch()
    both = discriminator(real, torch.cat([text, wrong_text]))
    alone = torch.cat([discriminator(real, text), discriminator(real, wrong_text)])
    assert torch.allclose(both, alone, atol=1e-6)


def test_the_product_adds_what_the_last_maps_have_of_the_text():
    torch.manual_seed(0)
    discriminator = TextDiscriminator(32, 8, norm="spectral", wider=1.5, product=True).eval()
    images, texts = torch.randn(2, 3, 32, 32), torch.randn(4, FEATURES)
    with torch.no_grad():
        logits = discriminator(images, texts)
        for number, text in enumerate(texts):
            image, said = images[number % 2][None], discriminator.project(text[None])
            maps = discriminator.look(image)
            expected = discriminator.judge(gan_cls.tile_and_join(maps, said))
            expected = expected + discriminator.product(said)[0] @ maps[0].flatten(1).mean(1)
            assert logits[number] == pytest.approx(expected.item(), abs=1e-5)
    assert discriminator.product.out_features == 48


def test_sameness_is_large_where_z_is_ignored():
    z, other_z = torch.randn(2, 6, LATENT, 1, 1).unbind()
    picture = torch.randn(6, 3, 4, 4)
    assert gan_cls.sameness(picture, picture, z, other_z) > 1000
    by_hand = (z - other_z).abs().mean() / 0.5
    assert gan_cls.sameness(picture, picture + 0.5, z, other_z).item() == pytest.approx(by_hand.item(), rel=1e-3)


def test_seeking_makes_g_heed_z():
    """With D out of the way, the term alone spreads the pictures of a text."""
    torch.manual_seed(0)
    generator = TextGenerator(16, 4)
    opt = torch.optim.Adam(generator.parameters(), 1e-2)
    text = torch.randn(8, FEATURES)
    spreads = []
    for _ in range(30):
        z, other_z = (gan_cls.sample_z(8, text) for _ in range(2))
        fake, other = generator(z, text), generator(other_z, text)
        loss = gan_cls.sameness(fake, other, z, other_z)
        opt.zero_grad()
        loss.backward()
        opt.step()
        spreads.append((fake - other).abs().mean().item())
    assert spreads[-1] > 2 * spreads[0]
