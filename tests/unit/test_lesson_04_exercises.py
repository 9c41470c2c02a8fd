# ruff: noqa: E501 - a table reads best with a row a line
"""Every exercise of lesson 04: right variants are accepted, plausible wrong ones refused with the fitting words."""

import textwrap

import torch
import torch.nn.functional as F
from exercise_table import table_tests
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises
from gan_helpers.models import dcgan

NAMES = ["generator_block", "discriminator_block", "adversarial_step", "discriminator_features"]


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a notebook cell with this text defines."""
    known = ["CROSS_ENTROPY", "GAN", "LATENT", "SIDE", "sample_z", *NAMES]
    namespace = {"torch": torch, "nn": nn, "F": F, "spectral_norm": spectral_norm}
    namespace |= {one: getattr(dcgan, one) for one in known}
    exec(textwrap.dedent(cell), namespace)
    return checking._problem(exercises()[name], name, namespace[name])


def g(
    grow="nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=not norm)",
    end="nn.ReLU()",
    norm="nn.BatchNorm2d(outputs) if norm else nn.Identity()",
) -> str:
    return f"""
        def generator_block(inputs, outputs, *, norm=True):
            grow = {grow}
            return nn.Sequential(grow, {norm}, {end})
    """


def d(
    shrink='nn.Conv2d(inputs, outputs, 4, 2, 1, bias=norm != "batch")',
    end="nn.LeakyReLU(slope)",
    spectral="spectral_norm(shrink)",
) -> str:
    return f"""
        def discriminator_block(inputs, outputs, *, norm="batch", slope=0.2):
            shrink = {shrink}
            if norm == "spectral":
                shrink = {spectral}
            return nn.Sequential(shrink, nn.BatchNorm2d(outputs) if norm == "batch" else nn.Identity(), {end})
    """


STEP = {
    "fake": "fake = nets.generator(sample_z(len(real), like=real))",
    "loss_d": "losses.discriminator(nets.discriminator(real), nets.discriminator(fake.detach()))",
    "clear_d": "opts.discriminator.zero_grad()",
    "back_d": "backward(loss_d)",
    "step_d": "opts.discriminator.step()",
    "loss_g": "losses.generator(nets.discriminator(fake))",
    "clear_g": "opts.generator.zero_grad()",
    "step_g": "opts.generator.step()",
    "answer": "loss_d.detach(), loss_g.detach()",
}


def s(**changed) -> str:
    parts = STEP | changed
    return f"""
        def adversarial_step(real, nets, opts, losses=CROSS_ENTROPY, *, backward=torch.Tensor.backward):
            {parts["fake"]}
            loss_d = {parts["loss_d"]}
            {parts["clear_d"]}
            {parts["back_d"]}
            {parts["step_d"]}
            loss_g = {parts["loss_g"]}
            {parts["clear_g"]}
            backward(loss_g)
            {parts["step_g"]}
            return {parts["answer"]}
    """


def f(
    step="images = block(images)",
    keep="F.adaptive_max_pool2d(images, SIDE).flatten(1)",
    blocks="discriminator[:-2]",
    end="torch.cat(features, 1)",
) -> str:
    return f"""
        def discriminator_features(discriminator, images):
            features = []
            for block in {blocks}:
                {step}
                features.append({keep})
            return {end}
    """


RIGHT = [
    ("generator_block", g()),
    ("generator_block", g(grow="nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=False if norm else True)")),
    ("generator_block", g(end="nn.ReLU(inplace=True)")),
    ("discriminator_block", d()),
    ("discriminator_block", d(end="nn.LeakyReLU(negative_slope=slope)")),
    ("discriminator_block", d(shrink='nn.Conv2d(inputs, outputs, kernel_size=(4, 4), stride=2, padding=1, bias=(norm != "batch"))')),
    ("adversarial_step", s()),
    ("adversarial_step", s(loss_d="losses[1](nets[1](real), nets[1](fake.detach()))")),
    ("adversarial_step", s(loss_g="losses.generator(nets.discriminator(fake)) * 1.0", clear_g="opts.discriminator.zero_grad(); opts.generator.zero_grad()")),
    ("discriminator_features", f()),
    ("discriminator_features", f(keep="F.max_pool2d(images, images.shape[-1] // 4).flatten(1)")),
    ("discriminator_features", f(keep="nn.AdaptiveMaxPool2d(4)(images).reshape(len(images), -1)")),
]  # fmt: skip

WRONG = [
    ("generator_block", g(grow="nn.Conv2d(inputs, outputs, 4, 2, 1, bias=not norm)"), "Which of the two makes pictures larger"),
    ("generator_block", g(grow="nn.ConvTranspose2d(inputs, outputs, 4, bias=not norm)"), "kernel_size=4, stride=2, padding=1"),
    ("generator_block", g(grow="nn.ConvTranspose2d(inputs, outputs, 2, 2, bias=not norm)"), "Kernel 4, stride 2"),
    ("generator_block", g(grow="nn.ConvTranspose2d(outputs, inputs, 4, 2, 1, bias=not norm)"), "RuntimeError"),
    ("generator_block", g(end="nn.LeakyReLU(0.2)"), "ReLU after the normalisation"),
    ("generator_block", g(end="nn.Sigmoid()"), "About half"),
    ("generator_block", g(end="nn.Tanh()"), "ReLU after"),
    ("generator_block", g(end="nn.ReLU"), "with its parentheses"),
    ("generator_block", g(norm="nn.ReLU()", end="nn.BatchNorm2d(outputs)"), "ReLU after"),
    ("generator_block", g(grow="nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)"), "no effect"),
    ("generator_block", g(grow="nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)"), "keeps its bias"),
    ("generator_block", g(norm="nn.Identity()"), "One nn.BatchNorm2d"),
    ("discriminator_block", d(shrink='nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=norm != "batch")'), "the other kind"),
    ("discriminator_block", d(shrink='nn.Conv2d(inputs, outputs, 4, 1, 1, bias=norm != "batch")'), "kernel_size=4, stride=2, padding=1"),
    ("discriminator_block", d(shrink='nn.Conv2d(inputs, outputs, 2, 2, bias=norm != "batch")'), "Kernel 4, stride 2"),
    ("discriminator_block", d(end="nn.ReLU()"), "one nn.LeakyReLU"),
    ("discriminator_block", d(end="nn.LeakyReLU()"), "0.2 of a negative"),
    ("discriminator_block", d(end="nn.LeakyReLU(0.2)"), "argument slope"),
    ("discriminator_block", d(shrink="nn.Conv2d(inputs, outputs, 4, 2, 1)"), "no effect"),
    ("discriminator_block", d(spectral="shrink"), "must stay"),
    ("adversarial_step", s(loss_d=STEP["loss_d"].replace(".detach()", "")), "detach the fakes"),
    ("adversarial_step", s(step_d="pass"), "D has not changed"),
    ("adversarial_step", s(clear_d="pass"), "opts.discriminator.zero_grad()"),
    ("adversarial_step", s(clear_g="pass"), "opts.generator.zero_grad()"),
    ("adversarial_step", s(loss_g="losses.generator(nets.discriminator(fake.detach()))"), "G has not changed"),
    ("adversarial_step", s(loss_g="losses.generator(nets.discriminator(real))"), "G has not changed"),
    ("adversarial_step", s(loss_d="losses.discriminator(nets.discriminator(fake.detach()), nets.discriminator(real))"), "real first"),
    ("adversarial_step", s(loss_d="CROSS_ENTROPY.discriminator(nets.discriminator(real), nets.discriminator(fake.detach()))"), "here HINGE"),
    ("adversarial_step", s(loss_g="CROSS_ENTROPY.generator(nets.discriminator(fake))"), "here HINGE"),
    ("adversarial_step", s(back_d="said = nets.discriminator(fake)\n            backward(loss_d)", step_d="pass", loss_g="losses.generator(said)", step_g="opts.generator.step(); opts.discriminator.step()"), "D does not move by the slope"),
    ("adversarial_step", s(step_g="pass"), "G has not changed"),
    ("adversarial_step", s(answer="loss_d, loss_g"), "stays in memory"),
    ("adversarial_step", s(answer="loss_d.detach()"), "two losses"),
    ("adversarial_step", s(back_d="loss_d.backward()"), "twice, once for each loss"),
    ("adversarial_step", s(fake="fake = nets.generator(torch.randn(len(real), 100, 1, 1).clamp(-3, 3) * 3)"), "sample_z"),
    ("discriminator_features", f(keep="F.adaptive_avg_pool2d(images, SIDE).flatten(1)"), "Those are means"),
    ("discriminator_features", f(keep="F.adaptive_max_pool2d(images, SIDE)"), "flatten(1)"),
    ("discriminator_features", f(keep="F.adaptive_max_pool2d(images, SIDE).flatten()"), "IndexError"),
    ("discriminator_features", f(end="features[-1]"), "the last block's maps alone"),
    ("discriminator_features", f(end="torch.cat(features[1:], 1)"), "first block's maps are missing"),
    ("discriminator_features", f(end="features"), "a list"),
    ("discriminator_features", f(keep="F.adaptive_max_pool2d(images, 2).flatten(1)"), "should have shape"),
    ("discriminator_features", f(step="block(images)", keep="F.adaptive_max_pool2d(images, SIDE).flatten(1)"), "RuntimeError"),
]  # fmt: skip


test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)
