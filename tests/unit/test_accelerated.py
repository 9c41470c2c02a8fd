"""The loop of `train`: the same as the plain one, resumed to the bit, averaged as the formula says."""

import itertools
import os
import signal

import pytest
import torch
from tiny_gan import POINTS, numbers, same, tiny_gan

from gan_helpers import accelerated
from gan_helpers.accelerated import Order, play, seconds_trained
from gan_helpers.averages import running_average
from gan_helpers.batches import Batches
from gan_helpers.models.mlp_gan import discriminator_step, generator_step
from gan_helpers.runtime import threads_for


def turns(real, nets, opts, *, backward=torch.Tensor.backward):
    loss_d = discriminator_step(real, nets, opts, backward=backward)
    return {"loss_d": loss_d, "loss_g": generator_step(real, nets, opts, backward=backward)}


def assert_same(these: tuple, those: tuple) -> None:
    equal = same(numbers(*these), numbers(*those))
    assert equal, "weights or optimizer states differ"


def batches() -> Batches:
    return Batches(POINTS, 10, seed=3)


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")


def test_it_does_what_the_plain_loop_does():
    nets, opts = tiny_gan()
    dealt = batches()
    with threads_for(nets):  # sums in another order differ in the last bit
        for _ in range(7):
            turns(dealt.next(), nets, opts)
    others, their_opts = tiny_gan()
    assert play(batches(), turns, others, their_opts, Order(7, 1)).steps == 7
    assert_same((nets, opts), (others, their_opts))


def test_a_killed_training_goes_on_to_the_bit(tmp_path):
    nets, opts = tiny_gan()
    whole = play(batches(), turns, nets, opts, Order(8, 1), decay=0.9)

    path = tmp_path / "half.pt"
    begun, their_opts = tiny_gan()
    play(batches(), turns, begun, their_opts, Order(5, 1, checkpoint=path), decay=0.9)
    other, other_opts = tiny_gan(seed=4)  # another process: other weights, other random numbers
    rest = play(batches(), turns, other, other_opts, Order(8, 1, checkpoint=path), decay=0.9)
    assert rest.steps == 8
    assert_same((nets, opts), (other, other_opts))
    for a, b in zip(whole.average.state_dict().values(), rest.average.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_the_average_follows_the_formula():
    nets, opts = tiny_gan()
    seen = []

    def watched(real, nets, opts, *, backward):
        losses = turns(real, nets, opts, backward=backward)
        seen.append([weight.detach().clone() for weight in nets.generator.parameters()])
        return losses

    average = play(batches(), watched, nets, opts, Order(6, 1), decay=0.25).average
    expected = seen[0]  # the first one is taken as it is
    for keep, weights in zip((2 / 11, 3 / 12, 0.25, 0.25, 0.25), seen[1:], strict=True):
        expected = [keep * old + (1 - keep) * new for old, new in zip(expected, weights, strict=True)]
    for weight, right in zip(average.parameters(), expected, strict=True):
        assert torch.allclose(weight, right, atol=1e-6)


def test_an_average_forgets_the_untrained_network_soon():
    net = torch.nn.Linear(1, 1)
    average = running_average(net, 0.995)
    for value in [0.0] + [1.0] * 50:  # untrained, then trained
        torch.nn.init.constant_(net.weight, value)
        average.update_parameters(net)
    assert average.module.weight.item() > 0.999  # at 0.995 from the start it would be 1 - 0.995 ** 50 = 0.22
    with pytest.raises(ValueError, match="above 0 and below 1"):
        running_average(net, 1.0)


def test_an_interrupt_ends_the_step_and_keeps_what_was_done(tmp_path):
    nets, opts = tiny_gan()
    count = itertools.count(1)

    def interrupted(real, nets, opts, *, backward):
        if next(count) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return turns(real, nets, opts, backward=backward)

    path = tmp_path / "kept.pt"
    with pytest.raises(KeyboardInterrupt):
        play(batches(), interrupted, nets, opts, Order(9, 1, checkpoint=path))
    others, their_opts = tiny_gan()
    play(batches(), turns, others, their_opts, Order(3, 1))
    again, again_opts = tiny_gan(seed=1)
    play(batches(), turns, again, again_opts, Order(3, 1, checkpoint=path))  # nothing left to do
    assert_same((others, their_opts), (again, again_opts))


def test_minutes_end_it_and_it_says_so(capsys):
    nets, opts = tiny_gan()
    assert play(batches(), turns, nets, opts, Order(5, 0.0)).steps == 0
    assert "0 minutes are over" in capsys.readouterr().err


def test_a_loss_that_is_no_number_ends_it_with_its_name():
    nets, opts = tiny_gan()
    with pytest.raises(FloatingPointError, match="loss_d became nan by step"):
        play(batches(), lambda *given, backward: {"loss_d": torch.tensor(float("nan"))}, nets, opts, Order(5, 1))


def test_a_checkpoint_tells_how_long_all_its_processes_trained(tmp_path, monkeypatch):
    path, (nets, opts) = tmp_path / "checkpoint.pt", tiny_gan()
    time = iter(range(0, 10_000, 10))  # ten seconds pass whenever it is asked
    monkeypatch.setattr(accelerated.time, "monotonic", lambda: float(next(time)))
    assert seconds_trained(path) == seconds_trained(None) == 0
    spent = []
    for steps in (2, 4):
        play(batches(), turns, nets, opts, Order(steps, 1000, checkpoint=path))
        spent.append(seconds_trained(path))
    assert 20 <= spent[0] < spent[1] - 20


def test_a_checkpoint_of_another_model_is_refused_and_kept(tmp_path):
    path = tmp_path / "other.pt"
    nets, opts = tiny_gan()
    play(batches(), turns, nets, opts, Order(1, 1, checkpoint=path))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="another model"):
        play(batches(), turns, nets, opts, Order(2, 1, checkpoint=path), decay=0.9)
    assert path.read_bytes() == before


def test_checkpoints_are_written_on_the_way(tmp_path, monkeypatch):
    monkeypatch.setattr(accelerated, "CHECKPOINT_EVERY", 0.0)
    path = tmp_path / "way.pt"
    there = []

    def look(real, nets, opts, *, backward):
        there.append(path.exists())
        return turns(real, nets, opts, backward=backward)

    nets, opts = tiny_gan()
    play(batches(), look, nets, opts, Order(3, 1, checkpoint=path))
    assert there[0] is False and there[-1] is True


def test_a_second_training_may_compute_in_another_precision(monkeypatch):
    for fast in ("float32", "bfloat16", "float32"):
        monkeypatch.setattr(accelerated, "precision", lambda fast=fast: fast)
        nets, opts = tiny_gan()
        assert play(batches(), turns, nets, opts, Order(1, 1)).steps == 1
        assert {weight.dtype for net in nets for weight in net.parameters()} == {torch.float32}
