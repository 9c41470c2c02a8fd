"""The loop of `python -m gan_helpers train`: the steps of the lessons on Accelerate, averaged and checkpointed.

Needs the packages of `gan-helpers[train]`. The notebooks have a loop of their own, the clock, which can be steered.
"""

import glob
import math
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
from gan_helpers.pairs import random_states, set_random_states
from gan_helpers.processes import AGREE_EVERY, Turns, any_of, prepare, seed_apart, share_of, warn_of_batch_norm
from gan_helpers.runtime import device, fast_layout, precision, threads_for

CHECKPOINT_EVERY = 120.0  # seconds
REPORTS = 20  # lines on stderr in a whole training
LOG_EVERY = 20  # steps: for TensorBoard, and looked at for losses that are no numbers


class Order(NamedTuple):
    """How long to train, and where to keep what is half done.

    Ends after `steps` or `minutes`, whichever comes first; `seed` decides the order of the data. `checkpoint` is a file
    that is written every two minutes and gone on from when it exists, None for none. Each batch is computed in `micro`
    parts, one after another, where it does not fit into memory as a whole. `log` is a folder for TensorBoard, None for
    none.
    """

    steps: int
    minutes: float
    seed: int = 0
    checkpoint: Path | None = None
    micro: int = 1
    log: Path | None = None

    def phase(self, name: str) -> "Order":
        """The order for one phase of a training of several: the same, with checkpoint and log of its own."""
        own = {}
        if self.checkpoint is not None:
            own["checkpoint"] = self.checkpoint.with_name(f"{self.checkpoint.name}-{name}")
        if self.log is not None:
            own["log"] = self.log / name
        return self._replace(**own)


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
    everything to the fastest device and computes in bfloat16 where that pays (see `runtime.precision`). In several
    processes (`accelerate launch`) each computes its part of every batch, on gradients averaged over all: see
    `processes`.

    With `decay`, in (0, 1), the average of the first network is kept (see `averages.running_average`).

    An interrupt lets the step end and the checkpoint be written before it raises KeyboardInterrupt. Raises
    FloatingPointError at a loss that is not finite, ValueError for a checkpoint of another model and for a batch that
    cannot be divided among the processes.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    # Accelerate keeps one precision for the whole process; a second training may want another.
    AcceleratorState._reset_state()
    fast = "bf16" if precision() == "bfloat16" else "no"
    accelerator = Accelerator(mixed_precision=fast, cpu=device().type == "cpu", gradient_accumulation_steps=order.micro)
    for net in nets:
        fast_layout(net)
    # Before `prepare`, which puts a method into the network that a copy must not have.
    average = None if decay is None else running_average(nets[0], decay).to(accelerator.device)
    nets = type(nets)(*(prepare(accelerator, net) for net in nets))
    _say(accelerator, f"training on {len(batches):,} samples, in batches of {batches.batch}")
    _say(accelerator, warn_of_batch_norm(accelerator, nets))
    shared = Turns(accelerator, opts, order.micro)
    checkpoint = _Checkpoint(accelerator, order, batches, _with_average(nets, average), opts)
    seed_apart(accelerator, order.seed)
    step = first = checkpoint.resume()
    began = time.monotonic()
    each_step(step)
    parts = accelerator.num_processes * order.micro

    def work(number: int) -> dict[str, torch.Tensor]:
        own = share_of(chosen, accelerator.process_index * order.micro + number, parts)
        dealt = own if rows else batches.take(own).to(accelerator.device)
        return turns(dealt, nets, shared.opts, backward=shared.backward)

    stop = asked = save = False
    with threads_for(nets), PoliteInterrupt() as interrupt, _Log(accelerator, order.log) as log:
        while step < order.steps:
            if step % AGREE_EVERY == 0 or accelerator.num_processes == 1:
                over = time.monotonic() - began >= 60 * order.minutes
                stop, asked, save = any_of(accelerator, [over, interrupt.asked, checkpoint.due()])
            if save and step > first:
                checkpoint.save(step)
            save = False
            if stop or asked:
                break
            chosen = batches.next_rows()
            losses = shared.iteration(work)
            if average is not None:
                average.update_parameters(nets[0])
            step += 1
            each_step(step)
            report = step % max(1, order.steps // REPORTS) == 0 or step == order.steps
            if report or step % LOG_EVERY == 0:
                losses = {name: accelerator.reduce(loss.float(), "mean").item() for name, loss in losses.items()}
                log.write(losses, step)
                _check_finite(losses, step)
            if report:
                _say(accelerator, _progress(step, first, order, began, losses))
    checkpoint.save(step)
    if asked:
        raise KeyboardInterrupt
    if step < order.steps:
        _say(accelerator, f"ended after {step:,} steps: {order.minutes:g} minutes are over")
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


def _progress(step: int, first: int, order: Order, began: float, losses: dict[str, float]) -> str:
    left = (time.monotonic() - began) / (step - first) * (order.steps - step)
    shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
    return f"step {step:,} of {order.steps:,}  {shown}  {duration(left)} left"


def _check_finite(losses: dict[str, float], step: int) -> None:
    for name, value in losses.items():
        if not math.isfinite(value):
            raise FloatingPointError(f"{name} became {value} by step {step:,}; nothing was written.")


def _say(accelerator, words: str) -> None:
    if words and accelerator.is_main_process:
        print(words, file=sys.stderr)


class _Log:
    """Losses for TensorBoard, written by the main process; without a folder it does nothing."""

    def __init__(self, accelerator, folder: Path | None):
        self._writer = None
        if folder is not None and accelerator.is_main_process:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))

    def __enter__(self) -> "_Log":
        return self

    def __exit__(self, *_) -> None:
        if self._writer:
            self._writer.close()

    def write(self, losses: dict[str, float], step: int) -> None:
        """The `losses` after that many steps."""
        if self._writer:
            for name, value in losses.items():
                self._writer.add_scalar(name, value, step)


class _Checkpoint:
    """The file to go on from, written from time to time by the main process; without a path it does nothing."""

    def __init__(self, accelerator, order: Order, batches: Batches, nets, opts):
        self._accelerator, self._path, self._seed = accelerator, order.checkpoint, order.seed
        self._batches, self._nets, self._opts = batches, nets, opts
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
        number = self._accelerator.process_index
        if 0 < number <= len(stored.others):
            set_random_states(stored.others[number - 1], self._nets)
        elif number:  # more processes than before: else the new one would draw what the first one draws
            seed_apart(self._accelerator, self._seed + stored.step)
        _say(self._accelerator, f"resumed from {self._path} at step {stored.step:,}")
        return stored.step

    def due(self) -> bool:
        """Whether it is time to write; only the main process says so."""
        return self._accelerator.is_main_process and self._path is not None and self._pacer.due(time.monotonic())

    def save(self, step: int) -> None:
        """Write, in one piece; all processes have to call it, since each has random numbers of its own."""
        if self._path is None:
            return
        from accelerate.utils import gather_object

        began = time.monotonic()
        others = gather_object([random_states(self._nets)])[1:] if self._accelerator.num_processes > 1 else []
        if self._accelerator.is_main_process:
            seconds = {"seconds": [*self._earlier, began - self._began]}
            order = self._batches.state()
            save_checkpoint(
                self._path, self._nets, self._opts, step=step, data_order=order, history=seconds, others=others
            )
        self._pacer.took(began, time.monotonic())


def _with_average(nets, average: nn.Module | None):
    """`nets` and `average` under one roof, for a checkpoint."""
    if average is None:
        return nets
    return NamedTuple("WithAverage", [*((name, nn.Module) for name in nets._fields), ("average", nn.Module)])(
        *nets, average
    )
