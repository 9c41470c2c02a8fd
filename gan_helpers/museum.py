"""The failure museum of lesson 08: small GANs in sealed order, most with a planted fault, to be told by their symptoms.

A room is one training of ten to twenty seconds. Nobody says what is wrong; the attendee looks, guesses, and is told.
"""

import random

import torch
from matplotlib.axes import Axes

from gan_helpers.batches import Batches
from gan_helpers.clock import training
from gan_helpers.exercises.quiz import Quiz, ask
from gan_helpers.faults import BATCH, FAULTS, Exhibit, exhibit, held_out, judged_z
from gan_helpers.museum_labels import LABELS, NO_FAULT
from gan_helpers.plots.images import images_in
from gan_helpers.runtime import use_threads
from gan_helpers.symptoms import STEPS, Symptoms, complaints, examine
from gan_helpers.watch import COLUMNS, samples

NAMES = (*FAULTS, NO_FAULT)  # what may be in a room
FIRST_SEED = 1000  # of the rooms: none that the verdict was tuned or tested on
MINUTES = 3.0  # at the most, for machines that need longer than anybody should wait


def visit(room: int | str, *, ticket: int = 0) -> Symptoms | None:
    """Train what stands in a room, live, then ask what is wrong with it; returns the symptoms at the end.

    They are None where it was stopped before the first step; then nothing is asked.

    `room` is a number from 1 to 11, in an order that depends on the `ticket` alone: the same for all who hold the same,
    ten faults and one GAN without any. Or it is a name out of NAMES, which is then no secret and nothing is asked.
    Raises ValueError for another room or a ticket that is no whole number.
    """
    name = room if isinstance(room, str) else behind_door(room, ticket)
    if name not in NAMES:
        raise ValueError(f"room should be a number from 1 to {len(NAMES)} or one of {', '.join(NAMES)}; {room!r} came.")
    sealed = not isinstance(room, str)
    found, step = train_exhibit(name, seed=FIRST_SEED + (room if sealed else 0), sealed=sealed)
    if found is None:
        print("Stopped before the first step: there is nothing to see yet. Run this cell again.")
    elif sealed:
        ask(question(room, name, verdict(found) if step == STEPS else ""))
    else:
        print(f"{name}: {LABELS[name].seen}")
    return found


def behind_door(room: int, ticket: int = 0) -> str:
    """What stands in room number `room`, one of NAMES: spoils the guess. Raises ValueError as `visit` does."""
    if isinstance(room, bool) or not isinstance(room, int) or not 1 <= room <= len(NAMES):
        raise ValueError(f"room should be a number from 1 to {len(NAMES)}, not {room!r}.")
    if isinstance(ticket, bool) or not isinstance(ticket, int):
        raise ValueError(f"ticket should be a whole number, not {ticket!r}.")
    order = list(NAMES)
    random.Random(f"museum {ticket}").shuffle(order)
    return order[room - 1]


def question(room: int, name: str, judged: str = "") -> Quiz:
    """What is asked of a visitor of the room in which `name` stands; who finds out is told the verdict `judged`."""
    answers = tuple((option, _reply(name, option, judged)) for option in NAMES)
    return Quiz(f"Room {room}: what is wrong with this GAN?", answers, NAMES.index(name))


def _reply(name: str, guess: str, judged: str) -> str:
    label = LABELS[guess]
    if guess == name:
        rule = f" The rule of section 4 says: {judged}" * bool(judged)
        return f"Yes. Planted: {label.planted} {label.why} Mend: {label.mend}{rule}"
    return f'Not this. With "{guess}" you would have seen: {label.seen} Compare, and guess again.'


def train_exhibit(name: str, *, seed: int, sealed: bool) -> tuple[Symptoms | None, int]:
    """1,000 steps of a new GAN with this fault (one of NAMES) in the live view; its symptoms at the end, and the step.

    Where it is `sealed`, neither the learning rates nor a verdict are shown. No symptoms where no step was taken.
    """
    whole = _exhibit(name, seed)
    real, z = held_out(), judged_z()

    def symptoms() -> Symptoms:
        losses = torch.tensor([run.history[key] for key in ("loss_d", "loss_g")]).T
        return examine(real, whole.nets, z, losses)

    def show(ax: Axes) -> str:
        images_in(ax, samples(whole.nets.generator, z[: COLUMNS**2]), columns=COLUMNS)
        return said(symptoms(), None if sealed else run.step) if run.step else ""

    run = training(
        whole.real, whole.nets, whole.opts, steps=STEPS, minutes=MINUTES, batch=BATCH, seed=seed, show=show,
        sliders=not sealed,
    )  # fmt: skip
    for _, batch in run:
        loss_d, loss_g = whole.step(batch, whole.nets, whole.opts)
        run.log(loss_d=loss_d, loss_g=loss_g)
    return (symptoms() if run.step else None), run.step


def trained(name: str, *, seed: int, steps: int = STEPS) -> tuple[Exhibit, Symptoms]:
    """The same without a live view, on one thread: what stands there afterwards, and its symptoms."""
    whole = _exhibit(name, seed)
    batches, losses = Batches(whole.real, BATCH, seed=seed), []
    with use_threads(1):
        for _ in range(steps):
            losses.append(torch.stack(whole.step(batches.next(), whole.nets, whole.opts)))
    return whole, examine(held_out(), whole.nets, judged_z(), torch.stack(losses))


def _exhibit(name: str, seed: int) -> Exhibit:
    return exhibit(None if name == NO_FAULT else name, seed=seed)


def said(found: Symptoms, step: int | None) -> str:
    """What the live view says below the pictures: the symptoms and, but for None, the verdict at this step."""
    numbers = (
        f"D ranks {found.ranked:.0%} of pairs right, spread {found.spread:.2f}, density {found.density:.2f}, "
        f"coverage {found.coverage:.0%}, dark {found.dark:.2f}."
    )
    if step is None:
        return numbers
    return f"{numbers} {verdict(found) if step == STEPS else f'A verdict comes at step {STEPS:,}.'}"


def verdict(found: Symptoms) -> str:
    """Whether these are symptoms of health, and which are not: of a GAN of the museum after 1,000 steps."""
    what = complaints(found)
    return f"Unlike health: {', '.join(what)}." if what else "Within what healthy runs show."
