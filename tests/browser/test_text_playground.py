"""The playground of lesson 05 in a real JupyterLab: typing, what is not drawn, a slider, two kernels, a training."""

import re

import pytest
from jupyterlab_page import JupyterLab, NotebookPage, write_notebook
from playwright.sync_api import Locator, expect

SHOW, TRAIN = 0, 1  # the cells of the notebook
CELLS = [
    """
import torch
import gan_helpers as gh
from gan_helpers.models.mlp_gan import discriminator_step, generator_step
from gan_helpers.train import plane_gan

points = gh.target("ring").sample(500, seed=0)
nets, opts = plane_gan()
gh.text_playground()
""",
    # The budget is far longer than the test: ■ ends the cell.
    """
for step, real in (run := gh.training(points, nets, opts, minutes=30)):
    run.log(loss_d=discriminator_step(real, nets, opts), loss_g=generator_step(real, nets, opts))
""",
]
BROCCOLI = "three florets of roasted broccoli on a black plate"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("one.ipynb", "two.ipynb"):
        write_notebook(folder / name, CELLS)
    with JupyterLab(folder, pace="workshop") as lab:
        yield lab


@pytest.fixture
def page(lab):
    with lab.open("one.ipynb") as page:
        page.run(SHOW, limit=120)
        assert not page.errors()
        yield page


def box(page: NotebookPage) -> Locator:
    """Where captions are typed."""
    return page.cell(SHOW).locator(".widget-text", has_text="caption").locator("input")


def picture(page: NotebookPage) -> str:
    """The bytes that the browser shows as the picture, read back from it."""
    shown = page.cell(SHOW).locator("img.widget-image").first
    return shown.evaluate(
        """async image => {
            const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
            return bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
        }"""
    )


def summary(page: NotebookPage) -> Locator:
    """What the reader sees, in words."""
    return page.cell(SHOW).get_by_role("status")


def link_of(page: NotebookPage) -> Locator:
    """The link that saves the picture."""
    return summary(page).locator("a")


def wait_for_picture_of(page: NotebookPage, caption: str) -> None:
    """Until the picture of `caption` is there: the file it would be saved as is named after it."""
    expect(link_of(page)).to_have_attribute("download", re.compile(rf"^{caption.replace(' ', '-')}-\d+\.png$"))


def test_a_typed_caption_becomes_a_picture(page, tmp_path):
    before = picture(page)
    box(page).fill(BROCCOLI)
    wait_for_picture_of(page, BROCCOLI)
    expect(summary(page)).to_contain_text("broccoli")
    assert picture(page) != before
    with page.page.expect_download() as download:
        link_of(page).click()
    assert download.value.path().read_bytes()[:4] == b"\x89PNG"
    page.screenshot(tmp_path / "playground.png")


def test_a_word_that_is_not_drawn_is_flagged_and_the_nearest_caption_taken_by_a_click(page):
    box(page).fill("a pizza with anchovies")
    expect(page.cell(SHOW).get_by_text(re.compile("not drawn: anchovies"))).to_be_visible()
    page.cell(SHOW).locator("button", has_text="nearest caption").click()
    expect(box(page)).not_to_have_value(re.compile("anchovies"))
    expect(page.cell(SHOW).get_by_text("not drawn:")).to_have_count(0)
    box(page).fill("🍕")
    expect(page.cell(SHOW).get_by_role("alert")).to_be_visible()


def test_a_long_list_of_what_is_seen_does_not_stretch_the_picture(page):
    box(page).fill("pizza")
    wait_for_picture_of(page, "pizza")
    shown = page.cell(SHOW).locator("img.widget-image").first.bounding_box()
    assert summary(page).bounding_box()["height"] > 100  # there is much beside it
    assert shown["width"] == pytest.approx(shown["height"], abs=2)


def test_of_a_flood_of_letters_the_last_caption_wins(page):
    box(page).fill("")
    box(page).press_sequentially(BROCCOLI)  # without a pause
    wait_for_picture_of(page, BROCCOLI)
    flooded = picture(page)
    box(page).fill("a ham pizza")
    wait_for_picture_of(page, "a ham pizza")
    box(page).fill(BROCCOLI)
    wait_for_picture_of(page, BROCCOLI)
    assert picture(page) == flooded


def test_the_slider_moves_the_picture(page):
    before = picture(page)
    handle = page.cell(SHOW).locator(".widget-slider", has_text="first").locator(".noUi-handle")
    handle.press("End")
    expect(summary(page)).to_contain_text(re.compile("broccoli [34]/4"))
    after = picture(page)
    assert after != before
    handle.press("Home")
    expect(summary(page)).to_contain_text(re.compile("pizza [34]/4"))
    assert picture(page) == before


def test_two_kernels_do_not_disturb_each_other(lab, page):
    with lab.open("two.ipynb") as other:
        other.run(SHOW, limit=120)
        before = picture(page)
        assert picture(other) == before  # the same caption and seed
        box(other).fill(BROCCOLI)
        wait_for_picture_of(other, BROCCOLI)
        assert picture(page) == before != picture(other)
        box(page).fill(BROCCOLI)
        wait_for_picture_of(page, BROCCOLI)
        assert picture(page) == picture(other)


def test_it_answers_while_a_training_runs(page):
    page.start(TRAIN)
    expect(page.button(TRAIN, "Stop")).to_be_visible()
    box(page).fill(BROCCOLI)
    wait_for_picture_of(page, BROCCOLI)
    assert "*" in page.prompt(TRAIN).inner_text()  # still training
    page.button(TRAIN, "Stop").click()
    page.wait_until_done(TRAIN)
    assert not page.errors()


def test_the_check_box_shows_pictures_four_times_as_large(page):
    shown, before = page.cell(SHOW).locator("img.widget-image").first, picture(page)
    check_box = page.cell(SHOW).get_by_label("four times as large (lesson 06)")
    check_box.check()
    expect(shown).to_have_attribute("width", "512")
    assert picture(page) != before
    check_box.uncheck()
    expect(shown).to_have_attribute("width", "320")
    assert picture(page) == before
