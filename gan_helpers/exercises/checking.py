"""`check`: looks at an attendee's function, says what is right or wrong, and hands back one that works."""

import ast
import builtins
import contextlib
import html
import importlib
import inspect
import pkgutil
import re
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType
from typing import ClassVar, NamedTuple

import torch

SECONDS = 10  # of processor time, so that a busy machine is no endless loop


class NotYet(Exception):
    """An attempt is not right yet; the message tells the attendee what was seen and what was expected."""


class Exercise(NamedTuple):
    """One exercise: the package's own solution, `test(attempt)` that raises NotYet, and hints from vague to plain."""

    reference: FunctionType
    test: Callable[[Callable], None]
    hints: tuple[str, ...]


class _Attempts:
    """What happened in this kernel: whose function each exercise runs, and how many hints were given."""

    whose: ClassVar[dict[str, str]] = {}
    tries: ClassVar[dict[str, int]] = {}
    unfinished: ClassVar[set[str]] = set()


def forget_tries() -> None:
    """Start every exercise afresh: no hint given, nobody's function chosen."""
    _Attempts.whose.clear()
    _Attempts.tries.clear()
    _Attempts.unfinished.clear()


def parts_line() -> str:
    """Whose parts of models run: "yours: generator_loss · reference: generator_step"; "" before any check."""
    parts = []
    for owner in ("yours", "reference"):
        names = [name for name, whose in _Attempts.whose.items() if whose == owner and _is_part_of_a_model(name)]
        if names:
            parts.append(f"{owner}: {', '.join(names)}")
    return " · ".join(parts)


def _is_part_of_a_model(name: str) -> bool:
    return exercises()[name].reference.__module__.startswith("gan_helpers.models.")


def check(name: str) -> Callable:
    """Check the exercise `name`, show the verdict, and return the function the lesson goes on with.

    That is the notebook's own function `name` when it is right, and the reference when it is wrong, unfinished, missing
    or endless. The reference is bound to the notebook, so that it calls the attendee's other functions. Each further
    wrong attempt shows one more hint. Raises KeyError, naming the exercises there are, for a name that is none of them.
    """
    exercise = _exercise(name)
    namespace = _notebook_namespace()
    attempt = namespace.get(name)
    problem = _problem(exercise, name, attempt)
    if problem is None:
        _Attempts.whose[name] = "yours"
        _show(True, f"{name}: right. The lesson goes on with yours.")
        return attempt
    _Attempts.whose[name] = "reference"
    # The first time a blank is found, nothing was tried yet; whoever comes again with one may need a word.
    untouched = problem is _UNFINISHED and name not in _Attempts.unfinished
    untouched = untouched or attempt is None or getattr(attempt, "is_reference", False)  # a typo costs no hint
    if problem is _UNFINISHED:
        _Attempts.unfinished.add(name)
    lines = [f"{name}: not yet. {problem}", "The lesson goes on with the reference."]
    if not untouched and exercise.hints:
        given = _Attempts.tries[name] = _Attempts.tries.get(name, 0) + 1
        number = min(given, len(exercise.hints))
        more = " Change your cell, run it and this one again." if number < len(exercise.hints) else ""
        lines.append(f"Hint {number} of {len(exercise.hints)}: {exercise.hints[number - 1]}{more}")
    _show(False, *lines)
    return _bound_to(namespace, exercise.reference)


_UNFINISHED = "Fill in the ... of the cell above, run it, and run this cell again."


def _problem(exercise: Exercise, name: str, attempt) -> str | None:
    """What is wrong with `attempt`, in the attendee's words; None when it is right."""
    if attempt is None:
        return f"There is no function {name} yet: run the cell above (if it shows a red error, mend that first)."
    if getattr(attempt, "is_reference", False):
        return (
            f"{name} is the reference from an earlier check: run your own cell above, then this one. If your cell "
            "shows a red error, such as a SyntaxError, mend that first."
        )
    if not callable(attempt):
        return f"{name} is a {type(attempt).__name__}, but should be a function: begin the cell with def {name}(...)."
    if _has_blanks(attempt):
        return _UNFINISHED
    try:
        # The lesson's own random numbers must not depend on what was checked.
        with torch.random.fork_rng(devices=[]), _time_limit(SECONDS):
            torch.manual_seed(0)
            exercise.test(attempt)
    except NotYet as problem:
        return str(problem)
    except KeyboardInterrupt:
        return "You stopped the check while it was running."
    except _Endless:
        return f"It had not returned after {SECONDS} seconds of computing: is there a loop that never ends?"
    except RecursionError:
        return "It calls itself without end."
    except (Exception, SystemExit) as error:
        return f"It stops with {type(error).__name__}: {_first_line(error)}{_line_of(error, attempt)}{_advice(error)}"
    return None


# What PyTorch's own words leave open for somebody who meets them for the first time.
_ADVICE = {
    "is not a Module subclass": "a layer is made by calling its class from nn, with its parentheses, as in nn.Tanh().",
    "'float' object has no attribute 'size'": "the target must be a tensor of the logits' shape: see torch.full_like.",
    "'int' object has no attribute 'size'": "the target must be a tensor of the logits' shape: see torch.full_like.",
    "must match the size of tensor": "these shapes do not broadcast: from the right, sizes are equal or 1 (lesson 01).",
    "shapes cannot be multiplied": "rows of K numbers need a layer, or a matrix, that takes K: (N, K) @ (K, M).",
    "Target size": "the target must have the logits' shape: see torch.ones_like.",
    "all elements of input should be between 0 and 1": "those are logits: use ..._with_logits.",
    "must be Tensor, not float": "nn.LeakyReLU(0.2) is a layer; functions such as F.leaky_relu work on tensors.",
    "not builtin_function_or_method": "something was named but not called: its parentheses () are missing.",
    "'GAN' object has no attribute": "nets and opts are pairs: say .generator or .discriminator first.",
    "could not infer output dtype": "a mean needs numbers with a fraction: .float() first.",
    "Boolean value of Tensor with more than one value": "Python's min, max, if, and take one number: use .clamp, "
    "torch.maximum or torch.where.",
    "Trying to backward through the graph a second time": "in D's turn a slope ran back into G: detach the fakes.",
    "modified by an inplace operation": "a step changed weights that an old answer needs: ask D again.",
    "does not require grad and does not have a grad_fn": "no slope can flow: was something detached that must not be?",
}


def _advice(error: BaseException) -> str:
    return "".join(f". In other words: {advice}" for words, advice in _ADVICE.items() if words in str(error))


def _has_blanks(attempt: Callable) -> bool:
    code = getattr(attempt, "__code__", None)
    if code is None:
        return False
    if Ellipsis in code.co_consts:
        return True
    # A ... on a line of its own leaves no trace in the compiled code: look at the cell's text, where there is one.
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(attempt)))
    except (OSError, TypeError, SyntaxError):
        return False
    lines = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return any(isinstance(value, ast.Constant) and value.value is Ellipsis for value in lines)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["(no message)"])[0][:200]


def _line_of(error: BaseException, attempt: Callable) -> str:
    """Where in the attendee's own function the error arose: " (line 3 of your cell)", or "" when elsewhere."""
    code, found, trace = getattr(attempt, "__code__", None), "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is code:
            found = f" (line {trace.tb_lineno} of your cell)"
        trace = trace.tb_next
    return found


def _bound_to(namespace: dict, reference: FunctionType) -> FunctionType:
    """A copy of `reference` whose global names are the notebook's, so that it runs the attendee's other parts.

    A name the notebook lacks (a SyntaxError loses its whole cell) comes from the package and stays bound.
    """
    for name in reference.__code__.co_names:
        if name not in namespace and name in reference.__globals__:
            namespace[name] = reference.__globals__[name]
    copy = FunctionType(
        reference.__code__, namespace, reference.__name__, reference.__defaults__, reference.__closure__
    )
    copy.__kwdefaults__ = reference.__kwdefaults__
    copy.__doc__ = reference.__doc__
    copy.is_reference = True
    return copy


def _notebook_namespace() -> dict:
    if hasattr(builtins, "get_ipython"):
        return builtins.get_ipython().user_ns
    return sys._getframe(2).f_globals  # outside a notebook: the module that called `check`


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises of the course by name, from the modules lesson_*.py beside this one."""
    found = {}
    for module in pkgutil.iter_modules(importlib.import_module(__package__).__path__):
        if module.name.startswith("lesson_"):
            for name, exercise in importlib.import_module(f"{__package__}.{module.name}").EXERCISES.items():
                if name in found:
                    raise ValueError(f"two lessons have an exercise named {name!r}: rename one.")
                found[name] = exercise
    return found


def _exercise(name: str) -> Exercise:
    if name not in exercises():
        raise KeyError(f"there is no exercise {name!r}; there are: {', '.join(sorted(exercises()))}.")
    return exercises()[name]


class _Endless(BaseException):
    # Not an Exception, so that a bare `except Exception` in the attempt cannot swallow it.
    pass


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _Endless in the body after `seconds` of processor time, where the system can (not on Windows)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum, frame):
        raise _Endless

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def with_code(text: str) -> str:
    """`text` as HTML; what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


class _VerdictBox:
    """Lines of text with a green or an orange bar beside them; readable on light and dark pages."""

    def __init__(self, right: bool, lines: tuple[str, ...]):
        self.right, self.lines = right, lines

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        colour, sign = ("#009E73", "✓") if self.right else ("#D55E00", "○")
        text = "<br>".join(with_code(line) for line in self.lines)
        return (
            f'<div role="status" style="border-left: 6px solid {colour}; padding: 4px 10px; font-size: 14px">'
            f"{sign} {text}</div>"
        )


def _show(right: bool, *lines: str) -> None:
    from IPython import get_ipython
    from IPython.display import display

    box = _VerdictBox(right, lines)
    if get_ipython() is None:
        print(box)
    else:
        display(box)
