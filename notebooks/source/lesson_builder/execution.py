"""Runs an instructor copy from top to bottom in a fresh kernel."""

import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lesson_builder.lesson import first_line
from lesson_builder.outputs import note_weights

# Asked of the kernel after the last cell. A lesson that never loaded weights has not imported the module either.
_WHICH_WEIGHTS = """\
import sys
print(*sorted(getattr(sys.modules.get("gan_helpers.weights"), "loaded", ())))
"""


class ExecutionError(RuntimeError):
    """A cell of the notebook failed; the message names it and holds what the kernel said."""


def execute(notebook: nbformat.NotebookNode, folder: Path, *, cell_timeout: int | None = None) -> nbformat.NotebookNode:
    """A copy of `notebook` with the outputs of a whole run, made with `folder` as the kernel's working directory.

    It notes which shipped weights the run loaded.
    The pace is `workshop` unless GAN_WORKSHOP_PACE says otherwise. A cell may take `cell_timeout` seconds, without one
    as long as it wants. Raises ExecutionError at the first cell that fails.
    """
    copy = nbformat.from_dict(notebook)
    copy.cells.append(nbformat.v4.new_code_cell(_WHICH_WEIGHTS))
    at = [0]
    client = NotebookClient(
        copy,
        kernel_name="python3",
        timeout=cell_timeout,
        resources={"metadata": {"path": str(folder)}},
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: at.__setitem__(0, cell_index),
    )
    try:
        client.execute(env={"GAN_WORKSHOP_PACE": "workshop", **os.environ})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        said = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # terminal colours
        quote = first_line(copy.cells[at[0]].source)
        raise ExecutionError(f"cell {at[0] + 1} (`{quote}`) failed:\n{said}") from error
    asked = copy.cells.pop()
    note_weights(copy, "".join(output.get("text", "") for output in asked.outputs).split())
    return copy
