"""Cuts one object's source out of the package's files. Nothing is imported, so that a build needs no torch."""

import ast
import difflib
import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "gan_helpers"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class NotInPackage(Exception):
    """A directive names something that the package's files do not define."""


@dataclass(frozen=True)
class PackageObject:
    """An object of the package as a notebook prints it.

    `dotted` is its full name, `name` what the notebook calls it, `source` its text with decorators and comments, each
    docstring reduced to its first line, and `is_method` whether it was cut out of a class.
    """

    dotted: str
    name: str
    source: str
    is_method: bool = False

    @property
    def line_count(self) -> int:
        return len(self.source.split("\n"))


def find_object(dotted: str, root: Path) -> PackageObject:
    """The function, class, method or simple module-level assignment that `dotted` names in the package under `root`.

    Raises NotInPackage, with the nearest names, when there is no such object.
    """
    parts = dotted.split(".")
    if parts[0] != PACKAGE:
        raise NotInPackage(
            f"`{dotted}` is outside the package: write a full name such as {PACKAGE}.models.dcgan.Generator"
        )
    file, names = _module_and_names(parts, root)
    if not names:
        raise NotInPackage(f"`{dotted}` is a module: name one function, class or constant in it")
    text = file.read_text(encoding="utf-8")
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise NotInPackage(
            f"`{dotted}` cannot be read: {file.relative_to(root)}, line {error.lineno}: {error.msg}"
        ) from error
    node = None
    for name in names:
        node = _definition(name, body)
        if node is None:
            place = file.relative_to(root).as_posix()
            near = difflib.get_close_matches(name, _defined_names(body), n=3)
            hint = f"; near it: {', '.join(near)}" if near else ""
            raise NotInPackage(f"`{dotted}`: {place} defines no function, class or constant `{name}`{hint}")
        body = node.body if isinstance(node, ast.ClassDef) else []
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    cut = textwrap.dedent("\n".join(text.split("\n")[first - 1 : node.end_lineno]))
    return PackageObject(dotted, names[-1], _reduce_docstrings(cut), is_method=len(names) > 1)


def _module_and_names(parts: list[str], root: Path) -> tuple[Path, list[str]]:
    for split in range(len(parts), 0, -1):
        folder = root.joinpath(*parts[:split])
        for file in (folder.with_suffix(".py"), folder / "__init__.py"):
            if file.is_file():
                return file, parts[split:]
    raise NotInPackage(f"`{'.'.join(parts)}`: there is no folder {PACKAGE}/ with an __init__.py under {root}")


def _definition(name: str, body: list[ast.stmt]) -> ast.stmt | None:
    # from the end, because the last definition of a name is the one that an import finds
    return next((node for node in reversed(body) if _defined_name(node) == name), None)


def _defined_names(body: list[ast.stmt]) -> list[str]:
    return [name for node in body if (name := _defined_name(node))]


def _defined_name(node: ast.stmt) -> str | None:
    if isinstance(node, _DEFINITIONS):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def _reduce_docstrings(source: str) -> str:
    """`source` with every docstring, those of inner functions too, cut down to its first line."""
    lines = source.split("\n")
    documented = [n for n in ast.walk(ast.parse(source)) if isinstance(n, _DEFINITIONS) and ast.get_docstring(n)]
    # from the end, so that the line numbers above stay true
    for docstring in sorted((node.body[0] for node in documented), key=lambda node: node.lineno, reverse=True):
        if docstring.end_lineno == docstring.lineno:
            continue
        line = inspect.cleandoc(docstring.value.value).split("\n")[0]
        prefix = "r" if "\\" in line else ""
        closing = ' """' if line.endswith('"') else '"""'
        lines[docstring.lineno - 1 : docstring.end_lineno] = [f'{" " * docstring.col_offset}{prefix}"""{line}{closing}']
    return "\n".join(lines)
