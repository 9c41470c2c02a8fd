"""Every exercise of lesson 06: right variants are accepted, plausible wrong ones refused with the fitting words."""

import textwrap

import torch
import torch.nn.functional as F
from exercise_table import table_tests
from torch import nn

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises
from gan_helpers.models import srgan

NAMES = ["pixel_shuffle", "residual_branch", "content_loss", "perceptual_loss"]


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a notebook cell with this text defines."""
    namespace = {"torch": torch, "F": F, "nn": nn, "ADVERSARIAL_WEIGHT": srgan.ADVERSARIAL_WEIGHT}
    namespace["generator_loss"] = srgan.generator_loss
    exec(textwrap.dedent(cell), namespace)
    return checking._problem(exercises()[name], name, namespace[name])


def p(order="0, 1, 4, 2, 5, 3", view="n, channels // factor**2, factor, factor, height, width",
      end="reshape(n, -1, factor * height, factor * width)") -> str:  # fmt: skip
    return f"""
        def pixel_shuffle(maps, factor=2):
            n, channels, height, width = maps.shape
            squares = maps.view({view})
            return squares.permute({order}).{end}
    """


CONV, NORM = "nn.Conv2d(width, width, 3, padding=1, bias=False)", "nn.BatchNorm2d(width)"


def b(*layers) -> str:
    return f"""
        def residual_branch(width):
            return nn.Sequential({", ".join(layers)})
    """


def c(body) -> str:
    return f"""
        def content_loss(seen_in_large, seen_in_real):
            {body}
    """


def g(body, default="ADVERSARIAL_WEIGHT") -> str:
    return f"""
        def perceptual_loss(content, fake_logits, weight={default}):
            return {body}
    """


PAIRS = "zip(seen_in_large, seen_in_real)"

RIGHT = [
    ("pixel_shuffle", p()),
    ("pixel_shuffle", "def pixel_shuffle(maps, factor=2): return F.pixel_shuffle(maps, factor)"),
    ("pixel_shuffle", p(end="flatten(4, 5).flatten(2, 3)")),
    ("residual_branch", b(CONV, NORM, "nn.PReLU()", CONV, NORM)),
    (
        "residual_branch",
        b(
            "nn.Conv2d(width, width, 3, padding='same', bias=False)",
            NORM,
            "nn.PReLU(width)",
            "nn.Conv2d(width, width, 3, 1, 1, bias=False)",
            NORM,
        ),
    ),
    ("residual_branch", b(f"nn.Sequential({CONV}, {NORM})", "nn.PReLU()", f"nn.Sequential({CONV}, {NORM})")),
    ("content_loss", c(f"return sum(F.mse_loss(a, b) for a, b in {PAIRS})")),
    ("content_loss", c(f"return torch.stack([((a - b) ** 2).mean() for a, b in {PAIRS}]).sum()")),
    ("content_loss", c("return sum(map(F.mse_loss, seen_in_large, seen_in_real))")),
    ("perceptual_loss", g("content + weight * generator_loss(fake_logits)")),
    ("perceptual_loss", g("content - weight * F.logsigmoid(fake_logits).mean()")),
    ("perceptual_loss", g("content + weight * F.softplus(-fake_logits).mean()", "1e-3")),
]

WRONG = [
    ("pixel_shuffle", p(order="0, 1, 2, 4, 3, 5"), "rows f and H are not meshed"),
    ("pixel_shuffle", p(order="0, 1, 4, 3, 5, 2"), "Rows and columns are mixed up"),
    ("pixel_shuffle", p(order="0, 1, 2, 3, 4, 5"), "reshape alone moves nothing"),
    (
        "pixel_shuffle",
        p(order="0, 3, 4, 1, 5, 2", view="n, factor, factor, channels // factor**2, height, width"),
        "four channels that follow each other",
    ),
    (
        "pixel_shuffle",
        p(view="n, channels // 4, 2, 2, height, width", end="reshape(n, -1, 2 * height, 2 * width)"),
        "use factor, not 2",
    ),
    (
        "pixel_shuffle",
        "def pixel_shuffle(maps, factor=2): return F.interpolate(maps, scale_factor=factor)",
        "should have shape (2, 3, 4, 6)",
    ),
    (
        "pixel_shuffle",
        "def pixel_shuffle(maps, factor=2): return F.pixel_shuffle(maps.flip(1), factor)",
        "channels 0, 1, 2 and 3",
    ),
    ("residual_branch", b(CONV, NORM, "nn.ReLU()", CONV, NORM), "nn.PReLU()"),
    ("residual_branch", b(CONV, NORM, "nn.PReLU()", CONV, NORM, "nn.PReLU()"), "No PReLU at the end"),
    ("residual_branch", b(CONV, "nn.PReLU()", CONV), "followed by batch normalisation"),
    ("residual_branch", b("nn.Conv2d(width, width, 3, padding=1)", NORM, "nn.PReLU()", CONV, NORM), "No bias in front"),
    ("residual_branch", b("nn.Conv2d(width, width, 3)", NORM, "nn.PReLU()", CONV, NORM), "padding=1"),
    ("residual_branch", b(CONV, NORM, "nn.PReLU()"), "two convolutions; yours has 1"),
    ("residual_branch", b(NORM, CONV, "nn.PReLU()", CONV, NORM), "The order should be"),
    (
        "residual_branch",
        b("nn.Conv2d(width, 64, 3, padding=1)", "nn.BatchNorm2d(64)", "nn.PReLU()", CONV, NORM),
        "do not pass through",
    ),
    ("residual_branch", b("nn.Conv2d(width, width, 9, padding=4)", NORM, "nn.PReLU()", CONV, NORM), "of 3 x 3"),
    ("residual_branch", "def residual_branch(width): pass", "is the return missing"),
    (
        "content_loss",
        c(f"return sum(F.mse_loss(a, b) for a, b in {PAIRS}) / len(seen_in_real)"),
        "mean over the layers",
    ),
    ("content_loss", c("return F.mse_loss(seen_in_large[0], seen_in_real[0])"), "Only the first layer"),
    ("content_loss", c("return F.mse_loss(seen_in_large[-1], seen_in_real[-1])"), "Only the last layer"),
    ("content_loss", c(f"return sum(((a - b) ** 2).sum() for a, b in {PAIRS})"), "sums of squares"),
    ("content_loss", c(f"return sum(F.l1_loss(a, b) for a, b in {PAIRS})"), "absolute differences"),
    ("content_loss", c(f"return [F.mse_loss(a, b) for a, b in {PAIRS}]"), "should be a tensor; yours is a list"),
    ("content_loss", c(f"return sum(F.mse_loss(a.detach(), b) for a, b in {PAIRS})"), "slope should run back"),
    ("perceptual_loss", g("content + generator_loss(fake_logits)"), "weight is missing"),
    ("perceptual_loss", g("weight * content + generator_loss(fake_logits)"), "not to the content"),
    ("perceptual_loss", g("(1 - weight) * content + weight * generator_loss(fake_logits)"), "keeps weight 1"),
    ("perceptual_loss", g("content"), "D's part is missing"),
    ("perceptual_loss", g("weight * generator_loss(fake_logits)"), "content is missing"),
    ("perceptual_loss", g("content - weight * F.softplus(fake_logits).mean()"), "saturates"),
    ("perceptual_loss", g("content + weight * generator_loss(-fake_logits)"), "turned round"),
    ("perceptual_loss", g("content.item() + weight * generator_loss(fake_logits)"), "not its .item()"),
    ("perceptual_loss", g("content + weight * generator_loss(fake_logits)", "1.0"), "keep the default"),
]

test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)
