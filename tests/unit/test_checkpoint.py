"""Checkpoints: whole or not there, resumed to the last bit, and never half-loaded."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from tiny_gan import POINTS, numbers, same, tiny_gan, train
from torch import nn

from gan_helpers import checkpoint as checkpoints
from gan_helpers.checkpoint import load_checkpoint, save_checkpoint
from gan_helpers.clock import training
from gan_helpers.models.mlp_gan import GAN

HERE = Path(__file__).parent


def in_another_process(script: str, *arguments, **options) -> subprocess.Popen:
    """Start `script` with the test helpers on its path."""
    paths = os.pathsep.join([str(HERE), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], env={**os.environ, "PYTHONPATH": paths}, **options
    )


def trained(seed: int = 0, steps: int = 3):
    nets, opts = tiny_gan(seed)
    run = training(POINTS, nets, opts, steps=steps, batch=20)
    train(run, nets, opts)
    return nets, opts, run


THREE_STEPS = """
import sys
from tiny_gan import POINTS, tiny_gan, train
from gan_helpers.clock import training
nets, opts = tiny_gan()
train(training(POINTS, nets, opts, steps=3, batch=20, checkpoint=sys.argv[1]), nets, opts)
"""


def test_stopped_and_resumed_in_a_new_process_equals_uninterrupted(tmp_path):
    # Three steps of 20 from 50 points: the resumed half begins in the middle of an epoch.
    path = tmp_path / "half.pt"
    assert in_another_process(THREE_STEPS, path).wait(timeout=120) == 0
    nets, opts = tiny_gan(seed=5)  # other weights, another random state: all must come from the file
    run = training(POINTS, nets, opts, steps=3, batch=20, checkpoint=path)
    second_half = train(run, nets, opts)

    whole_nets, whole_opts = tiny_gan()
    whole_run = training(POINTS, whole_nets, whole_opts, steps=6, batch=20)
    batches = train(whole_run, whole_nets, whole_opts)

    assert run.step == whole_run.step == 6
    assert all(torch.equal(a, b) for a, b in zip(second_half, batches[3:], strict=True))
    assert run.history == whole_run.history
    assert same(numbers(nets, opts), numbers(whole_nets, whole_opts))


def test_resuming_says_so(tmp_path, capsys):
    path = tmp_path / "digits.pt"
    nets, opts = tiny_gan()
    train(training(POINTS, nets, opts, steps=2, batch=20, checkpoint=path), nets, opts)
    again, again_opts = tiny_gan(1)
    run = training(POINTS, again, again_opts, steps=1, batch=20, checkpoint=path)
    train(run, again, again_opts)
    assert "Resumed from" in run.notes[0] and "step 2" in run.notes[0] and "delete" in run.notes[0].lower()
    assert run.notes[0] in capsys.readouterr().err


def test_what_trains_in_this_session_goes_on_from_memory(tmp_path):
    path = tmp_path / "digits.pt"
    nets, opts = tiny_gan()
    for _ in range(2):
        run = training(POINTS, nets, opts, steps=2, batch=20, checkpoint=path)
        train(run, nets, opts)
        assert not run.notes
    assert load_checkpoint(path, *tiny_gan(3)).step == 4


def test_everything_comes_back(tmp_path):
    nets, opts, run = trained()
    path = tmp_path / "new folder" / "a.pt"
    order = {"epoch_start": torch.Generator().manual_seed(3).get_state(), "position": 20, "rows": 50}
    opts.generator.param_groups[0]["lr"] = 0.125
    state = torch.get_rng_state()
    save_checkpoint(path, nets, opts, step=3, history=run.history, data_order=order)
    other_nets, other_opts = tiny_gan(9)
    found = load_checkpoint(path, other_nets, other_opts)
    assert same(numbers(nets, opts), numbers(other_nets, other_opts))
    assert found.step == 3 and found.history == run.history
    assert [type(step) for step in found.history["step"]] == [int] * 3
    assert found.data_order["position"] == 20 and torch.equal(found.data_order["epoch_start"], order["epoch_start"])
    assert other_opts.generator.param_groups[0]["lr"] == 0.125
    assert torch.equal(torch.get_rng_state(), state)


def test_what_was_captured_survives_training():
    nets, opts, _ = trained()
    state = checkpoints.capture(nets, opts)
    expected = numbers(nets, opts)
    for _ in range(2):  # twice: restoring must not tie the copy to the optimizer
        train(training(POINTS, nets, opts, steps=2, batch=20), nets, opts)
        assert not same(numbers(nets, opts), expected)
        checkpoints.restore(state, nets, opts)
        assert same(numbers(nets, opts), expected)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_captured_state_knows_whether_it_is_finite(value):
    nets, opts, _ = trained()
    assert checkpoints.is_finite(checkpoints.capture(nets, opts))
    moment = next(iter(opts.generator.state.values()))["exp_avg"]
    moment.view(-1)[0] = value
    assert not checkpoints.is_finite(checkpoints.capture(nets, opts))


class Other(NamedTuple):
    encoder: nn.Module
    decoder: nn.Module


def wider():
    nets = GAN(nn.Sequential(nn.Linear(2, 9)), nn.Sequential(nn.Linear(2, 9)))
    return nets, GAN(*(torch.optim.Adam(net.parameters()) for net in nets))


def other_shape():
    nets, _ = tiny_gan(4)
    nets.generator[0] = nn.Linear(101, 8)
    return nets, GAN(*(torch.optim.Adam(net.parameters()) for net in nets))


def other_fields():
    nets, opts = tiny_gan(4)
    return Other(*nets), Other(*opts)


def other_optimizer():
    nets, _ = tiny_gan(4)
    return nets, GAN(*(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (wider, "generator is built differently"),
        (other_shape, r"generator.0.weight is \(8, 100\) there and \(8, 101\) here"),
        (other_fields, "encoder, decoder"),
        (other_optimizer, "trained by Adam; here it has SGD"),
    ],
)
def test_a_checkpoint_of_another_model_changes_nothing(tmp_path, make, words):
    path = tmp_path / "a.pt"
    nets, opts, _ = trained()
    save_checkpoint(path, nets, opts)
    other_nets, other_opts = make()
    before, random = numbers(other_nets, other_opts), torch.get_rng_state()
    with pytest.raises(ValueError, match=f"another model: .*{words}.*Nothing was changed"):
        load_checkpoint(path, other_nets, other_opts)
    assert same(numbers(other_nets, other_opts), before) and torch.equal(torch.get_rng_state(), random)


def cut_short(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("not a checkpoint at all\n" * 100)


def weights_only(path):
    torch.save(nn.Linear(2, 2).state_dict(), path)


def code_inside(path):
    torch.save({"format": checkpoints.FORMAT, "state": Path("pickled, not plain")}, path)


@pytest.mark.parametrize("spoil", [cut_short, empty, text, weights_only, code_inside])
def test_a_file_that_is_no_whole_checkpoint_changes_nothing(tmp_path, spoil):
    path = tmp_path / "a.pt"
    nets, opts, _ = trained()
    save_checkpoint(path, nets, opts)
    spoil(path)
    other_nets, other_opts = tiny_gan(4)
    before = numbers(other_nets, other_opts)
    run = training(POINTS, other_nets, other_opts, steps=1, batch=20, checkpoint=path)
    with pytest.raises(ValueError, match=f"{path.name} is not a .*Nothing was changed"):
        train(run, other_nets, other_opts)
    assert same(numbers(other_nets, other_opts), before)
    assert run.step == 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.pt"):
        load_checkpoint(tmp_path / "missing.pt", *tiny_gan())


def full_disk(payload, file):
    file.write(payload[: len(payload) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    nets, opts, _ = trained()
    save_checkpoint(path, nets, opts, step=3)
    old = path.read_bytes()
    monkeypatch.setattr(checkpoints, "_write", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, nets, opts, step=4)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["a.pt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="file size limits need a Unix")
def test_a_disk_that_really_is_full(tmp_path):
    # A limit on the size of files makes the operating system itself refuse the write.
    script = """
import resource, signal, sys
from tiny_gan import tiny_gan
from gan_helpers.checkpoint import save_checkpoint
nets, opts = tiny_gan()
save_checkpoint(sys.argv[1], nets, opts, step=1)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    save_checkpoint(sys.argv[1], nets, opts, step=2)
except OSError:
    sys.exit(7)
"""
    path = tmp_path / "a.pt"
    assert in_another_process(script, path).wait(timeout=120) == 7
    assert load_checkpoint(path, *tiny_gan()).step == 1
    assert os.listdir(tmp_path) == ["a.pt"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a Unix")
def test_a_kill_in_the_middle_of_writing_leaves_the_old_file_whole(tmp_path):
    script = """
import sys
from tiny_gan import tiny_gan
from gan_helpers import checkpoint
nets, opts = tiny_gan()
checkpoint.save_checkpoint(sys.argv[1], nets, opts, step=1)

def write_half(payload, file):
    file.write(payload[: len(payload) // 2])
    file.flush()
    print("half", flush=True)
    sys.stdin.read()  # here the kill comes

checkpoint._write = write_half
checkpoint.save_checkpoint(sys.argv[1], nets, opts, step=2)
"""
    path = tmp_path / "a.pt"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with in_another_process(script, path, **pipes) as process:
        assert process.stdout.readline() == b"half\n"
        process.kill()
    nets, opts = tiny_gan()
    assert load_checkpoint(path, nets, opts).step == 1
    (left_over,) = set(tmp_path.iterdir()) - {path}

    save_checkpoint(path, nets, opts, step=2)
    assert left_over.exists(), "it could belong to a living process"
    an_hour_ago = time.time() - 3600
    os.utime(left_over, (an_hour_ago, an_hour_ago))
    save_checkpoint(path, nets, opts, step=3)
    assert os.listdir(tmp_path) == ["a.pt"]
    assert load_checkpoint(path, nets, opts).step == 3


def test_a_full_disk_does_not_cost_the_training(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checkpoints, "_write", full_disk)
    nets, opts = tiny_gan()
    run = training(POINTS, nets, opts, steps=3, batch=20, checkpoint=tmp_path / "a.pt")
    train(run, nets, opts)
    reference, reference_opts, _ = trained()
    assert same(numbers(nets, opts), numbers(reference, reference_opts))
    assert run.stopped_by == "steps" and run.step == 3
    (note,) = run.notes
    assert "a.pt could not be written: No space left on device" in note and "not affected" in note
    assert note in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_a_folder_is_no_checkpoint(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        training(POINTS, *tiny_gan(), steps=1, batch=20, checkpoint=tmp_path)
