"""The map of embeddings: a plane through them, and where a caption lies in it."""

import io

import ipywidgets
import pytest
import torch
from PIL import Image

from gan_helpers import embedding_map as module
from gan_helpers.embedding_map import SORTED_BY, embedding_map, explore_embeddings
from gan_helpers.plots.embeddings import show_embeddings
from gan_helpers.plots.figures import encode_png
from gan_helpers.text import known_embeddings, nearest_captions


@pytest.mark.parametrize(("by", "classes"), [("surface", 7), ("shape", 3), ("topping, of pizzas with one", 10)])
def test_the_axes_are_those_of_the_class_means(by, classes):
    drawn = embedding_map(by)
    assert len(drawn.classes) == classes == len(drawn.labels.unique()) and len(drawn.captions) == len(drawn.points)
    assert torch.allclose(drawn.axes @ drawn.axes.T, torch.eye(2), atol=1e-4)
    means = torch.stack([drawn.points[drawn.labels == k].mean(0) for k in range(classes)])
    cross = means.T @ means  # principal axes: the means do not vary together along the two, and most along the first
    assert abs(cross[0, 1]) < 1e-2 * cross[1, 1] and cross[0, 0] >= cross[1, 1]


def test_a_caption_of_the_map_lies_where_it_is_drawn():
    drawn = embedding_map("shape")
    assert torch.allclose(drawn.place(drawn.captions[5]), drawn.points[5], atol=1e-3)
    with pytest.raises(ValueError, match="empty"):
        drawn.place("")


def test_captions_of_one_class_lie_together():
    """Most captions are nearest to the mean of their own class, all 128 numbers counted."""
    drawn = embedding_map("surface")
    rows = known_embeddings()
    means = torch.stack([rows[drawn.labels == k].mean(0) for k in range(7)])
    assert (torch.cdist(rows, means).argmin(1) == drawn.labels).float().mean() > 0.95


def test_the_nearest_captions_say_the_same():
    found = nearest_captions("a slice of ham pizza on a blue plate", 3)
    assert len(found) == 3 and found[0][1] >= found[1][1] >= found[2][1] and found[0][1] <= 1 + 1e-4
    assert "ham" in found[0][0] and "blue plate" in found[0][0]


def test_another_way_to_sort_is_refused():
    with pytest.raises(KeyError, match="surface"):
        embedding_map("colour")


def test_the_star_moves_with_the_caption_and_a_caption_that_says_nothing_leaves_the_picture(monkeypatch):
    shown = []
    monkeypatch.setattr(module, "display_widget", lambda widget, text: shown.append(widget))
    explore_embeddings()
    box, by, picture, said = shown[0].children
    assert isinstance(by, ipywidgets.Dropdown) and by.options == tuple(SORTED_BY)
    pictures = [picture.value]
    for control, value in ((box, "two florets of raw broccoli"), (by, "count")):
        control.value = value
        pictures.append(picture.value)
    assert (len(set(pictures)) == 3 and "two florets" in said.value) or "two pieces" in said.value
    box.value = "🍕"
    assert picture.value == pictures[-1] and 'role="alert"' in said.value


def test_each_class_is_in_the_legend():
    labels = torch.arange(10).repeat(3)
    figure = show_embeddings(torch.randn(30, 2), labels, [f"class {k}" for k in range(10)], mark=torch.zeros(2))
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words == [f"class {k}" for k in range(10)] + ["yours"]
    points = figure.axes[0].collections[:10]
    looks = {(tuple(one.get_facecolor()[0]), one.get_paths()[0].vertices.tobytes()) for one in points}
    assert len(looks) == 10
    assert Image.open(io.BytesIO(encode_png(figure))).width > 500
