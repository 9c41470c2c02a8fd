"""The loop of `python -m gan_helpers train`: the steps of the lessons on Accelerate, averaged and checkpointed.

Needs the packages of `gan-helpers[train]`. The notebooks have a loop of their own, the clock, which can be steered.
"""

import glob
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from gan_helpers.averages import running_average
from gan_helpers.batches import Batches
from gan_helpers.checkpoint import load_checkpoint, save_checkpoint
from gan_helpers.interrupt import PoliteInterrupt
from gan_helpers.live import SHARE, Pacer, duration
from gan_helpers.runtime import device, fast_layout, precision, threads_for

CHECKPOINT_EVERY = 120.0  # seconds
REPORTS = 20  # lines on stderr in a whole training


class Order(NamedTuple):
    """How long to train, and where to keep what is half done.

    Ends after `steps` or `minutes`, whichever comes first; `seed` decides the order of the data. `checkpoint` is a file
    that is written every two minutes and gone on from when it exists, None for none.
    """

    steps: int
    minutes: float
    seed: int = 0
    checkpoint: Path | None = None

    def phase(self, name: str) -> "Order":
        """The order for one phase of a training of several: the same, with a checkpoint of its own."""
        if self.checkpoint is None:
            return self
        return self._replace(checkpoint=self.checkpoint.with_name(f"{self.checkpoint.name}-{name}"))


class Played(NamedTuple):
    """What came of a training: the number of finished `steps`, and the `average` of the first network or None."""

    steps: int
    average: nn.Module | None


def play(
    batches: Batches,
    turns: Callable,
    nets,
    opts,
    order: Order,
    *,
    decay: float | None = None,
    rows: bool = False,
    each_step: Callable[[int], object] = int,
) -> Played:
    """Train `nets` by `opts`, two NamedTuples with the same fields, in place.

    Each step calls `turns(real, nets, opts, backward=...)`, a step of a lesson, which returns losses by name; with
    `rows` it gets the numbers of the samples instead of the samples. `each_step(step)` is called before the first and
    after each step, with the number of finished ones, also where a checkpoint is gone on from. Accelerate moves
    everything to the fastest device and computes in bfloat16 where that pays (see `runtime.precision`).

    With `decay`, in (0, 1), the average of the first network is kept (see `averages.running_average`).

    An interrupt lets the step end and the checkpoint be written before it raises KeyboardInterrupt. Raises
    FloatingPointError at a loss that is not finite, ValueError for a checkpoint of another model.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    # Accelerate keeps one precision for the whole process; a second training may want another.
    AcceleratorState._reset_state()
    fast = "bf16" if precision() == "bfloat16" else "no"
    accelerator = Accelerator(mixed_precision=fast, cpu=device().type == "cpu")
    for net in nets:
        fast_layout(net)
    # Before `prepare`, which puts a method into the network that a copy must not have.
    average = None if decay is None else running_average(nets[0], decay).to(accelerator.device)
    ready = accelerator.prepare(*nets, *opts)
    ready_nets, ready_opts = type(nets)(*ready[: len(nets)]), type(opts)(*ready[len(nets) :])
    checkpoint = _Checkpoint(order.checkpoint, batches, _with_average(nets, average), opts)
    step = first = checkpoint.resume()
    began = time.monotonic()
    each_step(step)
    with threads_for(nets), PoliteInterrupt() as interrupt:
        while step < order.steps and time.monotonic() - began < 60 * order.minutes and not interrupt.asked:
            dealt = batches.next_rows() if rows else batches.next().to(accelerator.device)
            losses = turns(dealt, ready_nets, ready_opts, backward=accelerator.backward)
            if average is not None:
                average.update_parameters(nets[0])
            step += 1
            each_step(step)
            if step % max(1, order.steps // REPORTS) == 0 or step == order.steps:
                _report(step, first, order, began, losses)
            checkpoint.look(step)
    checkpoint.save(step)
    if interrupt.asked:
        raise KeyboardInterrupt
    if step < order.steps:
        print(f"ended after {step:,} steps: {order.minutes:g} minutes are over", file=sys.stderr)
    return Played(step, None if average is None else average.module)


def seconds_trained(checkpoint: Path | None) -> float:
    """How long the training took whose `checkpoint` this is, in all processes that went on from it; 0 without a file.

    Of a training in several phases (see `Order.phase`): all of them together.

    To be asked after `play`, which refuses a file that is no checkpoint in words.
    """
    if checkpoint is None:
        return 0.0
    files = [checkpoint] if checkpoint.exists() else checkpoint.parent.glob(f"{glob.escape(checkpoint.name)}-*")
    stored = [torch.load(file, map_location="cpu", weights_only=True) for file in files]
    return float(sum(sum(one["history"].get("seconds", [])) for one in stored))


def _report(step: int, first: int, order: Order, began: float, losses: dict[str, torch.Tensor]) -> None:
    values = {name: float(value) for name, value in losses.items()}
    left = (time.monotonic() - began) / (step - first) * (order.steps - step)
    shown = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
    print(f"step {step:,} of {order.steps:,}  {shown}  {duration(left)} left", file=sys.stderr)
    for name, value in values.items():
        if value != value or abs(value) == float("inf"):
            raise FloatingPointError(f"{name} became {value} by step {step:,}; nothing was written.")


class _Checkpoint:
    """The file to go on from, written from time to time; without a path it does nothing."""

    def __init__(self, path: Path | None, batches: Batches, nets, opts):
        self._path, self._batches, self._nets, self._opts = path, batches, nets, opts
        self._pacer = Pacer(SHARE, CHECKPOINT_EVERY)
        self._began = now = time.monotonic()
        self._earlier: list[float] = []  # seconds that earlier processes took
        self._pacer.took(now, now)  # the first one after a whole interval

    def resume(self) -> int:
        """The number of steps the file had finished, its state in place; 0 without a file."""
        if self._path is None or not self._path.exists():
            return 0
        stored = load_checkpoint(self._path, self._nets, self._opts)
        self._batches.load_state(stored.data_order)
        self._earlier = stored.history.get("seconds", [])
        print(f"resumed from {self._path} at step {stored.step:,}", file=sys.stderr)
        return stored.step

    def look(self, step: int) -> None:
        """Write if it is time."""
        if self._pacer.due(began := time.monotonic()):
            self.save(step)
            self._pacer.took(began, time.monotonic())

    def save(self, step: int) -> None:
        """Write, in one piece."""
        if self._path is not None:
            seconds = {"seconds": [*self._earlier, time.monotonic() - self._began]}
            order = self._batches.state()
            save_checkpoint(self._path, self._nets, self._opts, step=step, data_order=order, history=seconds)


def _with_average(nets, average: nn.Module | None):
    """`nets` and `average` under one roof, for a checkpoint."""
    if average is None:
        return nets
    return NamedTuple("WithAverage", [*((name, nn.Module) for name in nets._fields), ("average", nn.Module)])(
        *nets, average
    )
