"""Every exercise of lesson 07: right variants are accepted, plausible wrong ones refused with the fitting words."""

import textwrap

import torch
import torch.nn.functional as F
from exercise_table import table_tests

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises
from gan_helpers.models import cyclegan

NAMES = ["cycle_loss", "remember", "full_generators_loss"]


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a notebook cell with this text defines."""
    namespace = {"torch": torch, "F": F, "Pair": cyclegan.Pair, "BUFFER": cyclegan.BUFFER}
    namespace["squared_generator_loss"] = cyclegan.squared_generator_loss
    exec(textwrap.dedent(cell), namespace)
    return checking._problem(exercises()[name], name, namespace[name])


def c(body) -> str:
    return f"def cycle_loss(real, again): return {body}"


def r(keep="kept.append(one)", coin="torch.rand(()) < 0.5", swap="kept[place], one = one, kept[place]",
      source="fake.detach()", show="one", room="len(kept) < size") -> str:  # fmt: skip
    return f"""
        def remember(fake, kept, size=BUFFER):
            shown = []
            for one in {source}:
                if {room}:
                    {keep}
                elif {coin}:
                    place = int(torch.randint(size, ()))
                    {swap}
                shown.append({show})
            return torch.stack(shown)
    """


def g(body) -> str:
    return f"def full_generators_loss(fake_logits, cycle, identity, weights): return {body}"


A, B = "squared_generator_loss(fake_logits.a)", "squared_generator_loss(fake_logits.b)"
REST = "weights[0] * cycle + weights[1] * identity"

RIGHT = [
    ("cycle_loss", c("F.l1_loss(again.a, real.a) + F.l1_loss(again.b, real.b)")),
    ("cycle_loss", c("sum(F.l1_loss(x, y) for x, y in zip(again, real))")),
    ("cycle_loss", c("(again.a - real.a).abs().mean() + (again.b - real.b).abs().mean()")),
    ("remember", r()),
    ("remember", r(coin="torch.randint(2, ()) == 1")),
    ("remember", r(swap="one, kept[place] = kept[place], one", source="fake.detach().unbind()")),
    ("remember", r(swap="older = kept.pop(place); kept.append(one); one = older")),
    ("full_generators_loss", g(f"{A} + {B} + {REST}")),
    ("full_generators_loss", g(f"sum(squared_generator_loss(one) for one in fake_logits) + {REST}")),
    ("full_generators_loss", g(f"((fake_logits.a - 1) ** 2).mean() + ((1 - fake_logits.b) ** 2).mean() + {REST}")),
]

WRONG = [
    ("cycle_loss", c("F.l1_loss(again.a, real.a)"), "Only A went there and back"),
    ("cycle_loss", c("F.l1_loss(again.b, real.b)"), "Only B went there and back"),
    ("cycle_loss", c("F.l1_loss(again.a, real.b) + F.l1_loss(again.b, real.a)"), "A came back as A"),
    ("cycle_loss", c("F.mse_loss(again.a, real.a) + F.mse_loss(again.b, real.b)"), "squared differences"),
    ("cycle_loss", c("(F.l1_loss(again.a, real.a) + F.l1_loss(again.b, real.b)) / 2"), "do not average"),
    ("cycle_loss", c("10 * (F.l1_loss(again.a, real.a) + F.l1_loss(again.b, real.b))"), "The weight, 10, comes later"),
    ("cycle_loss", c("(again.a - real.a).abs().sum() + (again.b - real.b).abs().sum()"), "sum over the pixels"),
    ("cycle_loss", c("F.l1_loss(again.a.detach(), real.a) + F.l1_loss(again.b, real.b)"), "No slope runs back"),
    ("cycle_loss", c("F.l1_loss(again.a, real.a) - F.l1_loss(again.b, real.b)"), "For a small example"),
    ("remember", r(source="fake"), "fake.detach()"),
    ("remember", r(coin="True"), "100% are"),
    ("remember", r(coin="False"), "none is"),
    ("remember", r(room="True"), "fakes at most"),
    ("remember", r(swap="one = kept[place]"), "the new one should take its place"),
    ("remember", r(swap="kept[place] = one"), "the new one should take its place"),
    ("remember", r(keep="pass"), "kept should hold these two"),
    ("remember", r(show="one * 2"), "the fakes themselves should be shown"),
    ("remember", "def remember(fake, kept, size=50):\n    kept.append(fake.detach())\n    return fake.detach()",
     "kept should hold these two"),
    ("full_generators_loss", g(f"fake_logits.a.square().mean() + fake_logits.b.square().mean() + {REST}"),
     "G wants to hear 1"),
    ("full_generators_loss", g(f"{A} + {REST}"), "fake_logits.b is missing"),
    ("full_generators_loss", g(f"{B} + {REST}"), "fake_logits.a is missing"),
    ("full_generators_loss", g(REST), "adversarial losses are missing"),
    ("full_generators_loss", g(f"{A} + {B} + cycle + identity"), "weights are missing"),
    ("full_generators_loss", g(f"{A} + {B} + weights[1] * cycle + weights[0] * identity"), "changed places"),
    ("full_generators_loss", g(f"{A} + {B} + weights[0] * cycle"), "identity loss is missing"),
    ("full_generators_loss", g(f"{A} + {B} + weights[1] * identity"), "cycle loss is missing"),
    ("full_generators_loss", g(f"({A} + {B}) / 2 + {REST}"), "do not average them"),
    ("full_generators_loss", g(f"{A} + {B} + 10 * cycle + 5 * identity"), "use weights, not numbers"),
    ("full_generators_loss", g(f"{A} + {B} + weights[0] * cycle.item() + weights[1] * identity"), "into cycle"),
]  # fmt: skip

test_right_variants_are_accepted, test_wrong_variants_are_refused_with_the_fitting_words, test_enough_of_both = (
    table_tests(problem, NAMES, RIGHT, WRONG)
)
