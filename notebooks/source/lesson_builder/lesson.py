"""A lesson's source, read, checked, and turned into its two notebooks. Nothing is written here."""

import ast
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from lesson_builder.answer_leaks import Exercise, find_leaks, stub_holds_answer
from lesson_builder.injected_cells import Repository
from lesson_builder.package_source import PACKAGE, NotInPackage, PackageObject, find_object
from lesson_builder.unbound_names import names_of_cell, python_only

MAX_LINES = 25
# A misspelt tag would let an instructor's cell through to the attendees, so a tag has to be known.
KNOWN_TAGS = {
    "instructor",
    "raises-exception",
    "nbval-ignore-output",
    "nbval-check-output",
    "nbval-raises-exception",
    "nbval-skip",
}
_DIRECTIVE = re.compile(r"# (show|exercise): (\S+)")
# what was meant as a directive but is none: indented, behind code, misspelt, without a name
_NEARLY = re.compile(rf"#\s*(?:show|exercise)\s*:|#\s*\w+\s*:\s*{PACKAGE}(?:\.\w+)+\s*$", re.IGNORECASE | re.MULTILINE)
_IN_MARKDOWN = re.compile(rf"^(?:#\s*)?(?:show|exercise)\s*:\s*{PACKAGE}\.", re.MULTILINE)
# jupytext notes its own findings about layout under these keys
_LAYOUT_KEYS = {"tags", "lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker"}
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class BuildError(Exception):
    """Why a lesson cannot be built: `problems` holds a line for each reason, with file, cell and name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Lesson:
    """A lesson's two notebooks, without outputs, and the exercises whose answers its attendee copy must not hold."""

    name: str
    attendee: nbformat.NotebookNode
    instructor: nbformat.NotebookNode
    exercises: list[Exercise]


@dataclass
class _Cell:
    kind: str
    source: str
    tags: list[str]
    id: str
    label: str
    attendee: str = ""
    instructor: str = ""
    exercise: Exercise | None = None

    @property
    def for_instructor_only(self) -> bool:
        return "instructor" in self.tags


class _CellText:
    """A cell's text while it grows: what is shown gets the two empty lines around it that the formatter asks for."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._after_definition = False

    def __str__(self) -> str:
        return "\n".join(self._parts)

    def add(self, text: str, *, is_definition: bool = False) -> None:
        if self._after_definition and not text:
            return
        has_comment_above = bool(self._parts) and self._parts[-1].startswith("#")
        if self._parts and (self._after_definition or (is_definition and not has_comment_above)):
            while self._parts and not self._parts[-1]:
                self._parts.pop()
            self._parts += ["", ""]
        self._parts.append(text)
        self._after_definition = is_definition

    def add_object(self, source: str) -> None:
        self.add(source, is_definition=source.startswith(("def ", "class ", "async def ", "@")))


def read_lesson(file: Path, root: Path, repository: Repository) -> Lesson:
    """Reads one source file. Raises BuildError with everything that is wrong in it."""
    place = file.relative_to(root).as_posix()
    cells, problems = _read_cells(file, place)
    for cell in cells:
        problems += [f"{cell.label}: {problem}" for problem in _expand(cell, root)]
    if problems:
        raise BuildError(problems)

    problems += _title_problems(cells, place)
    problems += _name_problems(cells, solved=False) + _name_problems(cells, solved=True)
    problems += _missing_checks(cells)
    if problems:
        raise BuildError(list(dict.fromkeys(problems)))

    attendee = _notebook(cells, file.stem, repository, solved=False)
    instructor = _notebook(cells, file.stem, repository, solved=True)
    lesson = Lesson(file.stem, attendee, instructor, [cell.exercise for cell in cells if cell.exercise])
    faults = attendee_faults(attendee, lesson.exercises)
    if faults:
        raise BuildError([f"{place}: in the attendee copy, {fault}" for fault in faults])
    nbformat.validate(attendee)
    nbformat.validate(instructor)
    return lesson


def attendee_faults(notebook: dict, exercises: list[Exercise]) -> list[str]:
    """What an attendee copy holds and must not: outputs, unexpected metadata, the answer to an exercise."""
    faults = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            faults.append(f"cell {number} holds outputs")
        unexpected = sorted(set(cell["metadata"]) - {"tags"})
        hidden_tags = sorted(tag for tag in cell["metadata"].get("tags", []) if not _shown_to_attendees(tag))
        if unexpected or hidden_tags:
            faults.append(f"cell {number} holds unexpected metadata: {', '.join(unexpected + hidden_tags)}")
    unexpected = sorted(set(notebook["metadata"]) - set(_METADATA))
    if unexpected:
        faults.append(f"the notebook holds unexpected metadata: {', '.join(unexpected)}")
    return faults + find_leaks(notebook, exercises)


def first_line(source: str) -> str:
    """How a message quotes a cell: its first line that is not empty."""
    return next((line.strip() for line in source.split("\n") if line.strip()), "empty")


def _shown_to_attendees(tag: str) -> bool:
    return tag in KNOWN_TAGS and tag != "instructor" and not tag.startswith("nbval-")


def _read_cells(file: Path, place: str) -> tuple[list[_Cell], list[str]]:
    text = file.read_text(encoding="utf-8")
    # Without comment_magics=False, jupytext would take the comment `# cat pictures` for the shell's cat. So magics
    # stand in a source as they do in a notebook, without a comment sign.
    form = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    try:
        nodes = jupytext.reads(text, fmt=form).cells
    except (nbformat.ValidationError, ValueError) as error:
        raise BuildError([f"{place}: jupytext cannot read it: {str(error).splitlines()[0]}"]) from error
    markers = [number for number, line in enumerate(text.split("\n"), start=1) if re.match(r"# ?%%(\s|$)", line)]
    cells, problems, seen = [], [], Counter()
    for number, node in enumerate(nodes, start=1):
        # a marker inside a string is no cell: then the line stays unsaid rather than wrong
        line = f":{markers[number - 1]}" if len(markers) == len(nodes) else ""
        label = f"{place}{line}: cell {number} (`{first_line(node.source)}`)"
        tags = node.metadata.get("tags", [])
        unknown_keys = sorted(set(node.metadata) - _LAYOUT_KEYS)
        if unknown_keys or not isinstance(tags, list):
            header = " ".join(f"{key}={node.metadata[key]!r}" for key in unknown_keys or ["tags"])
            problems.append(f'{label}: the cell\'s header is not understood ({header}); write # %% tags=["instructor"]')
            continue
        for tag in sorted(set(tags) - KNOWN_TAGS):
            problems.append(f"{label}: unknown tag `{tag}`; known are {', '.join(sorted(KNOWN_TAGS))}")
        key = hashlib.sha256(f"{node.cell_type}\n{node.source}".encode()).hexdigest()[:12]
        cell_id = f"{key}-{seen[key]}" if seen[key] else key
        seen[key] += 1
        cells.append(_Cell(node.cell_type, node.source, tags, cell_id, label))
    return cells, problems


def _expand(cell: _Cell, root: Path) -> list[str]:
    """Replaces the cell's directives; what stands in the two copies is afterwards in `attendee` and `instructor`."""
    cell.attendee = cell.instructor = cell.source
    if cell.kind != "code":
        return ["a directive in a text cell: `# %%` is missing above it"] if _IN_MARKDOWN.search(cell.source) else []
    attendee, instructor, problems = _CellText(), _CellText(), []
    lines = cell.source.split("\n")
    for number, line in enumerate(lines):
        directive = _DIRECTIVE.fullmatch(line.rstrip())
        if directive is None:
            attendee.add(line)
            instructor.add(line)
            if _NEARLY.search(line):
                problems.append(
                    f"`{line.strip()}` is no directive: expected `# show: {PACKAGE}.module.name` or "
                    f"`# exercise: {PACKAGE}.module.name`, alone on its line and not indented"
                )
            continue
        try:
            found = find_object(directive[2], root)
        except NotInPackage as error:
            problems.append(str(error))
            continue
        if found.line_count > MAX_LINES:
            problems.append(
                f"`{found.dotted}` is {found.line_count} lines long and at most {MAX_LINES} are shown: divide it"
            )
        instructor.add_object(found.source)
        if directive[1] == "show":
            attendee.add_object(found.source)
            continue
        stub = "\n".join(lines[number + 1 :]).strip("\n")
        attendee.add(f"# Exercise: {found.name}. Fill in the blanks, run this cell, then the next.\n{stub}")
        problems += _exercise_problems(cell, found, stub)
        cell.exercise = Exercise(found.name, found.source, stub)
        break
    cell.attendee, cell.instructor = str(attendee), str(instructor)
    if not problems:
        longest = max(len(text.split("\n")) for text in (cell.attendee, cell.instructor))
        if longest > MAX_LINES:
            problems.append(f"{longest} lines of code, at most {MAX_LINES} are allowed: divide the cell")
    return problems


def _exercise_problems(cell: _Cell, found: PackageObject, stub: str) -> list[str]:
    if cell.for_instructor_only:
        return [f"exercise {found.name} stands in a cell that attendees never see"]
    if _NEARLY.search(stub):
        return [f"exercise {found.name} has to be the last directive of its cell: what follows it is the stub"]
    if found.is_method:
        return [f"exercise {found.name} is a method: ask for a function, a class or a constant"]
    try:
        bound, _ = names_of_cell(stub, [])
    except (SyntaxError, ValueError) as error:
        return [f"the stub of exercise {found.name} does not run: {error}"]
    if found.name not in bound:
        return [f"the stub of exercise {found.name} does not define `{found.name}`"]
    if stub_holds_answer(Exercise(found.name, found.source, stub)):
        return [f"the stub of exercise {found.name} holds the whole answer"]
    return []


def _title_problems(cells: list[_Cell], place: str) -> list[str]:
    first = cells[0] if cells else None
    if first and first.kind == "markdown" and first.source.startswith("# ") and not first.for_instructor_only:
        return []
    return [f"{place}: expected a text cell with the title (`# Title`) as the first cell, for all to see"]


def _name_problems(cells: list[_Cell], *, solved: bool) -> list[str]:
    """Names that one of the two copies uses before it binds them. What the setup cell imports does not count."""
    problems, bound = [], set()
    for cell in cells:
        if cell.kind != "code" or (cell.for_instructor_only and not solved):
            continue
        source = cell.instructor if solved else cell.attendee
        try:
            binds, unbound = names_of_cell(source, bound)
        except (SyntaxError, ValueError) as error:
            problems.append(f"{cell.label}: {error}")
            continue
        for use in unbound:
            quote = source.split("\n")[use.line - 1].strip()
            problems.append(f"{cell.label}: `{use.name}` is bound by no cell above; used by `{quote}`")
        if cell.exercise and not solved:
            # after a SyntaxError in the stub, only the exercise's own name comes back, by way of check()
            binds = {cell.exercise.name}
        bound |= binds
    return problems


def _missing_checks(cells: list[_Cell]) -> list[str]:
    problems = []
    for position, cell in enumerate(cells):
        if not cell.exercise:
            continue
        for later in cells[position + 1 :]:
            if later.exercise or _calls_check(later, cell.exercise.name):
                break
        else:
            later = cell
        if later.exercise:
            name = cell.exercise.name
            problems.append(
                f'{cell.label}: no cell calls check("{name}") after exercise {name} and before the next one'
            )
    return problems


def _calls_check(cell: _Cell, name: str) -> bool:
    if cell.kind != "code" or cell.for_instructor_only:
        return False
    for node in ast.walk(ast.parse(python_only(cell.attendee))):
        if isinstance(node, ast.Call) and node.args and getattr(node.args[0], "value", None) == name:
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called == "check":
                return True
    return False


def _notebook(cells: list[_Cell], name: str, repository: Repository, *, solved: bool) -> nbformat.NotebookNode:
    made = []
    for position, cell in enumerate(cells):
        if cell.for_instructor_only and not solved:
            continue
        source = cell.instructor if solved else cell.attendee
        if position == 0:
            title, _, rest = source.partition("\n")
            source = "\n\n".join(filter(None, [title, repository.badge(name), rest.strip("\n")]))
        tags = cell.tags if solved else [tag for tag in cell.tags if _shown_to_attendees(tag)]
        if cell.exercise and not solved and "raises-exception" not in tags:
            tags = [*tags, "raises-exception"]  # Run All goes on past an error in a stub
        new_cell = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}[cell.kind]
        made.append(new_cell(source=source, id=cell.id, metadata={"tags": tags} if tags else {}))
    first_code = next((at for at, cell in enumerate(made) if cell.cell_type == "code"), len(made))
    made.insert(first_code, new_code_cell(source=repository.setup_source(), id="setup", metadata={}))
    return new_notebook(cells=made, metadata=_METADATA)
