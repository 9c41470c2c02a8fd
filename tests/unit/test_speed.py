"""Measured speed: what is timed, and from which size on a GPU is faster, on times whose answer is known."""

import pytest
import torch

from gan_helpers import speed
from gan_helpers.plots import plot_products
from gan_helpers.plots.products import verdicts
from gan_helpers.speed import ON_GPU, PROCESSOR, THERE_AND_BACK, crossover

# Made up, to try the reading: a GPU that costs 1 ms a call and then next to nothing.
MADE_UP = {
    PROCESSOR: {16: 1e-5, 64: 1e-4, 256: 2e-3, 1024: 8e-2},
    ON_GPU: {16: 1e-3, 64: 1e-3, 256: 1e-3, 1024: 2e-3},
    THERE_AND_BACK: {16: 3e-3, 64: 3e-3, 256: 3e-3, 1024: 1e-2},
}


def test_from_which_size_on():
    assert crossover(MADE_UP[ON_GPU], MADE_UP[PROCESSOR]) == 256
    assert crossover(MADE_UP[THERE_AND_BACK], MADE_UP[PROCESSOR]) == 1024
    assert crossover(MADE_UP[PROCESSOR], MADE_UP[PROCESSOR]) is None
    assert crossover({1: 0.5, 2: 3, 4: 1}, {1: 1, 2: 2, 4: 3}) == 4, "a lucky small size does not count"


def test_what_the_chart_says():
    assert verdicts(MADE_UP) == [f"{ON_GPU}: faster from 256 on", f"{THERE_AND_BACK}: faster from 1024 on"]
    figure = plot_products(MADE_UP)
    assert [line.get_label() for line in figure.axes[0].lines[:3]] == list(MADE_UP)
    alone = plot_products({PROCESSOR: MADE_UP[PROCESSOR]})
    assert "no GPU here" in alone.axes[0].get_title() and len(alone.axes[0].lines) == 1


@pytest.mark.parametrize("times", [{}, {PROCESSOR: {}}])
def test_nothing_to_draw_is_said(times):
    with pytest.raises(ValueError, match="time_products"):
        plot_products(times)


def test_larger_products_take_longer():
    times = speed.time_products((8, 512), where=torch.device("cpu"))
    assert list(times) == [PROCESSOR]
    assert times[PROCESSOR][512] > times[PROCESSOR][8] > 0


def test_a_second_device_is_measured_in_two_ways(monkeypatch):
    # No GPU is needed to try the bookkeeping: what is "moved" stays on the processor.
    monkeypatch.setattr(torch.Tensor, "to", lambda self, where: self)
    monkeypatch.setattr(speed, "wait_for", lambda where: None)
    times = speed.time_products((8,), where=torch.device("cuda"))
    assert list(times) == [PROCESSOR, ON_GPU, THERE_AND_BACK]
    assert all(line.keys() == {8} and line[8] > 0 for line in times.values())


@pytest.mark.parametrize("sizes", [(), (0,), (4, -1)])
def test_sizes_below_1_are_refused(sizes):
    with pytest.raises(ValueError, match="from 1 on"):
        speed.time_products(sizes)


def test_seconds_of_counts_what_was_done(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])

    def work():
        now[0] += 0.02

    assert speed.seconds_of(work) == pytest.approx(0.02)
    net = torch.nn.Linear(2, 2)
    assert speed.steps_a_second([net], work, seconds=1.0) == pytest.approx(50)


def test_works_take_turns_and_the_best_of_each_counts(monkeypatch):
    now, order = [0.0], []
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])

    def work(name: str, seconds: list[float]) -> None:
        order.append(name)
        now[0] += seconds.pop(0)

    a, b = [9, 3, 1, 2], [9, 4, 6, 5]  # the first call of each is not measured
    assert speed.seconds_in_turns({"a": lambda: work("a", a), "b": lambda: work("b", b)}) == {"a": 1, "b": 4}
    assert order == ["a", "b"] * 4
