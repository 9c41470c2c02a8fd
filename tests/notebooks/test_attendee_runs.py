"""Nobody gets stuck: an attendee's copy runs to its end untouched, and with a wrong answer to every exercise."""

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


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A data folder that is empty before the first run, as on a new laptop, and full in the later ones."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def run(repository, data):
    """Run a notebook where an attendee's clone has it, at pace `ci`."""
    env = os.environ | {"GAN_WORKSHOP_PACE": "ci", "GAN_WORKSHOP_DATA": str(data)}
    return lambda notebook: lessons.run(notebook, folder=repository / "notebooks", env=env)


def assert_reached_the_end(notebook):
    not_run = [i for i, cell in lessons.code_cells(notebook) if cell.execution_count is None]
    assert not_run == []


def assert_goes_on_with_reference(notebook):
    silent = [
        name
        for name, i in lessons.check_cells(notebook).items()
        if lessons.REFERENCE_NOTICE not in lessons.text_of(notebook.cells[i])
    ]
    assert silent == [], f"no check cell said that {lessons.REFERENCE_NOTICE!r} for these"


def wrong_answers(notebook, *, turn):
    """{position of a stub: a wrong answer}: the kinds take turns over the exercises, beginning with number `turn`."""
    kinds = list(WRONG_ANSWERS.values())
    asked = enumerate(lessons.exercises(notebook).items())
    return {stub: kinds[(turn + i) % len(kinds)].replace("NAME", name) for i, (name, stub) in asked}


def test_each_exercise_is_checked_and_may_fail(lesson):
    asked = lessons.exercises(lesson)
    assert lessons.check_cells(lesson).keys() == asked.keys()
    assert lessons.may_fail(lesson) >= set(asked.values())


def test_untouched(lesson, run):
    ran = run(lessons.with_sources(lesson, {}))

    assert lessons.errors(ran) == []
    assert_reached_the_end(ran)
    assert_goes_on_with_reference(ran)


# Over the four turns every exercise meets every kind of wrong answer.
@pytest.mark.parametrize("turn", range(len(WRONG_ANSWERS)))
def test_all_wrong(lesson, run, turn):
    wrong = wrong_answers(lesson, turn=turn)
    if not wrong:
        pytest.skip("this lesson has no exercise")

    ran = run(lessons.with_sources(lesson, wrong))

    assert lessons.errors(ran) == []
    assert_reached_the_end(ran)
    assert_goes_on_with_reference(ran)
