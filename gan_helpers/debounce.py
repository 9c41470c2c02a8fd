"""Answer to the last of many requests, once they pause: for a box into which somebody types."""

import asyncio
import threading
from collections.abc import Callable

PAUSE = 0.08  # seconds without a request


class Debounced:
    """Calls `act()` PAUSE seconds after the last call of this object; at once where no event loop runs.

    Callbacks of widgets run on the loop of the kernel, or of its subshell while a cell is busy: two threads. `act` runs
    in one of them at a time, so that whichever comes last shows what holds by then.
    """

    def __init__(self, act: Callable[[], object]):
        self._act = act
        self._acting = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, change=None) -> None:
        """Ask for it; `change`, what a widget says of the change, does not matter."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._answer()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(PAUSE, self._answer)

    def _answer(self) -> None:
        with self._acting:
            self._act()
