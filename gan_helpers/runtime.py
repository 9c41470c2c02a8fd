"""Where and how fast the lessons compute: device, precision, seed and pace."""

import contextlib
import os
import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

PACES = ("ci", "workshop", "full")
TINY = 200_000  # parameters of all networks of a training together
ALL_THREADS = torch.get_num_threads()  # what torch takes by itself: one for each core, or OMP_NUM_THREADS
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d)


class Runtime(NamedTuple):
    """What `start` chose: device, precision ("float32" or "bfloat16"), pace and seed."""

    device: torch.device
    precision: str
    pace: str
    seed: int


def pace() -> str:
    """How much time lessons take: "workshop" (minutes, the default), "full" (hours, for a GPU), or "ci": a few steps.

    Read from the environment variable GAN_WORKSHOP_PACE. Raises ValueError when it holds another word.
    """
    word = os.environ.get("GAN_WORKSHOP_PACE", "").strip().lower() or "workshop"
    if word not in PACES:
        raise ValueError(f"GAN_WORKSHOP_PACE should be one of {', '.join(PACES)}, not {word!r}. Set it, or unset it.")
    return word


def fewer(number: float) -> float:
    """`number` of samples or seconds that a measurement rests on; at pace "ci", which compares no such number, a fifth.

    Whole numbers stay whole.
    """
    return (number // 5 if isinstance(number, int) else number / 5) if pace() == "ci" else number


def device() -> torch.device:
    """The fastest device here: an NVIDIA GPU, else Apple's, else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def precision() -> str:
    """ "bfloat16" where the device multiplies it natively, else "float32" (emulated bfloat16 would be slower).

    At pace "ci" always "float32", so that every machine computes the same.
    """
    if pace() == "ci":
        return "float32"
    where = device().type
    native = (where == "cuda" and torch.cuda.get_device_capability() >= (8, 0)) or (
        where == "cpu" and _processor_multiplies_bfloat16()
    )
    return "bfloat16" if native else "float32"


def _processor_multiplies_bfloat16() -> bool:
    # Linux names the instructions; on other systems float32 is the safe answer.
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
            flags = next((line for line in cpuinfo if line.startswith("flags")), "").split()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def cores() -> str:
    """The number of cores that torch found, in words."""
    return f"{ALL_THREADS} core{'s' if ALL_THREADS > 1 else ''}"


def start(seed: int = 0) -> Runtime:
    """Seed every random generator, leave a core to the browser, and say on one line what this notebook computes on.

    The many short products of fully connected layers wait for each other at their ends. Where anything else takes one
    of the cores from time to time, the digits GAN of lesson 03 on all of them falls to a third of its speed and less,
    one of the plane to a hundredth. With one core left free both keep it, and lose a fifth where nothing else runs.

    The seed (a whole number from 0 to 2**32 - 1) goes to Python, NumPy and torch. Raises ValueError outside that range.
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed should be a whole number from 0 to 2**32 - 1, not {seed!r}.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    runtime = Runtime(device(), precision(), pace(), seed)
    torch.set_num_threads(max(1, ALL_THREADS - 1))
    name = torch.cuda.get_device_name() if runtime.device.type == "cuda" else cores()
    print(
        f"torch {torch.__version__} on {runtime.device} ({name}), {runtime.precision}, pace {runtime.pace}, seed {seed}"
    )
    return runtime


@contextlib.contextmanager
def threads_for(nets) -> Iterator[None]:
    """Inside, torch uses as many threads as pay off for training `nets`; afterwards as many as before.

    On the processor: one for tiny networks, all for networks with a convolution, otherwise all but one, as in the rest
    of a notebook (see `start`).
    """
    parameters = [parameter for net in nets for parameter in net.parameters()]
    threads = max(1, ALL_THREADS - 1)
    if any(parameter.device.type != "cpu" for parameter in parameters):
        threads = torch.get_num_threads()
    elif sum(parameter.numel() for parameter in parameters) < TINY:
        threads = 1
    elif any(isinstance(module, CONVOLUTIONS) for net in nets for module in net.modules()):
        threads = ALL_THREADS
    with use_threads(threads):
        yield


@contextlib.contextmanager
def use_threads(number: int) -> Iterator[None]:
    """Inside, torch uses this `number` of threads on the processor, 1 or more; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fast_layout(net: nn.Module) -> nn.Module:
    """Store the weights of `net` in the order in which processors and GPUs convolve fastest; returns `net`."""
    if any(isinstance(module, nn.Conv2d | nn.ConvTranspose2d) for module in net.modules()):
        net.to(memory_format=torch.channels_last)
    return net


def place(net: nn.Module) -> nn.Module:
    """Move `net` to the fastest device and let it compute in the fastest safe precision and layout; returns `net`.

    Weights, inputs and outputs stay float32; only the products inside are bfloat16, as automatic mixed precision does
    (Micikevicius et al. 2018). Nothing changes where `precision()` is "float32".
    """
    fast_layout(net.to(device()))
    if precision() == "bfloat16" and not getattr(net, "computes_in_bfloat16", False):
        net.computes_in_bfloat16 = True
        # Hooks rather than a wrapping module: the names in the state dict stay as they are, and copies copy.
        net.register_forward_pre_hook(_enter_autocast)
        net.register_forward_hook(_leave_autocast, always_call=True)
    return net


def _enter_autocast(net: nn.Module, inputs: tuple) -> None:
    net.open_autocast = torch.autocast(device().type, dtype=torch.bfloat16)
    net.open_autocast.__enter__()


def _leave_autocast(net: nn.Module, inputs: tuple, output):
    net.open_autocast.__exit__(None, None, None)
    net.open_autocast = None
    if isinstance(output, dict):
        return {name: value.float() for name, value in output.items()}
    return output.float() if isinstance(output, torch.Tensor) else output
