"""What nbval cannot see: an instructor copy whose cells were not all executed, and whether nbval can fail at all."""

import re
import subprocess
import sys

import lessons
import nbformat
import pytest
from nbclient import NotebookClient


@pytest.mark.parametrize("path", lessons.instructor_lessons(), ids=lambda path: path.stem)
def test_every_cell_was_executed_from_top_to_bottom(path):
    cells = lessons.code_cells(lessons.read(path))
    assert [cell.execution_count for _, cell in cells] == list(range(1, len(cells) + 1))


ABSOLUTE_PATH = re.compile(r"(?<![\w.:/<])/(?:home|root|Users|work|tmp|opt|usr|mnt|var)/[\w.-]+|[A-Z]:\\\\\w")


@pytest.mark.parametrize("path", lessons.instructor_lessons(), ids=lambda path: path.stem)
def test_no_output_names_a_folder_of_the_machine_that_made_it(path):
    found = [
        (i, match[0])
        for i, cell in lessons.code_cells(lessons.read(path))
        for match in ABSOLUTE_PATH.finditer(lessons.text_of(cell))
    ]
    assert found == []


def test_a_path_would_be_found():
    assert ABSOLUTE_PATH.search("prepared data in /home/somebody/clone/data")
    assert not ABSOLUTE_PATH.search("read https://example.org/home/page, 5 img/s, and </div>")


@pytest.fixture
def small_notebook(tmp_path):
    """The path of a notebook that has just been executed, so that nbval must agree with its stored outputs."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell('print("2 networks")'),
        nbformat.v4.new_code_cell("(16, 2)"),
    ]
    NotebookClient(notebook, kernel_name="python3").execute()
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    return path


def nbval(path, repository):
    """The finished process of comparing the notebook at `path` with this project's own settings."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            repository / "pyproject.toml",
            "--nbval",
            "-p",
            "no:cacheprovider",
            path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_nbval_passes_what_agrees(small_notebook, repository):
    result = nbval(small_notebook, repository)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("cell", "change"),
    [
        pytest.param(0, lambda output: output.update(text="3 networks\n"), id="stream"),
        pytest.param(1, lambda output: output.data.update({"text/plain": "(16, 3)"}), id="value"),
    ],
)
def test_nbval_fails_on_a_changed_output(small_notebook, repository, cell, change):
    notebook = lessons.read(small_notebook)
    change(notebook.cells[cell].outputs[0])
    nbformat.write(notebook, small_notebook)

    result = nbval(small_notebook, repository)

    assert result.returncode == 1, result.stdout
    assert f"Cell {cell}" in result.stdout
    assert "1 failed, 1 passed" in result.stdout
