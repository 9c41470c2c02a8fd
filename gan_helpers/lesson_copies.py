"""Copies of the lessons to work in, which an update never overwrites: `python -m gan_helpers notebooks FOLDER`."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

DELIVERED = ".gan-workshop.json"  # in the folder of the copies: what was delivered, so that edits are seen


class Copied(NamedTuple):
    """What became of the lesson `name`: "new", "updated", "unchanged", or "kept", since it was edited; then `beside` is
    the file that the newer one was written to, if there is a newer one."""

    name: str
    outcome: str
    beside: str = ""


def lessons_folder() -> Path:
    """Where the lessons lie: in a clone, or where pip puts them. Raises FileNotFoundError where they are in neither."""
    places = [Path(__file__).resolve().parents[1] / "notebooks", Path(sys.prefix, "share", "gan-workshop", "notebooks")]
    for place in places:
        if any(place.glob("[0-9][0-9]_*.ipynb")):
            return place
    raise FileNotFoundError(
        f"expected the lessons in {' or '.join(map(str, places))}; found none. Install gan-helpers again, or clone the "
        "repository."
    )


def copy_lessons(folder: Path, source: Path | None = None) -> list[Copied]:
    """Bring the lessons of `source` (default: those installed) to `folder`, made if need be.

    A lesson that was edited since it came, by as much as running a cell, is kept as it is; a newer one is then written
    beside it as NAME.new.ipynb. Raises NotADirectoryError where `folder` is a file, OSError where it cannot be written.
    """
    folder, source = Path(folder).expanduser(), source or lessons_folder()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} should be a folder for the lessons; it is a file. Name another.")
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / DELIVERED
    delivered = json.loads(record.read_text("utf-8")) if record.exists() else {}
    copied = []
    for path in sorted(source.glob("*.ipynb")):
        ours, target = path.read_bytes(), folder / path.name
        theirs = target.read_bytes() if target.exists() else None
        if theirs is None or theirs == ours or _digest(theirs) == delivered.get(path.name):
            outcome = {None: "new", ours: "unchanged"}.get(theirs, "updated")
            if theirs != ours:
                _write(target, ours)
            copied.append(Copied(path.name, outcome))
            delivered[path.name] = _digest(ours)
        elif delivered.get(path.name) == _digest(ours):
            copied.append(Copied(path.name, "kept"))
        else:
            beside = target.with_suffix(".new.ipynb")
            _write(beside, ours)
            copied.append(Copied(path.name, "kept", beside.name))
    _write(record, json.dumps(delivered, indent=2).encode())
    return copied


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
