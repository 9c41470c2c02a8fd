"""What outlives one run of a training cell: how far the training of certain networks has come."""

import weakref

from torch import nn

from gan_helpers.history import History
from gan_helpers.pairs import learning_rates


class Progress:
    """How far the training of certain networks by certain optimizers has come, kept as long as these live."""

    def __init__(self, nets, opts):
        self._members = [weakref.ref(member) for member in (*nets, *opts)]
        self.step = 0
        self.history = History()
        self.records: list[tuple] = []
        self.data_order: dict | None = None
        self.begun = False
        self.first_rates = learning_rates(opts)

    def is_alive(self) -> bool:
        """Whether all of them still exist."""
        return all(kept() is not None for kept in self._members)

    def is_of(self, nets, opts) -> bool:
        """Whether it belongs to exactly these objects."""
        members = (*nets, *opts)
        return len(members) == len(self._members) and all(
            kept() is member for kept, member in zip(self._members, members, strict=True)
        )


# Weak, so that networks nobody uses any more are freed, and what is known of them with them.
_known: weakref.WeakKeyDictionary[nn.Module, list[Progress]] = weakref.WeakKeyDictionary()


def progress_of(nets, opts) -> Progress:
    """What is known of these networks and optimizers; a new one when they have not met before."""
    candidates = _known.setdefault(nets[0], [])
    for progress in candidates:
        if progress.is_of(nets, opts):
            return progress
    candidates[:] = [progress for progress in candidates if progress.is_alive()]
    candidates.append(Progress(nets, opts))
    return candidates[-1]
