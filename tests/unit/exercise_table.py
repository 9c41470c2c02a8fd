"""The tests that the table of each lesson's exercises goes through."""

import pytest


def table_tests(problem, names, right, wrong):
    """Three tests for a module: right variants are accepted, wrong ones refused with the fitting words, enough of both.

    `problem(name, cell)` gives what the check says, or None; `right` are (name, cell), `wrong` (name, cell, words).
    """

    @pytest.mark.parametrize(("name", "cell"), right, ids=[f"{row[0]}-{i}" for i, row in enumerate(right)])
    def accepted(name, cell):
        said = problem(name, cell)
        assert said is None, said  # with the words: pytest explains asserts in test modules only

    @pytest.mark.parametrize(("name", "cell", "words"), wrong, ids=[f"{row[0]}-{i}" for i, row in enumerate(wrong)])
    def refused(name, cell, words):
        said = problem(name, cell) or "accepted"
        assert words in said, said

    def enough():
        for name in names:
            assert sum(name == row[0] for row in right) >= 3, name
            assert sum(name == row[0] for row in wrong) >= 5, name

    return accepted, refused, enough
