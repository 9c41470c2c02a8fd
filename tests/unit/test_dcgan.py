"""The DCGAN: shapes, the paper's numbers, losses against their formulas, the step against a closed form."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import GAN, LATENT, NORMS
from gan_helpers.plots.network import blocks_of


@pytest.mark.parametrize("size", [16, 32, 64, 128])
@pytest.mark.parametrize("block", [dcgan.generator_block, dcgan.resize_block])
def test_noise_becomes_a_picture_and_a_picture_one_logit(size, block):
    generator = dcgan.build_generator(size, 4, block=block)
    z = dcgan.sample_z(3, next(generator.parameters()))
    assert z.shape == (3, LATENT, 1, 1) and z.abs().max() <= 1
    fake = generator(z)
    assert fake.shape == (3, 3, size, size) and fake.abs().max() <= 1
    for norm in NORMS:
        assert dcgan.build_discriminator(size, 4, norm=norm)(fake).shape == (3,)


def test_the_paper_s_generator_at_64_pixels():
    # Radford et al. 2016, figure 1: 100 -> 1024 x 4 x 4 -> 512 x 8 x 8 -> 256 x 16 x 16 -> 128 x 32 x 32 -> 3 x 64 x 64
    generator = dcgan.build_generator(64, 128)
    shapes = [block.shape for block in blocks_of(generator, dcgan.sample_z(1, torch.zeros(1)))]
    assert shapes == [(1024, 4, 4), (512, 8, 8), (256, 16, 16), (128, 32, 32), (3, 64, 64)]


def test_no_batchnorm_at_the_output_of_g_and_the_input_of_d():
    generator, discriminator = dcgan.build_generator(64, 4), dcgan.build_discriminator(64, 4)
    norms = [isinstance(layer, nn.BatchNorm2d) for layer in generator.modules() if not list(layer.children())]
    assert sum(norms) == 4 and not norms[-2]  # the last ones are the convolution, Identity and Tanh
    assert [len([m for m in block if isinstance(m, nn.BatchNorm2d)]) for block in discriminator[:4]] == [0, 1, 1, 1]


def test_weights_are_drawn_as_the_paper_says():
    torch.manual_seed(0)
    for net in (dcgan.build_generator(64, 16), dcgan.build_discriminator(64, 16)):
        for layer in net.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and layer.weight.numel() > 5000:
                assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
                assert abs(layer.weight.mean().item()) < 0.001
            if isinstance(layer, nn.BatchNorm2d):
                assert layer.weight.mean().item() == pytest.approx(1.0, abs=0.03) and not layer.bias.any()


def test_spectral_norm_holds_every_layer_of_d_at_one():
    torch.manual_seed(0)
    discriminator = dcgan.build_discriminator(32, 8, norm="spectral").train()
    for _ in range(30):  # the power iteration goes on with each pass
        discriminator(torch.randn(2, 3, 32, 32))
    layers = [layer for layer in discriminator.modules() if isinstance(layer, nn.Conv2d)]
    assert len(layers) == 4
    for layer in layers:
        largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()
        assert largest == pytest.approx(1.0, abs=0.02)


def test_a_transposed_convolution_is_the_transpose_of_a_convolution():
    torch.manual_seed(0)
    weight, x, y = torch.randn(5, 3, 4, 4), torch.randn(1, 3, 8, 8), torch.randn(1, 5, 4, 4)
    one_way = (F.conv2d(x, weight, stride=2, padding=1) * y).sum()
    other_way = (x * F.conv_transpose2d(y, weight, stride=2, padding=1)).sum()
    assert one_way.item() == pytest.approx(other_way.item(), rel=1e-4)


def test_kernel_4_covers_every_pixel_equally_often_and_kernel_3_does_not():
    covered = F.conv_transpose2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 4, 4), stride=2)[0, 0, 3:-3, 3:-3]
    assert (covered == covered[0, 0]).all()
    covered = F.conv_transpose2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3), stride=2)[0, 0, 3:-3, 3:-3]
    assert sorted(covered.unique().tolist()) == [1, 2, 4]


def test_hinge_losses_follow_their_formulas():
    real, fake = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-3.0, 0.0, 2.0])
    assert dcgan.hinge_discriminator_loss(real, fake).item() == pytest.approx((0 + 0.5 + 2) / 3 + (0 + 1 + 3) / 3)
    assert dcgan.hinge_generator_loss(fake).item() == pytest.approx(1 / 3)
    assert dcgan.hinge_discriminator_loss(torch.zeros(4), torch.zeros(4)).item() == 2
    real.requires_grad_()
    (slope,) = torch.autograd.grad(dcgan.hinge_discriminator_loss(real, fake), real)
    assert slope.tolist() == pytest.approx([0, -1 / 3, -1 / 3])  # what is beyond its margin moves nothing


@pytest.mark.parametrize("losses", [dcgan.CROSS_ENTROPY, dcgan.HINGE], ids=["cross-entropy", "hinge"])
def test_a_step_is_d_s_turn_and_then_g_s(losses):
    """Against two separate steps on copies, written out: no shared fakes, no shared graph."""
    torch.manual_seed(0)
    nets = GAN(dcgan.build_generator(16, 4), dcgan.build_discriminator(16, 4, norm="spectral"))
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets))
    expected = copy.deepcopy(nets)
    real = torch.rand(6, 3, 16, 16) * 2 - 1
    torch.manual_seed(1)
    z = dcgan.sample_z(6, real)
    torch.manual_seed(1)
    loss_d, loss_g = dcgan.adversarial_step(real, nets, opts, losses)

    def descend(net, loss):
        slopes = torch.autograd.grad(loss, list(net.parameters()))
        with torch.no_grad():
            for weight, slope in zip(net.parameters(), slopes, strict=True):
                weight -= 0.1 * slope

    fake = expected.generator(z)
    right_d = losses.discriminator(expected.discriminator(real), expected.discriminator(fake.detach()))
    descend(expected.discriminator, right_d)
    right_g = losses.generator(expected.discriminator(fake))
    descend(expected.generator, right_g)
    assert loss_d.item() == pytest.approx(right_d.item(), rel=1e-5)
    assert loss_g.item() == pytest.approx(right_g.item(), rel=1e-4)
    for net, other in zip(nets, expected, strict=True):
        for (name, weight), theirs in zip(net.named_parameters(), other.parameters(), strict=True):
            assert torch.allclose(weight, theirs, atol=1e-6), name


def test_the_features_are_the_maxima_of_all_maps():
    discriminator = dcgan.build_discriminator(32, 4).eval()
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    features = dcgan.discriminator_features(discriminator, images)
    assert features.shape == (2, (4 + 8 + 16) * 16)
    first = discriminator[0](images)  # (2, 4, 16, 16)
    assert features[1, 2 * 16 + 5].item() == first[1, 2, 4:8, 4:8].max().item()  # map 2, row 1, column 1 of the grid


@pytest.mark.parametrize("size", [0, 8, 48, -64])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="power of two"):
        dcgan.build_generator(size)
    with pytest.raises(ValueError, match="power of two"):
        dcgan.build_discriminator(size)


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="'batch', 'spectral', 'none', not 'bathc'"):
        dcgan.build_discriminator(norm="bathc")


def test_a_switch_counts_by_its_sign_alone():
    z = torch.tensor([[-0.3, 0.0, 0.7, 0.2], [0.9, -1.0, -0.1, 0.5]], requires_grad=True)
    thrown = dcgan.Switches(3)(z)
    assert thrown.tolist() == [[-1, 1, 1, pytest.approx(0.2)], [1, -1, -1, pytest.approx(0.5)]]
    thrown.sum().backward()
    assert z.grad.tolist() == [[0, 0, 0, 1], [0, 0, 0, 1]]


def test_a_generator_jumps_where_a_switch_is_thrown_and_nowhere_else():
    torch.manual_seed(0)
    plain, switched = (dcgan.build_generator(16, 4, switches=number).eval() for number in (0, 5))
    z = dcgan.sample_z(1, torch.zeros(1))
    z[:, 2] = 1e-6
    for channel, far, near in ((2, 0.9, -1e-6), (50, 0.9, z[0, 50].item() - 1e-6)):
        moves = []
        for generator in (plain, switched):
            for value in (far, near):
                other = z.clone()
                other[:, channel] = value
                moves.append((generator(other) - generator(z)).abs().max().item())
        plain_far, plain_near, switched_far, switched_near = moves
        assert plain_far > 1e-4 and plain_near < 1e-5
        if channel == 2:  # a switch: all the same while the sign stays, then at once another picture
            assert switched_far == 0 and switched_near > 1e-4
        else:
            assert switched_far > 1e-4 and switched_near < 1e-5


@pytest.mark.parametrize("number", [-1, LATENT + 1])
def test_there_are_as_many_switches_as_numbers_at_most(number):
    with pytest.raises(ValueError, match=f"from 0 to {LATENT}"):
        dcgan.build_generator(16, 4, switches=number)
