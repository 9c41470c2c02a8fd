"""Each gate of notebooks/source/build.py, red once and green once, on a small project of its own."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

BUILD = Path(__file__).parents[2] / "notebooks" / "source" / "build.py"
COPY = "notebooks/01_loss.ipynb"
SOLVED = "notebooks/instructor/01_loss.ipynb"

MODULE = '''\
"""Losses."""

import torch

SCALE = 2.0  # as in the paper


@torch.no_grad()
def mean_score(logits):
    """How real the discriminator finds a batch.

    logits: (N,), any range.
    """
    # the sigmoid turns a logit into a probability
    return torch.sigmoid(logits).mean() * SCALE


def generator_loss(fake_logits):
    """How far the generator is from fooling the discriminator.

    fake_logits: (N,), any range.
    """
    target = torch.ones_like(fake_logits)
    return torch.nn.functional.binary_cross_entropy_with_logits(fake_logits, target)


class Critic:
    """Scores a batch.

    It has no weights.
    """

    def score(self, real):
        """The mean of a batch.

        real: (N,).
        """
        return real.mean()
'''

LESSON = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Anything
#     name: anything
# ---

# %% [markdown]
# # What is a loss?
#
# You will need ten minutes.

# %%
import torch

from gan_helpers.exercises import check

# show: gan_helpers.losses.SCALE

# %%
# show: gan_helpers.losses.mean_score

# %% [markdown] tags=["instructor"]
# Ask the room first.

# %%
# exercise: gan_helpers.losses.generator_loss
def generator_loss(fake_logits):
    target = ...
    return torch.zeros(())

# %%
generator_loss = check("generator_loss")

# %% tags=["instructor"]
secret = mean_score(torch.zeros(3))

# %% tags=["nbval-ignore-output"]
generator_loss(torch.zeros(3))
"""

ANSWER = "return torch.nn.functional.binary_cross_entropy_with_logits(fake_logits, target)"


@pytest.fixture(scope="module")
def build():
    sys.path.insert(0, str(BUILD.parent))
    spec = importlib.util.spec_from_file_location("notebook_build", BUILD)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(BUILD.parent))


class Project:
    """A project with one lesson in a temporary folder, and build.py run on it."""

    def __init__(self, root, build, capsys):
        self.root, self._build, self._capsys = root, build, capsys
        self.write("pyproject.toml", '[project.urls]\nRepository = "https://github.com/some/course"\n')
        self.write("gan_helpers/__init__.py", "")
        self.write("gan_helpers/exercises/__init__.py", "def check(name):\n    return name\n")
        self.write("gan_helpers/losses.py", MODULE)
        self.write("gan_helpers/weights/digits.safetensors", "first weights")
        self.write("notebooks/source/01_loss.py", LESSON)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path, old, new):
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"the test's edit of {path} would change nothing"
        self.write(path, text.replace(old, new, 1))

    def edit_lesson(self, old, new):
        self.edit("notebooks/source/01_loss.py", old, new)

    def lesson(self, *cells):
        """Replaces the lesson by a title and these cells."""
        self.write("notebooks/source/01_loss.py", "\n\n".join(["# %% [markdown]\n# # Title", *cells]) + "\n")

    def run(self, *arguments):
        """The exit code, and everything that build.py said."""
        code = self._build.main([*arguments, "--root", str(self.root)])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def notebook(self, path):
        return nbformat.read(self.root / path, as_version=4)

    def change_notebook(self, path, change):
        notebook = self.notebook(path)
        change(notebook)
        self.write(path, nbformat.writes(notebook) + "\n")

    def pretend_execution(self):
        """Builds, and gives every code cell of the instructor copy an output, as if a kernel had run it."""
        assert self.run() == (0, "01_loss: built, 7 cells to execute\n")
        weights = nbformat.v4.new_notebook(metadata={"gan_workshop": {"weights": ["digits"]}})
        digests = self._build.cell_digests(self.notebook(SOLVED), self._build.weights_digest(self.root, weights))

        def execute(notebook):
            notebook.metadata |= weights.metadata
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            for count, cell in enumerate(code, start=1):
                cell.execution_count = count
                cell.outputs = [nbformat.v4.new_output("stream", text=f"output {count}\n")]
                cell.metadata["gan_workshop"] = {"digest": digests[cell.id]}

        self.change_notebook(SOLVED, execute)

    def files(self):
        return {path: path.read_bytes() for path in sorted((self.root / "notebooks").rglob("*")) if path.is_file()}


@pytest.fixture
def project(tmp_path, build, capsys):
    return Project(tmp_path, build, capsys)


@pytest.fixture
def fresh(project):
    project.pretend_execution()
    assert project.run("--check") == (0, "notebooks: 1 fresh\n")
    return project


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def cell_with(notebook, text):
    return next(cell for cell in notebook.cells if text in cell.source)


# ---------------------------------------------------------------------------------------------- what the copies hold


def test_shown_objects_keep_decorator_and_comments_and_one_docstring_line(project):
    assert project.run()[0] == 0
    for path in (COPY, SOLVED):
        code = code_of(project.notebook(path))
        assert code[1] == ("import torch\n\nfrom gan_helpers.exercises import check\n\nSCALE = 2.0  # as in the paper")
        assert code[2] == (
            "@torch.no_grad()\n"
            "def mean_score(logits):\n"
            '    """How real the discriminator finds a batch."""\n'
            "    # the sigmoid turns a logit into a probability\n"
            "    return torch.sigmoid(logits).mean() * SCALE"
        )


def test_docstrings_of_methods_and_with_quotes_or_backslashes_are_reduced(project):
    docstring = '    r"""Maps \\alpha to "beta"\n\n    and more.\n    """\n'
    project.write("gan_helpers/odd.py", f"def odd():\n{docstring}    return 1\n")
    project.lesson("# %%\n# show: gan_helpers.odd.odd", "# %%\n# show: gan_helpers.losses.Critic")
    assert project.run()[0] == 0
    _, odd, critic = code_of(project.notebook(COPY))
    assert odd == 'def odd():\n    r"""Maps \\alpha to "beta" """\n    return 1'
    assert critic == (
        'class Critic:\n    """Scores a batch."""\n\n    def score(self, real):\n        """The mean of a batch."""\n'
        "        return real.mean()"
    )


@pytest.mark.parametrize("gap", ["", "\n", "\n\n", "\n\n\n"])
def test_shown_definitions_stand_two_empty_lines_apart(project, gap):
    around = ["import torch", "# show: gan_helpers.losses.Critic", "# show: gan_helpers.losses.SCALE", "x = 1"]
    project.lesson("# %%\n" + f"\n{gap}".join(around))
    assert project.run()[0] == 0
    text = code_of(project.notebook(COPY))[1]
    assert text.startswith("import torch\n\n\nclass Critic:")
    assert text.endswith(f"return real.mean()\n\n\nSCALE = 2.0  # as in the paper\n{gap}x = 1")


def test_comment_stays_with_the_definition_below_it(project):
    project.lesson("# %%\n# The loss of the paper:\n# show: gan_helpers.losses.Critic")
    assert project.run()[0] == 0
    assert code_of(project.notebook(COPY))[1].startswith("# The loss of the paper:\nclass Critic:")


def test_method_can_be_shown_alone(project):
    project.lesson("# %%\n# show: gan_helpers.losses.Critic.score")
    assert project.run()[0] == 0
    assert code_of(project.notebook(COPY))[1].startswith('def score(self, real):\n    """The mean of a batch."""')


def test_attendees_get_the_stub_and_instructors_the_answer(project):
    assert project.run()[0] == 0
    stub = cell_with(project.notebook(COPY), "Exercise:")
    assert stub.source == (
        "# Exercise: generator_loss. Fill in the blanks, run this cell, then the next.\n"
        "def generator_loss(fake_logits):\n    target = ...\n    return torch.zeros(())"
    )
    assert stub.metadata == {"tags": ["raises-exception"]}
    answer = cell_with(project.notebook(SOLVED), "def generator_loss")
    assert answer.source.endswith(ANSWER)
    assert "Exercise:" not in answer.source
    assert answer.metadata == {}
    assert answer.id == stub.id


def test_instructor_cells_stand_only_in_the_instructor_copy(project):
    assert project.run()[0] == 0
    for text in ("Ask the room first", "secret = "):
        assert text in (project.root / SOLVED).read_text()
        assert text not in (project.root / COPY).read_text()


def test_attendee_copy_has_no_outputs_and_the_least_metadata(fresh):
    assert fresh.run()[0] == 0
    notebook = fresh.notebook(COPY)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert "instructor" not in cell.metadata.get("tags", [])
        assert "nbval-ignore-output" not in cell.metadata.get("tags", [])
    assert cell_with(fresh.notebook(SOLVED), "generator_loss(torch").metadata.tags == ["nbval-ignore-output"]


def test_badge_stands_below_the_title_and_setup_before_all_code(project):
    project.write(
        "pyproject.toml",
        '[project.urls]\nRepository = "https://github.com/some/course.git"\n[tool.gan_helpers]\nref = "v2"\n',
    )
    assert project.run()[0] == 0
    for path in (COPY, SOLVED):
        notebook = project.notebook(path)
        title, _, badge, _, text = notebook.cells[0].source.split("\n")
        assert (title, text) == ("# What is a loss?", "You will need ten minutes.")
        link = "https://colab.research.google.com/github/some/course/blob/v2/notebooks/01_loss.ipynb"
        assert badge.startswith("[▶ Open in Colab](") and badge.endswith(f"({link})")
        assert "git+https://github.com/some/course@v2" in code_of(notebook)[0]


def test_missing_address_is_named(project):
    project.write("pyproject.toml", "[project]\n")
    code, said = project.run()
    assert code == 1 and "[project.urls] Repository" in said


# ---------------------------------------------------------------------------------------- the same again and again


def test_second_build_changes_no_byte(fresh):
    before = fresh.files()
    assert fresh.run() == (0, "01_loss: built, outputs are fresh\n")
    assert fresh.files() == before


def test_ids_stay_when_cells_are_inserted(project):
    project.edit_lesson("# %% [markdown] tags", "# %%\nx = 1\n\n# %%\nx = 1\n\n# %% [markdown] tags")
    assert project.run()[0] == 0
    before = [cell.id for cell in project.notebook(SOLVED).cells]
    project.edit_lesson("# %%\nimport torch", "# %%\ninserted = 1\n\n# %%\nimport torch")
    assert project.run()[0] == 0
    after = [cell.id for cell in project.notebook(SOLVED).cells]
    assert len(after) == len(set(after)) == len(before) + 1
    inserted = cell_with(project.notebook(SOLVED), "inserted").id
    assert [cell for cell in after if cell != inserted] == before


def test_only_the_named_lesson_is_built(project):
    project.write("notebooks/source/02_other.py", "# %% [markdown]\n# # Other\n")
    assert project.run("02")[0] == 0
    assert not (project.root / COPY).exists()
    code, said = project.run("02_other", "--check")
    assert code == 1 and "notebooks/instructor/02_other.ipynb: not executed: cell 2" in said and "01_loss" not in said
    code, said = project.run("03_none")
    assert code == 1 and "01_loss, 02_other" in said


# ------------------------------------------------------------------------------------------------------ stale copies


def test_check_names_missing_copies(project):
    code, said = project.run("--check")
    assert code == 1
    assert f"{COPY}: missing" in said and f"{SOLVED}: missing" in said


def test_check_names_stale_attendee_copy(fresh):
    fresh.edit(COPY, "ten minutes", "nine minutes")
    code, said = fresh.run("--check")
    assert code == 1 and f"{COPY}: stale" in said and SOLVED not in said


def test_check_names_both_copies_after_an_edit_of_the_text(fresh):
    fresh.edit_lesson("ten minutes", "nine minutes")
    code, said = fresh.run("--check")
    assert code == 1 and f"{COPY}: stale" in said and f"{SOLVED}: stale" in said
    assert "not executed" not in said, "text is no reason to execute again"
    assert fresh.run() == (0, "01_loss: built, outputs are fresh\n")
    assert fresh.run("--check")[0] == 0


def test_check_names_changed_code_in_instructor_copy(fresh):
    fresh.edit(SOLVED, "secret = mean_score", "secret = 2 * mean_score")
    code, said = fresh.run("--check")
    assert code == 1 and f"{SOLVED}: stale" in said and "secret" in said


def test_check_names_unexecuted_instructor_cell(fresh):
    def forget(notebook):
        cell = cell_with(notebook, "generator_loss(torch")
        cell.execution_count, cell.outputs = None, []

    fresh.change_notebook(SOLVED, forget)
    code, said = fresh.run("--check")
    assert code == 1
    assert f"{SOLVED}: not executed: cell 9, starting with `generator_loss(torch.zeros(3))`" in said


def test_empty_cell_counts_as_executed(project):
    project.edit_lesson("# %%\ngenerator_loss = check", "# %%\n\n# %%\ngenerator_loss = check")
    assert project.run()[0] == 0
    weights = project._build.weights_digest(project.root, None)
    digests = project._build.cell_digests(project.notebook(SOLVED), weights)

    def execute_all_but_the_empty_one(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.source:
                cell.execution_count = 1
                cell.metadata["gan_workshop"] = {"digest": digests[cell.id]}

    project.change_notebook(SOLVED, execute_all_but_the_empty_one)
    assert project.run("--check")[0] == 0


def test_edit_of_a_shown_object_makes_the_cells_below_stale(fresh):
    fresh.edit("gan_helpers/losses.py", "mean() * SCALE", "sum() * SCALE")
    code, said = fresh.run("--check")
    assert code == 1
    assert f"{SOLVED}: stale outputs: cell 4, 6, 7, 8, 9, starting with `@torch.no_grad()`" in said
    assert fresh.run() == (0, "01_loss: built, 5 cells to execute\n")
    outputs = [cell.outputs for cell in fresh.notebook(SOLVED).cells if cell.cell_type == "code"]
    assert [bool(output) for output in outputs] == [True, True, False, False, False, False, False]


def test_other_weights_than_those_a_lesson_loaded_change_nothing(fresh):
    fresh.write("gan_helpers/weights/faces.safetensors", "weights of a later lesson")
    assert fresh.run("--check")[0] == 0


def test_change_of_the_weights_a_lesson_loaded_makes_every_output_stale(fresh):
    fresh.write("gan_helpers/weights/digits.safetensors", "other weights")
    code, said = fresh.run("--check")
    assert code == 1 and "stale outputs: cell 2, 3, 4, 6, 7, 8, 9," in said and "weights" in said
    fresh.write("gan_helpers/weights/digits.safetensors", "first weights")
    assert fresh.run("--check")[0] == 0
    (fresh.root / "gan_helpers/weights/digits.safetensors").rename(fresh.root / "gan_helpers/weights/a.safetensors")
    assert fresh.run("--check")[0] == 1


@pytest.mark.parametrize("folder", ["notebooks", "notebooks/instructor"])
def test_check_names_orphan_copies(fresh, folder):
    fresh.write(f"{folder}/09_gone.ipynb", "{}")
    code, said = fresh.run("--check")
    assert code == 1 and f"{folder}/09_gone.ipynb: no source" in said


@pytest.mark.parametrize("path", [COPY, SOLVED])
def test_check_survives_a_file_cut_short(fresh, path):
    fresh.write(path, (fresh.root / path).read_text()[:300])
    code, said = fresh.run("--check")
    assert code == 1 and path in said


# ---------------------------------------------------------------------------------- answers in attendee copies


def test_check_names_an_answer_in_a_cell_of_the_attendee_copy(fresh):
    fresh.change_notebook(COPY, lambda n: n.cells[-1].update(source=f"def mine(fake_logits, target):\n    {ANSWER}"))
    code, said = fresh.run("--check")
    assert code == 1 and "gives away the answer to exercise generator_loss" in said and "cell 7" in said


def test_check_names_an_answer_in_the_metadata_of_the_attendee_copy(fresh):
    fresh.change_notebook(COPY, lambda n: n.cells[3].metadata.update(solution=[ANSWER]))
    code, said = fresh.run("--check")
    assert code == 1 and "metadata of cell 4 gives away" in said and "unexpected metadata: solution" in said


def test_check_names_an_answer_in_the_notebooks_metadata(fresh):
    fresh.change_notebook(COPY, lambda n: n.metadata.update(note={"deep": f"try {ANSWER} here"}))
    code, said = fresh.run("--check")
    assert code == 1 and "the notebook's metadata gives away" in said


def test_check_names_an_answer_in_an_output_of_the_attendee_copy(fresh):
    def leak(notebook):
        notebook.cells[3].outputs = [nbformat.v4.new_output("display_data", {"text/plain": f"1 {ANSWER}"})]

    fresh.change_notebook(COPY, leak)
    code, said = fresh.run("--check")
    assert code == 1 and "outputs of cell 4 gives away" in said and "cell 4 holds outputs" in said


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(f"# %% [markdown]\n# Note that `{ANSWER}`.", id="in a text cell"),
        pytest.param(f"# %%\n# {ANSWER}", id="in a comment"),
        pytest.param(
            "# %%\n# torch.nn.functional.binary_cross_entropy_with_logits(\n#     fake_logits,\n#     target,\n# )",
            id="in a comment of several lines",
        ),
        pytest.param(f"# %%\ndef f(fake_logits, target):\n    {ANSWER}", id="under another name"),
        pytest.param(
            "# %%\nmine = torch.nn.functional.binary_cross_entropy_with_logits(\n    fake_logits,\n    target,\n)",
            id="laid out anew",
        ),
        pytest.param("# %%\n# show: gan_helpers.losses.generator_loss", id="shown"),
    ],
)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_lesson_that_prints_an_answer_is_not_built(project, cell, above):
    binds = "# %%\nfake_logits = target = torch.zeros(3)\n\n"
    marker = "# %% [markdown] tags" if above else '# %% tags=["instructor"]\nsecret'
    project.edit_lesson(marker, f"{binds}{cell}\n\n{marker}")
    code, said = project.run()
    assert code == 1 and "gives away the answer to exercise generator_loss" in said
    assert not (project.root / COPY).exists()


def test_answer_of_short_lines_is_recognised_as_a_run(project):
    steps = "opt_g.zero_grad()\n{0}loss_g.backward()\n{0}opt_g.step()\n"
    project.write("gan_helpers/step.py", "def step(loss_g, opt_g):\n    " + steps.format("    "))
    stub = "# %%\n# exercise: gan_helpers.step.step\ndef step(loss_g, opt_g):\n    ..."
    check = '# %%\nfrom gan_helpers.exercises import check\n\nstep = check("step")'
    project.lesson(stub, check)
    assert project.run()[0] == 0
    project.lesson(stub, check, "# %%\nloss_g = opt_g = 0\n" + steps.format(""))
    code, said = project.run()
    assert code == 1 and "gives away the answer to exercise step" in said


def test_a_line_given_in_the_stub_may_stand_elsewhere(project):
    line = "target = torch.ones_like(fake_logits)"
    given = f"# %%\nfake_logits = torch.zeros(3)\n{line}\n\n"
    project.edit_lesson("# %% [markdown] tags", given + "# %% [markdown] tags")
    assert project.run()[0] == 1
    project.edit_lesson("    target = ...", f"    {line}")
    assert project.run()[0] == 0


def test_stub_that_holds_the_answer_is_refused(project):
    project.edit_lesson("    target = ...", f"    target = torch.ones_like(fake_logits)\n    {ANSWER}")
    code, said = project.run()
    assert code == 1 and "stub of exercise generator_loss holds the whole answer" in said


# --------------------------------------------------------------------------------------------------- broken lessons


@pytest.mark.parametrize(
    "cell, message",
    [
        ("print(nowhere)", "`nowhere` is bound by no cell above"),
        ("x = y\ny = 1", "`y` is bound by no cell above"),
        ("def f():\n    return nowhere", "`nowhere` is bound by no cell above"),
        ("class A(Base):\n    pass", "`Base` is bound by no cell above"),
        ("total += 1", "`total` is bound by no cell above"),
        ("y = [x + k for x in range(3)]", "`k` is bound by no cell above"),
        ("y = [k for x in range(3)]\nk = 1", "`k` is bound by no cell above"),
        ("a = 1\ndel a\nprint(a)", "`a` is bound by no cell above"),
        ("x = Path.cwd()", "`Path` is bound by no cell above"),  # the setup cell's imports are not the lesson's
        ("print(secret)", "`secret` is bound by no cell above"),  # only an instructor's cell binds it
        ("from gan_helpers.losses import *", "import *"),
        ("from .losses import SCALE", "relative import"),
        ("x = (", "never closed"),
        ("# show: gan_helpers.losses.mean_scor", "near it: mean_score"),
        ("# show: gan_helpers.nothing.mean_score", "`gan_helpers.nothing.mean_score`"),
        ("# show: gan_helpers.losses", "is a module"),
        ("# show: torch.nn.Linear", "outside the package"),
        ("# show:", "is no directive"),
        ("# Show: gan_helpers.losses.mean_score", "is no directive"),
        ("#show: gan_helpers.losses.mean_score", "is no directive"),
        ("# display: gan_helpers.losses.mean_score", "is no directive"),
        ("x = 1  # show: gan_helpers.losses.mean_score", "is no directive"),
        ("if True:\n    # show: gan_helpers.losses.mean_score\n    pass", "is no directive"),
        ("\n".join(["x = 1"] * 26), "26 lines of code"),
        ("# exercise: gan_helpers.losses.mean_score", "does not define `mean_score`"),
        ("# exercise: gan_helpers.losses.mean_score\ndef mean(x):\n    ...", "does not define `mean_score`"),
        ("# exercise: gan_helpers.losses.mean_score\ndef mean_score(x:", "does not run"),
        ("# exercise: gan_helpers.losses.Critic.score\ndef score(x):\n    ...", "is a method"),
        ("# exercise: gan_helpers.losses.mean_score\ndef mean_score(x):\n    ...", 'no cell calls check("mean_score")'),
    ],
)
def test_broken_cell_is_named_and_nothing_is_written(project, cell, message):
    project.edit_lesson('# %% tags=["nbval', f'# %%\n{cell}\n\n# %% tags=["nbval')
    code, said = project.run()
    assert code == 1
    assert message in said
    line = LESSON[: LESSON.index('# %% tags=["nbval')].count("\n") + 1
    assert f"notebooks/source/01_loss.py:{line}: cell 8" in said
    assert sorted(path.name for path in project.files()) == ["01_loss.py"]
    assert project.run("--check")[0] == 1


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nx = 1\n!ls\nfiles = !ls",
        "%%bash\nls $HOME | wc -l",
        "%%time\nx = SCALE",
        "x = (7\n    % 3)",
        "def f(n):\n    return g(n) if n else f(n - 1)\n\ndef g(n):\n    return n",
        "with open('x') as file, open('y') as (a, b):\n    print(file, a, b)",
        "for i, (a, *b) in enumerate([]):\n    print(i, a, b)",
        "if (n := len('x')) > 1:\n    print(n)",
        "try:\n    x = 1\nexcept (ValueError, OSError) as error:\n    print(error)",
        "import os.path as path, json\nprint(path, json, [k for k in range(3) for _ in range(k)])",
        "match [1]:\n    case [a, *b] if a:\n        print(a, b)\n    case {'c': c, **d}:\n        print(c, d)",
        "class Node:\n    kind = 'x'\n    label = kind\n\n    def copy(self) -> 'Node':\n        return Node()",
        "x: int = 3\nx += 1\ndisplay(x, (lambda q: q + x)(1))",
        "def count():\n    global hits\n    hits = 1\ncount()\nprint(hits)",
        "# cat pictures are not magics",
        "# a note: gan_helpers.losses is where this lives",
    ],
)
def test_sound_cell_is_built(project, cell):
    project.edit_lesson('# %% tags=["nbval', f'# %%\n{cell}\n\n# %% tags=["nbval')
    code, said = project.run()
    assert code == 0, said
    assert cell in code_of(project.notebook(COPY))


def test_name_that_a_shown_object_needs_must_be_bound_above(project):
    project.edit_lesson("# show: gan_helpers.losses.SCALE\n", "")
    code, said = project.run()
    assert (
        code == 1 and "cell 3" in said and "`SCALE` is bound by no cell above; used by `def mean_score(logits)" in said
    )


def test_name_that_only_the_answer_needs_must_be_bound_above(project):
    project.edit("gan_helpers/losses.py", "target = torch.ones", "target = scaled * torch.ones")
    code, said = project.run()
    assert code == 1 and "`scaled` is bound by no cell above; used by `def generator_loss" in said


def test_stub_cell_binds_nothing_but_its_exercise(project):
    project.edit_lesson("# exercise:", "import math\n\n# exercise:")
    assert project.run()[0] == 0
    project.edit_lesson("generator_loss(torch.zeros(3))", "print(math.pi)")
    code, said = project.run()
    assert code == 1 and "`math` is bound by no cell above" in said


@pytest.mark.parametrize("body_lines, code", [(24, 0), (25, 1)])
def test_shown_object_has_25_lines_at_most(project, body_lines, code):
    docstring = '    """Short.\n\n    More of it.\n    """\n'
    lines = "".join(f"    x = {number}\n" for number in range(body_lines - 1))
    project.write("gan_helpers/long.py", f"def long():\n{docstring}{lines}")
    project.lesson("# %%\n# show: gan_helpers.long.long")
    assert project.run()[0] == code
    if code:
        assert "`gan_helpers.long.long` is 26 lines long" in project.run()[1]


def test_check_of_the_other_exercise_does_not_count(project):
    project.edit_lesson('check("generator_loss")', 'check("discriminator_loss")')
    code, said = project.run()
    assert code == 1 and 'no cell calls check("generator_loss")' in said


def test_check_has_to_come_before_the_next_exercise(project):
    stub = "# %%\n# exercise: gan_helpers.losses.mean_score\ndef mean_score(logits):\n    ...\n\n"
    project.edit_lesson("# %%\ngenerator_loss = check", stub + "# %%\ngenerator_loss = check")
    project.edit_lesson('# %% tags=["nbval', '# %%\nmean_score = check("mean_score")\n\n# %% tags=["nbval')
    code, said = project.run()
    assert code == 1 and 'no cell calls check("generator_loss")' in said


def test_check_in_an_instructor_cell_does_not_count(project):
    project.edit_lesson("# %%\ngenerator_loss = check", '# %% tags=["instructor"]\ngenerator_loss = check')
    code, said = project.run()
    assert code == 1 and 'no cell calls check("generator_loss")' in said


def test_exercise_in_an_instructor_cell_is_refused(project):
    project.edit_lesson("# %%\n# exercise", '# %% tags=["instructor"]\n# exercise')
    code, said = project.run()
    assert code == 1 and "attendees never see" in said


@pytest.mark.parametrize("header", ['tags=["instructr"]', 'tag=["instructor"]', "tags=[instructor]", "instructor"])
def test_misspelt_tag_does_not_reach_the_attendees(project, header):
    project.edit_lesson('# %% tags=["instructor"]', f"# %% {header}")
    code, said = project.run()
    assert code == 1 and "secret = mean_score" in said
    assert not (project.root / COPY).exists()


@pytest.mark.parametrize("header", ['# %% tags="instructor"', '# %% tags={"instructor"'])
def test_header_that_jupytext_refuses_is_named(project, header):
    project.edit_lesson('# %% tags=["instructor"]', header)
    code, said = project.run()
    assert code == 1 and "notebooks/source/01_loss.py" in said and "instructor" in said
    assert not (project.root / COPY).exists()


def test_lesson_without_title_is_refused(project):
    project.edit_lesson("# # What is a loss?", "# What is a loss?")
    code, said = project.run()
    assert code == 1 and "# Title" in said


def test_directive_without_its_cell_marker_is_refused(project):
    project.edit_lesson("# # What is a loss?", "# # What is a loss?\n# # show: gan_helpers.losses.SCALE")
    code, said = project.run()
    assert code == 1 and "directive in a text cell" in said


def test_one_broken_lesson_stops_the_writing_of_all(project):
    project.write("notebooks/source/00_good.py", "# %% [markdown]\n# # Good\n")
    project.lesson("# %%\nprint(nowhere)")
    assert project.run()[0] == 1
    assert not (project.root / "notebooks/00_good.ipynb").exists()


# -------------------------------------------------------------------------------------------------------- execution


def test_execution_stores_the_outputs_and_then_rests(project):
    live = "from IPython.display import display\n\nplace = display('first', display_id=True)\nplace.update('last')"
    pace = "import os\n\nimport gan_helpers\n\nprint(os.environ['GAN_WORKSHOP_PACE'])"
    project.lesson(f"# %%\n{live}", f"# %%\n{pace}")
    code, said = project.run("--execute")
    assert code == 0 and "executed in" in said, said
    setup, first, second = (cell for cell in project.notebook(SOLVED).cells if cell.cell_type == "code")
    assert setup.outputs == []
    assert [output.data["text/plain"] for output in first.outputs] == ["'last'"]
    assert second.outputs[0].text == os.environ.get("GAN_WORKSHOP_PACE", "workshop") + "\n"
    assert [cell.execution_count for cell in (setup, first, second)] == [1, 2, 3]
    assert all(set(cell.metadata) == {"gan_workshop"} for cell in (setup, first, second))
    assert project.notebook(SOLVED).metadata.language_info == {"name": "python"}
    before = project.files()
    assert project.run("--check") == (0, "notebooks: 1 fresh\n")
    assert project.run("--execute") == (0, "01_loss: built, outputs are fresh\n")
    assert project.files() == before


def test_execution_notes_which_weights_were_loaded(project):
    project.lesson("# %%\nfrom gan_helpers.weights import loaded\n\nloaded.add('digits')")
    assert project.run("--execute")[0] == 0
    assert project.notebook(SOLVED).metadata["gan_workshop"] == {"weights": ["digits"]}
    assert len(project.notebook(SOLVED).cells) == 3, "what is asked of the kernel at the end is no cell of the lesson"
    assert project.run("--check")[0] == 0
    project.write("gan_helpers/weights/digits.safetensors", "other weights")
    code, said = project.run("--check")
    assert code == 1 and "weights they loaded" in said


def test_failing_cell_is_named_and_the_older_copy_stays(fresh):
    before = (fresh.root / SOLVED).read_bytes()
    fresh.lesson("# %%\nprint('before')", "# %%\n1 / 0")
    code, said = fresh.run("--execute")
    assert code == 1
    assert f"{SOLVED}: cell 4 (`1 / 0`) failed" in said and "ZeroDivisionError" in said
    assert (fresh.root / SOLVED).read_bytes() == before
    assert not list((fresh.root / "notebooks").rglob("*.partial"))


def test_failing_write_leaves_the_older_copy_whole(fresh, monkeypatch):
    before = fresh.files()
    fresh.edit_lesson("ten minutes", "nine minutes")
    before[fresh.root / "notebooks/source/01_loss.py"] = (fresh.root / "notebooks/source/01_loss.py").read_bytes()

    def full(*arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        fresh.run()
    assert fresh.files() == before


def test_what_differs_from_run_to_run_is_not_stored(build):
    view = "application/vnd.jupyter.widget-view+json"
    cell = nbformat.v4.new_code_cell("slider", id="a", execution_count=1, metadata={"execution": {"at": "noon"}})
    cell.outputs = [nbformat.v4.new_output("display_data", {"text/plain": "Slider()", view: {"model_id": "9f3c"}})]
    executed = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"9f3c": {}}})
    built = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("slider", id="a")])
    kept = build.with_outputs(built, executed, {"a": "digest"}, only_fresh=False)
    assert kept.metadata == {}
    assert kept.cells[0].metadata == {"gan_workshop": {"digest": "digest"}}
    assert kept.cells[0].outputs[0].data == {"text/plain": "Slider()"}


# ----------------------------------------------------------------------------------------------------- the setup cell


@pytest.fixture
def run_setup(project, tmp_path_factory):
    """Runs the setup cell, then imports gan_helpers, in a Python without installed packages."""
    assert project.run()[0] == 0
    setup = code_of(project.notebook(COPY))[0]
    path = tmp_path_factory.mktemp("path")

    def run(folder, **environment):
        # -S: what is installed beside pytest, perhaps gan_helpers itself, must not answer the import
        command = [sys.executable, "-S", "-c", setup + "\nimport gan_helpers\nprint('from', gan_helpers.__file__)"]
        environment = {**os.environ, "PYTHONPATH": str(path), **environment}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)

    run.path = path
    return run


FAKE_PIP = """\
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "asked.json").write_text(json.dumps(sys.argv[1:]))
if os.environ.get("FAKE_PIP_FAILS"):
    sys.exit("ERROR: Could not resolve host: github.com")
(here / "gan_helpers").mkdir()
(here / "gan_helpers" / "__init__.py").touch()
"""


def test_setup_cell_finds_the_clone_around_it(project, run_setup):
    result = run_setup(project.root / "notebooks")
    assert result.stdout == f"from {project.root / 'gan_helpers' / '__init__.py'}\n", result.stderr


def test_setup_cell_leaves_an_installed_package_alone(project, run_setup):
    (run_setup.path / "gan_helpers").mkdir()
    (run_setup.path / "gan_helpers" / "__init__.py").touch()
    result = run_setup(project.root / "notebooks")
    assert result.stdout == f"from {run_setup.path / 'gan_helpers' / '__init__.py'}\n", result.stderr


def test_setup_cell_installs_from_the_repository(run_setup, tmp_path_factory):
    (run_setup.path / "pip.py").write_text(FAKE_PIP)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "gan_helpers").mkdir()  # a bare folder of this name is not the package
    result = run_setup(elsewhere)
    assert result.returncode == 0, result.stderr
    asked = json.loads((run_setup.path / "asked.json").read_text())
    assert asked == ["install", "-q", "gan-helpers @ git+https://github.com/some/course@main"]


def test_setup_cell_takes_another_address_and_explains_a_failure(run_setup, tmp_path_factory):
    (run_setup.path / "pip.py").write_text(FAKE_PIP)
    address = "git+file:///somewhere/course"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    result = run_setup(elsewhere, GAN_WORKSHOP_REPOSITORY=address, FAKE_PIP_FAILS="1")
    assert result.returncode != 0
    assert "check the network, then run this cell again" in result.stderr
    assert result.stderr.rstrip().endswith("Could not resolve host: github.com")
    assert json.loads((run_setup.path / "asked.json").read_text())[-1] == f"gan-helpers @ {address}"


# ------------------------------------------------------------------------------------------------------- the command


def test_command_checks_without_importing_torch_or_the_package(fresh):
    fresh.write("gan_helpers/__init__.py", "raise SystemExit('imported')")
    command = [sys.executable, "-X", "importtime", str(BUILD), "--check", "--root", str(fresh.root)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "notebooks: 1 fresh\n"), result.stderr
    imported = {
        line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines() if line.startswith("import time")
    }
    assert "jupytext" in imported and not imported & {"torch", "gan_helpers"}
