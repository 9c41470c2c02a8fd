"""Training in several processes: the same gradients as in one, the same weights after a kill, one report."""

import itertools
import json
import os
import signal
import subprocess
import sys

import pytest
import torch
from tiny_gan import POINTS
from together import file_of, run_together
from torch import nn

from gan_helpers import accelerated
from gan_helpers.__main__ import main
from gan_helpers.accelerated import Order, play
from gan_helpers.batches import Batches
from gan_helpers.models.dcgan import build_discriminator, build_generator
from gan_helpers.models.mlp_gan import GAN, discriminator_loss, generator_loss
from gan_helpers.processes import share_of

BATCH = 8
IMAGES = torch.randint(256, (32, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
Z = torch.randn(32, 100, 1, 1, generator=torch.Generator().manual_seed(1))  # one for each row, in all processes

pytest.importorskip("accelerate")


def networks(norm: bool = False) -> GAN:
    """A DCGAN without batch statistics, unless with `norm`; the weights the same each time."""
    torch.manual_seed(3)
    kind = "batch" if norm else "spectral"
    return GAN(build_generator(32, 8, norm=norm), build_discriminator(32, 8, norm=kind))


def turns(rows, nets, opts, *, backward):
    """D's turn, then G's, as the lessons have them, but with the z of each row instead of chance."""
    real, z = IMAGES[rows].float() / 127.5 - 1, Z[rows]
    loss_d = discriminator_loss(nets.discriminator(real), nets.discriminator(nets.generator(z).detach()), 0.9)
    opts.discriminator.zero_grad()
    backward(loss_d)
    opts.discriminator.step()
    loss_g = generator_loss(nets.discriminator(nets.generator(z)))
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return {"loss_d": loss_d.detach(), "loss_g": loss_g.detach()}


def change_of_weights(order: Order, norm: bool = False) -> dict[str, torch.Tensor]:
    """By how much plain gradient descent at rate 1 changes the weights in a step: minus the gradients of both turns."""
    nets = networks(norm)
    before = {f"{part}.{name}": value.detach().clone() for part, net in nets._asdict().items()
              for name, value in net.named_parameters()}  # fmt: skip
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=1.0) for net in nets))
    play(Batches(IMAGES, BATCH, seed=5), turns, nets, opts, order, rows=True)
    after = {f"{part}.{name}": value.detach() for part, net in nets._asdict().items()
             for name, value in net.named_parameters()}  # fmt: skip
    return {name: before[name] - after[name] for name in before}


def _note_gradients(number, folder, micro: int = 1, norm: bool = False) -> None:
    torch.save(change_of_weights(Order(1, 5.0, seed=5, micro=micro), norm), file_of(folder, number))


def assert_close(these: dict, those: dict, *, atol: float) -> None:
    assert these.keys() == those.keys()
    for name, value in these.items():
        assert value.abs().max() > 0, name
        assert torch.allclose(value, those[name], rtol=0, atol=atol), (name, (value - those[name]).abs().max().item())


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")


def test_the_gradients_of_two_processes_are_those_of_one(tmp_path):
    """D's turn and G's: the whole batch in one process, half of it in each of two."""
    assert run_together(_note_gradients, 2, tmp_path) == [0, 0]
    whole = change_of_weights(Order(1, 5.0, seed=5))
    for number in range(2):
        assert_close(torch.load(file_of(tmp_path, number)), whole, atol=1e-5)


def test_with_batch_statistics_two_processes_are_told_from_one(tmp_path):
    """Proof that the test above can fail; and what the page on scale says of batch normalisation on processors."""
    assert run_together(_note_gradients, 2, tmp_path, 1, True) == [0, 0]
    whole, half = change_of_weights(Order(1, 5.0, seed=5), True), torch.load(file_of(tmp_path, 0))
    assert max((whole[name] - half[name]).abs().max() for name in whole) > 1e-3


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="synchronised batch normalisation takes two GPUs")
def test_on_gpus_batch_statistics_are_those_of_the_whole_batch(tmp_path):
    assert run_together(_note_gradients, 2, tmp_path, 1, True) == [0, 0]
    whole = change_of_weights(Order(1, 5.0, seed=5), True)
    for number in range(2):
        assert_close(torch.load(file_of(tmp_path, number)), whole, atol=1e-4)


def test_parts_of_a_batch_have_the_gradients_of_the_whole():
    """Both turns against the other network as it was before the step, which is when both step."""
    parts = change_of_weights(Order(1, 5.0, seed=5, micro=4))
    nets, rows = networks(), Batches(IMAGES, BATCH, seed=5).next_rows()
    # With as many forward passes before them: spectral normalisation goes on with each.
    for part in rows.view(4, -1):
        real, z = IMAGES[part].float() / 127.5 - 1, Z[part]
        loss = discriminator_loss(nets.discriminator(real), nets.discriminator(nets.generator(z).detach()), 0.9) / 4
        loss.backward(inputs=list(nets.discriminator.parameters()))
        loss = generator_loss(nets.discriminator(nets.generator(z))) / 4
        loss.backward(inputs=list(nets.generator.parameters()))
    whole = {f"{part}.{name}": value.grad for part, net in nets._asdict().items()
             for name, value in net.named_parameters()}  # fmt: skip
    assert_close(parts, whole, atol=1e-5)


def test_in_gs_turn_nothing_is_computed_for_d():
    """What D's gradients are after its own turn they still are after G's."""
    nets, seen = networks(), []
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=0.1) for net in nets))

    def watched(rows, nets, opts, *, backward):
        def noting(loss):
            backward(loss)
            seen.append([value.grad.clone() for value in nets.discriminator.parameters()])

        return turns(rows, nets, opts, backward=noting)

    play(Batches(IMAGES, BATCH), watched, nets, opts, Order(1, 5.0), rows=True)
    assert all(torch.equal(one, other) for one, other in zip(*seen, strict=True))


def _train_a_while(number, folder, steps: int, kill_at: int, one_asks_to_stop: bool = False) -> None:
    accelerated.CHECKPOINT_EVERY = 0.0  # whenever the processes agree on something
    nets = networks()
    opts = GAN(*(torch.optim.Adam(net.parameters(), 1e-3) for net in nets))
    count = itertools.count(1)

    def by_chance(rows, nets, opts, *, backward):
        if next(count) == kill_at:
            if one_asks_to_stop:
                os.kill(os.getpid(), signal.SIGINT) if number == 1 else None
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        losses = turns(rows, nets, opts, backward=backward)
        drawn.append(torch.randn(1).item())
        return losses

    drawn: list[float] = []
    order = Order(steps, 5.0, seed=5, checkpoint=folder / "half.pt")
    try:
        play(Batches(IMAGES, BATCH, seed=5), by_chance, nets, opts, order, rows=True)
    except KeyboardInterrupt:
        drawn.append(-100.0)
    torch.save([{k: v for net in nets for k, v in net.state_dict().items()}, drawn], file_of(folder, number))


def test_a_killed_run_of_two_goes_on_as_if_nothing_had_happened(tmp_path):
    """Weights and the random numbers of each process."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    assert run_together(_train_a_while, 2, whole, 25, 0) == [0, 0]
    assert run_together(_train_a_while, 2, killed, 25, 18) == [-9, -9]
    assert torch.load(killed / "half.pt", weights_only=True)["step"] == 10
    assert run_together(_train_a_while, 2, killed, 25, 0) == [0, 0]
    drawn = []
    for number in range(2):
        (weights, numbers), (others, theirs) = (torch.load(file_of(folder, number)) for folder in (whole, killed))
        assert all(torch.equal(weights[name], others[name]) for name in weights)
        assert numbers[10:] == theirs and len(theirs) == 15
        drawn.append(numbers)
    assert not set(drawn[0]) & set(drawn[1]), "the processes draw the same random numbers"


def test_a_process_that_joins_later_draws_numbers_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(accelerated, "CHECKPOINT_EVERY", 0.0)
    _train_a_while(0, tmp_path, 10, 0)
    assert run_together(_train_a_while, 2, tmp_path, 15, 0) == [0, 0]
    drawn = [torch.load(file_of(tmp_path, number))[1] for number in range(2)]
    assert [len(numbers) for numbers in drawn] == [5, 5] and not set(drawn[0]) & set(drawn[1])


def test_an_interrupt_in_one_process_ends_both_at_the_same_step(tmp_path):
    assert run_together(_train_a_while, 2, tmp_path, 100, 3, True) == [0, 0]
    numbers = [torch.load(file_of(tmp_path, number))[1] for number in range(2)]
    assert [len(some) for some in numbers] == [11, 11] and all(some[-1] == -100 for some in numbers)
    assert torch.load(tmp_path / "half.pt", weights_only=True)["step"] == 10


def test_a_batch_that_cannot_be_divided_is_refused():
    assert share_of(torch.arange(6), 1, 3).tolist() == [2, 3]
    with pytest.raises(ValueError, match=r"a batch of 8 cannot be divided among 3.*batch=9"):
        share_of(torch.arange(8), 0, 3)
    with pytest.raises(ValueError, match="cannot be divided"):
        play(Batches(POINTS, 10), turns, networks(), GAN(*(torch.optim.SGD(n.parameters(), 1.0) for n in networks())),
             Order(1, 1.0, micro=3), rows=True)  # fmt: skip


def launch(*arguments: str, launcher: list[str]) -> subprocess.CompletedProcess:
    """The command line under a launcher."""
    command = [sys.executable, "-m", *launcher, "-m", "gan_helpers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_trains_in_two_processes_and_goes_on_in_one(tmp_path):
    """Processors are launched by torchrun, `accelerate launch` starts one process there; both write once."""
    checkpoint = tmp_path / "half.pt"
    given = ["train", "mlp-gan-plane", "--folder", str(tmp_path / "made"), "--checkpoint", str(checkpoint)]
    two = ["torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    first = launch(*given, "--steps", "20", "--tensorboard", str(tmp_path / "log"), launcher=two)
    assert first.returncode == 0, first.stderr[-2000:]
    assert first.stdout.count("wrote mlp_gan_plane_generator") == 1
    assert first.stderr.count("step 20 of 20") == 1
    card = json.loads((tmp_path / "made" / "mlp_gan_plane_generator.json").read_text())
    assert card["processes"] == 2 and card["hyperparameters"]["batch"] == 128 and card["steps"] == 20
    assert list((tmp_path / "log").glob("events.out.tfevents.*"))
    second = launch(*given, "--steps", "30", launcher=["accelerate.commands.launch", "--cpu", "--num_processes=1"])
    assert second.returncode == 0 and second.stderr.count("resumed from") == 1, second.stderr[-2000:]
    card = json.loads((tmp_path / "made" / "mlp_gan_plane_generator.json").read_text())
    assert card["processes"] == 1 and card["steps"] == 30


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("bach=3", "no hyperparameter 'bach'; it has batch=128, rate_g=0.001, rate_d=0.001"),
        ("batch", "takes name=value"),
        ("batch=many", "batch should be a whole number, not 'many'"),
        ("rate_g=fast", "rate_g should be a number"),
    ],
)
def test_wrong_settings_are_refused_in_words(tmp_path, capsys, setting, message):
    assert main(["train", "mlp-gan-plane", "--folder", str(tmp_path), "--set", setting]) == 2
    assert message in capsys.readouterr().err


def test_settings_reach_the_training_and_do_not_ship(tmp_path, capsys):
    assert main(["train", "mlp-gan-plane", "--set", "batch=64"]) == 2
    assert "--folder" in capsys.readouterr().err
    made = tmp_path / "made"
    given = ["--set", "batch=64", "--set", "rate_g=0.01", "--micro", "2"]
    assert main(["train", "mlp-gan-plane", "--steps", "2", "--folder", str(made), *given]) == 0
    card = json.loads((made / "mlp_gan_plane_generator.json").read_text())
    assert card["batch"] == 64 and card["hyperparameters"] == {"batch": 64, "rate_g": 0.01, "rate_d": 0.001}
    assert card["command"].endswith("--steps 2 --set batch=64 --set rate_g=0.01 --micro 2")
    assert main(["train", "mlp-gan-plane", "--folder", str(made), "--micro", "0"]) == 2


def test_losses_are_logged_for_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    nets = networks()
    opts = GAN(*(torch.optim.SGD(net.parameters(), lr=0.01) for net in nets))
    seen = []

    def noting(rows, *given, **more):
        losses = turns(rows, *given, **more)
        seen.append(losses["loss_d"].item())
        return losses

    play(Batches(IMAGES, BATCH), noting, nets, opts, Order(40, 5.0, log=tmp_path).phase("first"), rows=True)
    events = EventAccumulator(str(tmp_path / "first")).Reload()
    logged = {event.step: event.value for event in events.Scalars("loss_d")}
    assert logged.keys() >= {20, 40}
    assert all(logged[step] == pytest.approx(seen[step - 1], rel=1e-6) for step in logged)
    assert set(events.Tags()["scalars"]) == {"loss_d", "loss_g"}


def test_batch_normalisation_in_several_processes_is_told():
    from types import SimpleNamespace

    from gan_helpers.processes import warn_of_batch_norm

    def told(count, kind, *nets):
        return warn_of_batch_norm(SimpleNamespace(num_processes=count, device=torch.device(kind)), nets)

    with_norm, without = nn.BatchNorm2d(3), nn.Conv2d(3, 3, 1)
    assert "own part of the batch" in told(2, "cpu", without, with_norm)
    assert not told(1, "cpu", with_norm) and not told(2, "cpu", without) and not told(2, "cuda", with_norm)
    assert not told(2, "cpu", with_norm.eval())
