"""An interrupt (the notebook's ■, or Ctrl-C) that lets the step under way end."""

import signal
import threading


class PoliteInterrupt:
    """While entered, the first interrupt only sets `asked`; the second one raises KeyboardInterrupt at once.

    Signals reach the main thread alone: on another thread entering does nothing, and `asked` stays False.
    """

    def __init__(self):
        self.asked = False
        self._previous = None

    def __enter__(self) -> "PoliteInterrupt":
        if threading.current_thread() is threading.main_thread():
            # None: a handler that Python did not install and cannot put back
            self._previous = signal.getsignal(signal.SIGINT)
            if self._previous is not None:
                signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error) -> None:
        if self._previous is None or threading.current_thread() is not threading.main_thread():
            return
        # Only where it is still ours: after the cell, the kernel has already installed another.
        if signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, self._previous)

    def _handle(self, number, frame) -> None:
        if self.asked:
            raise KeyboardInterrupt
        # A plain attribute: an Event's lock may be held by the very code that this handler interrupts.
        self.asked = True
