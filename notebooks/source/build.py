"""Makes each lesson's two notebooks from its one source, notebooks/source/NN_name.py, and likewise the playground's.

    python notebooks/source/build.py [LESSON ...]             writes notebooks/NN_name.ipynb (for attendees) and
                                                              notebooks/instructor/NN_name.ipynb (solved)
    python notebooks/source/build.py --execute [LESSON ...]   and runs the instructor copies whose outputs are stale
    python notebooks/source/build.py --check [LESSON ...]     writes nothing, names every stale file, exits 1

A source is py:percent, its first cell a text cell with the title. The builder adds the Colab badge and the setup cell.

    # %%                              a code cell, `# %% [markdown]` a text cell
    # %% tags=["instructor"]          a cell for the instructor copy alone; KNOWN_TAGS lists the tags
    # show: gan_helpers.models.dcgan.Discriminator
                                      alone on its line: becomes the source of that function, class, method or constant
    # exercise: gan_helpers.models.mlp_gan.generator_loss
                                      the rest of the cell is the stub, which attendees get; instructors get the source
                                      of that object; a later cell calls check("generator_loss")
    %matplotlib inline                a magic, without a comment sign

A build fails, and writes nothing, when a cell or a shown object has more than 25 lines, when a name is used that no
cell above binds, and when the answer to an exercise stands anywhere in the attendee copy.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from lesson_builder.execution import ExecutionError, execute
from lesson_builder.injected_cells import read_repository
from lesson_builder.lesson import BuildError, Lesson, attendee_faults, first_line, read_lesson
from lesson_builder.outputs import cell_digests, cells_to_run, stored_digest, weights_digest, with_outputs

_REMEDY = "run `make notebooks`"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Makes the attendee and the instructor copy of each lesson.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="03_mlp_gan, or 03; without any, all lessons")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--check", action="store_true", help="write nothing, name every stale file, exit 1 if any")
    task.add_argument("--execute", action="store_true", help="also run the instructor copies with stale outputs")
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[2], help="the project's folder")
    parser.add_argument("--cell-timeout", type=int, metavar="SECONDS", help="the longest that one cell may run")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        lessons = _read_lessons(root, options.lessons)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        return _check(lessons, root, with_orphans=not options.lessons)
    return _build(lessons, root, execute=options.execute, cell_timeout=options.cell_timeout)


def attendee_path(root: Path, name: str) -> Path:
    """Where a lesson's attendee copy lies."""
    return root / "notebooks" / f"{name}.ipynb"


def instructor_path(root: Path, name: str) -> Path:
    """Where a lesson's instructor copy lies."""
    return root / "notebooks" / "instructor" / f"{name}.ipynb"


def _source_files(root: Path) -> list[Path]:
    files = sorted((root / "notebooks" / "source").glob("*.py"))
    return [file for file in files if re.fullmatch(r"\d\d_\w+|playground", file.stem)]


def _read_lessons(root: Path, wanted: list[str]) -> list[Lesson]:
    """Every lesson, or the wanted ones. Raises BuildError with the problems of all of them."""
    sources = _source_files(root)
    chosen = [file for file in sources if not wanted or file.stem in wanted or file.stem[:2] in wanted]
    unknown = [name for name in wanted if not any(name in (file.stem, file.stem[:2]) for file in sources)]
    if unknown or not chosen:
        known = ", ".join(file.stem for file in sources) or "none"
        raise BuildError([f"no lesson {' '.join(unknown)} in {root / 'notebooks' / 'source'}; there: {known}"])
    try:
        repository = read_repository(root)
    except (OSError, ValueError) as error:
        raise BuildError([str(error)]) from error
    lessons, problems = [], []
    for file in chosen:
        try:
            lessons.append(read_lesson(file, root, repository))
        except BuildError as error:
            problems += error.problems
    if problems:
        raise BuildError(problems)
    return lessons


def _build(lessons: list[Lesson], root: Path, *, execute: bool, cell_timeout: int | None) -> int:
    failed = False
    for lesson in lessons:
        _write(attendee_path(root, lesson.name), _text(lesson.attendee))
    for lesson in lessons:
        path = instructor_path(root, lesson.name)
        stored = _read(path)
        digests = cell_digests(lesson.instructor, weights_digest(root, stored))
        notebook = with_outputs(lesson.instructor, stored or lesson.instructor, digests)
        missing = len(cells_to_run(notebook))
        if missing and execute:
            started = time.monotonic()
            try:
                notebook = _executed(lesson, root, path.parent, cell_timeout)
            except ExecutionError as error:
                print(f"{path.relative_to(root)}: {error}", file=sys.stderr)
                failed = True
                continue  # the older copy stays as it is
            print(f"{lesson.name}: built and executed in {(time.monotonic() - started) / 60:.1f} minutes")
        else:
            print(f"{lesson.name}: built, {f'{missing} cells to execute' if missing else 'outputs are fresh'}")
        _write(path, _text(notebook))
    for orphan in _orphans(root):
        print(f"{orphan.relative_to(root)} has no source: delete it")
    return int(failed)


def _executed(lesson: Lesson, root: Path, folder: Path, cell_timeout: int | None) -> nbformat.NotebookNode:
    folder.mkdir(parents=True, exist_ok=True)
    executed = execute(lesson.instructor, folder, cell_timeout=cell_timeout)
    digests = cell_digests(lesson.instructor, weights_digest(root, executed))
    return with_outputs(lesson.instructor, executed, digests, only_fresh=False)


def _check(lessons: list[Lesson], root: Path, *, with_orphans: bool) -> int:
    faults = []
    for lesson in lessons:
        path = attendee_path(root, lesson.name)
        faults += [f"{path.relative_to(root)}: {fault}" for fault in _attendee_copy_faults(lesson, path)]
        path = instructor_path(root, lesson.name)
        faults += [f"{path.relative_to(root)}: {fault}" for fault in _instructor_copy_faults(lesson, path, root)]
    if with_orphans:
        faults += [f"{path.relative_to(root)}: no source, delete it" for path in _orphans(root)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"notebooks: {len(lessons)} fresh")
    return int(bool(faults))


def _attendee_copy_faults(lesson: Lesson, path: Path) -> list[str]:
    if not path.is_file():
        return [f"missing, {_REMEDY}"]
    if path.read_text(encoding="utf-8") == _text(lesson.attendee):
        return []
    stored = _read(path)
    # the second part says what is wrong where it matters most
    return [f"stale, {_REMEDY}", *(attendee_faults(stored, lesson.exercises) if stored else [])]


def _instructor_copy_faults(lesson: Lesson, path: Path, root: Path) -> list[str]:
    if not path.is_file():
        return [f"missing, {_REMEDY}"]
    stored = _read(path)
    if stored is None:
        return [f"not a notebook, {_REMEDY}"]
    digests = cell_digests(lesson.instructor, weights_digest(root, stored))
    fresh = with_outputs(lesson.instructor, stored, digests)
    by_id = {cell.get("id"): cell for cell in stored.cells}
    stale, never_run = [], []
    for position in cells_to_run(fresh):
        old = by_id.get(fresh.cells[position].id)
        has_outputs = old is not None and old.get("execution_count") is not None and stored_digest(old)
        (stale if has_outputs else never_run).append(position)
    faults = []
    if never_run:
        faults.append(f"not executed: {_named(never_run, fresh)}; {_REMEDY}")
    if stale:
        reason = "code at or above them, or weights they loaded, changed"
        faults.append(f"stale outputs: {_named(stale, fresh)}; {reason}, {_REMEDY}")
    if _same_cells(fresh, stored) and (faults or path.read_text(encoding="utf-8") == _text(fresh)):
        return faults
    return [f"stale, {_REMEDY}", *faults]


def _named(positions: list[int], notebook: nbformat.NotebookNode) -> str:
    numbers = ", ".join(str(position + 1) for position in positions)
    return f"cell {numbers}, starting with `{first_line(notebook.cells[positions[0]].source)}`"


def _same_cells(fresh: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> bool:
    both = [[(cell.cell_type, cell.get("id"), cell.source) for cell in notebook.cells] for notebook in (fresh, stored)]
    return both[0] == both[1]


def _orphans(root: Path) -> list[Path]:
    names = {file.stem for file in _source_files(root)}
    copies = [*(root / "notebooks").glob("*.ipynb"), *(root / "notebooks" / "instructor").glob("*.ipynb")]
    return sorted(path for path in copies if path.stem not in names)


def _read(path: Path) -> nbformat.NotebookNode | None:
    """The notebook in a file, None when there is none that can be read."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, nbformat.ValidationError):
        return None
    return notebook


def _text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def _write(path: Path, text: str) -> None:
    """Replaces the file as a whole, or leaves it as it was."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
