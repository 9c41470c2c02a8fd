"""What all tests share: where the repository is, marks by folder, a data folder of their own, the default pace."""

import os
from pathlib import Path

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

REPOSITORY = Path(__file__).resolve().parents[1]
MARKED_FOLDERS = {"browser", "colab", "notebooks"}


def pytest_collection_modifyitems(items):
    """Mark each test by its folder, so that `-m "not browser"` needs no decorator in every file."""
    for item in items:
        for folder in MARKED_FOLDERS.intersection(item.path.parts[len(REPOSITORY.parts) :]):
            item.add_marker(folder)


@pytest.fixture(scope="session")
def repository():
    """The root of the working tree, a Path."""
    return REPOSITORY


@pytest.fixture(scope="session")
def settings(repository):
    """pyproject.toml as nested dictionaries."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session", autouse=True)
def own_data_and_pace(tmp_path_factory):
    """A data folder that starts empty, so that no test lives on, or spoils, what somebody has prepared.

    scripts/run_tests.py names one for all layers. The pace is the default one, whatever the shell says: a test that
    needs another sets it.
    """
    folder = Path(os.environ.get("GAN_WORKSHOP_TEST_DATA") or tmp_path_factory.mktemp("data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAN_WORKSHOP_DATA", str(folder))
        patch.delenv("GAN_WORKSHOP_PACE", raising=False)
        yield folder
