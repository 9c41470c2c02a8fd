"""Which names a cell uses before anything above it binds them: the NameError that Run All would end in."""

import ast
import builtins
import re
import symtable
from collections.abc import Iterable
from dataclasses import dataclass

# what IPython puts into every notebook
_ALWAYS_BOUND = frozenset(dir(builtins)) | {"display", "get_ipython"}
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}
# cell magics whose body is Python; the body of any other (%%bash, %%html) is left alone
_PYTHON_CELL_MAGICS = {"%%time", "%%timeit", "%%capture", "%%prun"}


@dataclass(frozen=True)
class Unbound:
    """A name that nothing binds before the statement in `line` (counted from 1 in its cell) needs it."""

    name: str
    line: int


def names_of_cell(source: str, bound: Iterable[str]) -> tuple[set[str], list[Unbound]]:
    """What the cell binds, and what it uses although neither `bound` nor the cell binds it.

    A name read at the cell's top level must be bound above that statement; a name read inside a function may be bound
    anywhere up to the end of the cell. Both branches of an `if` count as run. Raises SyntaxError for a cell that is
    no Python, and ValueError for `import *` and relative imports, whose names cannot be known here.
    """
    flow = _NameFlow(set(bound))
    flow.run(ast.parse(python_only(source)).body)
    return flow.bound - set(bound), flow.all_unbound()


def python_only(source: str) -> str:
    """The cell's Python: IPython's lines (`%magic`, `!command`, `name?`) become `pass`, line numbers stay."""
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        lines = source.split("\n")
    if lines[0].startswith("%%") and lines[0].split()[0] not in _PYTHON_CELL_MAGICS:
        return ""
    lines = [re.sub(r"^(\s*)([%!?].*|.*\?\s*)$", r"\1pass", line) for line in lines]
    return "\n".join(re.sub(r"^(\s*\w[\w, ]*=\s*)[%!].*$", r"\1None", line) for line in lines)


class _NameFlow:
    """Walks statements in the order in which they run; `symtable` settles the scopes inside each of them."""

    def __init__(self, bound: set[str]) -> None:
        self.bound = bound
        self._unbound: list[Unbound] = []
        self._read_later: list[Unbound] = []

    def all_unbound(self) -> list[Unbound]:
        later = [use for use in self._read_later if use.name not in self.bound]
        return sorted(dict.fromkeys(self._unbound + later), key=lambda use: use.line)

    def run(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._run_one(statement)

    def _run_one(self, node: ast.stmt) -> None:
        if isinstance(node, ast.If | ast.While):
            self._read(node.test)
            self.run(node.body + node.orelse)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._read(node.iter)
            self._bind_target(node.target)
            self.run(node.body + node.orelse)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self._read(item.context_expr)
                if item.optional_vars is not None:
                    self._bind_target(item.optional_vars)
            self.run(node.body)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":  # TryStar: from Python 3.11 on
            self._run_try(node)
        elif isinstance(node, ast.Match):
            self._run_match(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self._read(target)
                if isinstance(target, ast.Name):
                    self.bound.discard(target.id)
        else:
            self._run_simple(node)

    def _run_try(self, node: ast.Try) -> None:
        self.run(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self._read(handler.type)
            if handler.name:
                self.bound.add(handler.name)
            self.run(handler.body)
            self.bound.discard(handler.name or "")  # Python deletes the name at the end of `except ... as name`
        self.run(node.orelse + node.finalbody)

    def _run_match(self, node: ast.Match) -> None:
        self._read(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.expr):
                    self._read(part)
                self.bound.update(filter(None, [getattr(part, "name", None), getattr(part, "rest", None)]))
            if case.guard is not None:
                self._read(case.guard)
            self.run(case.body)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if getattr(node, "level", 0):
            raise ValueError("a relative import fails in a notebook: import from the package's full name")
        for alias in node.names:
            if alias.name == "*":
                raise ValueError(f"`from {node.module} import *` hides where names come from: import each by its name")
            self.bound.add(alias.asname or alias.name.split(".")[0])

    def _bind_target(self, target: ast.expr) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.bound.add(part.id)
            elif isinstance(part, ast.Name):
                self._check(part.id, part.lineno)

    def _read(self, expression: ast.expr) -> None:
        self._run_simple(ast.copy_location(ast.Expr(expression), expression))

    def _run_simple(self, node: ast.stmt) -> None:
        self.bound.update(
            part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)
        )  # `:=` binds in the middle of its statement
        if isinstance(node, ast.AugAssign):
            self._read(node.target)  # `x += 1` reads x, which symtable does not say
        table = symtable.symtable(ast.unparse(node), "<cell>", "exec")
        for symbol in table.get_symbols():
            if symbol.is_referenced():
                self._check(symbol.get_name(), node.lineno)
        self._read_inside(table, node.lineno, later=False)
        if not (isinstance(node, ast.AnnAssign) and node.value is None):
            self.bound.update(s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported())

    def _read_inside(self, table: symtable.SymbolTable, line: int, *, later: bool) -> None:
        """The globals read by the functions, classes and comprehensions inside a statement."""
        for inner in table.get_children():
            runs_at_once = inner.get_type() in ("class", "type parameters") or inner.get_name() in _COMPREHENSIONS
            inner_later = later or not runs_at_once
            for symbol in inner.get_symbols():
                if symbol.is_global() and symbol.is_referenced():
                    self._check(symbol.get_name(), line, later=inner_later)
                if symbol.is_declared_global() and symbol.is_assigned():
                    self.bound.add(symbol.get_name())
            self._read_inside(inner, line, later=inner_later)

    def _check(self, name: str, line: int, *, later: bool = False) -> None:
        if name in self.bound or name in _ALWAYS_BOUND or (name.startswith("__") and name.endswith("__")):
            return
        (self._read_later if later else self._unbound).append(Unbound(name, line))
