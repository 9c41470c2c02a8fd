"""What the exercises of all lessons ask of an attempt, in words for the attendee."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import torch

from gan_helpers.exercises.checking import NotYet


def expect(holds: bool, message: str) -> None:
    """Raise NotYet with `message` unless the expectation holds."""
    if not holds:
        raise NotYet(message)


def expect_tensor(value, shape: tuple[int, ...], what: str) -> None:
    """Raise NotYet unless `value` is a finite float tensor of `shape`."""
    expect(isinstance(value, torch.Tensor), f"{what} should be a tensor; yours is {described(value)}.")
    expect(
        value.device.type == "cpu",
        f"{what} should lie on the device of what was given, {torch.device('cpu')}; yours lies on {value.device}.",
    )
    expect(tuple(value.shape) == shape, f"{what} should have shape {shape}; yours has {tuple(value.shape)}.")
    expect(value.is_floating_point(), f"{what} should hold float32 numbers; yours holds {value.dtype}.")
    expect(bool(torch.isfinite(value).all()), f"{what} holds NaN or infinite values.")


def expect_works_elsewhere(attempt: Callable, given: torch.Tensor, otherwise: str) -> None:
    """Raise NotYet, saying `otherwise`, unless `attempt(given)` works, and stays, on another device than the processor.

    "meta" is a device that every machine has: shapes without numbers. What works there works on a GPU.
    """
    try:
        made = attempt(given.detach().to("meta"))
    except RuntimeError as error:
        raise NotYet(f"Where what is given lies on another device, it fails: {otherwise}") from error
    expect(
        isinstance(made, torch.Tensor) and made.device.type == "meta",
        f"The result lies on another device than what is given: {otherwise}",
    )


@contextlib.contextmanager
def left_alone(*given: torch.Tensor | np.ndarray) -> Iterator[None]:
    """Raise NotYet when the body changes the numbers of what was `given` to an attempt."""
    before = [torch.as_tensor(item).detach().clone() for item in given]
    yield
    for item, kept in zip(given, before, strict=True):
        expect(
            torch.equal(torch.as_tensor(item).detach(), kept),
            "It changed what it was given, which others may still need: return something new.",
        )


def described(value) -> str:
    """What kind of thing `value` is, to be said after "yours is"."""
    if value is None:
        return "None: is the return missing?"
    name = "NumPy array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
