"""The recipes of lesson 06: what they train on, what they leave out, and that their files load."""

import json

import pytest
import torch

from gan_helpers import super_resolution, train_srgan, weights
from gan_helpers.__main__ import main
from gan_helpers.accelerated import Order, seconds_trained
from gan_helpers.datasets.photos import Photo
from gan_helpers.hyperparameters import HYPERPARAMETERS
from gan_helpers.pixels import as_floats
from gan_helpers.train_srgan import (
    SHIPPED_NAMES,
    Size,
    alone,
    food_pictures,
    from_resnet,
    photo_pictures,
    score_photo,
    train_from,
    train_resnet,
    whole_photo,
)

# Two-channel networks, few crops, small batches.
SMALL = [
    word
    for setting in ("width=2", "blocks=1", "width_d=1", "crops=20", "batch=16", "gan_batch=16")
    for word in ("--set", setting)
]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few pictures; and no photo of more than 64 x 64 to be scored."""
    monkeypatch.setattr(super_resolution, "SHIPPED", Size(2, 1, 1))
    monkeypatch.setattr(train_srgan, "FOOD", 3)
    monkeypatch.setattr(train_srgan, "FOOD_JUDGED", 180)
    monkeypatch.setattr(train_srgan, "FOOD_SIZE", 64)
    whole = train_srgan.load_photos
    monkeypatch.setattr(
        train_srgan,
        "load_photos",
        lambda **more: {
            name: photo._replace(image=photo.image[:, 100:164, 100:164]) for name, photo in whole(**more).items()
        },
    )
    super_resolution.shipped_sr_generator.cache_clear()
    yield
    super_resolution.shipped_sr_generator.cache_clear()


def test_the_photo_that_is_left_out_is_in_no_crop():
    """Of photos of one colour each, those that are trained on are told by their colour."""
    photos = {name: torch.full((3, 80, 80), shade, dtype=torch.uint8) for name, shade in (("a", 10), ("b", 200))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            train_srgan,
            "load_photos",
            lambda without: {n: Photo(i) for n, i in photos.items() if n != without},
        )
        assert set(photo_pictures("a", 20).crops.unique().tolist()) == {200}
        assert set(photo_pictures(None, 20).crops.unique().tolist()) == {10, 200}


def test_a_photo_is_cut_so_that_four_divides_it():
    with pytest.MonkeyPatch.context() as patch:
        image = torch.randint(256, (3, 43, 38), dtype=torch.uint8)
        patch.setattr(train_srgan, "load_photos", lambda: {"a": Photo(image)})
        assert torch.equal(whole_photo("a"), as_floats(image[None, :, :40, :36]))


def test_bicubic_and_an_untrained_network_over_it_score_the_same():
    scores = score_photo("coffee", {"untrained": Size(2, 1, 1).generator()})
    assert list(scores) == ["bicubic", "untrained"]
    assert scores["untrained"].psnr == pytest.approx(scores["bicubic"].psnr, abs=0.01)


def test_training_by_pixels_gains_on_what_it_trains_on():
    torch.manual_seed(0)
    # Of as few steps an average over hundreds would be one of beginnings.
    pace = alone(HYPERPARAMETERS["srgan-photos"]._replace(decay=0.8, batch=16))
    pictures = photo_pictures(None, 20)
    net, steps = train_resnet(pictures, Size(8, 1, 2), Order(30, 5.0), pace=pace)
    assert steps == 30
    real = as_floats(pictures.crops)
    before = (train_srgan.enlarge(train_srgan.shrink(real)) - real).square().mean()
    with torch.no_grad():
        assert (net.eval().cpu()(train_srgan.shrink(real)) - real).square().mean() < before


def test_srgan_starts_from_the_network_it_is_given():
    pictures, size = photo_pictures(None, 20), Size(2, 1, 1)
    pace = from_resnet(HYPERPARAMETERS["srgan-photos"]._replace(gan_batch=16))
    torch.manual_seed(1)
    resnet = size.generator()
    torch.nn.init.normal_(resnet.tail.weight, std=0.01)
    made, _ = train_from(resnet, pictures, size, Order(1, 5.0), weight=1e-3, name="gan", pace=pace)
    for (name, new), old in zip(made.named_parameters(), resnet.parameters(), strict=True):
        assert (new.cpu() - old).abs().max() < 1e-3, name  # a step or none of Adam at 1e-4
    for (name, new), old in zip(made.named_buffers(), resnet.buffers(), strict=True):
        assert torch.equal(new.cpu(), old), name  # the batch normalisation stays as it was


def test_food_keeps_its_colours_and_half_of_the_small_pictures_are_spoilt():
    pictures = food_pictures(20)
    real = as_floats(pictures.crops[:6])
    assert torch.equal(pictures.change(real), real)
    small, clean = pictures.small_of(real), train_srgan.shrink(real)
    assert torch.equal(small[3:], clean[3:]) and (small[:3] != clean[:3]).float().mean() > 0.5


@pytest.mark.parametrize("subject", ["photos", "food"])
def test_train_writes_networks_and_cards_that_load(tmp_path, monkeypatch, subject):
    checkpoint = tmp_path / "half.pt"
    made = tmp_path / "made"
    arguments = ["--steps", "3", "--folder", str(made), "--checkpoint", str(checkpoint), *SMALL]
    assert main(["train", f"srgan-{subject}", *arguments]) == 0
    names = SHIPPED_NAMES[subject]
    assert sorted(path.stem for path in made.glob("*.safetensors")) == sorted(f"srgan_{subject}_{n}" for n in names)
    card = json.loads((made / f"srgan_{subject}_gan.json").read_text())
    assert card["steps of each"]["resnet"] == 3 and card["steps of each"]["gan"] == {"photos": 1, "food": 2}[subject]
    assert set(card["scores"]) == {"bicubic", "blend", *names}
    if subject == "photos":
        assert "without chelsea" in card["data"]
    else:
        assert card["scores"]["gan"]["Frechet distance"] >= 0
    assert len(list(tmp_path.glob("half.pt-*"))) == len(names)
    assert 0 < seconds_trained(checkpoint) <= 60 * card["minutes"] + 1
    monkeypatch.setattr(weights, "FOLDER", made)
    large = super_resolution.upscale(torch.zeros(2, 3, 8, 6), subject, "resnet")
    assert large.shape == (2, 3, 32, 24) and large.abs().max() <= 1
    three = [super_resolution.shipped_sr_generator(subject, method) for method in ("resnet", "gan", "blend")]
    for name, value in three[2].named_parameters():
        ends = [dict(net.named_parameters())[name] for net in three[:2]]
        assert torch.allclose(value, ends[0] + 0.7 * (ends[1] - ends[0]), atol=1e-6), name
    with pytest.raises(ValueError, match=r"there are: photos resnet, .*, food gan, food blend"):
        super_resolution.upscale(torch.zeros(1, 3, 8, 8), subject, "vgg")
    with pytest.raises(ValueError, match="none of these 0"):
        super_resolution.upscale(torch.zeros(1, 3, 0, 8), subject)


def test_each_photo_to_be_judged_is_left_out_once(tmp_path, monkeypatch, capsys):
    left_out = []
    own = train_srgan.photo_pictures
    monkeypatch.setattr(train_srgan, "photo_pictures", lambda name, crops: left_out.append(name) or own(name, crops))
    monkeypatch.setattr(train_srgan, "JUDGED", ("chelsea", "coffee"))
    assert main(["train", "srgan-left-out", "--steps", "1", "--folder", str(tmp_path), *SMALL]) == 0
    assert left_out == ["chelsea", "coffee"]
    card = json.loads((tmp_path / "srgan_left_out.json").read_text())
    assert set(card["scores"]) == {"chelsea", "coffee"} and card["methods"] == ["bicubic", "resnet", "gan", "blend"]
