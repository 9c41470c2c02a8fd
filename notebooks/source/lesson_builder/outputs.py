"""Which of an instructor copy's stored outputs still belong to its code, and in what form they are stored."""

import hashlib
import re
from pathlib import Path

import nbformat

from lesson_builder.package_source import PACKAGE

_KEY = "gan_workshop"
_ADDRESS = re.compile(r"git\+https://github\.com/[\w.-]+/[\w.-]+@[\w./-]+")
_ANY_ADDRESS = "git+https://github.com/gan-workshop/gan-workshop@main"
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def weights_digest(root: Path, notebook: nbformat.NotebookNode | None) -> str:
    """A digest of the shipped weights that the executed `notebook` loaded: of their names and contents."""
    digest = hashlib.sha256()
    for name in weights_loaded(notebook):
        file = root / PACKAGE / "weights" / f"{name}.safetensors"
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"gone")
    return digest.hexdigest()


def weights_loaded(notebook: nbformat.NotebookNode | None) -> list[str]:
    """The names of the shipped weights that a notebook loaded when it was executed, as noted in it."""
    return notebook.metadata.get(_KEY, {}).get("weights", []) if notebook else []


def note_weights(notebook: nbformat.NotebookNode, names: list[str]) -> None:
    """Write into an executed `notebook` which shipped weights it loaded."""
    notebook.metadata[_KEY] = {"weights": sorted(names)}


def cell_digests(notebook: nbformat.NotebookNode, weights: str) -> dict[str, str]:
    """For each code cell's id, a digest of what its outputs depend on: all code down to it, and the weights."""
    digest, digests = hashlib.sha256(weights.encode()), {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(hashlib.sha256(_without_address(cell.source).encode()).digest())
            digests[cell.id] = digest.hexdigest()[:16]
    return digests


def _without_address(source: str) -> str:
    """`source` with always the same address of the course in it: a release, which changes it, changes no output."""
    return _ADDRESS.sub(_ANY_ADDRESS, source)


def with_outputs(
    built: nbformat.NotebookNode, executed: nbformat.NotebookNode, digests: dict[str, str], *, only_fresh: bool = True
) -> nbformat.NotebookNode:
    """`built` with the outputs of `executed`, and beside them the digests of what they depend on.

    With `only_fresh`, a cell whose source or stored digest has changed stays without outputs. What differs from run to
    run is left out: times, and the random numbers of widget views, which show nothing without a kernel anyway.
    """
    result = nbformat.from_dict(built)
    if _KEY in executed.metadata:
        result.metadata[_KEY] = executed.metadata[_KEY]
    stored = {cell.get("id"): cell for cell in executed.cells if cell.cell_type == "code"}
    for cell in result.cells:
        old = stored.get(cell.id)
        if cell.cell_type != "code" or old is None or old.execution_count is None:
            continue
        same = _without_address(old.source) == _without_address(cell.source)
        fits = same and stored_digest(old) == digests[cell.id]
        if fits or not only_fresh:
            cell.execution_count = old.execution_count
            cell.outputs = [_lasting(output) for output in old.outputs]
            cell.metadata[_KEY] = {"digest": digests[cell.id]}
    return result


def stored_digest(cell: nbformat.NotebookNode) -> str | None:
    """The digest stored with a cell's outputs, None when it has none."""
    return cell.metadata.get(_KEY, {}).get("digest")


def cells_to_run(notebook: nbformat.NotebookNode) -> list[int]:
    """The positions, from 0, of the code cells without a result. A cell without any text has none to give."""
    code = [(at, cell) for at, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    return [at for at, cell in code if cell.execution_count is None]


def _lasting(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    output = nbformat.from_dict(output)
    if len(output.get("data", {})) > 1:
        output.data.pop(_WIDGET_VIEW, None)
    return output
