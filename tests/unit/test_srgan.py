"""The networks, losses and steps of lesson 06 against closed forms, torch's own layers and the paper's numbers."""

import math

import pytest
import torch
from torch import nn

from gan_helpers.models import srgan
from gan_helpers.models.srgan import GAN, Alone, SRDiscriminator, SRGenerator, adam
from gan_helpers.pixels import enlarge, shrink
from gan_helpers.tiles import upscaled


def generator(**more) -> SRGenerator:
    torch.manual_seed(0)
    return SRGenerator(8, 2, ends=5, **more)


def identity(images: torch.Tensor) -> list[torch.Tensor]:
    """A content network that sees the pixels themselves."""
    return [images]


@pytest.mark.parametrize("factor", [2, 3])
def test_pixel_shuffle_is_torchs(factor):
    maps = torch.randn(2, 5 * factor**2, 3, 4)
    assert torch.equal(srgan.pixel_shuffle(maps, factor), nn.functional.pixel_shuffle(maps, factor))


def test_the_papers_generator_has_the_papers_size():
    paper = SRGenerator()
    convolutions = [module for module in paper.modules() if isinstance(module, nn.Conv2d)]
    # Figure 4: one of 9 x 9, 16 blocks of two, one behind them, two that grow, one of 9 x 9.
    assert len(convolutions) == 1 + 32 + 1 + 2 + 1
    assert convolutions[0].kernel_size == convolutions[-1].kernel_size == (9, 9)
    assert [convolution.out_channels for convolution in convolutions[-3:]] == [256, 256, 3]
    weights = sum(module.weight.numel() for module in convolutions)
    assert weights == 3 * 64 * 81 * 2 + 33 * 64 * 64 * 9 + 2 * 64 * 256 * 9


def test_the_papers_discriminator_has_eight_convolutions():
    paper = SRDiscriminator(96)
    convolutions = [module for module in paper.modules() if isinstance(module, nn.Conv2d)]
    assert [convolution.out_channels for convolution in convolutions] == [64, 64, 128, 128, 256, 256, 512, 512]
    assert [convolution.stride[0] for convolution in convolutions] == [1, 2, 1, 2, 1, 2, 1, 2]
    assert isinstance(paper.look[1], nn.LeakyReLU)  # no normalisation in the first
    assert paper.judge[1].out_features == 1024
    assert paper(torch.zeros(2, 3, 96, 96)).shape == (2,)


@pytest.mark.parametrize("size", [(1, 1), (7, 12), (24, 24)])
def test_any_size_becomes_four_times_as_large(size):
    assert generator()(torch.zeros(2, 3, *size)).shape == (2, 3, 4 * size[0], 4 * size[1])


def test_over_bicubic_begins_as_bicubic():
    small = torch.rand(2, 3, 9, 11) * 2 - 1
    assert torch.equal(generator(over_bicubic=True)(small), enlarge(small))
    assert not torch.allclose(generator()(small), enlarge(small))


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("ends", [3, 5, 9])
def test_reach_is_how_far_a_pixel_can_matter(blocks, ends):
    torch.manual_seed(0)
    net = SRGenerator(4, blocks, ends=ends, over_bicubic=True).double().eval()
    nn.init.normal_(net.tail.weight)
    size = 61
    small = torch.rand(1, 3, size, size, dtype=torch.float64) * 2 - 1
    other = small.clone()
    other[..., 30, 30] += 0.5
    with torch.no_grad():
        changed = ((net(small) - net(other)).abs().amax((0, 1)) > 0).nonzero()
    low, high = changed.amin(0) // 4, changed.amax(0) // 4
    furthest = max((30 - low).max().item(), (high - 30).max().item())
    assert furthest <= srgan.reach(net) <= furthest + 1


@pytest.mark.parametrize("tile", [5, 16, 31])
def test_tiles_leave_no_seam(tile):
    net = generator(over_bicubic=True)
    nn.init.normal_(net.tail.weight, std=0.05)
    small = torch.rand(3, 37, 50) * 2 - 1
    whole, tiled = upscaled(small, net, tile=None), upscaled(small, net, tile=tile)
    assert whole.shape == (3, 148, 200)
    assert (whole.int() - tiled.int()).abs().max() <= 1


def test_a_seam_would_show_without_the_margin(monkeypatch):
    net = generator(over_bicubic=True)
    nn.init.normal_(net.tail.weight, std=0.05)
    small = torch.rand(3, 37, 50) * 2 - 1
    whole = upscaled(small, net, tile=None)
    monkeypatch.setattr("gan_helpers.tiles.reach", lambda _: 0)
    assert (whole.int() - upscaled(small, net, tile=16).int()).abs().max() > 1


def test_upscaled_leaves_the_network_in_its_mode():
    net = generator().train()
    upscaled(torch.zeros(3, 4, 4), net)
    assert net.training and net.body[0].training


def test_losses_have_their_closed_forms():
    real, large = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.5)
    assert srgan.pixel_loss(large, real).item() == pytest.approx(0.25)
    seen, original = [torch.ones(1, 2), torch.full((1, 4), 3.0)], [torch.zeros(1, 2), torch.ones(1, 4)]
    assert srgan.content_loss(seen, original).item() == pytest.approx(1 + 4)
    loss = srgan.perceptual_loss(torch.tensor(2.0), torch.zeros(5), 1e-3)
    assert loss.item() == pytest.approx(2 + 1e-3 * math.log(2))


def test_total_variation_of_a_ramp():
    assert srgan.total_variation(torch.ones(1, 3, 8, 8)).item() == 0
    ramp = torch.arange(8.0).expand(1, 3, 8, 8)  # each column 1 more than the one before, all rows alike
    assert srgan.total_variation(ramp).item() == pytest.approx(1)


def test_both_pictures_are_moved_alike():
    torch.manual_seed(0)
    real = torch.randn(2, 3, 32, 32)
    sizes = set()
    for _ in range(800):
        fake, original = srgan.moved(real, real)
        assert torch.equal(fake, original)
        sizes.add(tuple(fake.shape[2:]))
    assert len(sizes) == srgan.SHIFTS**2


def test_the_pixel_step_moves_g_down_its_slope():
    net = generator(over_bicubic=True)
    nets, opts = Alone(net), Alone(torch.optim.SGD(net.parameters(), 0.1))
    real = torch.rand(4, 3, 32, 32) * 2 - 1
    before = srgan.pixel_step(real, nets, opts)
    assert before.item() == pytest.approx((enlarge(shrink(real)) - real).square().mean().item(), rel=1e-5)
    for _ in range(5):
        after = srgan.pixel_step(real, nets, opts)
    assert after < before and not after.requires_grad


def scene() -> tuple[torch.Tensor, GAN, GAN]:
    torch.manual_seed(0)
    nets = GAN(SRGenerator(4, 1, ends=3), SRDiscriminator(32, 4))
    return torch.rand(4, 3, 32, 32) * 2 - 1, nets, GAN(*(torch.optim.SGD(net.parameters(), 0.1) for net in nets))


def weights(net: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


def test_each_turn_moves_its_own_network_alone():
    real, nets, opts = scene()
    fake = nets.generator(shrink(real))
    g, d = map(weights, nets)
    srgan.sr_discriminator_step(real, fake, nets, opts)
    assert torch.equal(weights(nets.generator), g) and not torch.equal(weights(nets.discriminator), d)
    assert all(parameter.grad is None for parameter in nets.generator.parameters())
    d = weights(nets.discriminator)
    srgan.sr_generator_step(real, fake, nets, opts, identity)
    assert not torch.equal(weights(nets.generator), g) and torch.equal(weights(nets.discriminator), d)


def test_without_weight_d_is_not_asked():
    real, nets, opts = scene()
    silent = GAN(nets.generator, None)
    fake = nets.generator(shrink(real))
    loss = srgan.sr_generator_step(real, fake, silent, opts, identity, weight=0.0, smoothing=2.0)
    moved_fake = fake.detach()
    assert torch.isfinite(loss) and loss >= 2 * srgan.total_variation(moved_fake)


def test_backward_may_be_a_librarys_own():
    real, nets, opts = scene()
    called = []

    def backward(loss):
        called.append(loss.item())
        loss.backward()

    loss_d, loss_g = srgan.adversarial_step(real, nets, opts, identity, backward=backward)
    assert called == [pytest.approx(loss_d.item()), pytest.approx(loss_g.item())]


def test_adam_has_the_papers_numbers():
    opt = adam(nn.Linear(1, 1))
    assert opt.defaults["lr"] == 1e-4 and opt.defaults["betas"] == (0.9, 0.999)


def test_a_blend_lies_between_two_networks_and_is_neither():
    first, second = (srgan.SRGenerator(4, 1, ends=3) for _ in range(2))
    before = [value.clone() for value in first.state_dict().values()]
    small = torch.rand(1, 3, 8, 8)
    for share, same in ((0, first), (1, second)):
        assert torch.allclose(srgan.blend(first, second, share).eval()(small), same.eval()(small), atol=1e-6)
    assert all(torch.equal(*pair) for pair in zip(before, first.state_dict().values(), strict=True))
    with pytest.raises(ValueError, match=r"from 0 to 1, not 1\.5"):
        srgan.blend(first, second, 1.5)
