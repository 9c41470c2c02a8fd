"""Downloads over bad networks: tried again politely, gone on with where they broke off, whole or not there."""

import contextlib
import os
import random
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import requests

ATTEMPTS = 5
ATTEMPTS_AT_DAMAGED = 2  # what arrives whole and damaged is seldom better the third time
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before the second attempt; each further pause is twice as long
TIMEOUT = (10, 30)  # seconds: to connect, and without a byte
TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}  # what a server may say today and not tomorrow
PIECE = 1 << 14  # bytes: what is lost when a connection breaks
PART = ".part"


class NotThere(Exception):
    """The server answered, and that it does not have the file or does not give it."""


class Unreachable(ConnectionError):
    """No whole answer came, however often it was asked for."""


def session(connections: int = 8) -> requests.Session:
    """A session that keeps `connections` connections open for the next request."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=connections))
    made.headers["User-Agent"] = f"gan-helpers/{version('gan-helpers')}"
    return made


def length_of(
    web: requests.Session, address: str, *, pause: float = FIRST_PAUSE, attempts: int = ATTEMPTS
) -> int | None:
    """How many bytes the file at `address` has; None where the server does not tell. Raises as `fetch` does."""

    def ask() -> int | None:
        with web.head(address, timeout=TIMEOUT, allow_redirects=True) as answer:
            _check(answer)
            told = answer.headers.get("Content-Length", "")
            return int(told) if told.isdigit() else None

    return _patiently(ask, address, pause, attempts)


def fetch(
    web: requests.Session,
    address: str,
    path: Path,
    *,
    check: Callable[[Path], object] = lambda part: None,
    resume: bool = False,
    progress: Callable[[int], object] = lambda count: None,
    pause: float = FIRST_PAUSE,
) -> None:
    """Download the file at `address` to `path`, which appears only when it is whole and `check(part)` raised nothing.

    What a server refuses for the moment, and what broke off, is asked for again, ATTEMPTS times, with pauses that
    double from `pause` seconds, or last as long as the server asks for. With `resume` a file that broke off, in this
    process or an earlier one, is gone on with; otherwise it begins anew. `progress(count)` is told of bytes as they
    come (also of those that were there before).

    Raises NotThere for a file that the server does not have, Unreachable where no whole file came, OSError where it
    cannot be written, and ValueError where what came is not what `check` accepts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + PART)
    if not resume:
        part.unlink(missing_ok=True)
    told = [0]  # bytes that `progress` knows of

    def attempt() -> None:
        if not resume:
            part.unlink(missing_ok=True)
        _receive(web, address, part, progress, told)
        try:
            check(part)
        except Exception:
            part.unlink(missing_ok=True)
            raise

    try:
        _patiently(attempt, address, pause)
        os.replace(part, path)
    except BaseException:
        if not resume:
            with contextlib.suppress(OSError):
                part.unlink()
        raise


def _receive(web: requests.Session, address: str, part: Path, progress: Callable, told: list[int]) -> None:
    """One attempt to bring `part` to its whole length."""
    there = part.stat().st_size if part.exists() else 0
    tag = part.with_name(part.name + "-tag")  # which version of the file the first bytes are of
    headers = {"Accept-Encoding": "identity"}  # so that lengths are those of the file
    if there and tag.exists():
        headers |= {"Range": f"bytes={there}-", "If-Range": tag.read_text(encoding="utf-8")}
    with web.get(address, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == 416:  # nothing is left to come, or the file was another one
            part.unlink(missing_ok=True)
            raise requests.ConnectionError("the server has no more bytes than were there; begun anew")
        _check(answer)
        goes_on = answer.status_code == 206
        if not goes_on:
            there = 0
        if version := answer.headers.get("ETag") or answer.headers.get("Last-Modified"):
            tag.write_text(version, encoding="utf-8")
        elif tag.exists():
            tag.unlink()
        with open(part, "ab" if goes_on else "wb") as file:
            progress(there - told[0])
            told[0] = there
            for piece in answer.iter_content(PIECE):  # urllib3 raises where fewer bytes come than were announced
                file.write(piece)
                progress(len(piece))
                told[0] += len(piece)
    tag.unlink(missing_ok=True)


def _check(answer: requests.Response) -> None:
    if answer.status_code in TRY_AGAIN:
        raise _Later(f"{answer.status_code} {answer.reason}", _asked_pause(answer))
    if not answer.ok:
        raise NotThere(f"{answer.status_code} {answer.reason}")


class _Later(Exception):
    """The server asks to be asked again; the pause in seconds, or None."""


def _asked_pause(answer: requests.Response) -> float | None:
    told = answer.headers.get("Retry-After", "")
    return min(float(told), LONGEST_PAUSE) if told.isdigit() else None


def _patiently(attempt: Callable, address: str, pause: float, attempts: int = ATTEMPTS):
    """What `attempt()` returns, tried again when it fails for a reason that may pass."""
    for number in range(1, attempts + 1):
        wait = min(pause * 2 ** (number - 1), LONGEST_PAUSE) * random.uniform(0.5, 1)  # not all workers at once
        try:
            return attempt()
        except _Later as later:
            reason, asked = later.args
            wait = max(wait, asked or 0)
        except requests.RequestException as error:
            reason = _in_short(error)
        except ValueError as error:  # what came is damaged
            if number >= ATTEMPTS_AT_DAMAGED:
                raise
            reason = str(error)
        if number < attempts:
            time.sleep(wait)
    raise Unreachable(f"{address}: asked {attempts} times, the last time: {reason}")


def _in_short(error: Exception) -> str:
    while error.args and isinstance(error.args[-1], Exception):
        error = error.args[-1]
    return f"{type(error).__name__}: {error}"
