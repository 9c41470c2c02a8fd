"""Finds an exercise's answer in a notebook meant for attendees.

The answer is the reference implementation less what its stub gives. It is looked for as statements, right-hand sides
and runs of lines, with layout, comment signs and quote style taken away, in every string of the file: cells, metadata,
outputs. Above the exercise or below it makes no difference: a line that the lesson prints anyway belongs into the stub.
The answers to other lessons' exercises may appear, for a lesson may print what an earlier one asked for.
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from lesson_builder.unbound_names import python_only

# Shorter text, such as `backward(loss_g)`, stands in any lesson by chance. Lengths are counted without spaces.
_STATEMENT = 20
_RIGHT_HAND_SIDE = 30
_LINES_IN_RUN = 3
_RUN = 40
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr, ast.Raise, ast.Assert)


@dataclass(frozen=True)
class Exercise:
    """What an attendee has to write: `reference` is the answer's source, `stub` the text given instead."""

    name: str
    reference: str
    stub: str


def answer_fragments(exercise: Exercise) -> dict[str, str]:
    """The tell-tale pieces of the answer: what is searched for, squeezed, and how a message quotes it."""
    tree = _without_docstrings(ast.parse(exercise.reference))
    fragments = {}
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        # the header of a compound statement, such as `with torch.no_grad():`, gives nothing away
        pieces = [(node, _STATEMENT)] if isinstance(node, _SIMPLE) else []
        if pieces and isinstance(value, ast.expr):
            pieces.append((value, _RIGHT_HAND_SIDE))
        for piece, shortest in pieces:
            for text in (ast.unparse(piece), ast.get_source_segment(exercise.reference, piece) or ""):
                if len(squeeze(text)) >= shortest:
                    fragments[squeeze(text)] = ast.unparse(piece)
    for layout in (exercise.reference, ast.unparse(tree)):
        lines = _code_lines(layout)
        for start in range(len(lines) - _LINES_IN_RUN + 1):
            run = squeeze("\n".join(lines[start : start + _LINES_IN_RUN]))
            if len(run) >= _RUN:
                fragments[run] = lines[start]
    fragments[squeeze(ast.unparse(tree))] = ast.unparse(tree)
    given = {
        squeeze("\n".join(_code_lines(exercise.stub))),
        squeeze(ast.unparse(ast.parse(python_only(exercise.stub)))),
    }
    return {text: quote for text, quote in fragments.items() if not any(text in stub for stub in given)}


def stub_holds_answer(exercise: Exercise) -> bool:
    """Whether the whole body of the reference implementation, comments and docstrings apart, stands in the stub."""
    reference = _without_docstrings(ast.parse(exercise.reference)).body[0]
    answer = "\n".join(ast.unparse(part) for part in getattr(reference, "body", [reference]))
    stub = _without_docstrings(ast.parse(python_only(exercise.stub)))
    return squeeze(answer) in squeeze(ast.unparse(stub))


def find_leaks(notebook: dict, exercises: Iterable[Exercise]) -> list[str]:
    """A line for each exercise whose answer stands somewhere in the notebook, with the place and the text found."""
    places = [(place, squeeze(text)) for place, text in _texts(notebook)]
    leaks = []
    for exercise in exercises:
        fragments = answer_fragments(exercise)
        # the longest piece says most about what has been given away
        for text in sorted(fragments, key=len, reverse=True):
            place = next((place for place, content in places if text in content), None)
            if place:
                first, *more = fragments[text].split("\n")
                quote = f"{first} ..." if more else first
                leaks.append(
                    f"{place} gives away the answer to exercise {exercise.name}: `{quote}`. "
                    "Take it out there, or give that line in the stub"
                )
                break
    return leaks


def squeeze(text: str) -> str:
    """`text` without what layout may change: white space, comment signs, quote style, trailing commas."""
    text = "".join(text.replace("#", "").split()).replace('"', "'")
    for closing in ")]}":
        text = text.replace("," + closing, closing)
    return text


def _texts(notebook: dict) -> Iterator[tuple[str, str]]:
    for number, cell in enumerate(notebook.get("cells", []), start=1):
        source = "".join(cell.get("source", ""))
        yield f"cell {number}", source
        if cell.get("cell_type") == "code":
            with suppress(SyntaxError):  # then the text as it stands, searched above, has to do
                yield f"cell {number}", ast.unparse(ast.parse(python_only(source)))
        for part in ("metadata", "outputs"):
            for text in _strings(cell.get(part)):
                yield f"the {part} of cell {number}", text
    for text in _strings(notebook.get("metadata")):
        yield "the notebook's metadata", text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        if all(isinstance(line, str) for line in value):
            yield "".join(value)  # how a notebook file stores a text of several lines
        for inner in value:
            yield from _strings(inner)


def _code_lines(source: str) -> list[str]:
    """The lines that hold code: docstrings, comments and empty lines left out."""
    docstrings = set()
    for node in ast.walk(ast.parse(python_only(source))):
        if _has_docstring(node):
            docstrings.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = [(number, line.split("  # ")[0].strip()) for number, line in enumerate(source.split("\n"), start=1)]
    return [line for number, line in lines if number not in docstrings and line and not line.startswith("#")]


def _has_docstring(node: ast.AST) -> bool:
    documentable = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return documentable and ast.get_docstring(node) is not None


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if _has_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree
