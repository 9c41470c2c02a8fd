"""The log book of a training."""

import math

import numpy as np
import pytest
import torch

from gan_helpers.history import READ_AFTER, History


def test_a_row_a_step_with_gaps_where_a_name_is_missing():
    history = History()
    history.log(1, {"loss_d": 1.0})
    history.log(2, {"loss_d": torch.tensor(2.0)})
    history.log(2, {"loss_g": np.float32(3.0)})
    history.log(3, {"loss_g": 4})
    columns = history.read()
    assert columns["step"] == [1, 2, 3]
    assert columns["loss_d"][:2] == [1.0, 2.0] and math.isnan(columns["loss_d"][2])
    assert math.isnan(columns["loss_g"][0]) and columns["loss_g"][1:] == [3.0, 4.0]
    assert history.bad is None, "a gap is no bad loss"
    assert history.last() == {"loss_d": 2.0, "loss_g": 4.0}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_first_value_that_is_not_finite_is_remembered(value):
    history = History()
    history.log(1, {"loss_d": 1.0, "loss_g": 1.0})
    history.log(2, {"loss_d": 1.0, "loss_g": torch.tensor(value)})
    history.log(3, {"loss_d": math.nan})
    name, found, step = history.bad
    assert (name, step) == ("loss_g", 2)
    assert found == value or math.isnan(value)


class OnGpu(torch.Tensor):
    """A number that says it lies on a GPU, where reading it would have to wait."""

    device = torch.device("cuda")


def on_gpu(value: float) -> torch.Tensor:
    return torch.tensor(value).as_subclass(OnGpu)


def test_values_on_a_gpu_are_read_many_at_once():
    history = History()
    for step in range(1, 4):
        history.log(step, {"loss_d": on_gpu(float(step)), "loss_g": on_gpu(math.nan if step == 2 else 1.0)})
    assert history.bad is None and len(history._waiting) == 6
    columns = history.read()
    assert columns["loss_d"] == [1.0, 2.0, 3.0]
    assert history.bad[0] == "loss_g" and history.bad[2] == 2
    assert not history._waiting


def test_a_bad_value_on_a_gpu_is_noticed_in_time():
    history = History()
    for step in range(1, 100):
        history.log(step, {"loss_d": on_gpu(math.nan)})
        if history.bad:
            break
    assert history.bad[2] == 1 and step <= READ_AFTER


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (torch.zeros(3), ValueError, r"loss_d should be one number; a tensor of shape \(3,\) came.*mean"),
        ("1.0", TypeError, "loss_d should be a number"),
        (None, TypeError, "loss_d should be a number"),
    ],
)
def test_what_is_not_one_number_is_named(value, error, words):
    with pytest.raises(error, match=words):
        History().log(1, {"loss_d": value})


def test_no_loss_may_be_called_step():
    with pytest.raises(ValueError, match="step"):
        History().log(1, {"step": 1.0})


def test_forgetting_drops_later_rows_and_what_was_bad_in_them():
    history = History()
    for step in (1, 2, 3):
        history.log(step, {"loss_d": math.nan if step == 3 else 1.0})
    history.forget_after(1)
    assert history.read() == {"step": [1], "loss_d": [1.0]}
    assert history.bad is None


@pytest.mark.parametrize("rows", [0, 1, 7, 499, 500, 501, 1234, 6000])
def test_thinned_curves_have_few_points_and_keep_the_mean(rows):
    history = History()
    for step in range(1, rows + 1):
        history.log(step, {"loss_d": float(step)})
    steps, columns = history.thinned(500)
    assert len(steps) <= 500
    assert rows < 501 or len(steps) > 200
    if rows:
        assert len(columns["loss_d"]) == len(steps)
        assert columns["loss_d"][0] >= 1 and columns["loss_d"][-1] <= rows
        assert np.all(np.diff(columns["loss_d"]) > 0)


def test_thinned_curves_leave_gaps_out():
    history = History()
    for step in range(1, 1001):
        history.log(step, {"loss_d": 2.0 if step % 3 else math.nan, "loss_g": math.inf})
    _, columns = history.thinned(100)
    assert np.allclose(columns["loss_d"], 2.0)
    assert np.isnan(columns["loss_g"]).all()
