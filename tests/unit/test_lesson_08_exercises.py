"""Every exercise of lesson 08: right variants are accepted, plausible wrong ones refused with the fitting words."""

import torch
from exercise_table import table_tests

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises
from gan_helpers.symptoms import Symptoms

NAMES = ["spread", "looks_healthy"]


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a notebook cell with this text defines."""
    namespace = {"torch": torch, "Symptoms": Symptoms}
    exec(cell, namespace)
    return checking._problem(exercises()[name], name, namespace[name])


def s(body) -> str:
    return f"def spread(real, fake): return {body}"


def h(body) -> str:
    return f"def looks_healthy(found): return {body}"


RIGHT = [
    ("spread", s("torch.pdist(fake).mean() / torch.pdist(real).mean()")),
    ("spread", s("torch.nn.functional.pdist(fake).mean().div(torch.nn.functional.pdist(real).mean())")),
    ("spread", s("(lambda m: m(fake) / m(real))(lambda x: torch.cdist(x, x).sum() / (len(x) * (len(x) - 1)))")),
    ("looks_healthy", h("found.loss_d > 1.24 and found.density > 0.1")),
    ("looks_healthy", h("1.24 < found.loss_d < 1.34")),
    ("looks_healthy", h("bool(found.loss_g < 1.05 and found.loss_g > 0.9)")),
]

WRONG = [
    ("spread", s("torch.pdist(real).mean() / torch.pdist(fake).mean()"), "upside down"),
    ("spread", s("torch.pdist(fake).mean()"), "divide it by the real ones'"),
    ("spread", s("torch.pdist(fake).sum() / torch.pdist(real).sum()"), "Take means, not sums"),
    ("spread", s("torch.cdist(fake, fake).mean() / torch.cdist(real, real).mean()"), "from itself too"),
    ("spread", s("torch.cdist(fake, real).mean() / torch.pdist(real).mean()"), "from each other"),
    ("spread", s("fake.std(0).mean() / real.std(0).mean()"), "A standard deviation is no distance"),
    ("spread", s("fake.std() / real.std()"), "A standard deviation is no distance"),
    ("spread", s("torch.pdist(fake) / torch.pdist(fake)"), "should have shape ()"),
    ("looks_healthy", h("True"), "all GANs healthy"),
    ("looks_healthy", h("False"), "no GAN healthy at all"),
    ("looks_healthy", h("found.spread > 0.5"), "Which symptom in the table sets these apart?"),
    ("looks_healthy", h("found.density > 0.1"), "in one training or more: forgotten detach"),
    ("looks_healthy", h("1.285 < found.loss_d < 1.295"), "leave more room"),
    ("looks_healthy", h("found.loss_d"), "should return True or False; yours is a float"),
    ("looks_healthy", h("found.realism > 1"), "AttributeError"),
]

test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)
