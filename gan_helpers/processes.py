"""A training in several processes, on one machine or many: what they share, and what each does for itself.

Every process holds the same networks and makes the same steps; only the rows of a batch are divided among them, and
what is drawn by chance. The networks are not wrapped (DistributedDataParallel would count forward passes, and in G's
turn D has one without a step): the gradients are averaged once a turn, between backward and step. So D takes part in
G's turn as it is, and its own gradients are not even computed there.
"""

import os
from collections.abc import Callable

import torch
from torch import nn
from torch._utils import _flatten_dense_tensors, _unflatten_dense_tensors

from gan_helpers.runtime import device

AGREE_EVERY = 10  # steps after which several processes ask each other whether to stop or to save
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
FAR = 1_000_003  # between the seeds of the processes: more than anybody counts seeds up


def is_main() -> bool:
    """Whether this is the process that scores, writes and reports; the only one, if nothing launched several."""
    return int(os.environ.get("RANK", 0)) == 0


def processes() -> int:
    """How many processes there are."""
    return int(os.environ.get("WORLD_SIZE", 1))


def join_processes() -> None:
    """Give this process its GPU and let it find the others, where several were launched."""
    if processes() > 1:
        from accelerate import PartialState

        PartialState(cpu=device().type == "cpu")


def share_of(rows: torch.Tensor, number: int, count: int) -> torch.Tensor:
    """The part of a batch's `rows` for process (or micro-batch) `number` of `count`.

    Raises ValueError where they cannot be divided evenly: then the mean of the parts would not be that of the whole.
    """
    if len(rows) % count:
        raise ValueError(f"a batch of {len(rows)} cannot be divided among {count} (processes times micro-batches). "
                         f"Choose another batch, such as --set batch={-(-len(rows) // count) * count}.")  # fmt: skip
    return rows.view(count, -1)[number]


def prepare(accelerator, net: nn.Module) -> nn.Module:
    """`net` on its device, in the accelerator's precision, with the weights of the first process; not wrapped.

    On GPUs batch normalisation then takes its mean and variance over the whole batch, as in one process (see
    `torch.nn.SyncBatchNorm`, which knows no processor: there each process uses its own part of the batch).
    """
    from accelerate.utils import broadcast

    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(net)  # in place, but for a net that is itself a normalisation
    net = accelerator.prepare_model(net, evaluation_mode=True)
    if accelerator.num_processes > 1:
        with torch.no_grad():
            for value in (*net.parameters(), *net.buffers()):
                value.copy_(broadcast(value.detach().clone()))
    return net


def warn_of_batch_norm(accelerator, nets) -> str:
    """What is to be said of batch normalisation in several processes on processors; "" where there is nothing."""
    if accelerator.num_processes == 1 or accelerator.device.type == "cuda":
        return ""
    if not any(isinstance(module, BATCH_NORMS) and module.training for net in nets for module in net.modules()):
        return ""
    return (
        "batch normalisation: each process uses the statistics of its own part of the batch (on GPUs, those of the "
        "whole batch), so the result is not quite that of one process"
    )


def seed_apart(accelerator, seed: int) -> None:
    """Give each process random numbers of its own; the first keeps those it has."""
    if accelerator.process_index:
        torch.manual_seed(seed + FAR * accelerator.process_index)


def any_of(accelerator, flags: list[bool]) -> list[bool]:
    """For each of the `flags` whether any process has set it: the same answer in all of them."""
    if accelerator.num_processes == 1:
        return flags
    return (accelerator.reduce(torch.tensor(flags, dtype=torch.int32, device=accelerator.device)) > 0).tolist()


class Turns:
    """The steps of one iteration as the steps of a lesson call them, when they are divided.

    `opts` stand in for the optimizers, `backward` for Tensor.backward: `zero_grad` begins a turn, `backward` fills the
    gradients of the network whose turn it is and of no other, and `step` waits for the last of `micro` micro-batches
    and averages over the processes. With several micro-batches both networks step at the end of the iteration, each on
    the gradients at which the other still was as at its beginning.
    """

    def __init__(self, accelerator, opts, micro: int):
        self._accelerator, self._micro = accelerator, micro
        self.opts = type(opts)(*(_Opt(self, opt) for opt in opts))
        self._turn: list = []  # the optimizers whose gradients `backward` fills
        self._over = True  # whether that turn has ended
        self._due: list = []
        self._first = True

    def iteration(self, work: Callable[[int], dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
        """Call `work(number)` for each micro-batch; the mean of the losses it returns."""
        every = []
        for number in range(self._micro):
            self._first = number == 0
            every.append(work(number))
        for opt in self._due:
            self._step_now(opt)
        self._due = []
        return {name: sum(losses[name] for losses in every) / self._micro for name in every[0]}

    def backward(self, loss: torch.Tensor) -> None:
        """Add to the gradients of the networks whose turn it is; Accelerate divides by the number of micro-batches."""
        ours = [value for opt in self._turn for value in _parameters(opt) if value.requires_grad]
        self._accelerator.backward(loss, inputs=ours)

    def zero_grad(self, opt: torch.optim.Optimizer) -> None:
        """Begin the turn of `opt`, or take it into the one that has begun."""
        if self._over:
            self._turn, self._over = [], False
        self._turn.append(opt)
        if self._first:
            opt.zero_grad()

    def step(self, opt: torch.optim.Optimizer) -> None:
        """End the turn; change the weights now, or with several micro-batches at the end of the iteration."""
        self._over = True
        if self._micro == 1:
            self._step_now(opt)
        elif self._first:
            self._due.append(opt)

    def _step_now(self, opt: torch.optim.Optimizer) -> None:
        if self._accelerator.num_processes > 1:
            self._mean_of([value.grad for value in _parameters(opt) if value.grad is not None])
        opt.step()

    def _mean_of(self, gradients: list[torch.Tensor]) -> None:
        """Put the mean over all processes into each of the `gradients`, in one message."""
        mean = self._accelerator.reduce(_flatten_dense_tensors(gradients), "mean")
        for gradient, part in zip(gradients, _unflatten_dense_tensors(mean, gradients), strict=True):
            gradient.copy_(part)


class _Opt:
    """One optimizer as a lesson's step sees it."""

    def __init__(self, turns: Turns, opt: torch.optim.Optimizer):
        self._turns, self._opt = turns, opt

    def zero_grad(self) -> None:
        self._turns.zero_grad(self._opt)

    def step(self) -> None:
        self._turns.step(self._opt)


def _parameters(opt: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [value for group in opt.param_groups for value in group["params"]]
