"""What the exercises of all lessons ask of an attempt, in words for the attendee."""

import torch

from gan_helpers.exercises.checking import NotYet


def expect(holds: bool, message: str) -> None:
    """Raise NotYet with `message` unless the expectation holds."""
    if not holds:
        raise NotYet(message)


def expect_tensor(value, shape: tuple[int, ...], what: str) -> None:
    """Raise NotYet unless `value` is a finite float tensor of `shape`."""
    expect(isinstance(value, torch.Tensor), f"{what} should be a tensor; yours is {described(value)}.")
    expect(tuple(value.shape) == shape, f"{what} should have shape {shape}; yours has {tuple(value.shape)}.")
    expect(value.is_floating_point(), f"{what} should hold float32 numbers; yours holds {value.dtype}.")
    expect(bool(torch.isfinite(value).all()), f"{what} holds NaN or infinite values.")


def described(value) -> str:
    """What kind of thing `value` is, to be said after "yours is"."""
    return "None: is the return missing?" if value is None else f"a {type(value).__name__}"
