"""Small questions to think about before the answer is seen."""

import html
import importlib
import pkgutil
from functools import cache
from typing import NamedTuple

from gan_helpers.controls import answer_on_subshell
from gan_helpers.exercises.checking import with_code
from gan_helpers.widgets import display_widget


class Quiz(NamedTuple):
    """A question, its possible answers with what to say to each, and the number of the right one (from 0)."""

    question: str
    answers: tuple[tuple[str, str], ...]
    right: int


@cache
def quizzes() -> dict[str, Quiz]:
    """All questions of the course by name, from the modules lesson_*.py beside this one."""
    found = {}
    for module in pkgutil.iter_modules(importlib.import_module(__package__).__path__):
        if module.name.startswith("lesson_"):
            found |= getattr(importlib.import_module(f"{__package__}.{module.name}"), "QUIZZES", {})
    return found


def quiz(name: str) -> None:
    """Show the question `name` with its answers to click on; each click says why it is right or wrong.

    Nothing depends on the answer. Raises KeyError, naming the questions there are, for another name.
    """
    if name not in quizzes():
        raise KeyError(f"there is no question {name!r}; there are: {', '.join(sorted(quizzes()))}.")
    ask(quizzes()[name])


def ask(asked: Quiz) -> None:
    """Show a question with its answers to click on; what stands in `backticks` of a reply is code."""
    import ipywidgets

    choices = ipywidgets.RadioButtons(
        options=[answer for answer, _ in asked.answers], index=None, layout={"width": "max-content"}
    )
    reply = ipywidgets.HTML()

    def answer(change) -> None:
        if choices.index is None:
            return
        right = choices.index == asked.right
        colour, sign = ("#009E73", "✓") if right else ("#D55E00", "✗")
        why = with_code(asked.answers[choices.index][1])
        style = f"border-left: 6px solid {colour}; padding: 4px 10px"
        reply.value = f'<div role="status" style="{style}">{sign} {why}</div>'

    choices.observe(answer, "index")
    answer_on_subshell(choices)  # also while a training runs
    box = ipywidgets.VBox([ipywidgets.HTML(f"<b>{html.escape(asked.question)}</b>"), choices, reply])
    display_widget(box, f"quiz: {asked.question}")
