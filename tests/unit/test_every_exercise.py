"""What holds for the exercises of all lessons: their own solution passes, and whatever else comes is answered."""

import pytest

from gan_helpers.exercises import checking
from gan_helpers.exercises.checking import exercises, forget_tries

NAMES = sorted(exercises())


@pytest.fixture(autouse=True)
def fresh():
    forget_tries()
    yield
    forget_tries()


def problem(name: str, cell: str) -> str | None:
    """What the check says to the function that a cell with this text defines, beside the package's own parts."""
    namespace = dict(exercises()[name].reference.__globals__)
    exec(cell, namespace)
    return checking._problem(exercises()[name], name, namespace[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_package_own_solution_passes(name):
    assert checking._problem(exercises()[name], name, exercises()[name].reference) is None


@pytest.mark.parametrize("name", NAMES)
def test_three_hints_lead_from_vague_to_plain(name):
    hints = exercises()[name].hints
    assert len(hints) == len(set(hints)) == 3
    assert all(len(hint) <= 160 for hint in hints)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("def {name}(*a, **k): raise OSError('boom')", "stops with OSError: boom (line 1 of your cell)"),
        ("def {name}(*a, **k): return {name}(*a, **k)", "calls itself without end"),
        ("def {name}(*a, **k): raise SystemExit", "stops with SystemExit"),
        ("def {name}(*a, **k): raise KeyboardInterrupt", "You stopped the check"),
        ("def {name}(*a, **k): return torch.full((), float('nan'))", ""),
        ("def {name}(*a, **k): return torch.zeros(3, 1, 7)", ""),
        ("def {name}(*a, **k): return None", ""),
        ("def {name}(*a, **k):\n    import numpy\n    return numpy.zeros((3, 1))", ""),
        ("def {name}(*a, **k): return torch.zeros(3, 1, device='meta')", ""),
        ("def {name}(*a, **k): return torch.zeros((), device='meta')", ""),
        ("def {name}(*a, **k): return 'text'", ""),
        ("def {name}(*a, **k): return ...", "Fill in the ..."),
        ("{name} = 3", "should be a function"),
        ("{name} = None", "There is no function"),
        ("def {name}(): pass", "stops with TypeError"),
    ],
)
def test_whatever_an_attempt_does_the_answer_is_kind(name, cell, words):
    found = problem(name, cell.replace("{name}", name))
    assert found and words in found
