"""Walks through latent space, and the quiz: what their controls do."""

import io

import ipywidgets
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from gan_helpers import playground
from gan_helpers.exercises import quiz as quiz_module
from gan_helpers.exercises.quiz import quiz, quizzes
from gan_helpers.models.mlp_gan import LATENT


@pytest.fixture
def shown(monkeypatch):
    """The widgets that were displayed, with their text forms."""
    seen = []
    for module in (playground, __import__("gan_helpers.exercises.quiz", fromlist=["quiz"])):
        monkeypatch.setattr(module, "display_widget", lambda widget, text: seen.append((widget, text)))
    return seen


def test_between_the_corners_lie_the_corners():
    four = playground.corners(3)
    places = {(0.0, 0.0): 0, (1.0, 0.0): 1, (0.0, 1.0): 2, (1.0, 1.0): 3}
    for (right, down), corner in places.items():
        assert torch.allclose(playground.between(four, right, down)[0], four[corner])
    assert torch.allclose(playground.between(four, 0.5, 0.5)[0], four.mean(0), atol=1e-6)


def find(widget, kind) -> list:
    found = [widget] if isinstance(widget, kind) else []
    return found + [match for child in getattr(widget, "children", ()) for match in find(child, kind)]


class FirstNumber(nn.Module):
    """Paints the whole image in the brightness that z's first number says."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, z):
        return z[:, :1].expand(-1, 784)


def test_the_sliders_move_the_picture(shown):
    playground.latent_walk(FirstNumber(), seed=1)
    ((box, text),) = shown
    four = playground.corners(1)
    (screen,), (right, down), (again,) = (
        find(box, kind) for kind in (ipywidgets.Image, ipywidgets.FloatSlider, ipywidgets.Button)
    )

    def brightness() -> float:
        return np.asarray(Image.open(io.BytesIO(screen.value))).mean() / 127.5 - 1

    assert brightness() == pytest.approx(four[0, 0].item(), abs=0.01)
    right.value = 1.0
    assert brightness() == pytest.approx(four[1, 0].item(), abs=0.01)
    down.value = 1.0
    assert brightness() == pytest.approx(four[3, 0].item(), abs=0.01)
    again.click()
    assert brightness() == pytest.approx(playground.corners(2)[3, 0].item(), abs=0.01)
    assert text == "latent walk: two sliders" and four.shape == (4, LATENT)


@pytest.mark.parametrize("name", quizzes())
def test_each_answer_of_a_quiz_gets_its_own_reply(shown, name):
    quiz(name)
    ((box, _),) = shown
    (choices,), reply = find(box, ipywidgets.RadioButtons), find(box, ipywidgets.HTML)[-1]
    assert choices.index is None and reply.value == ""
    said = []
    for number in range(len(quizzes()[name].answers)):
        choices.index = number
        said.append(reply.value)
        assert ("✓" in reply.value) == (number == quizzes()[name].right)
    assert len(set(said)) == len(said)


def test_an_unknown_quiz_lists_those_there_are():
    with pytest.raises(KeyError, match="who_saturates"):
        quiz_module("who_saturtes")
