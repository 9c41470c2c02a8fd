"""Pictures: what they take, what they refuse, and that they never touch pyplot."""

import re

import pytest
import torch

from gan_helpers import plots
from gan_helpers.datasets.plane import target
from gan_helpers.models.mlp_gan import GAN, build_discriminator, build_generator, sample_z
from gan_helpers.plots.figures import new_figure
from gan_helpers.plots.images import image_batch, mosaic


def test_uint8_and_float_images_give_the_same_picture():
    whole = torch.arange(0, 256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.allclose(image_batch(whole), image_batch(whole.float() / 127.5 - 1), atol=1e-6)
    assert image_batch(whole.flatten(1)).shape == (1, 1, 16, 16)


@pytest.mark.parametrize(
    ("images", "error", "words"),
    [
        ([[0.0]], TypeError, "torch tensor"),
        (torch.zeros(3, 5), ValueError, "(3, 5)"),
        (torch.zeros(0, 1, 4, 4), ValueError, "N above 0"),
        (torch.zeros(2, 2, 4, 4), ValueError, "1 or 3 channels"),
        (torch.zeros(1, 1, 4, 4, dtype=torch.int64), TypeError, "int64"),
        (torch.full((1, 1, 4, 4), float("nan")), ValueError, "NaN"),
        (torch.full((1, 1, 4, 4), 200.0), ValueError, "x / 127.5 - 1"),
    ],
)
def test_wrong_images_are_explained(images, error, words):
    with pytest.raises(error, match=re.escape(words)):
        plots.show_images(images)


def test_the_mosaic_puts_images_row_by_row():
    images = torch.stack([torch.full((1, 2, 2), value) for value in (-1.0, 0.0, 1.0)])
    sheet = mosaic(images, columns=2)[..., 0]
    assert sheet.shape == (6, 6)
    assert [sheet[0, 0], sheet[0, 3], sheet[3, 0]] == [0.0, 0.5, 1.0]
    assert sheet[2].eq(1).all()  # the line between


def test_a_figure_shows_as_png_with_its_alt_text_as_constant_text():
    figure, _ = new_figure(2, 2, "what it shows")
    data, metadata = figure._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and data["text/plain"] == "what it shows" == repr(figure)
    assert metadata["image/png"]["alt"] == "what it shows"


def test_labels_must_fit_the_images():
    with pytest.raises(ValueError, match="one for each of the 3"):
        plots.show_images(torch.zeros(3, 1, 4, 4), labels=["a"])


@pytest.fixture
def nets():
    torch.manual_seed(0)
    return GAN(build_generator(2, (8,)), build_discriminator(2, (8,)))


def test_every_picture_of_the_lesson_is_drawn(nets):
    real, z = torch.rand(100, 2) * 2 - 1, sample_z(200, torch.zeros(1))
    ring = target("ring")
    frame = plots.plane_frame(nets, z)
    records = [(0, {"read": 0.1, "covered": 0.2}), (9, {"read": 0.3, "covered": 0.4})]
    history = {"step": [1, 2, 3], "loss_d": [1.0, 1.1, 0.9], "loss_g": [0.7, 0.8, 0.9]}
    figures = [
        plots.plot_plane(real, nets, z=z),
        plots.plot_plane(real, nets, z=z, target=ring),
        plots.show_planes(real, {"a": frame, "b": frame}),
        plots.gradient_of_losses(),
        plots.compare_losses_with(history, records),
        plots.plot_bars({"x": torch.rand(10)}, expected=0.1),
        plots.show_nearest(torch.zeros(3, 784), torch.zeros(3, 784), torch.zeros(3)),
    ]
    for figure in figures:
        assert figure._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")


def test_the_film_holds_each_frame_and_loads_nothing(nets):
    frame = plots.plane_frame(nets, sample_z(20, torch.zeros(1)))
    film = plots.film(torch.rand(50, 2), [(0, frame), (100, frame), (200, frame)])
    html = film._repr_html_()
    assert html.count("data:image/webp;base64") == 3 and repr(film) == "film of 3 frames" and "http" not in html
    assert 'type="range"' in html
    with pytest.raises(ValueError, match="training cell"):
        plots.film(torch.rand(5, 2), [])


def test_a_history_without_steps_is_explained():
    with pytest.raises(ValueError, match="training cell"):
        plots.compare_losses_with({"step": []}, [])


def test_the_plotted_slopes_are_those_of_the_formulas():
    (ax,) = plots.gradient_of_losses().axes[1:]
    for line, slope in zip(ax.lines, (lambda x: x.sigmoid(), lambda x: (-x).sigmoid()), strict=True):
        x, y = (torch.as_tensor(values) for values in line.get_data())
        assert torch.allclose(y, slope(x), atol=1e-5)


def test_losses_of_faults_have_a_sign_each():
    from gan_helpers.symptoms_measured import measured_cases

    cases = measured_cases(unseen=True)
    (ax,) = plots.plot_fault_losses(cases).axes
    signs = {(line.get_color(), line.get_marker()) for line in ax.lines}
    assert len(signs) == len(ax.lines) == 11
    assert sum(len(line.get_xdata()) for line in ax.lines) == len(cases)


def test_the_title_of_one_small_picture_is_not_cut_off():
    figure = plots.show_images(torch.zeros(1, 3, 64, 64), title="nearest to all pepperoni pizzas")
    figure.canvas.draw()
    (ax,) = figure.axes
    box = ax.title.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
