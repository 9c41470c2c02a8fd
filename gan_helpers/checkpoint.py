"""Keeping the state of a training: in memory, to go back to, and in a file, to go on from in another process.

A file is written beside its final place and moved there in one piece, so that a full disk or a kill in the middle
leaves the old file whole. It holds tensors and plain values only and is read with `weights_only=True`.
"""

import contextlib
import copy
import glob
import io
import math
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from gan_helpers.pairs import random_states, set_random_states

FORMAT = "gan_helpers checkpoint 1"
PART = ".part"  # ends the name of a file that is being written
ABANDONED_AFTER = 60.0  # seconds without a write after which such a file belongs to nobody any more


class Checkpoint(NamedTuple):
    """What a checkpoint file tells beside the weights: the step it was taken at, the columns of the history up to
    there (name -> list of floats), where the data order stood (see `batches.Batches.state`; None if not stored), and
    the random states of the `others`, the processes beside the one that wrote it."""

    step: int
    history: dict[str, list]
    data_order: dict | None
    others: list[dict]


def capture(nets, opts) -> dict:
    """A copy of all weights, buffers and optimizer states of two NamedTuples with the same fields, on their devices."""
    return {
        "nets": {name: copy.deepcopy(net.state_dict()) for name, net in zip(nets._fields, nets, strict=True)},
        "opts": {name: copy.deepcopy(opt.state_dict()) for name, opt in zip(opts._fields, opts, strict=True)},
        "kinds": {name: type(opt).__name__ for name, opt in zip(opts._fields, opts, strict=True)},
    }


def restore(state: dict, nets, opts) -> None:
    """Put back what `capture` copied. The copy stays good for another time."""
    for name, net in zip(nets._fields, nets, strict=True):
        net.load_state_dict(state["nets"][name])
    for name, opt in zip(opts._fields, opts, strict=True):
        # An optimizer keeps the tensors that it is given, and would change them at its next step: hence the copy.
        opt.load_state_dict(copy.deepcopy(state["opts"][name]))


def is_finite(state: dict) -> bool:
    """Whether no number in what `capture` copied is infinite or NaN."""
    for tensor in _tensors(state):
        if tensor.is_floating_point():
            # One pass: a sum is finite just when all its terms are (it would take terms of 1e30 to overflow it).
            total = tensor.sum(dtype=torch.float32 if tensor.element_size() < 4 else None)
            if not math.isfinite(total.item()):
                return False
    return True


def misfit(state: dict, nets, opts) -> str:
    """Why `state` cannot be put into these nets and optimizers, in words; "" when it can."""
    if tuple(state["nets"]) != nets._fields:
        return f"it holds {', '.join(state['nets'])}; this model has {', '.join(nets._fields)}"
    for name, net in zip(nets._fields, nets, strict=True):
        theirs, ours = state["nets"][name], net.state_dict()
        if theirs.keys() != ours.keys():
            odd = sorted(theirs.keys() ^ ours.keys())
            return f"{name} is built differently: only one of the two has {', '.join(odd[:3])}{' ...' * (len(odd) > 3)}"
        for key, tensor in ours.items():
            if isinstance(tensor, torch.Tensor) and theirs[key].shape != tensor.shape:
                return f"{name}.{key} is {tuple(theirs[key].shape)} there and {tuple(tensor.shape)} here"
    for name, opt in zip(opts._fields, opts, strict=True):
        if state["kinds"][name] != type(opt).__name__:
            return f"{name} was trained by {state['kinds'][name]}; here it has {type(opt).__name__}"
        theirs, ours = state["opts"][name]["param_groups"], opt.state_dict()["param_groups"]
        if [len(group["params"]) for group in theirs] != [len(group["params"]) for group in ours]:
            return f"the optimizer of {name} updates another number of parameters"
    return ""


def save_checkpoint(
    path,
    nets,
    opts,
    *,
    step: int = 0,
    history: dict | None = None,
    data_order: dict | None = None,
    others: Sequence[dict] = (),
):
    """Write all that a later `load_checkpoint` needs to go on as if nothing had happened.

    `nets` and `opts` are NamedTuples with the same fields; `step` counts the finished steps; `history` holds columns
    (name -> list of numbers); `data_order` is a `Batches.state()`. The states of torch's random generators go along
    (of the processor, and of the networks' device), with those of `others`, further processes (see
    `pairs.random_states`). An existing file is replaced in one piece; the folder is made if
    need be. Raises OSError (full disk, no permission); the old file is whole then, and nothing is left beside it.
    """
    path = Path(path)
    contents = {
        "format": FORMAT,
        "state": capture(nets, opts),
        "step": step,
        "history": {name: torch.tensor(column, dtype=torch.float64) for name, column in (history or {}).items()},
        "data_order": data_order,
        "random": random_states(nets),
        "others": list(others),
    }
    # Serialised first, written in one go: a failing disk then raises OSError itself, not torch's wording of it.
    payload = io.BytesIO()
    torch.save(contents, payload)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(path)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with open(part, "xb") as file:
            _write(payload.getbuffer(), file)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def load_checkpoint(path, nets, opts) -> Checkpoint:
    """Put a file of `save_checkpoint` into `nets` and `opts`, and set torch's random generators as they were.

    Learning rates belong to the optimizers' states and come back too. Returns what else was stored. Raises
    FileNotFoundError, or ValueError for a file that is cut short, of another kind, or of another model; nothing is
    changed then.
    """
    path = Path(path)
    remedy = "Nothing was changed. Give another path, or delete the file to start over."
    stored = io.BytesIO(path.read_bytes())  # what the system refuses raises here, and is no matter of the contents
    try:
        contents = torch.load(stored, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen kinds for a file that is none of its own
        raise ValueError(f"{path} is not a whole checkpoint: cut short, or another kind of file. {remedy}") from error
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of a training run ({FORMAT!r}). {remedy}")
    reason = misfit(contents["state"], nets, opts)
    if reason:
        raise ValueError(f"{path} is a checkpoint of another model: {reason}. {remedy}")
    restore(contents["state"], nets, opts)
    set_random_states(contents["random"], nets)
    history = {name: column.tolist() for name, column in contents["history"].items()}
    if "step" in history:
        history["step"] = [int(step) for step in history["step"]]
    return Checkpoint(contents["step"], history, contents["data_order"], contents.get("others", []))


def _write(payload: memoryview, file) -> None:
    file.write(payload)
    file.flush()
    os.fsync(file.fileno())  # on the disk before it takes the old file's name


def _remove_abandoned(path: Path) -> None:
    """Delete what a killed process left half-written beside `path`; a file of a living process is younger."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*{PART}"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > ABANDONED_AFTER:
                part.unlink()


def _tensors(value):
    """All tensors in nested dicts, lists and tuples."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _tensors(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _tensors(inner)
