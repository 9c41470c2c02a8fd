"""The symptoms of the museum's faults as they were measured, over several seeds: symptoms_measured.json.

Made by `scripts/measure_faults.py`. The verdict is tuned on the seeds below 300, and tried on the others.
"""

import functools
import importlib.resources
import json
from collections.abc import Callable, Iterable
from statistics import mean
from typing import NamedTuple

from gan_helpers.faults import FAULTS
from gan_helpers.museum_labels import NO_FAULT
from gan_helpers.symptoms import Symptoms

FIRST_UNSEEN = 300  # seeds from here on had no say in the verdict


class Case(NamedTuple):
    """One training of the museum: its `fault`, "healthy" where there is none, its `seed`, and what was `found`."""

    fault: str
    seed: int
    found: Symptoms


@functools.cache
def _rows() -> tuple[dict, ...]:
    file = importlib.resources.files("gan_helpers") / "symptoms_measured.json"
    return tuple(json.loads(file.read_text(encoding="utf-8")))


def measured_cases(*, unseen: bool) -> list[Case]:
    """The trainings that the verdict was tuned on, or those it had never seen."""
    return [
        Case(row["fault"], row["seed"], Symptoms(*(row[name] for name in Symptoms._fields)))
        for row in _rows()
        if (row["seed"] >= FIRST_UNSEEN) == unseen
    ]


def symptom_table(cases: Iterable[Case], names: Iterable[str] = Symptoms._fields) -> str:
    """The mean of each symptom for each fault, a line a fault."""
    cases, names = list(cases), list(names)
    lines = [f"{'':24}{'seeds':>6}" + "".join(f"{name:>10}" for name in names)]
    for fault in (NO_FAULT, *FAULTS):
        found = [case.found for case in cases if case.fault == fault]
        means = "".join(f"{mean(getattr(one, name) for one in found):10.2f}" for name in names)
        lines.append(f"{fault:24}{len(found):6}{means}")
    return "\n".join(lines)


class Confusion(NamedTuple):
    """For each fault, and for "healthy", how many of its trainings a rule calls healthy, and how many it does not."""

    counts: dict[str, tuple[int, int]]

    @property
    def told(self) -> int:
        """Of how many faults all trainings are told from health."""
        return sum(healthy == 0 for name, (healthy, _) in self.counts.items() if name != NO_FAULT)

    @property
    def false_alarms(self) -> float:
        """The share of the healthy trainings that are not called healthy."""
        healthy, not_healthy = self.counts[NO_FAULT]
        return not_healthy / (healthy + not_healthy)

    def __str__(self) -> str:
        lines = [f"{'':24}{'called healthy':>16}{'called unhealthy':>18}"]
        lines += [f"{name:24}{healthy:16}{not_healthy:18}" for name, (healthy, not_healthy) in self.counts.items()]
        lines.append(f"told from health: {self.told} of {len(self.counts) - 1} faults")
        return "\n".join([*lines, f"false alarms: {self.false_alarms:.0%} of the healthy ones"])


def confusion(rule: Callable[[Symptoms], bool], cases: Iterable[Case]) -> Confusion:
    """What `rule`, which says whether symptoms are those of health, makes of `cases`.

    Raises TypeError where it returns something else than True or False.
    """
    counts = {name: [0, 0] for name in (NO_FAULT, *FAULTS)}
    for case in cases:
        said = rule(case.found)
        if not isinstance(said, bool):
            raise TypeError(f"the rule should return True or False, not {said!r}.")
        counts[case.fault][not said] += 1
    return Confusion({name: tuple(pair) for name, pair in counts.items()})
