"""Exercises and questions of lesson 04, DCGAN."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import described, expect, expect_tensor
from gan_helpers.exercises.games import after_descent, expect_own_backward, game, same, weights_of
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import dcgan
from gan_helpers.models.dcgan import GAN, LATENT

Z_SHAPE = (LATENT, 1, 1)


def _layers(net: nn.Module, kind: type) -> list[nn.Module]:
    return [layer for layer in net.modules() if isinstance(layer, kind)]


def _expect_block(block, kind: type, name: str) -> nn.Module:
    """The one convolution of a block, after what can be said without running it."""
    expect(isinstance(block, nn.Module), f"It should return an nn.Module; yours returns {described(block)}.")
    others = {nn.Conv2d: nn.ConvTranspose2d, nn.ConvTranspose2d: nn.Conv2d}
    expect(
        not _layers(block, others[kind]),
        f"This block needs {name}; there is the other kind in yours. Which of the two makes pictures larger?",
    )
    found = _layers(block, kind)
    expect(len(found) == 1, f"There should be one {name} in the block; yours has {len(found)}.")
    return found[0]


def _expect_size(block: nn.Module, given: torch.Tensor, channels: int, side: int) -> torch.Tensor:
    made = block(given)
    expect(isinstance(made, torch.Tensor), f"The block should give a tensor; yours gives {described(made)}.")
    shape = (len(given), channels, side, side)
    hint = ""
    if tuple(made.shape[:2]) == shape[:2]:
        hint = " The sizes follow from kernel_size=4, stride=2, padding=1."
    expect(tuple(made.shape) == shape, f"{tuple(given.shape)} should become {shape}; yours becomes "
           f"{tuple(made.shape)}.{hint}")  # fmt: skip
    expect_tensor(made, shape, "The block's output")
    return made


def _expect_kernel(conv: nn.Module) -> None:
    expect(
        conv.kernel_size == (4, 4) and conv.stride == (2, 2) and conv.padding == (1, 1),
        f"Kernel 4, stride 2, padding 1 were asked for; yours has {conv.kernel_size[0]}, {conv.stride[0]} and "
        f"{conv.padding[0]}: the size fits, the overlap is another.",
    )


def _test_generator_block(make) -> None:
    block = make(6, 3)
    conv = _expect_block(block, nn.ConvTranspose2d, "nn.ConvTranspose2d")
    made = _expect_size(block, torch.randn(5, 6, 4, 4), 3, 8)
    _expect_kernel(conv)
    norms = _layers(block, nn.BatchNorm2d)
    expect(len(norms) == 1, f"One nn.BatchNorm2d should follow the convolution; yours has {len(norms)}.")
    expect(
        bool((made >= 0).all()),
        "In G the negative numbers should become 0: ReLU after the normalisation, as Radford et al. (2016) say. "
        f"Yours lets {made.min():.2f} through.",
    )
    expect(
        0.2 < (made > 0).float().mean().item() < 0.8,
        "About half of the numbers should be above 0: first the normalisation, then ReLU.",
    )
    _expect_size(make(7, 5), torch.randn(2, 7, 3, 3), 5, 6)
    bare = make(6, 3, norm=False)
    expect(not _layers(bare, nn.BatchNorm2d), "With norm=False there should be no BatchNorm2d.")
    expect(_layers(bare, nn.ConvTranspose2d)[0].bias is not None, "With norm=False the convolution keeps its bias.")
    expect(conv.bias is None, "Before a BatchNorm a bias has no effect: bias=not norm.")


def _test_discriminator_block(make) -> None:
    block = make(3, 6)
    conv = _expect_block(block, nn.Conv2d, "nn.Conv2d")
    _expect_size(block, torch.randn(5, 3, 8, 8), 6, 4)
    _expect_kernel(conv)
    expect(len(_layers(block, nn.BatchNorm2d)) == 1, 'With norm="batch" one nn.BatchNorm2d follows the convolution.')
    slopes = [layer.negative_slope for layer in _layers(block, nn.LeakyReLU)]
    expect(len(slopes) == 1, f"There should be one nn.LeakyReLU at the end; yours has {len(slopes)}.")
    expect(abs(slopes[0] - 0.2) < 1e-6, f"LeakyReLU should let 0.2 of a negative number through, not {slopes[0]}.")
    expect(conv.bias is None, 'Before a BatchNorm a bias has no effect: bias=norm != "batch".')
    slopes = [layer.negative_slope for layer in _layers(make(3, 6, slope=0.0), nn.LeakyReLU)]
    expect(slopes == [0.0], "The argument slope goes to LeakyReLU: with slope=0.0 it becomes a ReLU.")
    spectral = make(3, 6, norm="spectral")
    expect(not _layers(spectral, nn.BatchNorm2d), 'With norm="spectral" there should be no BatchNorm2d.')
    conv = _layers(spectral, nn.Conv2d)[0]
    expect(nn.utils.parametrize.is_parametrized(conv), 'With norm="spectral" the two lines about it must stay.')


def _test_adversarial_step(step) -> None:
    for name, losses in {"CROSS_ENTROPY": dcgan.CROSS_ENTROPY, "HINGE": dcgan.HINGE}.items():
        _test_step_with(step, name, losses)
    expect_own_backward(step, calls=2, z_shape=Z_SHAPE)


def _test_step_with(step, name: str, losses: GAN) -> None:
    real, nets, opts = game(Z_SHAPE)
    fake = nets.generator.rows
    right_d = after_descent(nets.discriminator, losses.discriminator(nets.discriminator(real),
                                                                     nets.discriminator(fake.detach())))  # fmt: skip
    moved = copy.deepcopy(nets.discriminator)
    nn.utils.vector_to_parameters(right_d, moved.parameters())
    right_g = after_descent(nets.generator, losses.generator(moved(fake)))
    stale_g = after_descent(nets.generator, losses.generator(nets.discriminator(fake)))
    before = [weights_of(net) for net in nets]
    answer = step(real, nets, opts, losses)
    after = [weights_of(net) for net in nets]
    expect(
        isinstance(answer, tuple) and len(answer) == 2,
        f"It should return two losses, loss_d and loss_g; yours returns {described(answer)}.",
    )
    for word, loss in zip(("loss_d", "loss_g"), answer, strict=True):
        expect_tensor(loss, (), f"The returned {word}")
        expect(not loss.requires_grad, f"Return {word}.detach(): otherwise each step's graph stays in memory.")
    expect(not same(after[1], before[1]), "D has not changed: zero_grad, backward(loss_d), step, of D's optimizer.")
    expect(
        same(after[1], right_d),
        f"D does not move by the slope of losses.discriminator (here {name}): real first, then the detached fakes; "
        "opts.discriminator.zero_grad(), backward(loss_d), opts.discriminator.step().",
    )
    expect(not same(after[0], before[0]), "G has not changed: in its turn the fakes are not detached, and "
           "opts.generator steps.")  # fmt: skip
    if not same(stale_g, right_g):
        expect(not same(after[0], stale_g), "G listens to what D said before its step: ask D again afterwards.")
    expect(
        same(after[0], right_g),
        f"G does not move by the slope of losses.generator (here {name}) of D's new answers to the fakes: "
        "opts.generator.zero_grad(), backward(loss_g), opts.generator.step().",
    )


def _test_discriminator_features(features_of) -> None:
    torch.manual_seed(0)
    discriminator = dcgan.build_discriminator(32, 4).eval()
    images = torch.rand(3, 3, 32, 32) * 2 - 1
    with torch.no_grad():
        made, right = features_of(discriminator, images), dcgan.discriminator_features(discriminator, images)
        maps = [images := block(images) for block in discriminator[:-2]]
        means = torch.cat([F.adaptive_avg_pool2d(one, 4).flatten(1) for one in maps], 1)
    if isinstance(made, torch.Tensor):
        last = right.shape[1] - 4 * 16
        if made.shape == (3, 16 * 16):
            raise NotYet(f"Those are the last block's maps alone: all blocks together give {right.shape[1]} numbers.")
        if made.ndim == 4:
            raise NotYet(f"It should be one row a picture, (3, {right.shape[1]}): flatten(1) after the pooling.")
        if made.ndim == 2 and made.shape[0] != 3:
            raise NotYet("The features of the blocks stand one below the other: join them along dim 1, the columns.")
        expect(made.shape != (3, last), "The first block's maps are missing.")
    expect_tensor(made, tuple(right.shape), "For three pictures of 32 pixels the features")
    expect(not torch.allclose(made, means, atol=1e-5), "Those are means; the paper takes maxima: adaptive_max_pool2d.")
    expect(torch.allclose(made, right, atol=1e-5), "The numbers differ: each block gets what the block before it gave; "
           "the maxima of each block's maps on a 4 x 4 grid, in the order of the blocks.")  # fmt: skip


EXERCISES = {
    "generator_block": Exercise(
        dcgan.generator_block,
        _test_generator_block,
        (
            "(4 - 1) * 2 - 2 * 1 + 4 = 8: which of the two formulas of section 2 is that, and which layer of nn?",
            "nn.ConvTranspose2d(inputs, outputs, kernel_size=4, ...); at the end the layer that cuts off below 0.",
            "nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=not norm), and nn.ReLU().",
        ),
    ),
    "discriminator_block": Exercise(
        dcgan.discriminator_block,
        _test_discriminator_block,
        (
            "The mirror of G's block: a convolution that steps over every second place, then LeakyReLU.",
            "nn.Conv2d takes the same numbers as above; LeakyReLU takes the argument slope.",
            'nn.Conv2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=norm != "batch"); nn.LeakyReLU(slope)',
        ),
    ),
    "adversarial_step": Exercise(
        dcgan.adversarial_step,
        _test_adversarial_step,
        (
            "Two turns as in lesson 03. The fakes serve both; in one of the turns no slope may reach G.",
            "losses.discriminator(D of real, D of fake.detach()), D's moves; losses.generator(D of fake), G's.",
            "losses.discriminator(nets.discriminator(real), nets.discriminator(fake.detach())); "
            "opts.discriminator.step(); losses.generator(nets.discriminator(fake))",
        ),
    ),
    "discriminator_features": Exercise(
        dcgan.discriminator_features,
        _test_discriminator_features,
        (
            "Each block gets the picture, or what the block before it gave; keep something of each result.",
            "F.adaptive_max_pool2d(maps, 4) makes any feature map 4 x 4; .flatten(1) makes one row a picture.",
            "In the loop: images = block(images); features.append(F.adaptive_max_pool2d(images, SIDE).flatten(1)).",
        ),
    ),
}

QUIZZES = {
    "shuffled_pixels": Quiz(
        "The pixels of all pictures are shuffled, in each in the same way. For which GAN is that harder?",
        (
            ("the one of dense layers", "It has one weight for each pair of numbers: any order is as good as another."),
            ("the convolutional one", "Its windows look for neighbours, and after the shuffle there are none."),
            ("for both", "Dense layers never knew which pixels were neighbours."),
        ),
        1,
    ),
    "which_kernel": Quiz(
        "A transposed convolution with stride 2: which kernel covers all pixels equally often?",
        (
            ("3", "3 is no multiple of 2: some pixels get one stamp, some two, some four."),
            ("4", "In each direction every pixel lies under 4 / 2 = 2 stamps: four in all."),
            ("5", "5 is no multiple of 2: in each direction some pixels get two stamps, some three."),
        ),
        1,
    ),
    "without_batchnorm": Quiz(
        "In one row of the film below neither network has BatchNorm. After 2,000 steps its samples are",
        (
            ("as good as with it", "The film below will say: at its end the reader reads next to nothing in that row."),
            (
                "patterns, but no food",
                "Radford et al. (2016, section 3) found BatchNorm critical for deep generators to begin to learn.",
            ),
            ("slower to come, but sharper", "The film below will say: what comes in that row is no food at all."),
        ),
        1,
    ),
}
