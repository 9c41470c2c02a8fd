"""The data path: what comes in is checked, what goes out is dealt fairly and repeatably."""

import numpy as np
import pytest
import torch

from gan_helpers.batches import Batches


def numbered(rows: int) -> torch.Tensor:
    """uint8 rows that tell their own number."""
    return torch.arange(rows, dtype=torch.uint8).repeat_interleave(3).reshape(rows, 3)


def dealt(batches: Batches, count: int) -> list[int]:
    """The row numbers in the next `count` batches."""
    return [round((value.item() + 1) * 127.5) for _ in range(count) for value in batches.next()[:, 0]]


def test_pixels_become_floats_from_minus_one_to_one():
    data = torch.tensor([[0, 255], [127, 128]], dtype=torch.uint8)
    rows = Batches(data, 2).next()
    assert rows.dtype == torch.float32
    expected = (data / 127.5 - 1)[rows[:, 0].argsort(descending=False).argsort()]
    assert torch.equal(rows, expected)
    assert rows.min() == -1 and rows.max() == 1


def test_floats_arrive_as_they_are():
    data = torch.linspace(-1, 1, 12).reshape(4, 1, 3)
    rows = Batches(data, 4).next()
    assert torch.equal(rows.flatten().sort().values, data.flatten())


def test_an_epoch_deals_each_row_once_and_the_next_one_in_another_order():
    batches = Batches(numbered(60), 20)
    first, second = dealt(batches, 3), dealt(batches, 3)
    assert sorted(first) == sorted(second) == list(range(60))
    assert first != second


def test_only_the_rows_asked_for_as_often_as_they_are_asked_for():
    rows = torch.tensor([3, 3, 3, 7, 50, 59])
    batches = Batches(numbered(60), 3, rows=rows)
    first = dealt(batches, 2)
    assert sorted(first) == rows.tolist() and sorted(dealt(batches, 2)) == rows.tolist()
    again = Batches(numbered(60), 3, rows=rows)
    again.load_state(batches.state())
    assert dealt(again, 4) == dealt(batches, 4)
    with pytest.raises(ValueError, match="from 1 to 6"):
        Batches(numbered(60), 7, rows=rows)


def test_only_whole_batches():
    batches = Batches(numbered(50), 20)
    epoch = dealt(batches, 2)
    assert len(set(epoch)) == 40
    assert len(set(dealt(batches, 2))) == 40


def test_the_order_depends_on_the_seed_alone():
    torch.manual_seed(1)
    one = dealt(Batches(numbered(60), 20, seed=7), 6)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert dealt(Batches(numbered(60), 20, seed=7), 6) == one
    assert torch.equal(torch.get_rng_state(), before)
    assert dealt(Batches(numbered(60), 20, seed=8), 6) != one


@pytest.mark.parametrize("already", [0, 1, 2, 3, 4])
def test_state_goes_on_with_the_very_next_batch(already):
    batches = Batches(numbered(50), 20)
    dealt(batches, already)
    state = batches.state()
    expected = dealt(batches, 5)
    other = Batches(numbered(50), 20, seed=99)
    other.load_state(state)
    assert dealt(other, 5) == expected


def test_state_of_another_data_set_starts_an_epoch():
    batches = Batches(numbered(50), 20)
    dealt(batches, 2)
    other = Batches(numbered(40), 20)
    other.load_state(batches.state())
    assert sorted(dealt(other, 2)) == list(range(40))


def test_the_data_are_not_changed():
    data = numbered(60)
    kept = data.clone()
    batches = Batches(data, 20)
    batches.next().zero_()
    floats = torch.rand(60, 3)
    kept_floats = floats.clone()
    Batches(floats, 20).next().zero_()
    assert torch.equal(data, kept) and torch.equal(floats, kept_floats)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (np.zeros((4, 2), np.uint8), TypeError, "ndarray came.*from_numpy"),
        ([[0.0, 1.0]], TypeError, "list came"),
        (torch.zeros(4, dtype=torch.uint8), ValueError, r"\(4,\) came"),
        (torch.zeros(0, 3), ValueError, "holds nothing"),
        (torch.zeros(4, 2, dtype=torch.float64), TypeError, r"float64 came.*\.float\(\)"),
        (torch.zeros(4, 2, dtype=torch.int64), TypeError, r"int64 came.*uint8"),
        (torch.full((4, 2), 255.0), ValueError, r"255 came.*127\.5"),
        (torch.full((4, 2), -3.0), ValueError, "-3 to -3 came"),
        (torch.tensor([[0.0, float("nan")]]), ValueError, "NaN"),
        (torch.tensor([[0.0, float("inf")]]), ValueError, "inf came"),
    ],
)
def test_wrong_data_are_named(data, error, words):
    with pytest.raises(error, match=words):
        Batches(data, 1)


@pytest.mark.parametrize(("batch", "error"), [(0, ValueError), (-1, ValueError), (5, ValueError), (2.0, TypeError)])
def test_wrong_batch_size_is_named(batch, error):
    with pytest.raises(error, match="batch should be"):
        Batches(torch.zeros(4, 2), batch)


def test_a_batch_larger_than_the_data_says_how_many_there_are():
    with pytest.raises(ValueError, match=r"from 1 to 4, the samples in data; 128 came"):
        Batches(torch.zeros(4, 2), 128)
