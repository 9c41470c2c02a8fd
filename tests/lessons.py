"""Running the lessons in a kernel and reading what came out; shared by tests/notebooks and tests/colab."""

import copy
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CELL_TIMEOUT = 300  # seconds: far over what a cell takes at pace `ci`; it ends a cell that hangs
REFERENCE_NOTICE = "goes on with the reference"
EXERCISE = re.compile(r"^# Exercise: (\w+)\.", re.MULTILINE)
CHECK = re.compile(r"\bcheck\(\s*[\"'](\w+)[\"']")


def attendee_lessons():
    """The paths of the attendee copies, in the order of the lessons; AssertionError if there are none."""
    return found(NOTEBOOKS.glob("*.ipynb"), NOTEBOOKS)


def instructor_lessons():
    """The paths of the instructor copies, in the order of the lessons; AssertionError if there are none."""
    return found(NOTEBOOKS.glob("instructor/*.ipynb"), NOTEBOOKS / "instructor")


def found(paths, folder):
    paths = sorted(paths)
    assert paths, f"expected lessons in {folder}, found none: run make notebooks"
    return paths


def read(path):
    """The notebook at `path`, upgraded to version 4 of the format."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """(position, cell) of each code cell that holds any source."""
    return [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]


def may_fail(notebook):
    """The positions of the cells whose error does not end Run All: stubs, and errors that are shown on purpose."""
    return {i for i, cell in code_cells(notebook) if "raises-exception" in cell.metadata.get("tags", [])}


def exercises(notebook):
    """{name: position} of the stub cells of an attendee copy; the builder writes the name into each."""
    return {match[1]: i for i, cell in code_cells(notebook) if (match := EXERCISE.search(cell.source))}


def check_cells(notebook):
    """{name: position} of the cells that call `check("name")`."""
    return {name: i for i, cell in code_cells(notebook) for name in CHECK.findall(cell.source)}


def with_sources(notebook, sources):
    """A copy of the notebook without outputs, the cells at the positions in `sources` replaced by those texts."""
    notebook = copy.deepcopy(notebook)
    for i, cell in enumerate(notebook.cells):
        cell.source = sources.get(i, cell.source)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def run(notebook, *, folder, env, kernel_manager=None):
    """Run all cells to the end, whatever fails on the way, and return the notebook with what they put out.

    It runs in `folder` with the environment variables `env`, in this environment's own kernel or in that of
    `kernel_manager`. Raises nbclient's CellTimeoutError for a cell that hangs, DeadKernelError for a kernel that dies.
    """
    client = NotebookClient(
        notebook,
        km=kernel_manager,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute(env=env, cleanup_kc=True)  # end the kernel, whoever made its manager


def errors(notebook):
    """What went wrong, one line for each error output of a cell that may not fail."""
    return [
        f"cell {i}: {output.ename}: {output.evalue}"
        for i, cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error" and i not in may_fail(notebook)
    ]


def not_run(notebook):
    """The positions of the code cells that were not run: none, where a notebook reached its end."""
    return [i for i, cell in code_cells(notebook) if cell.execution_count is None]


def silent_checks(notebook):
    """(position, exercises) of each check cell that did not say that the lesson goes on with the reference."""
    return [
        (i, CHECK.findall(cell.source))
        for i, cell in code_cells(notebook)
        if CHECK.search(cell.source) and REFERENCE_NOTICE not in text_of(cell)
    ]


def text_of(cell):
    """Everything readable that a cell put out: streams and the text forms of what it displayed."""
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", ""))
        parts.extend(value for kind, value in output.get("data", {}).items() if kind.startswith("text/"))
    return "\n".join(parts)
