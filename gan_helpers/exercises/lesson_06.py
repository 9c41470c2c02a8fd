"""Exercises and questions of lesson 06, SRGAN."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from gan_helpers.exercises.checking import Exercise, NotYet
from gan_helpers.exercises.expectations import described, expect, expect_tensor, expect_works_elsewhere, left_alone
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import srgan


def _test_pixel_shuffle(shuffle) -> None:
    maps = torch.arange(2 * 12 * 2 * 3, dtype=torch.float32).view(2, 12, 2, 3)
    with left_alone(maps):
        made = shuffle(maps)
    expect_tensor(made, (2, 3, 4, 6), "Maps (2, 12, 2, 3), shuffled by 2")
    right = F.pixel_shuffle(maps, 2)
    squares = maps.view(2, 3, 2, 2, 2, 3)
    for order, words in (
        ((0, 1, 2, 4, 3, 5), "The four numbers of a place do not meet: rows f and H are not meshed. In (N, C, f, f, H, "
         "W) the first f belongs right behind H."),
        ((0, 1, 4, 3, 5, 2), "Rows and columns are mixed up: of the two f the first counts rows, the second columns."),
        ((0, 1, 2, 3, 4, 5), "The numbers stand in the order they had: reshape alone moves nothing to its place. "
         "permute comes between view and reshape."),
    ):  # fmt: skip
        expect(not torch.equal(made, squares.permute(order).reshape(2, 3, 4, 6)), words)
    other = maps.view(2, 2, 2, 3, 2, 3).permute(0, 3, 4, 1, 5, 2).reshape(2, 3, 4, 6)
    expect(
        not torch.equal(made, other),
        "A square should be made of four channels that follow each other: (N, C, f, f, H, W), not (N, f, f, C, H, W).",
    )
    expect(
        torch.equal(made, right),
        "At the top left of the first map should stand the first numbers of channels 0, 1, 2 and 3, as a square: "
        f"{right[0, 0, :2, :2].tolist()}; yours is {made[0, 0, :2, :2].tolist()}.",
    )
    try:
        third = shuffle(torch.zeros(1, 18, 2, 2), 3)
    except RuntimeError as error:
        raise NotYet("By 3 it fails: use factor, not 2.") from error
    expect(tuple(third.shape) == (1, 2, 6, 6), f"By 3, (1, 18, 2, 2) should become (1, 2, 6, 6); yours is "
           f"{tuple(third.shape)}: use factor, not 2.")  # fmt: skip
    expect_works_elsewhere(shuffle, maps, "make no new tensor there, only views of what is given.")


def _test_residual_branch(build) -> None:
    torch.manual_seed(0)
    branch = build(6)
    expect(isinstance(branch, nn.Module), f"It should return a network; yours is {described(branch)}.")
    maps = torch.randn(2, 6, 5, 7)
    try:
        made = branch(maps)
    except RuntimeError as error:
        raise NotYet(f"Maps (2, 6, 5, 7) do not pass through it: {error}") from error
    expect_tensor(made, (2, 6, 5, 7), "Maps (2, 6, 5, 7) should keep their shape (a 3 x 3 needs padding=1). The result")
    layers = [module for module in branch.modules() if not list(module.children())]
    kinds = [type(layer) for layer in layers]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    expect(len(convolutions) == 2, f"There should be two convolutions; yours has {len(convolutions)}.")
    expect(all(one.kernel_size == (3, 3) for one in convolutions), "Both convolutions should be of 3 x 3.")
    expect(
        kinds.count(nn.BatchNorm2d) == 2,
        f"Each convolution should be followed by batch normalisation; yours has {kinds.count(nn.BatchNorm2d)} of it.",
    )
    expect(
        nn.ReLU not in kinds and nn.LeakyReLU not in kinds,
        "SRGAN's generator has PReLU, whose slope for negative numbers is learned: nn.PReLU().",
    )
    expect(
        kinds[-1] is not nn.PReLU,
        "No PReLU at the end: in figure 4 of the paper what is added comes straight from the normalisation.",
    )
    expect(
        kinds.count(nn.PReLU) == 1, f"There should be one PReLU, between the two; yours has {kinds.count(nn.PReLU)}."
    )
    expect(
        kinds == [nn.Conv2d, nn.BatchNorm2d, nn.PReLU, nn.Conv2d, nn.BatchNorm2d],
        "The order should be convolution, batch normalisation, PReLU, convolution, batch normalisation; yours is "
        f"{', '.join(kind.__name__ for kind in kinds)}.",
    )
    expect(
        all(one.bias is None for one in convolutions),
        "No bias in front of a normalisation, which takes the mean out again: bias=False in both convolutions.",
    )
    expect(
        not torch.allclose(
            branch.eval()(torch.zeros(1, 6, 3, 3)) + 1, branch.eval()(torch.ones(1, 6, 3, 3)), atol=1e-4
        ),
        "It adds its input itself: that is what ResidualBlock does.",
    )


def _test_content_loss(loss) -> None:
    torch.manual_seed(1)
    large = [torch.randn(2, 3, 4, 4, requires_grad=True), torch.randn(2, 5, 2, 2, requires_grad=True)]
    real = [torch.randn(2, 3, 4, 4), torch.randn(2, 5, 2, 2)]
    made = loss(large, real)
    expect_tensor(made, (), "The loss")
    means = [F.mse_loss(ours, theirs).item() for ours, theirs in zip(large, real, strict=True)]
    for seen, words in (
        (means[0], "Only the first layer counts: sum over all of them."),
        (means[1], "Only the last layer counts: a return inside the loop? Sum over all of them."),
        (sum(means) / 2, "That is the mean over the layers; their sum was asked for."),
        (sum(((a - b) ** 2).sum().item() for a, b in zip(large, real, strict=True)), "Those are sums of squares, which "
         "grow with the picture: the mean of each layer, F.mse_loss."),
        (sum((a - b).abs().mean().item() for a, b in zip(large, real, strict=True)), "Those are absolute differences; "
         "the paper squares them: F.mse_loss."),
    ):  # fmt: skip
        expect(not math.isclose(made.item(), seen, rel_tol=1e-5), words)
    expect(
        math.isclose(made.item(), sum(means), rel_tol=1e-5),
        f"For these maps it should be {sum(means):.4f}; yours is {made.item():.4f}.",
    )
    expect(made.requires_grad, "The slope should run back into what was made of the enlargement.")


def _test_perceptual_loss(loss) -> None:
    torch.manual_seed(2)
    content, logits = torch.tensor(0.7, requires_grad=True), torch.randn(6, requires_grad=True)
    made = loss(content, logits, 0.25)
    expect_tensor(made, (), "The loss")
    adversarial = F.softplus(-logits).mean().item()
    for seen, words in (
        (0.7 + adversarial, "The weight is missing: content + weight * adversarial."),
        (0.25 * 0.7 + adversarial, "The weight belongs to the adversarial part, not to the content."),
        (0.25 * (0.7 + adversarial), "The weight belongs to the adversarial part alone."),
        (0.75 * 0.7 + 0.25 * adversarial, "The content keeps weight 1: content + weight * adversarial."),
        (0.7, "D's part is missing: without it nothing asks for sharp texture."),
        (0.25 * adversarial, "The content is missing: without it any photo would do."),
        (0.7 - 0.25 * F.softplus(logits).mean().item(), "That is log(1 - D), which saturates: "
         "generator_loss(fake_logits) is -log D, as in lesson 03."),
        (0.7 + 0.25 * F.softplus(logits).mean().item(), "That is D's wish for fakes, turned round: G wants high "
         "logits, generator_loss(fake_logits)."),
        (0.7 - 0.25 * logits.mean().item(), "That is the hinge loss of lesson 04; here generator_loss, cross-entropy."),
    ):  # fmt: skip
        expect(not math.isclose(made.item(), seen, rel_tol=1e-5), words)
    expect(
        math.isclose(made.item(), 0.7 + 0.25 * adversarial, rel_tol=1e-5),
        f"For a content of 0.7, a weight of 0.25 and these logits it should be {0.7 + 0.25 * adversarial:.4f}; yours "
        f"is {made.item():.4f}.",
    )
    made.backward()
    expect(content.grad is not None, "No slope runs back into the content loss: add the tensor, not its .item().")
    expect(logits.grad is not None, "No slope runs back through D's logits: no detach, no .item().")
    usual = loss(torch.tensor(0.0), torch.zeros(3)).item()
    expect(
        math.isclose(usual, srgan.ADVERSARIAL_WEIGHT * math.log(2), rel_tol=1e-4),
        f"Left out, the weight should be {srgan.ADVERSARIAL_WEIGHT}: keep the default.",
    )


EXERCISES = {
    "pixel_shuffle": Exercise(
        srgan.pixel_shuffle,
        _test_pixel_shuffle,
        (
            "permute brings the first f behind the rows and the second behind the columns; reshape joins what stands "
            "side by side.",
            "Axes (N, C, f, f, H, W) are numbered 0 to 5; wanted is the order N, C, H, f, W, f.",
            "squares.permute(0, 1, 4, 2, 5, 3).reshape(n, -1, factor * height, factor * width)",
        ),
    ),
    "residual_branch": Exercise(
        srgan.residual_branch,
        _test_residual_branch,
        (
            "Five layers in an nn.Sequential: convolution, normalisation, PReLU, convolution, normalisation.",
            "nn.Conv2d takes channels in, channels out, the size of its kernel; padding=1 keeps height and width.",
            "nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.PReLU(), and the first two "
            "again.",
        ),
    ),
    "content_loss": Exercise(
        srgan.content_loss,
        _test_content_loss,
        (
            "For each layer the mean squared difference of the two, then the sum.",
            "zip(seen_in_large, seen_in_real) gives the pairs; F.mse_loss(ours, theirs) is the mean squared "
            "difference.",
            "return sum(F.mse_loss(ours, theirs) for ours, theirs in zip(seen_in_large, seen_in_real))",
        ),
    ),
    "perceptual_loss": Exercise(
        srgan.perceptual_loss,
        _test_perceptual_loss,
        (
            "Two parts: what the picture should look like, and that D should take it for a photo. One has a weight.",
            "generator_loss(fake_logits) is the adversarial part.",
            "return content + weight * generator_loss(fake_logits)",
        ),
    ),
}

QUIZZES = {
    "blurred": Quiz(
        "A network is trained by the mean squared error of the pixels. A patch of fur could be any of a thousand "
        "arrangements of hairs that look the same when shrunk. What will it draw?",
        (
            ("one of the thousand, at random", "Then it would be far from most of the others, and pay for it."),
            (
                "the mean of them all: no hair",
                "The mean has the smallest squared error on average. A mean of many sharp patterns is blurred.",
            ),
            ("the most frequent one", "That minimises how often it is wrong, not the squared error."),
        ),
        1,
    ),
    "which_original": Quiz(
        "Whose feature maps does the content loss compare with those of the enlargement?",
        (
            ("those of the small picture, enlarged", "It has no detail to learn from."),
            (
                "those of the original",
                "Equation 5 compares with the high-resolution original; it is often retold wrongly.",
            ),
            ("those of another photo", "Nothing ties its content to this one."),
        ),
        1,
    ),
}
