"""Nobody gets stuck: an attendee's copy runs to its end with every wrong answer to every exercise.

Untouched copies run in tests/colab and tests/browser.
"""

import copy
import os

import lessons
import pytest

# Four ways to be wrong; NAME stands for what the exercise asks for.
WRONG_ANSWERS = {
    "exception": 'def NAME(*args, **kwargs):\n    raise RuntimeError("wrong on purpose")\n',
    "shape": "def NAME(*args, **kwargs):\n    import torch\n\n    return torch.zeros(3, 1, 7)\n",
    "nan": 'def NAME(*args, **kwargs):\n    import torch\n\n    return torch.full((), float("nan"))\n',
    "syntax": "def NAME(:\n    return\n",
}


@pytest.fixture(params=lessons.attendee_lessons(), ids=lambda path: path.stem)
def lesson(request):
    return lessons.read(request.param)


@pytest.fixture
def run(repository):
    """Run a notebook where an attendee's clone has it, at pace `ci`."""
    env = os.environ | {"GAN_WORKSHOP_PACE": "ci"}
    return lambda notebook: lessons.run(notebook, folder=repository / "notebooks", env=env)


def with_wrong_answers(notebook):
    """Every exercise with all kinds of wrong answers in turn: its cells, from stub to check, once for each."""
    notebook = lessons.with_sources(notebook, {})
    checks = lessons.check_cells(notebook)
    for name, stub in reversed(lessons.exercises(notebook).items()):  # from behind: positions before it stay right
        asked = notebook.cells[stub : checks[name] + 1]
        repeated = []
        for kind, answer in WRONG_ANSWERS.items():
            cells = copy.deepcopy(asked)
            cells[0].source = answer.replace("NAME", name)
            for cell in cells:
                cell.id = f"{cell.id}-{kind}"
            repeated += cells
        notebook.cells[stub : checks[name] + 1] = repeated
    return notebook


def test_each_exercise_is_checked_and_may_fail(lesson):
    asked = lessons.exercises(lesson)
    assert lessons.check_cells(lesson).keys() == asked.keys()
    assert lessons.may_fail(lesson) >= set(asked.values())


def test_all_wrong_in_every_way(lesson, run):
    asked = lessons.exercises(lesson)
    if not asked:
        pytest.skip("this lesson has no exercise")

    ran = run(with_wrong_answers(lesson))

    assert lessons.errors(ran) == []
    assert lessons.not_run(ran) == []
    assert lessons.silent_checks(ran) == []
    checked = [name for _, cell in lessons.code_cells(ran) for name in lessons.CHECK.findall(cell.source)]
    assert sorted(checked) == sorted(list(asked) * len(WRONG_ANSWERS))
