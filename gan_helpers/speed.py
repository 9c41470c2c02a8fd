"""How fast this machine computes: measured on the spot, never taken from a table."""

import time
from collections.abc import Callable, Mapping

import torch

from gan_helpers.pairs import device_of
from gan_helpers.runtime import device, fewer, threads_for, use_threads

PROCESSOR, ON_GPU, THERE_AND_BACK = "processor", "GPU, numbers already there", "GPU, there and back"


def wait_for(where: torch.device) -> None:
    """Return when everything asked of the device is done: a GPU is given its work and goes on by itself."""
    if where.type == "cuda":
        torch.cuda.synchronize(where)
    elif where.type == "mps":
        torch.mps.synchronize()


def seconds_of(
    work: Callable[[], object],
    where: torch.device | str = "cpu",
    *,
    threads: int | None = None,
    at_least: float = 0.05,
) -> float:
    """How long one call of `work` takes on the device, in seconds: see `seconds_in_turns`."""
    return seconds_in_turns({"": work}, where, threads=threads, at_least=at_least)[""]


def seconds_in_turns(
    works: Mapping[str, Callable[[], object]],
    where: torch.device | str = "cpu",
    *,
    threads: int | None = None,
    at_least: float = 0.05,
) -> dict[str, float]:
    """How long one call of each of `works` takes on the device, in seconds by name: the best of three rounds.

    They take turns, so that a busy minute slows all of them; each turn repeats its call for `at_least` seconds. The
    best, because whatever else runs here can only slow it down. On the processor they use `threads` threads, by
    default as many as the rest of the notebook. At pace "ci" each turn is a fifth as long.
    """
    where, at_least = torch.device(where), fewer(at_least)
    best = dict.fromkeys(works, float("inf"))
    with use_threads(threads or torch.get_num_threads()):
        for work in works.values():
            work()  # once unmeasured: first calls reserve memory and load code
            wait_for(where)
        for _ in range(3):
            for name, work in works.items():
                calls, began = 0, time.perf_counter()
                while (passed := time.perf_counter() - began) < at_least or not calls:
                    work()
                    wait_for(where)
                    calls += 1
                best[name] = min(best[name], passed / calls)
    return best


def time_products(
    sizes: tuple[int, ...] = (16, 32, 64, 128, 256, 512, 1024), *, where: torch.device | None = None
) -> dict[str, dict[int, float]]:
    """Seconds that a product of two n x n float32 matrices takes, for each n of `sizes`: name -> {n: seconds}.

    On the processor always, with the threads of the notebook. On `where` (the fastest device here) in two ways if that
    is a GPU: with the matrices lying there, and with both sent there and the product fetched back. Raises ValueError
    for a size below 1.
    """
    if not sizes or min(sizes) < 1:
        raise ValueError(f"sizes should be whole numbers from 1 on, not {sizes}.")
    where = device() if where is None else torch.device(where)
    times = {PROCESSOR: {}}
    if where.type != "cpu":
        times |= {ON_GPU: {}, THERE_AND_BACK: {}}
    for n in sizes:
        a, b = torch.rand(n, n), torch.rand(n, n)
        times[PROCESSOR][n] = seconds_of(lambda a=a, b=b: a @ b)
        if where.type != "cpu":
            there = a.to(where), b.to(where)
            times[ON_GPU][n] = seconds_of(lambda there=there: there[0] @ there[1], where)
            times[THERE_AND_BACK][n] = seconds_of(lambda a=a, b=b: (a.to(where) @ b.to(where)).cpu(), where)
    return times


def crossover(slow_start: dict[int, float], steady: dict[int, float]) -> int | None:
    """The smallest size from which on `slow_start` takes less time than `steady`; None when it never does."""
    from_there = None
    for n in sorted(slow_start):
        if slow_start[n] >= steady[n]:
            from_there = None
        elif from_there is None:
            from_there = n
    return from_there


def steps_a_second(nets, step: Callable[[], object], *, seconds: float = 5.0) -> float:
    """How many times `step()` runs in a second, after a few unmeasured ones, over `seconds`; `nets` say where."""
    where = device_of(nets)
    with threads_for(nets):
        for _ in range(3):
            step()
        wait_for(where)
        done, began = 0, time.perf_counter()
        while (passed := time.perf_counter() - began) < seconds or not done:
            step()
            wait_for(where)
            done += 1
    return done / passed
