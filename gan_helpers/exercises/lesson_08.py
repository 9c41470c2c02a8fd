"""Exercises and questions of lesson 08, the failure museum."""

import torch

from gan_helpers import symptoms
from gan_helpers.exercises.checking import Exercise
from gan_helpers.exercises.expectations import described, expect, expect_tensor, left_alone
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.symptoms_measured import confusion, measured_cases

LEAST_TOLD = 8  # of ten faults
MOST_FALSE_ALARMS = 0.05


_NO_DISTANCE = "A standard deviation is no distance between samples: take torch.pdist."


def _test_spread(spread) -> None:
    torch.manual_seed(0)
    real, fake = torch.rand(6, 3), 0.3 * torch.rand(5, 3)
    with left_alone(real, fake):
        value = spread(real, fake)
    expect_tensor(value, (), "The spread")
    ours, theirs = torch.pdist(fake), torch.pdist(real)
    value, right = value.item(), (ours.mean() / theirs.mean()).item()
    for wrong, words in (
        (1 / right, "It is upside down: the fakes' distance over the real ones'."),
        (ours.mean().item(), "That is the fakes' mean distance; divide it by the real ones', to know what is much."),
        ((ours.sum() / theirs.sum()).item(), "Take means, not sums: there need not be as many fakes as real ones."),
        (
            (torch.cdist(fake, fake).mean() / torch.cdist(real, real).mean()).item(),
            "torch.cdist(x, x) holds each sample's distance from itself too, 0; torch.pdist(x) does not.",
        ),
        (
            (torch.cdist(fake, real).mean() / theirs.mean()).item(),
            "That is how far the fakes are from the real ones: here how far they are from each other.",
        ),
        ((fake.std(0).mean() / real.std(0).mean()).item(), _NO_DISTANCE),
        ((fake.std() / real.std()).item(), _NO_DISTANCE),
    ):
        expect(abs(value - wrong) > 1e-5, words)
    expect(abs(value - right) < 1e-5, f"For a small example it should be {right:.4f}; yours is {value:.4f}.")
    one = fake[:1].expand(5, -1)
    expect(float(spread(real, one)) == 0, "Five times the same sample should have a spread of 0.")


def _test_looks_healthy(rule) -> None:
    cases = measured_cases(unseen=True)
    for case in cases[:1]:
        said = rule(case.found)
        expect(isinstance(said, bool), f"It should return True or False; yours is {described(said)}.")
    found = confusion(rule, cases)
    numbers = (
        f"On trainings it has not seen it tells {found.told} of 10 faults from health, with {found.false_alarms:.0%} "
        "false alarms."
    )
    expect(found.false_alarms < 1, "It calls no GAN healthy at all, not even the healthy ones.")
    expect(found.told > 0, "It calls all GANs healthy, whatever their fault.")
    missed = [name for name, (healthy, _) in found.counts.items() if healthy and name != "healthy"]
    expect(
        found.told >= LEAST_TOLD,
        f"{numbers} It takes for healthy, in one training or more: {', '.join(missed)}. Which symptom in the table "
        "sets these apart?",
    )
    expect(
        found.false_alarms <= MOST_FALSE_ALARMS,
        f"{numbers} Healthy trainings differ among themselves: leave more room on their side of the bounds.",
    )


EXERCISES = {
    "spread": Exercise(
        symptoms.spread,
        _test_spread,
        (
            "Two mean distances, and the one over the other.",
            "torch.pdist(x) gives the distances between all pairs of rows of x; .mean() is their mean.",
            "return torch.pdist(fake).mean() / torch.pdist(real).mean()",
        ),
    ),
    "looks_healthy": Exercise(
        symptoms.looks_healthy,
        _test_looks_healthy,
        (
            "Start with one symptom that most faults change, and a bound between health and them.",
            "found.loss_d, found.spread and found.density, each above some bound, joined by `and`.",
            "return found.loss_d > 1.23 and found.spread > 0.90 and found.density > 0.15",
        ),
    ),
}

QUIZZES = {
    "one_half": Quiz(
        "D answers one half to every picture, real or fake: it knows nothing. What is its loss, the sum of the two "
        "cross-entropies?",
        (
            ("0", "A loss of 0 needs a D that is sure, and right, about everything."),
            ("0.693, that is log 2", "For each of the two kinds of pictures, yes: the loss adds them."),
            ("1.386, that is 2 log 2", "log 2 for the real ones and log 2 for the fakes, whatever the real target."),
        ),
        2,
    ),
    "low_loss_g": Quiz(
        "loss_g has fallen from 1 to 0.3. Is that good news?",
        (
            ("yes: G makes better pictures", "loss_g asks what D says, not what the pictures look like."),
            (
                "nobody can say: it means that D calls the fakes real",
                "Of a D that sees nothing, that is no praise. Look at the pictures, and at how D ranks.",
            ),
            ("no: G has stopped learning", "Where D calls the fakes real, G's slope is small, but no proof of that."),
        ),
        1,
    ),
}
