"""Prepared data kept on disk, so that the second start is quick."""

import contextlib
import hashlib
import os
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs
from filelock import FileLock

DOWNLOADS = ("MNIST", "coco")  # folders of what came from the network
LOCK = ".lock"  # the file in a folder of downloads by which runs wait for each other
MANY_FROM = 2  # parts of a path in the cache folder from which on a folder is listed, not its files


def cache_folder() -> Path:
    """The folder of prepared data: GAN_WORKSHOP_DATA, else data/ of a clone, else the user's cache folder."""
    if chosen := os.environ.get("GAN_WORKSHOP_DATA"):
        return Path(chosen).expanduser()
    clone = Path(__file__).resolve().parents[2]
    if (clone / "pyproject.toml").exists() and (clone / "data").is_dir():
        return clone / "data"
    return platformdirs.user_cache_path("gan-workshop", appauthor=False)


def cached_arrays(
    name: str, make: Callable[[], dict[str, np.ndarray]], *, compressed: bool = True
) -> dict[str, np.ndarray]:
    """The arrays that `make()` returns, made once and then read from the file NAME.npz of the cache folder.

    `name` carries a version: whoever changes what `make` returns changes the name. A file that was cut short is made
    again; a folder that cannot be written to costs a warning and the time of `make`, nothing else. Without `compressed`
    the file is larger, and written and read in a tenth of the time. A second process that wants the same waits for the
    first and reads.
    """
    path = cache_folder() / f"{name}.npz"
    if (arrays := _read(path)) is not None:
        return arrays
    damaged = path.stat().st_mtime_ns if path.exists() else None
    with contextlib.ExitStack() as stack:
        # Not beside the file: a lock stays behind as an empty file, and a folder of data should hold data.
        lock = Path(tempfile.gettempdir(), f"gan-workshop-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}{LOCK}")
        with contextlib.suppress(OSError):  # where no file can be written each process makes its own
            stack.enter_context(FileLock(lock))
        made_meanwhile = path.exists() and path.stat().st_mtime_ns != damaged
        if made_meanwhile and (arrays := _read(path)) is not None:
            return arrays
        arrays = make()
        try:
            _write_atomically(path, arrays, np.savez_compressed if compressed else np.savez)
        except OSError as error:
            warnings.warn(
                f"{path} could not be written ({error}). The data is in memory and the lesson goes on; to save the "
                "time next time, set GAN_WORKSHOP_DATA to a folder you can write to.",
                stacklevel=2,
            )
    return arrays


def _read(path: Path) -> dict[str, np.ndarray] | None:
    """What is in the file; None where there is none that can be read."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        warnings.warn(f"{path} cannot be read ({error}); it is made again.", stacklevel=3)
        return None


def _write_atomically(path: Path, arrays: dict[str, np.ndarray], save: Callable) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own in the same folder: two kernels at once cannot meet, and the rename is atomic.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            save(file, **arrays)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def prepared_files() -> list[Path]:
    """Every prepared file of the course in the cache folder, downloads included, sorted by name."""
    folder = cache_folder()
    downloads = (
        path for name in DOWNLOADS for path in (folder / name).rglob("*") if path.is_file() and path.name != LOCK
    )
    return sorted([*folder.glob("*.npz"), *downloads])


def prepared_in_words() -> list[str]:
    """The same for a person: a line for each file, or for a folder of many files, with its size."""
    folders: dict[Path, list[int]] = {}
    lines = []
    for path in prepared_files():
        if len(path.relative_to(cache_folder()).parts) > MANY_FROM:
            folders.setdefault(path.parent, []).append(path.stat().st_size)
        else:
            lines.append(f"{path.relative_to(cache_folder())}, {path.stat().st_size / 1e6:.1f} MB")
    for folder, sizes in folders.items():
        lines.append(f"{folder.relative_to(cache_folder())}, {len(sizes):,} files, {sum(sizes) / 1e6:.1f} MB")
    return sorted(lines)
