"""Exercises and questions of lesson 07, CycleGAN."""

import torch
import torch.nn.functional as F

from gan_helpers.exercises.checking import Exercise
from gan_helpers.exercises.expectations import described, expect, expect_tensor, left_alone
from gan_helpers.exercises.quiz import Quiz
from gan_helpers.models import cyclegan
from gan_helpers.models.cyclegan import Pair


def _test_cycle_loss(loss) -> None:
    torch.manual_seed(0)
    real = Pair(torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4))
    again = Pair(torch.rand(2, 3, 4, 4, requires_grad=True), torch.rand(2, 3, 4, 4, requires_grad=True))
    with left_alone(*real):
        value = loss(real, again)
    expect_tensor(value, (), "The loss")
    slope, value = value, value.item()
    a, b = ((ours.detach() - theirs).abs().mean().item() for ours, theirs in zip(again, real, strict=True))
    crossed = F.l1_loss(again.a, real.b) + F.l1_loss(again.b, real.a)
    squares = sum(F.mse_loss(ours, theirs).item() for ours, theirs in zip(again, real, strict=True))
    for wrong, words in (
        (a, "Only A went there and back: B should, too. Add the two."),
        (b, "Only B went there and back: A should, too. Add the two."),
        (crossed.item(), "A came back as A: compare again.a with real.a, and again.b with real.b."),
        (squares, "These are squared differences; the paper takes absolute ones (F.l1_loss)."),
        ((a + b) / 2, "That is half of it: add the two, do not average them."),
        (10 * (a + b), "The weight, 10, comes later: here the loss as it is."),
    ):
        expect(abs(value - wrong) > 1e-5, words)
    sums = sum((ours.detach() - theirs).abs().sum().item() for ours, theirs in zip(again, real, strict=True))
    expect(abs(value - sums) > 1e-3, "That is the sum over the pixels: it should be their mean, whatever their number.")
    expect(abs(value - (a + b)) < 1e-5, f"For a small example it should be {a + b:.4f}; yours is {value:.4f}.")
    expect(slope.requires_grad, "No slope runs back into the pictures that came back: use them without detach.")
    slope.backward()
    expect(
        all(picture.grad is not None and bool(picture.grad.any()) for picture in again),
        "No slope runs back into the pictures that came back: use them without detach.",
    )


def _test_remember(remember) -> None:
    size = 4
    kept: list[torch.Tensor] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        first = torch.arange(8.0).view(2, 4, 1, 1).requires_grad_()
        shown = remember(first, kept, size)
        expect_tensor(shown, (2, 4, 1, 1), "Of fakes (2, 4, 1, 1), what is shown")
        expect(not shown.requires_grad, "A past hangs on what is shown: D's turn must not reach G. Use fake.detach().")
        expect(
            torch.equal(shown, first.detach()),
            "While there is room in kept, the fakes themselves should be shown, in their order.",
        )
        expect(
            all(isinstance(one, torch.Tensor) for one in kept) and len(kept) == 2,
            f"After two fakes, kept should hold these two; it holds {len(kept)} things.",
        )
        expect(
            not any(one.requires_grad for one in kept), "What is kept should have no past either: fake.detach() first."
        )
        expect(
            all(tuple(one.shape) == (4, 1, 1) for one in kept),
            "Keep the fakes one by one, (4, 1, 1) each, not the whole batch.",
        )
        swapped, given = _play_buffer(remember, kept, size)
    expect(len(kept) == size, f"kept should fill up to size, here {size}; it holds {len(kept)}.")
    expect(swapped > 0, "From when kept is full, about half of the fakes should be swapped with older ones; none is.")
    expect(
        0.3 < swapped / given < 0.7,
        f"About half of the fakes should be swapped with older ones; {swapped / given:.0%} are.",
    )


def _play_buffer(remember, kept: list, size: int) -> tuple[int, int]:
    """How many of how many fakes were swapped with older ones; NotYet where a fake is lost or made up."""
    inside, swapped, given = {one.sum().item() for one in kept}, 0, 0
    for number in range(10, 210):
        fake = torch.full((1, 4, 1, 1), float(number))
        full = len(kept) == size
        shown = remember(fake, kept, size)
        expect(isinstance(shown, torch.Tensor), f"It should return a tensor; yours is {described(shown)}.")
        expect(tuple(shown.shape) == (1, 4, 1, 1), f"Of one fake, one is shown; yours are {tuple(shown.shape)}.")
        out, new = shown.sum().item(), 4.0 * number
        expect(out == new or out in inside, "It shows what it was never given: an older fake is one that kept holds.")
        if out != new:
            expect(full, "While there is room in kept, nothing is swapped.")
            inside = inside - {out} | {new}
        elif not full:
            inside.add(new)
        expect(len(kept) <= size, f"kept should hold size, here {size}, fakes at most; it holds {len(kept)}.")
        now = {one.sum().item() for one in kept}
        expect(
            now == inside,
            "When an older fake is shown, the new one should take its place in kept; when the new one is shown, a full "
            "kept stays as it is.",
        )
        swapped, given = swapped + (full and out != new), given + full
    return swapped, given


def _test_full_generators_loss(loss) -> None:
    logits = Pair(
        torch.tensor([[0.5, 2.0], [1.5, -1.0]], requires_grad=True), torch.tensor([3.0, 0.0], requires_grad=True)
    )
    cycle, identity = torch.tensor(0.3, requires_grad=True), torch.tensor(0.2, requires_grad=True)
    value = loss(logits, cycle, identity, (10.0, 5.0))
    expect_tensor(value, (), "The loss")
    slope, value = value, value.item()
    a, b = ((said.detach() - 1).square().mean().item() for said in logits)
    fooled = sum(said.detach().square().mean().item() for said in logits)
    rest = 10 * 0.3 + 5 * 0.2
    for wrong, words in (
        (fooled + rest, "G wants to hear 1 from D, not 0: squared_generator_loss has that inside."),
        (a + rest, "Both discriminators have to be fooled: fake_logits.b is missing."),
        (b + rest, "Both discriminators have to be fooled: fake_logits.a is missing."),
        (rest, "The adversarial losses are missing: nothing asks for the other kind."),
        (
            a + b + 0.3 + 0.2,
            "The weights are missing: weights[0] for the cycle, weights[1] for the identity loss.",
        ),
        (a + b + 10 * 0.2 + 5 * 0.3, "The weights have changed places: weights[0] belongs to the cycle loss."),
        (a + b + 10 * 0.3, "The identity loss is missing."),
        (a + b + 5 * 0.2, "The cycle loss is missing."),
        ((a + b) / 2 + rest, "Add the two adversarial losses, do not average them (equation 3)."),
    ):
        expect(abs(value - wrong) > 1e-5, words)
    right = a + b + rest
    expect(abs(value - right) < 1e-4, f"For a small example it should be {right:.4f}; yours is {value:.4f}.")
    other = loss(Pair(*(said.detach() for said in logits)), cycle.detach(), identity.detach(), (1.0, 0.0)).item()
    expect(abs(other - (a + b + 0.3)) < 1e-4, "With other weights it goes wrong: use weights, not numbers of your own.")
    slope.backward()
    given = {"fake_logits.a": logits.a, "fake_logits.b": logits.b, "cycle": cycle, "identity": identity}
    cut = [name for name, tensor in given.items() if tensor.grad is None]
    expect(not cut, f"No slope runs back into {', '.join(cut)}: use what is given without detach or item.")


EXERCISES = {
    "cycle_loss": Exercise(
        cyclegan.cycle_loss,
        _test_cycle_loss,
        (
            "Two comparisons, one for each kind: what came back with what was sent.",
            "F.l1_loss(x, y) is the mean absolute difference of two tensors.",
            "return F.l1_loss(again.a, real.a) + F.l1_loss(again.b, real.b)",
        ),
    ),
    "remember": Exercise(
        cyclegan.remember,
        _test_remember,
        (
            "Two cases for each fake: there is room (keep it, show it), or there is none (then throw a coin).",
            "torch.rand(()) < 0.5 is the coin; int(torch.randint(size, ())) is a place in kept.",
            "Room: kept.append(one). Else, on heads: kept[place], one = one, kept[place]. Then shown.append(one).",
        ),
    ),
    "full_generators_loss": Exercise(
        cyclegan.full_generators_loss,
        _test_full_generators_loss,
        (
            "Three parts: fool both discriminators, come back, and leave alone what is already right.",
            "squared_generator_loss takes the logits of one discriminator; weights is (of the cycle, of the identity).",
            "squared_generator_loss(fake_logits.a) + squared_generator_loss(fake_logits.b) + weights[0] * cycle + ...",
        ),
    ),
}

QUIZZES = {
    "random_partner": Quiz(
        "No pairs, but we want a pixel loss: each cheese pizza gets a random pepperoni pizza as its answer. What will "
        "a translator that is trained so draw?",
        (
            (
                "the partner it was given",
                "It would have to know which one was drawn by lot: its input does not say.",
            ),
            (
                "one blurred picture for all: the middle of all pepperoni pizzas",
                "Whatever comes in, any answer is as likely. Nearest to all of them on average is their middle.",
            ),
            ("the same pizza with pepperoni", "Nothing in the loss says that the same pizza is asked for."),
        ),
        1,
    ),
    "without_cycle": Quiz(
        "Only the discriminators, no cycle loss. A translator turns every cheese pizza, whatever it lies on, into one "
        "and the same beautiful pepperoni pizza. What does D say to that?",
        (
            (
                "real: it cannot know what went in",
                "D sees one picture at a time, and each is a pepperoni pizza.",
            ),
            ("fake: the plate has changed", "D never sees the picture that went in: it knows of no plate before."),
            ("fake: they are all alike", "D judges one picture at a time; that all are alike it sees only by and by."),
        ),
        0,
    ),
    "where_hidden": Quiz(
        "A pepperoni pizza becomes a cheese pizza, and that becomes a pepperoni pizza again, with every slice in its "
        "old place. How does the second translator know the places?",
        (
            ("it guesses well", "There are too many ways to lie for that."),
            (
                "the first one has written them into the cheese, too faint to see",
                "The cycle loss rewards it: what is not written down cannot come back (Chu et al. 2017).",
            ),
            ("it remembers the picture", "Its weights are the same for all pictures: it has no memory of one."),
        ),
        1,
    ),
}
