"""The blind vote: what is cut, in which order, and whose mean is whose."""

import pytest
import torch

from gan_helpers.opinion import GRADES, Vote, vote


def pictures() -> dict[str, torch.Tensor]:
    """Of one colour each, so that a cut tells whose it is."""
    return {name: torch.full((3, 100, 130), value) for name, value in (("a", -1.0), ("b", 0.0), ("c", 1.0))}


def test_every_method_is_cut_at_the_same_places_and_shown_in_random_order():
    place = torch.arange(100 * 130.0).view(100, 130) / 6500 - 1
    one = Vote({"a": place.expand(3, -1, -1), "b": place.expand(3, -1, -1)}, places=4, size=32, seed=1)
    starts = {name: set() for name in "ab"}
    for cut, name in zip(one.cuts, one.methods, strict=True):
        starts[name].add(cut[0, 0, 0].item())
    assert starts["a"] == starts["b"] and len(starts["a"]) == 4
    orders = {tuple(Vote(pictures(), seed=seed).methods) for seed in range(5)}
    assert len(orders) > 1 and all(sorted(order) == sorted("abc" * 3) for order in orders)


def test_the_mean_opinion_is_that_of_each_method():
    current = Vote(pictures(), places=2)
    given = {"a": [1, 2], "b": [5, 4], "c": [3, 3]}
    left = {name: list(grades) for name, grades in given.items()}
    while not current.over:
        colour = current.cuts[len(current.grades)][0, 0, 0].item()
        current.grade(left["abc"[round(colour) + 1]].pop())
    assert current.scores() == {"b": 4.5, "c": 3.0, "a": 1.5}
    assert list(current.scores()) == ["b", "c", "a"]
    current.grade(5)
    assert len(current.grades) == 6


def test_a_grade_outside_one_to_five_is_refused():
    with pytest.raises(ValueError, match="not 6"):
        Vote(pictures()).grade(6)
    with pytest.raises(ValueError, match="96 pixels or more"):
        Vote({"a": torch.zeros(3, 50, 200)})


def test_the_widget_goes_from_grade_to_grade_and_tells_at_the_end(monkeypatch):
    shown = []
    monkeypatch.setattr("gan_helpers.opinion.display_widget", lambda widget, text: shown.append(widget))
    vote(pictures(), {"a": 31.48, "c": float("inf")})
    picture, side = shown[0].children
    said, buttons, again = side.children
    assert "Picture 1 of 9" in said.value and [button.description for button in buttons.children] == list(
        map(str, GRADES)
    )
    for _ in range(9):
        before = picture.value
        buttons.children[3].click()
    assert "your mean opinion" in said.value and "31.5 dB" in said.value and "infinite" in said.value
    assert said.value.count("4.0") == 3 and all(button.disabled for button in buttons.children)
    again.click()
    assert "Picture 1 of 9" in said.value and not buttons.children[0].disabled and picture.value != b"" and before
