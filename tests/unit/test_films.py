"""Films of trainings: kept whole, shown under one slider; and the still pictures of lesson 04."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_helpers import plots, weights
from gan_helpers.datasets.food import load_food
from gan_helpers.films import Film, film_tensors, load_film
from gan_helpers.models import gan_cls
from gan_helpers.models.dcgan import build_discriminator, build_generator, sample_z
from gan_helpers.models.text_encoder import FEATURES
from gan_helpers.pixels import as_bytes
from gan_helpers.plots.network import blocks_of
from gan_helpers.train_dcgan import FILMS
from gan_helpers.weights import save_tensors


def film(steps=(0, 5, 9), samples: int = 3) -> Film:
    return Film(torch.randint(0, 256, (len(steps), samples, 3, 8, 8), dtype=torch.uint8), list(steps), {})


def test_what_is_saved_is_loaded_and_looks_the_same(tmp_path, monkeypatch):
    steps = [0, 5, 9]
    real = load_food(n=12, size=32).images.view(3, 4, 3, 32, 32)
    save_tensors(film_tensors(dict(zip(steps, real, strict=True))), "a_film", {"about": 1}, folder=tmp_path)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    found = load_film("a_film")
    assert found.steps == steps and found.card["about"] == 1
    assert found.frames.dtype == torch.uint8 and found.frames.shape == real.shape
    errors = (found.frames.float() - real.float()).abs().flatten(2).mean(2)
    assert errors.max() < 6  # of 255: each sample stands where it stood
    assert (tmp_path / "a_film.safetensors").stat().st_size < real.numel() / 2
    (tmp_path / "a_film.safetensors").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="damaged"):
        load_film("a_film")


@pytest.mark.parametrize("name", FILMS)
def test_the_films_that_ship_start_grey_and_do_not_stay_so(name):
    shown = load_film(f"dcgan_films_{name}")
    assert shown.frames.dtype == torch.uint8 and shown.frames.shape[2:] == (3, 32, 32)
    assert shown.steps[0] == 0 and len(shown.steps) == len(shown.frames)
    spread = shown.frames.float().std((1, 2, 3, 4))
    assert spread[0] < spread[-1]  # from grey to something


def test_bytes_and_back():
    values = torch.tensor([-1.0, 0.0, 1.0, 1.5, -2.0])
    assert as_bytes(values).tolist() == [0, 128, 255, 255, 0]


def test_one_slider_for_all_rows():
    shown = plots.show_films({"a": film(), "b": film()})
    html = shown._repr_html_()
    assert repr(shown) == "film of 3 frames" and html.count('type="range"') == 1
    assert [" hidden" in line for line in html.splitlines() if 'class="frame"' in line] == [True, True, False]
    assert [f"b, step {step}</div>" in html for step in (0, 5, 9)] == [True] * 3
    assert "http" not in html  # nothing is asked of a network
    with pytest.raises(ValueError, match="same steps"):
        plots.show_films({"a": film(), "b": film(steps=(0, 1, 2))})
    with pytest.raises(ValueError, match="one or more"):
        plots.show_films({})


def written(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_the_pictures_of_convolutions_show_torch_s_numbers():
    image, kernel = torch.arange(16.0).reshape(4, 4), torch.ones(2, 2)
    right = plots.show_convolution(image, kernel, stride=2).axes[1]
    assert written(right) == [f"{v:.3g}" for v in F.conv2d(image[None, None], kernel[None, None], stride=2).flatten()]
    small, stamp = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.arange(16.0).reshape(4, 4)
    right = plots.show_transposed_convolution(small, stamp, stride=2, padding=1).axes[1]
    whole = F.conv_transpose2d(small[None, None], stamp[None, None], stride=2)
    assert written(right) == [f"{v:.3g}" for v in whole.flatten()]
    assert "4 x 4" in right.get_title()


@pytest.mark.parametrize(
    ("image", "kernel", "options", "words"),
    [
        (torch.zeros(20, 20), torch.ones(3, 3), {}, "at most 12"),
        (torch.zeros(4, 4), torch.ones(3, 2), {}, r"\(K, K\)"),
        (torch.zeros(4, 4), torch.ones(3, 3), {"stride": 0}, "stride should be 1 or more"),
        (torch.zeros(4, 4), torch.ones(3, 3), {"padding": 3}, "padding under 3"),
    ],
)
def test_what_fits_no_picture_is_refused(image, kernel, options, words):
    for draw in (plots.show_convolution, plots.show_transposed_convolution):
        with pytest.raises(ValueError, match=words):
            draw(image, kernel, **options)


def test_a_network_is_drawn_from_what_it_does():
    generator, discriminator = build_generator(32, 8), build_discriminator(32, 8, norm="spectral")
    stages = blocks_of(generator, sample_z(2, torch.zeros(1)))
    assert [stage.shape for stage in stages] == [(32, 4, 4), (16, 8, 8), (8, 16, 16), (3, 32, 32)]
    assert any("Transposed conv" in layer for layer in stages[0].layers) and "Tanh" in stages[-1].layers
    stages = blocks_of(discriminator, torch.zeros(2, 3, 32, 32))
    assert stages[-1].shape == () and "spectral norm" in stages[1].layers[0]
    figure = plots.draw_network(discriminator, torch.zeros(1, 3, 32, 32), title="D")
    assert {"3 x 32 x 32", "1 logit"} <= {text.get_text() for text in figure.axes[0].texts}


def test_networks_that_are_told_a_text_show_where_it_enters():
    z, text = torch.randn(1, gan_cls.LATENT, 1, 1), torch.randn(1, FEATURES)
    generator, discriminator = gan_cls.TextGenerator(32, 4), gan_cls.TextDiscriminator(32, 4)
    figure = plots.draw_text_generator(generator, z, text)
    words = [one.get_text() for one in figure.axes[0].texts]
    assert f"{gan_cls.LATENT + gan_cls.PROJECTED} x 1 x 1" in words and "3 x 32 x 32" in words
    assert [word.startswith("text:") for word in words].count(True) == 1
    for net, entrances in ((discriminator, 1), (gan_cls.TextDiscriminator(32, 4, product=True), 2)):
        figure = plots.draw_text_discriminator(net, torch.zeros(1, 3, 32, 32), text)
        words = [one.get_text() for one in figure.axes[0].texts]
        assert f"{16 + gan_cls.PROJECTED} x 4 x 4" in words and "1 logit" in words
        assert [word.startswith("text:") for word in words].count(True) == entrances


def test_a_comparison_says_mean_and_spread():
    figure = plots.plot_comparison({"a": np.array([0.4, 0.6]), "b": np.array([0.9, 0.9])}, chance=0.2)
    assert written(figure.axes[0]) == ["50.0% ± 10.0%", "90.0% ± 0.0%"]
