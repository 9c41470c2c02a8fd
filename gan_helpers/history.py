"""The numbers a training run writes down, one row a step."""

import math

import numpy as np
import torch

READ_AFTER = 32  # values that may wait on a GPU before they are read: reading one waits for all work queued there


class History:
    """What was logged so far: a column for each name, and the column "step" beside them.

    A name that is missing on a step holds NaN there. `bad` is None, or (name, value, step) of the first value that is
    not finite.
    """

    def __init__(self, columns: dict[str, list] | None = None):
        self._columns: dict[str, list] = {"step": []} if columns is None else {k: list(v) for k, v in columns.items()}
        self._waiting: list[tuple[str, int, torch.Tensor]] = []
        self.bad: tuple[str, float, int] | None = None

    def log(self, step: int, values: dict) -> None:
        """Write `values` (name -> number or 0-d tensor) into the row of `step`.

        Raises TypeError or ValueError for a value that is not one number, and for the reserved name "step".
        """
        if "step" in values:
            raise ValueError('The column "step" is filled in by itself: give that value another name.')
        steps = self._columns["step"]
        if not steps or steps[-1] != step:
            steps.append(step)
            for name, column in self._columns.items():
                if name != "step":
                    column.append(math.nan)
        row = len(steps) - 1
        for name, value in values.items():
            if name not in self._columns:
                self._columns[name] = [math.nan] * len(steps)
            if isinstance(value, torch.Tensor):
                if value.numel() != 1:
                    raise ValueError(
                        f"{name} should be one number; a tensor of shape {tuple(value.shape)} came. Try {name}.mean()."
                    )
                if value.device.type != "cpu":
                    self._waiting.append((name, row, value.detach().reshape(())))
                    continue
                value = value.item()
            elif isinstance(value, str) or not hasattr(value, "__float__"):
                raise TypeError(f"{name} should be a number or a 0-d tensor, not {value!r}.")
            self._write(name, row, float(value))
        if len(self._waiting) >= READ_AFTER:
            self.read()

    def read(self) -> dict[str, list]:
        """The columns, name -> list of floats (whole numbers for "step"), with nothing left waiting on a GPU."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            values = torch.stack([value.float() for _, _, value in waiting]).tolist()
            for (name, row, _), value in zip(waiting, values, strict=True):
                self._write(name, row, value)
        return self._columns

    def last(self) -> dict[str, float]:
        """The newest finite value of each name."""
        columns = {name: values for name, values in self.read().items() if name != "step"}
        newest = {
            name: next((v for v in reversed(values) if math.isfinite(v)), None) for name, values in columns.items()
        }
        return {name: value for name, value in newest.items() if value is not None}

    def forget_after(self, step: int) -> None:
        """Drop the rows of later steps, and what was bad in them."""
        columns = self.read()
        kept = sum(1 for logged in columns["step"] if logged <= step)
        for column in columns.values():
            del column[kept:]
        self.bad = None

    def thinned(self, most: int = 500) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """At most `most` points of each column for a plot: (steps, name -> values), means of neighbours if need be."""
        columns = self.read()
        steps = np.asarray(columns["step"], dtype=float)
        values = {name: np.asarray(column, dtype=float) for name, column in columns.items() if name != "step"}
        values = {name: np.where(np.isfinite(column), column, np.nan) for name, column in values.items()}
        width = -(-len(steps) // most)
        if width <= 1:
            return steps, values
        starts = np.arange(0, len(steps), width)
        return steps[starts], {name: _means(column, starts) for name, column in values.items()}

    def _write(self, name: str, row: int, value: float) -> None:
        self._columns[name][row] = value
        if self.bad is None and not math.isfinite(value):
            self.bad = (name, value, self._columns["step"][row])


def _means(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Mean of each stretch of `values` that begins at `starts`, gaps (NaN) left out; NaN where all are gaps."""
    known = np.isfinite(values)
    totals = np.add.reduceat(np.where(known, values, 0.0), starts)
    counts = np.add.reduceat(known.astype(float), starts)
    return np.divide(totals, counts, out=np.full(len(starts), np.nan), where=counts > 0)
