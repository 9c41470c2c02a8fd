"""The glossary: each term stands in the section that its entry points at, and the links lead there."""

import re
from urllib.parse import unquote

import lessons
import pytest

ENTRY = re.compile(r"^\*\*(?P<term>[^*]+)\*\*: (?P<text>.+?) \[(?P<name>[^\]]+)\]\(\.\./notebooks/(?P<link>[^)]+)\)$")


def entries(text: str) -> list[dict]:
    """The entries of a glossary, each with term, text, name and link; AssertionError for a line that is none."""
    found = []
    for line in text.split("\n\n")[2:]:
        match = ENTRY.match(line.strip())
        assert match, f"no entry of the form **term**: text [section](link): {line!r}"
        found.append(match.groupdict())
    return found


def sections(notebook) -> dict[str, str]:
    """The text and code below each heading, by the anchor that JupyterLab gives it: blanks as hyphens."""
    found, anchor = {}, ""
    for cell in notebook.cells:
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else [f"    {cell.source}"]
        for line in lines:
            if match := re.match(r"#+ (.+)", line):
                anchor = re.sub(r"\s+", "-", match[1].strip())
            found[anchor] = found.get(anchor, "") + line + "\n"
    return found


def fault(entry: dict) -> str | None:
    """What is wrong with where an entry leads, or None."""
    file, _, anchor = entry["link"].partition("#")
    path = lessons.NOTEBOOKS / file
    if not path.exists():
        return f"{entry['term']}: there is no {file}"
    section = sections(lessons.read(path)).get(unquote(anchor))
    if section is None:
        return f"{entry['term']}: {file} has no heading {unquote(anchor)!r}"
    # As prose or as the name in code: "batch normalisation" and nn.BatchNorm1d are one.
    words = {"batch normalisation": "batch ?normali[sz]ation|batchnorm", "linear layer": r"linear layer|nn\.Linear"}
    pattern = words.get(entry["term"], re.escape(entry["term"]).replace(r"\ ", r"\s+"))
    if not re.search(pattern, section, re.IGNORECASE):
        return f"{entry['term']}: not a word of it below {unquote(anchor)!r} in {file}"
    return None


@pytest.fixture(scope="module")
def glossary(repository):
    return (repository / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_every_entry_leads_to_a_section_that_speaks_of_it(glossary):
    assert [fault(entry) for entry in entries(glossary) if fault(entry)] == []


def test_terms_come_once_and_in_order(glossary):
    terms = [entry["term"].lower() for entry in entries(glossary)]
    assert terms == sorted(set(terms)) and len(terms) > 50


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("02_linear_model.ipynb", "02_lineal.ipynb"), "there is no 02_lineal.ipynb"),
        (("#3.-Down-the-slope", "#3.-Up-the-slope"), "has no heading '3.-Up-the-slope"),
        (("**learning rate**", "**teaching rate**"), "not a word of it"),
    ],
)
def test_a_link_that_leads_astray_is_found(glossary, change, words):
    changed = glossary.replace(*change)
    assert changed != glossary
    assert any(words in (fault(entry) or "") for entry in entries(changed))
