"""The clock: budgets, polite ends, going on, and falling back."""

import gc
import math
import os
import signal
import weakref
from typing import NamedTuple

import pytest
import torch
from tiny_gan import POINTS, FakeClock, numbers, same, tiny_gan, train
from torch import nn

from gan_helpers import clock as clock_module
from gan_helpers import progress
from gan_helpers.clock import training
from gan_helpers.controls import Requests
from gan_helpers.models.mlp_gan import GAN, discriminator_step, generator_step


def start(nets=None, opts=None, **options):
    """A run over the points; of a new tiny GAN unless one is given."""
    if nets is None:
        nets, opts = tiny_gan()
    return training(POINTS, nets, opts, **{"batch": 20, **options})


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


# Budget


def test_a_budget_of_steps():
    run = start(steps=5)
    seen = [(step, real.shape, real.dtype) for step, real in run]
    assert seen == [(step, (20, 2), torch.float32) for step in range(1, 6)]
    assert run.step == 5 and run.stopped_by == "steps"


def test_rows_are_where_the_samples_would_come_from():
    samples = [real for _, real in start(steps=7, seed=3)]
    dealt = [rows for _, rows in start(steps=7, seed=3, rows=True)]
    assert all(torch.equal(POINTS[rows], real) for rows, real in zip(dealt, samples, strict=True))


def test_a_tensor_of_rows_says_what_an_epoch_deals():
    wanted = torch.arange(40).repeat_interleave(2)
    dealt = torch.cat([rows for _, rows in start(steps=2, batch=40, rows=wanted)])
    assert dealt.sort().values.tolist() == wanted.tolist()


def test_a_budget_of_minutes():
    time = FakeClock()
    run = start(minutes=0.1, now=time)
    for _ in run:
        time.pass_by(1.0)
    assert run.step == 6 and run.stopped_by == "minutes" and run.seconds == 6


@pytest.mark.parametrize(("minutes", "steps", "expected"), [(0.05, 10, "minutes"), (1, 2, "steps"), (None, 2, "steps")])
def test_whichever_comes_first(minutes, steps, expected):
    time = FakeClock()
    run = start(minutes=minutes, steps=steps, now=time)
    for _ in run:
        time.pass_by(1.0)
    assert run.stopped_by == expected


@pytest.mark.parametrize("minutes", [0, -1, math.nan, "3"])
def test_minutes_that_are_no_budget(minutes):
    with pytest.raises(ValueError, match="minutes should be a number above 0"):
        start(minutes=minutes)


@pytest.mark.parametrize("steps", [0, -1, 2.5, math.nan, True])
def test_steps_that_are_no_budget(steps):
    with pytest.raises(ValueError, match="steps should be a whole number"):
        start(steps=steps)


@pytest.mark.parametrize("minutes", [None, math.inf])
def test_a_training_without_end_is_refused(minutes):
    with pytest.raises(ValueError, match="needs an end"):
        start(minutes=minutes)


def test_pace_ci_takes_a_few_steps_and_lets_the_weights_stand_in(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    called = []
    run = start(steps=6000, stand_in=lambda: called.append(run.step))
    assert len(list(run)) == clock_module.CI_STEPS
    assert called == [clock_module.CI_STEPS], "once, after the last step"
    assert len(list(start(steps=2))) == 2


def test_no_weights_stand_in_where_one_has_trained():
    called = []
    list(start(steps=2, stand_in=lambda: called.append(1)))
    assert not called


def test_pace_full_takes_longer(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "full")
    assert clock_module.budget(1, 10) == (60 * clock_module.FULL_FACTOR, 10 * clock_module.FULL_FACTOR)
    assert clock_module.budget(None, 10) == (math.inf, 10 * clock_module.FULL_FACTOR)


def test_a_misspelt_pace_is_named(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "fast")
    with pytest.raises(ValueError, match="ci, workshop, full"):
        start(steps=1)


# Going on and starting over


def test_the_same_networks_go_on_as_if_never_stopped():
    nets, opts = tiny_gan()
    batches = []
    for steps in (3, 4):
        run = start(nets, opts, steps=steps)
        batches += train(run, nets, opts)
        assert run.stopped_by == "steps"
    whole_nets, whole_opts = tiny_gan()
    whole = start(whole_nets, whole_opts, steps=7)
    expected = train(whole, whole_nets, whole_opts)
    assert run.step == 7 and run.history == whole.history
    assert run.history["step"] == [1, 2, 3, 4, 5, 6, 7]
    assert all(torch.equal(a, b) for a, b in zip(batches, expected, strict=True))
    assert same(numbers(nets, opts), numbers(whole_nets, whole_opts))


def test_the_same_run_again_goes_on_with_a_fresh_budget():
    run = start(steps=2)
    assert [step for step, _ in run] == [1, 2]
    assert [step for step, _ in run] == [3, 4]


def test_new_optimizers_or_networks_start_over():
    nets, opts = tiny_gan()
    list(start(nets, opts, steps=2))
    new_opts = GAN(*(torch.optim.Adam(net.parameters()) for net in nets))
    assert [step for step, _ in start(nets, new_opts, steps=1)] == [1]
    assert [step for step, _ in start(steps=1)] == [1]
    assert [step for step, _ in start(nets, opts, steps=1)] == [3], "and the old pair is not forgotten"


def test_networks_nobody_uses_are_freed():
    nets, opts = tiny_gan()
    run = start(nets, opts, steps=2)
    train(run, nets, opts)
    freed = [weakref.ref(member) for member in (*nets, *opts)]
    gc.collect()
    known = len(progress._known)
    del nets, opts, run
    gc.collect()
    assert [member() for member in freed] == [None] * 4
    assert len(progress._known) == known - 1


# Polite ends


def test_the_first_interrupt_lets_the_step_end():
    before = signal.getsignal(signal.SIGINT)
    run = start(steps=10)
    ended = []
    for step, _ in run:
        if step == 3:
            interrupt()
            assert run.stopping
        ended.append(step)
    assert ended == [1, 2, 3]
    assert run.step == 3 and run.stopped_by == "interrupt"
    assert signal.getsignal(signal.SIGINT) is before
    assert [step for step, _ in start(run._nets, run._opts, steps=1)] == [4]


def test_the_second_interrupt_raises_at_once():
    before = signal.getsignal(signal.SIGINT)
    run = start(steps=10)
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            interrupt()
            interrupt()
            pytest.fail("went on after the second interrupt")
    assert run.stopped_by == "left" and run.step == 0
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("how", ["break", "error"])
def test_a_loop_that_is_left_puts_the_handler_back_and_can_go_on(how):
    before = signal.getsignal(signal.SIGINT)
    run = start(steps=10)

    def loop():
        for step, _ in run:
            run.log(loss_d=1.0)
            if step == 2 and how == "break":
                break
            if step == 2:
                raise ZeroDivisionError

    if how == "break":
        loop()
    else:
        with pytest.raises(ZeroDivisionError):
            loop()
    assert signal.getsignal(signal.SIGINT) is before
    assert run.stopped_by == "left"
    assert run.step == 2, "its losses were logged: a whole step"
    assert [step for step, _ in start(run._nets, run._opts, steps=1)] == [3]


def test_no_handler_is_installed_off_the_main_thread():
    import threading

    before = signal.getsignal(signal.SIGINT)
    seen = []

    def loop():
        for _ in start(steps=2):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=loop)
    thread.start()
    thread.join()
    assert seen == [before, before]


def test_stop_ends_the_loop_after_the_step():
    run = start(steps=10)
    for step, _ in run:
        if step == 4:
            run.requests.stop()
    assert run.step == 4 and run.stopped_by == "stop"


def test_a_pause_waits_and_costs_no_budget(monkeypatch):
    time = FakeClock()
    waited = []

    def wait(requests, seconds):
        time.pass_by(50.0)
        waited.append(seconds)
        if len(waited) == 3:
            requests.resume()

    monkeypatch.setattr(Requests, "wait", wait)
    run = start(minutes=0.1, now=time)
    for step, _ in run:
        time.pass_by(1.0)
        if step == 2:
            run.requests.pause()
    assert len(waited) == 3
    assert run.step == 6 and run.seconds == 6 and run.stopped_by == "minutes"


@pytest.mark.parametrize("how", [interrupt, None])
def test_a_pause_can_be_ended_for_good(monkeypatch, how):
    run = start(steps=10)
    monkeypatch.setattr(Requests, "wait", lambda requests, seconds: interrupt() if how else requests.stop())
    for _ in run:
        run.requests.pause()
    assert run.step == 1 and run.stopped_by == ("interrupt" if how else "stop")


def test_a_learning_rate_holds_from_the_next_step_on():
    nets, _ = tiny_gan()
    opts = GAN(
        torch.optim.Adam(
            [{"params": nets.generator[0].parameters()}, {"params": nets.generator[1:].parameters(), "lr": 4e-3}],
            lr=1e-3,
        ),
        torch.optim.Adam(nets.discriminator.parameters(), lr=torch.tensor(1e-3)),
    )
    seen = []
    run = start(nets, opts, steps=3)
    for step, _ in run:
        seen.append([float(group["lr"]) for opt in opts for group in opt.param_groups])
        if step == 1:
            run.requests.set_learning_rate("generator", 5e-4)
        if step == 2:
            run.requests.set_learning_rate("discriminator", 1e-2)
    assert seen[0] == pytest.approx([1e-3, 4e-3, 1e-3])
    assert seen[1] == pytest.approx([5e-4, 2e-3, 1e-3]), "groups keep their proportion"
    assert seen[2] == pytest.approx([5e-4, 2e-3, 1e-2])


def test_one_loop_at_a_time():
    run = start(steps=3)
    for _ in run:
        with pytest.raises(RuntimeError, match="running already"):
            next(iter(run))


# Losses


def test_history_and_log():
    nets, opts = tiny_gan()
    run = start(nets, opts, steps=3)
    train(run, nets, opts)
    assert run.history["step"] == [1, 2, 3]
    assert all(math.isfinite(value) for name in ("loss_d", "loss_g") for value in run.history[name])
    with pytest.raises(RuntimeError, match="inside the loop"):
        run.log(loss_d=1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_loop_and_puts_everything_back(value):
    nets, opts = tiny_gan()
    run = start(nets, opts, steps=3)
    train(run, nets, opts)
    good = numbers(nets, opts)
    run = start(nets, opts, steps=10, record=lambda: "kept", every=1)
    after = []
    with pytest.raises(FloatingPointError, match=r"loss_g became .* at step 5\..*back at step 3\..*learning rate"):
        for step, real in run:
            loss_d, loss_g = discriminator_step(real, nets, opts), generator_step(real, nets, opts)
            if step == 5:
                for weight in nets.generator.parameters():
                    weight.data.fill_(value)
                loss_g = loss_g * value
            run.log(loss_d=loss_d, loss_g=loss_g)
            after.append(step)
    assert after == [4, 5], "the step under way ends, no other begins"
    assert run.stopped_by == "nan"
    assert run.step == 3 and run.history["step"] == [1, 2, 3]
    assert [step for step, _ in run.records] == [3]
    assert same(numbers(nets, opts), good)
    assert [step for step, _ in start(nets, opts, steps=1)] == [4]


def test_weights_that_break_before_the_loss_does_are_no_state_to_go_back_to():
    nets, opts = tiny_gan()
    time = FakeClock()
    run = start(nets, opts, minutes=None, steps=10, now=time)
    with pytest.raises(FloatingPointError):
        for step, _ in run:
            time.pass_by(100.0)  # so that a snapshot is due after every step
            with torch.no_grad():
                nets.generator[0].weight.fill_(math.nan if step == 4 else float(step))
            run.log(loss_g=math.nan if step == 5 else 1.0)
    assert run.step == 3
    assert (nets.generator[0].weight == 3).all()


def test_snapshots_are_taken_as_training_goes_on_but_not_all_the_time():
    nets, opts = tiny_gan()
    time = FakeClock()
    run = start(nets, opts, steps=100, now=time)
    taken = []
    keep = run._keep_snapshot
    run._keep_snapshot = lambda: (taken.append(run.step), keep())
    for _ in run:
        time.pass_by(0.3)
    assert taken[0] == 0
    assert 20 <= len(taken) <= 31, "about one a second of 30 seconds"


def test_networks_that_are_broken_already_are_named():
    nets, opts = tiny_gan()
    nets.generator[0].weight.data.fill_(math.nan)
    with pytest.raises(ValueError, match="hold NaN or infinite numbers before the first step"):
        list(start(nets, opts, steps=1))


# Records, and looking without touching


def test_records_come_from_before_the_first_step_to_the_end():
    nets, opts = tiny_gan()
    run = start(nets, opts, steps=5, record=lambda: run.step, every=2)
    list(run)
    assert run.records == [(0, 0), (2, 2), (4, 4), (5, 5)]
    run = start(nets, opts, steps=1, record=lambda: run.step, every=2)
    list(run)
    assert run.records == [(0, 0), (2, 2), (4, 4), (5, 5), (6, 6)], "no moment twice"


def test_the_last_record_is_of_the_weights_that_stand_in(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    loaded = []
    run = start(steps=4, record=lambda: bool(loaded), every=2, stand_in=lambda: loaded.append(1))
    list(run)
    assert run.records == [(0, False), (2, False), (4, True)]


def test_looking_does_not_change_the_training():
    nets, opts = tiny_gan()

    def look():
        nets.generator.eval()
        nets.discriminator.train()
        noise = torch.randn(7, 100)
        nets.generator.train()
        nets.generator(noise)  # moves the running means of BatchNorm
        nets.generator.eval()
        return noise

    run = start(nets, opts, steps=5, record=look, every=1)
    train(run, nets, opts)
    others, other_opts = tiny_gan()
    train(start(others, other_opts, steps=5), others, other_opts)
    assert same(numbers(nets, opts), numbers(others, other_opts))
    assert nets.generator.training


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_every_that_is_no_number_of_steps(every):
    with pytest.raises(ValueError, match="every should be"):
        start(steps=1, record=lambda: None, every=every)


@pytest.mark.parametrize("name", ["show", "record", "stand_in"])
def test_what_should_be_a_function(name):
    with pytest.raises(TypeError, match=f"{name} should be a function.*without parentheses"):
        start(steps=1, **{name: 3})


# Networks and optimizers


class Swapped(NamedTuple):
    discriminator: object
    generator: object


def test_pairs_that_do_not_fit_are_named():
    nets, opts = tiny_gan()
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    for wrong, error, words in (
        ((list(nets), opts), TypeError, "nets should be a NamedTuple of networks.*list came"),
        ((nets.generator, opts), TypeError, "nets should be .*Sequential came"),
        ((tuple(nets), opts), TypeError, "nets should be .*tuple came"),
        ((nets, {"generator": 1}), TypeError, "opts should be a NamedTuple of optimizers.*dict came"),
        ((opts, nets), TypeError, "nets should be .*generator is a Adam.*networks come before"),
        ((nets, GAN(opts.generator, None)), TypeError, "discriminator is a NoneType"),
        ((nets, Swapped(*reversed(opts))), ValueError, "same fields; generator, discriminator and discriminator, gen"),
        ((nets, GAN(opts.discriminator, opts.generator)), ValueError, "opts.generator .*those of discriminator"),
        ((nets, GAN(opts.generator, sgd)), ValueError, "opts.discriminator .*made anew after"),
    ):
        with pytest.raises(error, match=words):
            start(*wrong, steps=1)


class Four(NamedTuple):
    g_ab: nn.Module
    g_ba: nn.Module
    d_a: nn.Module
    d_b: nn.Module


def test_any_number_of_networks():
    nets = Four(*(nn.Linear(2, 2) for _ in range(4)))
    opts = Four(*(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets))
    run = start(nets, opts, steps=2)
    for _, real in run:
        for net, opt in zip(nets, opts, strict=True):
            loss = net(real).square().mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        run.log(loss=loss)
    assert run.stopped_by == "steps"


def test_wrong_data_and_batch_are_refused_before_anything_runs():
    with pytest.raises(ValueError, match="from 1 to 50, the samples in data; 128 came"):
        start(steps=1, batch=128)
    with pytest.raises(ValueError, match="values from 0 to 255"):
        nets, opts = tiny_gan()
        training(torch.tensor([[0.0, 255.0]]), nets, opts, steps=1, batch=1)
