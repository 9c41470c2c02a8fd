"""Mini-batches from a data set that lies in memory as one tensor: no Dataset, no DataLoader, no worker processes."""

import torch

# A data set up to this size moves to the GPU as a whole, so that a step copies nothing across the bus.
LARGEST_MOVED_TO_DEVICE = 2 * 1024**3  # bytes


class Batches:
    """The data, dealt in a new random order each epoch: what every `real` of a training loop comes from.

    `data` is (N, ...) uint8, scaled to [-1, 1] batch by batch, or float32 in [-1, 1] already. Each batch is
    (batch, ...) float32 in [-1, 1] on `device`. An epoch deals whole batches only; the rows left over wait for the next
    shuffle. The order depends on `seed` alone: neither on the device nor on torch's global random generator.

    With `rows`, (K,) int64, an epoch deals these samples instead of each one once: some twice, others never.

    Raises TypeError or ValueError when the data or the batch size do not fit.
    """

    def __init__(
        self,
        data: torch.Tensor,
        batch: int,
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
        rows: torch.Tensor | None = None,
    ):
        check_data(data)
        rows = torch.arange(len(data)) if rows is None else rows
        check_batch(batch, len(rows))
        self.device = torch.device(device)
        self.batch = batch
        here = data.detach()
        if self.device.type != "cpu" and data.numel() * data.element_size() <= LARGEST_MOVED_TO_DEVICE:
            here = here.to(self.device)
        self._data, self._rows = here, rows.to(here.device)
        self._shuffles = torch.Generator().manual_seed(seed)
        self._start_epoch()

    def __len__(self) -> int:
        """The samples that an epoch deals."""
        return len(self._rows)

    def next_rows(self) -> torch.Tensor:
        """Where the next mini-batch stands in the data, (batch,) int64: for data that has more to it than pictures."""
        if self._position + self.batch > len(self._rows):
            self._start_epoch()
        self._position += self.batch
        return self._order[self._position - self.batch : self._position]

    def next(self) -> torch.Tensor:
        """The next mini-batch: (batch, ...) float32 in [-1, 1] on the device."""
        return self.take(self.next_rows())

    def take(self, rows: torch.Tensor) -> torch.Tensor:
        """The samples at `rows`, (K,) int64 as `next_rows` gives them: (K, ...) float32 in [-1, 1] on the device."""
        real = self._data.index_select(0, rows).to(self.device)
        if real.dtype == torch.uint8:
            real = real.to(torch.float32).div_(127.5).sub_(1)
        return real

    def state(self) -> dict:
        """Where the dealing stands, as plain values and one tensor: `load_state` goes on with the very next batch."""
        return {"epoch_start": self._epoch_start.clone(), "position": self._position, "rows": len(self._rows)}

    def load_state(self, state: dict) -> None:
        """Go on where `state()` was taken. On a data set of another size: with a new shuffle."""
        self._shuffles.set_state(state["epoch_start"])
        self._start_epoch()
        if state["rows"] == len(self._rows):
            self._position = state["position"]

    def _start_epoch(self) -> None:
        # The generator's state before the shuffle, not the shuffled order, is what a checkpoint stores: 5 KB at any N.
        self._epoch_start = self._shuffles.get_state()
        self._order = self._rows[torch.randperm(len(self._rows), generator=self._shuffles).to(self._rows.device)]
        self._position = 0


def check_data(data: torch.Tensor) -> None:
    """Raise TypeError or ValueError unless `data` is (N, ...) uint8, or float32 in [-1, 1]."""
    wanted = "data should be a torch.Tensor (N, ...), uint8 or float32 in [-1, 1]"
    if not isinstance(data, torch.Tensor):
        raise TypeError(f"{wanted}; a {type(data).__name__} came. torch.from_numpy(array) makes one from NumPy.")
    if data.ndim < 2:
        raise ValueError(f"{wanted}; one of shape {tuple(data.shape)} came. The first axis counts the samples.")
    if data.numel() == 0:
        raise ValueError(f"{wanted}; one of shape {tuple(data.shape)} came, which holds nothing.")
    if data.dtype == torch.uint8:
        return
    if data.dtype != torch.float32:
        raise TypeError(f"{wanted}; one of {data.dtype} came. Try data.to(torch.uint8) or data.float().")
    low, high = (value.item() for value in data.detach().aminmax())
    if low != low or high != high:
        raise ValueError(f"{wanted}; it holds NaN (not a number). Look where the data are made.")
    if low < -1.0001 or high > 1.0001:  # a little slack: rounding, not another scale
        raise ValueError(
            f"{wanted}; values from {low:g} to {high:g} came. "
            "Pictures of 0 to 255: keep them uint8, or scale them by data / 127.5 - 1."
        )


def check_batch(batch: int, rows: int) -> None:
    """Raise TypeError or ValueError unless `batch` is a whole number from 1 to `rows`."""
    if isinstance(batch, bool) or not isinstance(batch, int):
        raise TypeError(f"batch should be a whole number, not {batch!r}.")
    if not 1 <= batch <= rows:
        raise ValueError(
            f"batch should be from 1 to {rows}, the samples in data; {batch} came. Choose a smaller batch."
        )
