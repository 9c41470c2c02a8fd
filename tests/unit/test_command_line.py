"""The shell commands: what they do, and what they say to a wrong word."""

import json

import pytest

from gan_helpers import bench, train_dcgan, train_readers, weights
from gan_helpers.__main__ import main
from gan_helpers.films import load_film
from gan_helpers.models.food_reader import CLASSES, FoodReader
from gan_helpers.weights import save_shipped


def test_data_draws_food(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))
    assert main(["data", "food", "--size", "16", "--n", "20"]) == 0
    assert "food, train: 20 pictures of 3 x 16 x 16" in capsys.readouterr().out
    assert main(["data", "--list"]) == 0
    assert "food-train-16px-20" in capsys.readouterr().out
    assert main(["data", "food", "--size", "8"]) == 2
    assert "16 to 256" in capsys.readouterr().err
    assert main(["data", "pizzas", "--size", "16", "--n", "20"]) == 0
    assert "pizzas, held-out: 4 pictures of 3 x 16 x 16" in capsys.readouterr().out  # two of each kind
    assert main(["data", "fashion", "--from", str(tmp_path)]) == 2
    assert "train-images-idx3-ubyte.gz is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["coco", "--n", "5"], "coco has no --n: that is an option of food"),
        (["digits", "--size", "32"], "digits has no --size: that is an option of food, pizzas, coco"),
        (["food", "--everything"], "an option of digits"),
        (["coco", "--from", "nowhere"], "--from should be a folder; nowhere is not there"),
        (["fashion", "--from", "a-file"], "--from should be a folder; a-file is a file"),
    ],
)
def test_data_refuses_what_a_set_does_not_have(given, words, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").touch()
    assert main(["data", *given]) == 2
    assert words in capsys.readouterr().err


def test_data_prepares_lists_and_clears(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GAN_WORKSHOP_DATA", str(tmp_path))
    assert main(["data", "digits"]) == 0
    assert "train: 4,000 pictures" in capsys.readouterr().out
    main(["data", "--list"])
    assert "digits-5000-v1.npz" in capsys.readouterr().out
    main(["data", "--clear"])
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_word_gets_exit_status_two_and_the_right_words(capsys):
    assert main(["train", "mlp-gna"]) == 2
    assert "mlp-gan-plane" in capsys.readouterr().err
    assert main(["data"]) == 2
    with pytest.raises(SystemExit) as stopped:
        main(["tarin"])
    assert stopped.value.code == 2


def test_train_writes_weights_and_card_that_load(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "workshop")
    assert main(["train", "mlp-gan-plane", "--steps", "3", "--seed", "5", "--folder", str(tmp_path)]) == 0
    card = json.loads((tmp_path / "mlp_gan_plane_generator.json").read_text())
    assert card["steps"] == 3 and card["seed"] == 5
    assert card["command"] == "python -m gan_helpers train mlp-gan-plane --seed 5 --steps 3"

    import gan_helpers.weights as weights
    from gan_helpers.train import plane_gan

    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    nets, _ = plane_gan()
    weights.load_shipped_pair(nets, "mlp_gan_plane")
    assert "not your own training" in capsys.readouterr().out
    assert save_shipped(nets.generator, "again", {"network": "n"}, folder=tmp_path).exists()


def test_training_twice_with_one_seed_gives_the_same_weights(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "workshop")
    monkeypatch.setattr("gan_helpers.runtime.precision", lambda: "float32")
    for folder in ("a", "b"):
        main(["train", "mlp-gan-plane", "--steps", "5", "--folder", str(tmp_path / folder)])
    names = ("mlp_gan_plane_generator.safetensors", "mlp_gan_plane_discriminator.safetensors")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_train_reader_writes_weights_and_card_that_load(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(train_readers, "FRESH_PICTURES", 10)
    assert main(["train", "reader", "--steps", "2", "--folder", str(tmp_path), "--set", "pictures=70"]) == 0
    card = json.loads((tmp_path / "reader.json").read_text())
    read_right = card["scores"]["attributes read right"]
    assert card["steps"] == 2 and set(read_right) == {"64 pixels", "32 pixels"}
    assert set(read_right["32 pixels"]) == {*CLASSES, "toppings"}
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    weights.load_shipped(FoodReader(), "reader")


def test_train_dcgan_writes_a_pair_and_films_that_load(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(train_dcgan, "JUDGED", 130)
    checkpoint = tmp_path / "half.pt"
    few = ["--folder", str(tmp_path), "--set", "pictures=70"]
    assert main(["train", "dcgan", "--steps", "2", "--checkpoint", str(checkpoint), *few]) == 0
    card = json.loads((tmp_path / "dcgan_generator.json").read_text())
    assert card["steps"] == 2 and 0 <= card["scores"]["coverage"] <= 1 and "data seed 0" in card["data"]
    assert checkpoint.exists()
    assert main(["train", "dcgan-films", "--steps", "1", *few]) == 0
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    pair = train_dcgan.shipped_dcgan()
    assert "not your own training" in capsys.readouterr().out
    assert not any(module.training for net in pair for module in net.modules())
    assert all(load_film(f"dcgan_films_{name}").steps == [0] for name in train_dcgan.FILMS)


def test_a_reader_keeps_no_checkpoint_and_says_so(tmp_path, capsys):
    assert main(["train", "digit-reader", "--steps", "1", "--checkpoint", str(tmp_path / "a.pt")]) == 2
    assert "keeps no checkpoint" in capsys.readouterr().err


def test_bench_prints_ratios_to_the_usual_loop(monkeypatch, capsys):
    for name, value in {"DCGAN_SIZE": 32, "DCGAN_WIDTH": 8, "DCGAN_BATCH": 8, "DCGAN_PICTURES": 64}.items():
        monkeypatch.setattr(bench, name, value)  # the form of the table is looked at here, not its numbers
    assert main(["bench", "--rounds", "1", "--steps", "2", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert set(results) == {"mlp-gan", "dcgan"}
    for result in results.values():
        usual, *others = result["variants"].values()
        assert usual["times_the_usual"] == 1 and len(others) == 4
        for variant in others:
            assert variant["times_the_usual"] == pytest.approx(variant["images_a_second"] / usual["images_a_second"])
    peak = results["dcgan"]["peak"]
    assert peak["share_of_peak"] == pytest.approx(peak["step_gflops"] / peak["matrix_peak_gflops"])
    assert peak["step_gflops"] > 0 and peak["matrix_peak_gflops"] > 0
    assert sum(peak["time"].values()) == pytest.approx(1)
    assert main(["bench", "mlp-gna"]) == 2
    assert "mlp-gan, dcgan" in capsys.readouterr().err
    assert main(["bench", "--rounds", "0"]) == 2
