"""Look at networks in eval mode, and leave them as they were."""

import contextlib
from collections.abc import Iterator

from torch import nn


@contextlib.contextmanager
def evaluating(*nets: nn.Module) -> Iterator[None]:
    """Inside, dropout is off and batch normalisation uses its running means; afterwards each module is as before."""
    modes = [(module, module.training) for net in nets for module in net.modules()]
    try:
        for net in nets:
            net.eval()
        yield
    finally:
        for module, training in modes:
            module.training = training
