"""Where and how fast the lessons compute."""

import copy

import pytest
import torch
from torch import nn

from gan_helpers import runtime


def test_a_misspelt_pace_names_the_three(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "worksop")
    with pytest.raises(ValueError, match="ci, workshop, full, not 'worksop'"):
        runtime.pace()


@pytest.mark.parametrize(("word", "pace"), [("", "workshop"), ("CI", "ci"), (" full ", "full")])
def test_the_pace_comes_from_the_environment(monkeypatch, word, pace):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", word)
    assert runtime.pace() == pace


def test_pace_ci_computes_in_float32(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    assert runtime.precision() == "float32"


def test_the_same_seed_gives_the_same_numbers(capsys):
    numbers = []
    for _ in range(2):
        runtime.start(7)
        numbers.append(torch.rand(3))
    assert torch.equal(*numbers)
    assert "seed 7" in capsys.readouterr().out
    with pytest.raises(ValueError, match="whole number"):
        runtime.start(-1)


@pytest.fixture
def bfloat16(monkeypatch):
    monkeypatch.setattr(runtime, "precision", lambda: "bfloat16")
    monkeypatch.setattr(runtime, "device", lambda: torch.device("cpu"))


def test_a_placed_network_computes_in_bfloat16_and_answers_in_float32(bfloat16):
    seen = []

    class Spy(nn.Module):
        def forward(self, x):
            seen.append(x.dtype)
            return x

    net = nn.Sequential(nn.Linear(4, 4), Spy())
    keys = list(net.state_dict())
    runtime.place(runtime.place(net))
    answer = net(torch.randn(3, 4))
    assert seen == [torch.bfloat16] and answer.dtype == torch.float32
    answer.sum().backward()
    assert net[0].weight.grad.dtype == torch.float32 and list(net.state_dict()) == keys
    assert not torch.is_autocast_enabled("cpu")


def test_a_copy_of_a_placed_network_runs_its_own_weights(bfloat16):
    net = runtime.place(nn.Sequential(nn.Linear(4, 2)))
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin[0].weight.zero_()
        twin[0].bias.fill_(3)
    assert torch.equal(twin(torch.randn(1, 4)), torch.full((1, 2), 3.0))


def test_an_error_inside_a_placed_network_switches_autocast_off(bfloat16):
    net = runtime.place(nn.Sequential(nn.Linear(4, 2)))
    with pytest.raises(RuntimeError):
        net(torch.randn(3, 5))
    assert not torch.is_autocast_enabled("cpu")


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(runtime, "ALL_THREADS", 4)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2, "afterwards as many as before"
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("net", "threads"),
    [
        pytest.param(nn.Linear(2, 3), 1, id="tiny"),
        pytest.param(nn.Linear(1000, 300), 3, id="fully connected"),
        pytest.param(nn.Sequential(nn.Conv2d(3, 512, 13)), 4, id="with a convolution"),
        pytest.param(nn.Linear(1000, 300, device="meta"), 2, id="elsewhere"),
    ],
)
def test_how_many_threads_a_training_takes(four_cores, net, threads):
    with runtime.threads_for([net]):
        assert torch.get_num_threads() == threads


def test_an_error_inside_gives_the_threads_back(four_cores):
    with pytest.raises(KeyError), runtime.threads_for([nn.Linear(2, 3)]):
        raise KeyError


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 7)])
def test_a_notebook_leaves_a_core_to_the_browser(monkeypatch, cores, threads, capsys):
    before = torch.get_num_threads()
    monkeypatch.setattr(runtime, "ALL_THREADS", cores)
    runtime.start(0)
    assert torch.get_num_threads() == threads
    assert f"{cores} core" in capsys.readouterr().out
    torch.set_num_threads(before)


def test_at_pace_ci_measurements_rest_on_a_fifth(monkeypatch):
    assert runtime.fewer(1000) == 1000 and runtime.fewer(2.0) == 2.0
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    made = runtime.fewer(1000)
    assert made == 200 and isinstance(made, int) and runtime.fewer(2.0) == 0.4
