"""Exercises and questions of lesson 03, the MLP GAN."""

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import described, expect, expect_tensor
from gan_helpers.exercises.games import after_descent, expect_own_backward, game, same, weights_of
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import mlp_gan
from gan_helpers.models.mlp_gan import LATENT, REAL_TARGET


def _linear_layers(net: nn.Module) -> list[int]:
    return [layer.out_features for layer in net.modules() if isinstance(layer, nn.Linear)]


def _expect_network(net, sizes: list[int]) -> None:
    expect(isinstance(net, nn.Module), f"It should return a network (an nn.Module); yours returns {described(net)}.")
    expect(
        _linear_layers(net) == sizes,
        f"For these widths the linear layers should give {sizes} numbers, one after the other; yours give "
        f"{_linear_layers(net)}.",
    )


def _expect_leaky_relu(net: nn.Module, count: int) -> None:
    slopes = [layer.negative_slope for layer in net.modules() if isinstance(layer, nn.LeakyReLU)]
    expect(
        len(slopes) == count,
        f"There should be one nn.LeakyReLU after each hidden linear layer, {count} here; yours has {len(slopes)}.",
    )
    expect(
        all(abs(slope - 0.2) < 1e-6 for slope in slopes),
        f"LeakyReLU should let 0.2 of a negative number through; yours lets {slopes[0]} through.",
    )


def _test_build_generator(build) -> None:
    net = build(5, (16, 8))
    _expect_network(net, [16, 8, 5])
    z = torch.rand(7, LATENT) * 2 - 1
    out = net(z)
    expect_tensor(out, (7, 5), "For 7 inputs z and 5 features the output")
    _expect_leaky_relu(net, 2)
    # Whatever the weights: far from zero the output must reach both ends of [-1, 1] and never leave it.
    extremes = net(torch.randn(500, LATENT) * 1000).detach()
    expect(
        bool((extremes.abs() <= 1).all()),
        f"The output should stay in [-1, 1], as the real samples do; yours goes to {extremes.abs().max():.3g}.",
    )
    expect(
        bool(extremes.min() < -0.5) and bool(extremes.max() > 0.5),
        f"The output should be able to reach both ends of [-1, 1]; yours stays in [{extremes.min():.2f}, "
        f"{extremes.max():.2f}].",
    )
    expect(not _batchnorms(net), "Without batchnorm=True there should be no BatchNorm1d.")
    normalised = build(5, (16, 8), batchnorm=True)
    expect(_batchnorms(normalised) == [16, 8], "With batchnorm=True one BatchNorm1d should follow each hidden layer.")


def _batchnorms(net: nn.Module) -> list[int]:
    return [layer.num_features for layer in net.modules() if isinstance(layer, nn.BatchNorm1d)]


def _test_build_discriminator(build) -> None:
    net = build(5, (16, 8), dropout=0.3)
    _expect_network(net, [16, 8, 1])
    out = net.eval()(torch.rand(7, 5) * 2 - 1)
    if isinstance(out, torch.Tensor) and out.shape == (7, 1):
        raise NotYet("The logits should have shape (7,), one number a sample; yours have (7, 1). See nn.Flatten(0).")
    expect_tensor(out, (7,), "For 7 samples the logits")
    _expect_leaky_relu(net, 2)
    logits = net(torch.randn(500, 5) * 1000).detach()
    expect(
        bool((logits.abs() > 1).any()),
        "The output should be a logit, any number from minus to plus infinity; yours is squeezed into "
        f"[{logits.min():.2f}, {logits.max():.2f}]. The loss owns the sigmoid.",
    )
    shares = [layer.p for layer in net.modules() if isinstance(layer, nn.Dropout)]
    expect(
        shares == [0.3, 0.3],
        f"There should be an nn.Dropout(dropout) after each LeakyReLU: [0.3, 0.3] here; yours are {shares}.",
    )


def _bce(logits: torch.Tensor, target: float) -> float:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target)).item()


def _expect_slope(value: torch.Tensor, *inputs: torch.Tensor) -> None:
    expect(
        value.requires_grad and all(g is not None for g in torch.autograd.grad(value, inputs, allow_unused=True)),
        "No slope flows from the loss back to the logits: compute it with torch, without .item() or .detach().",
    )


def _test_discriminator_loss(loss) -> None:
    real = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
    fake = torch.tensor([-3.0, 1.0, 0.0, 0.2], requires_grad=True)
    value = loss(real, fake)
    expect_tensor(value, (), "The loss")
    right = _bce(real.detach(), 1) + _bce(fake.detach(), 0)
    swapped = _bce(real.detach(), 0) + _bce(fake.detach(), 1)
    slope, value = value, value.item()
    expect(abs(value - swapped) > 1e-4, "It is low when D takes fakes for real: which target belongs to which?")
    expect(abs(value + right) > 1e-4, "The sign is wrong: a D that is right should have a low loss.")
    expect(abs(value - right / 2) > 1e-4, "That is half the loss: add the two terms, do not average them.")
    expect(abs(value - _bce(real.detach(), 1)) > 1e-4, "The fakes do not count: both terms are needed.")
    expect(abs(value - _bce(fake.detach(), 0)) > 1e-4, "The real samples do not count: both terms are needed.")
    _expect_slope(slope, real, fake)
    squashed = _bce(real.detach().sigmoid(), 1) + _bce(fake.detach().sigmoid(), 0)
    expect(abs(value - squashed) > 1e-4, "The sigmoid is applied twice: ..._with_logits has it inside.")
    turned = sum(
        F.binary_cross_entropy_with_logits(torch.full_like(logits, target), logits.detach()).item()
        for logits, target in ((real, 1.0), (fake, 0.0))
    )
    expect(abs(value - turned) > 1e-4, "Logits and targets have changed places: the logits come first.")
    fixed = _bce(real.detach(), 0.9) + _bce(fake.detach(), 0)
    expect(abs(value - fixed) > 1e-4, "It takes 0.9 whatever is asked: use the argument real_target, 1 by default.")
    expect(abs(value - right) < 1e-4, f"For a small example it should be {right:.4f}; yours is {value:.4f}.")
    sure = loss(torch.full((2,), -200.0), torch.full((2,), 200.0))
    expect(
        bool(torch.isfinite(sure)) and abs(sure.item() - 400) < 1,
        f"For very wrong logits (200) it should be 400; yours is {sure.item():.3g}. log(sigmoid(x)) overflows: use "
        "F.binary_cross_entropy_with_logits.",
    )
    smooth, expected = loss(real, fake, 0.9).item(), _bce(real.detach(), 0.9) + _bce(fake.detach(), 0)
    expect(
        abs(smooth - expected) < 1e-4,
        f"With real_target=0.9 it should be {expected:.4f}; yours is {smooth:.4f}. Only the real target changes.",
    )


def _test_generator_loss(loss) -> None:
    logits = torch.tensor([2.0, -1.0, 0.5, -4.0], requires_grad=True)
    value = loss(logits)
    expect_tensor(value, (), "The loss")
    _expect_slope(value, logits)
    value, plain = value.item(), logits.detach()
    expect(
        abs(value + _bce(plain, 0)) > 1e-4,
        "That is the minimax form log(1 - D): it is right in theory, but hardly moves G while D is sure.",
    )
    expect(abs(value - _bce(plain, 0)) > 1e-4, "That is low when D is not fooled: which answer does G want from D?")
    expect(abs(value + _bce(plain, 1)) > 1e-4, "The sign is wrong: fooling D should make the loss low.")
    expect(abs(value - _bce(plain.sigmoid(), 1)) > 1e-4, "The sigmoid is applied twice: ..._with_logits has it inside.")
    expect(abs(value - _bce(plain, 0.9)) > 1e-4, "The target 0.9 is for D's real samples only; here it is 1.")
    right = _bce(plain, 1)
    expect(abs(value - right) < 1e-4, f"For a small example it should be {right:.4f}; yours is {value:.4f}.")
    unsure = loss(torch.full((2,), -200.0))
    expect(
        bool(torch.isfinite(unsure)) and abs(unsure.item() - 200) < 1,
        f"For logits of -200 it should be 200; yours is {unsure.item():.3g}. log(sigmoid(x)) overflows: use "
        "F.binary_cross_entropy_with_logits.",
    )


def _test_discriminator_step(step) -> None:
    real, nets, opts = game()
    fake = nets.generator.rows.detach()
    targets = {"right": [], "swapped": []}
    for target in (REAL_TARGET, 1.0):
        right = mlp_gan.discriminator_loss(nets.discriminator(real), nets.discriminator(fake), target)
        swapped = mlp_gan.discriminator_loss(nets.discriminator(fake), nets.discriminator(real), target)
        targets["right"].append(after_descent(nets.discriminator, right))
        targets["swapped"].append(after_descent(nets.discriminator, swapped))
    before = [weights_of(net) for net in nets]
    loss_d = step(real, nets, opts)
    after = [weights_of(net) for net in nets]
    expect_tensor(loss_d, (), "The returned loss_d")
    expect(not loss_d.requires_grad, "Return loss_d.detach(): otherwise each step's graph stays in memory.")
    expect(same(after[0], before[0]), "G has changed: in this step only opts.discriminator may step.")
    expect(not same(after[1], before[1]), "D has not changed: is opts.discriminator.step() called after backward?")
    left = nets.generator.rows.grad
    expect(
        left is None or bool((left == 5).all()) or bool((left == 0).all()),
        "A slope has reached G: detach the fakes, this step is D's alone.",
    )
    wrong_way = any(same(after[1], weights) for weights in targets["swapped"])
    expect(not wrong_way, "D learns the wrong way round: real first, then fake.")
    expect(
        any(same(after[1], w) for w in targets["right"]),
        "D does not move by the slope of this loss. In this order, each with its parentheses: "
        "opts.discriminator.zero_grad(), backward(loss_d), opts.discriminator.step(). Otherwise old slopes are added.",
    )
    expect_own_backward(step)


def _test_generator_step(step) -> None:
    real, nets, opts = game()
    right = after_descent(nets.generator, mlp_gan.generator_loss(nets.discriminator(nets.generator.rows)))
    before = [weights_of(net) for net in nets]
    loss_g = step(real, nets, opts)
    after = [weights_of(net) for net in nets]
    expect_tensor(loss_g, (), "The returned loss_g")
    expect(not loss_g.requires_grad, "Return loss_g.detach(): otherwise each step's graph stays in memory.")
    left = nets.discriminator[0].weight.grad
    expect(
        left is None or not bool((left == 5).all()),
        "No slope came through D: fake_logits are D's answers, nets.discriminator(...), to G's fakes.",
    )
    expect(same(after[1], before[1]), "D has changed: in this step only opts.generator may step.")
    expect(
        not same(after[0], before[0]),
        "G has not changed: fake_logits are D's answers to G's fakes, without detach; then comes backward, then "
        "opts.generator.step().",
    )
    expect(not same(after[0], 2 * before[0] - right), "G moves away from fooling D: is a sign turned?")
    expect(
        same(after[0], right),
        "G does not move by the slope of this loss. In this order, each with its parentheses: "
        "opts.generator.zero_grad(), backward(loss_g), opts.generator.step(). Otherwise old slopes are added.",
    )
    expect_own_backward(step)


EXERCISES = {
    "build_generator": Exercise(
        mlp_gan.build_generator,
        _test_build_generator,
        (
            "Each linear layer takes as many numbers as the one before it gave: `inputs` remembers how many.",
            "nn.Linear(inputs, width), then nn.LeakyReLU(0.2). At the end one of tanh or sigmoid fits [-1, 1].",
            "The two lines in the loop: nn.Linear(inputs, width) and nn.LeakyReLU(0.2); the last layer: nn.Tanh().",
        ),
    ),
    "build_discriminator": Exercise(
        mlp_gan.build_discriminator,
        _test_build_discriminator,
        (
            "A sample of `features` numbers goes in, one number comes out, and nothing squeezes it.",
            "In the loop: nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Dropout(dropout).",
            "At the end nn.Linear(inputs, 1), then nn.Flatten(0), which makes (N, 1) into (N,).",
        ),
    ),
    "discriminator_loss": Exercise(
        mlp_gan.discriminator_loss,
        _test_discriminator_loss,
        (
            "D should answer `real_target` for the real ones and 0 for the fakes; each gets a cross-entropy.",
            "torch.full_like(real_logits, real_target) makes the first target, torch.zeros_like(...) the second.",
            "F.binary_cross_entropy_with_logits(logits, target) twice, once for each kind, and the two added.",
        ),
    ),
    "discriminator_step": Exercise(
        mlp_gan.discriminator_step,
        _test_discriminator_step,
        (
            "Four moves: the loss, clear the old slopes, compute the new ones, step. And no slope may reach G.",
            "A tensor's .detach() is the same numbers without a past: slopes stop there. Which tensor needs it?",
            "fake = nets.generator(...).detach(); opts.discriminator.zero_grad(); backward(loss_d); "
            "opts.discriminator.step().",
        ),
    ),
    "generator_loss": Exercise(
        mlp_gan.generator_loss,
        _test_generator_loss,
        (
            "G is content when D calls its fakes real.",
            "The cross-entropy of the fakes' logits with a target: zeros or ones?",
            "F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits)).",
        ),
    ),
    "generator_step": Exercise(
        mlp_gan.generator_step,
        _test_generator_step,
        (
            "The mirror of D's step: z goes through G, then through D, and only G's optimizer steps.",
            "No detach here: the slope must travel back through D into G.",
            "opts.generator.zero_grad(); backward(loss_g); opts.generator.step().",
        ),
    ),
}

QUIZZES = {
    "perfect_generator": Quiz(
        "If G were perfect, what would the best D answer for every point?",
        (
            ("0: it knows they are fake", "Then there would be a difference to see, and G would not be perfect."),
            (
                "0.5: it can only guess",
                "D* = p_data / (p_data + p_g), and the two are equal: 0.5 (times our target 0.9).",
            ),
            ("1: they all look real", "Then D would call the fakes real too, at no gain: guessing costs it less."),
        ),
        1,
    ),
    "who_saturates": Quiz(
        "Early on D is sure: its logit for a fake is -6. Whose slope vanishes under the minimax loss log(1 - D)?",
        (
            ("G's", "log(1 - D) is flat where D is near 0: G learns least just when it has most to learn."),
            ("D's", "D's slope is small as well, but nothing is lost: D is right. Who still has much to learn?"),
            ("Neither", "Look at the curve again: at a logit of -6 the minimax one is flat."),
        ),
        0,
    ),
    "lower_loss": Quiz(
        "G's loss rises while the digits get better. What has happened?",
        (
            ("A bug: the loss must fall", "A GAN's loss is measured by the other player, and that player learns too."),
            (
                "D has learned as well",
                "The same picture costs more before a better judge: the loss measures no quality.",
            ),
            ("The learning rate is too high", "It may be, but this alone does not show it."),
        ),
        1,
    ),
}
