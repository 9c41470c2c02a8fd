"""Stop, Pause, the learning rates and the notebook's ■ while a training cell runs, clicked in a real JupyterLab."""

import json
import re
import time

import pytest
from jupyterlab_page import JupyterLab, NotebookPage, write_notebook
from playwright.sync_api import expect

SETUP, TRAIN, REPORT = 0, 1, 2  # the cells of the notebook

CELLS = [
    """
import json, time, torch
from gan_helpers.clock import training
from gan_helpers.models.mlp_gan import GAN, build_discriminator, build_generator, discriminator_step, generator_step

torch.set_num_threads(1)  # steps this small are no work for two
points = torch.rand(500, 2) * 2 - 1
nets = GAN(build_generator(2), build_discriminator(2))
opts = GAN(*(torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.5, 0.999)) for net in nets))
""",
    # The budget is far longer than the test: what ends the cell is what the test does.
    """
begun = []  # (step, whether somebody had asked for the end by then, when, learning rate of G)
run = training(points, nets, opts, minutes=30, show=lambda ax: ax.scatter(*points.T, s=2) and "Healthy so far.")
for step, real in run:
    begun.append((step, run.stopping, time.time(), opts.generator.param_groups[0]["lr"]))
    run.log(loss_d=discriminator_step(real, nets, opts), loss_g=generator_step(real, nets, opts))
ended = time.time()
""",
    """
print(json.dumps({"begun": begun, "step": run.step, "ended": ended, "stopped_by": run.stopped_by}))
""",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    write_notebook(folder / "clock_probe.ipynb", CELLS)
    with JupyterLab(folder, pace="workshop") as lab:
        yield lab


@pytest.fixture(scope="module")
def opened(lab):
    with lab.open("clock_probe.ipynb") as page:
        page.run(SETUP, limit=120)
        assert not page.errors()
        yield page


@pytest.fixture
def page(opened):
    """The notebook with its training cell running; ended by ■ if the test leaves it running."""
    opened.start(TRAIN)
    expect(opened.button(TRAIN, "Stop")).to_be_visible()
    expect(progress_line(opened)).to_have_text(re.compile(r"step \d"))
    yield opened
    if "*" in opened.prompt(TRAIN).inner_text():
        opened.interrupt()
        opened.wait_until_done(TRAIN)


def progress_line(page: NotebookPage):
    """The line beside the progress bar."""
    return page.cell(TRAIN).locator(".widget-label").filter(has_text=re.compile("step|done|left")).first


def report(page: NotebookPage) -> dict:
    """What the kernel knows of the run, printed by the next cell: which so proves that it works."""
    return json.loads(page.run(REPORT))


def wait_for_more_steps(page: NotebookPage) -> None:
    before = progress_line(page).inner_text()
    expect(progress_line(page)).not_to_have_text(before)


def ended_politely(page: NotebookPage) -> dict:
    """Wait for the end of the training cell; check that it ended without a word in red and with whole steps only."""
    page.wait_until_done(TRAIN)
    assert page.errors(TRAIN) == []
    run = report(page)
    asked = [asked for _, asked, *_ in run["begun"]]
    assert not any(asked[:-1]), "a step began after somebody had asked for the end"
    assert run["begun"][-1][0] == run["step"], "the step under way is the last one, and it is counted"
    return run


def test_stop_ends_the_cell_and_the_next_run_goes_on(page):
    clicked = time.time()
    page.button(TRAIN, "Stop").click()
    first = ended_politely(page)
    print(f"from the click on Stop to the end of the loop: {first['ended'] - clicked:.2f} s")
    assert first["stopped_by"] == "stop"
    expect(page.button(TRAIN, "Stop")).to_be_disabled()
    expect(progress_line(page)).to_have_text(
        f"stopped by you at step {first['step']:,}; run it again with the same networks to go on"
    )

    page.start(TRAIN)
    expect(page.button(TRAIN, "Stop")).to_be_enabled()
    page.button(TRAIN, "Stop").click()
    second = ended_politely(page)
    assert second["begun"][0][0] == first["step"] + 1


def test_the_interrupt_button_ends_the_cell_politely(page):
    wait_for_more_steps(page)
    page.interrupt()
    assert ended_politely(page)["stopped_by"] == "interrupt"


def test_pause_freezes_the_steps_and_resume_goes_on(page, tmp_path):
    page.button(TRAIN, "Pause").click()
    expect(progress_line(page)).to_have_text(re.compile(r"^paused at step"))
    frozen_from = time.time()
    page.screenshot(tmp_path / "paused.png")
    assert "paused" in progress_line(page).inner_text()
    frozen_to = time.time()
    page.button(TRAIN, "Resume").click()
    expect(progress_line(page)).to_have_text(re.compile(r"^step"))
    wait_for_more_steps(page)
    page.button(TRAIN, "Stop").click()
    run = ended_politely(page)
    when = [when for _, _, when, _ in run["begun"]]
    assert not [moment for moment in when if frozen_from <= moment <= frozen_to]
    assert when[0] < frozen_from and when[-1] > frozen_to
    assert [step for step, *_ in run["begun"]] == list(range(run["begun"][0][0], run["step"] + 1)), "none is lost"


def test_the_slider_changes_the_optimizer_in_mid_run(page):
    slider = page.cell(TRAIN).locator(".widget-slider", has_text="generator learning rate").first
    slider.locator(".noUi-handle").focus()
    for _ in range(4):
        page.page.keyboard.press("ArrowRight")
    expect(slider.locator(".widget-readout")).not_to_have_text("1.0e-3")
    wait_for_more_steps(page)
    wait_for_more_steps(page)
    page.button(TRAIN, "Stop").click()
    rates = [rate for *_, rate in ended_politely(page)["begun"]]
    assert rates[0] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(1e-3 * 10 ** (4 * 0.05), rel=1e-6), "four steps of the slider"
    assert rates.count(rates[-1]) > 1, "and it held for more than one step"


def test_stop_works_out_of_a_pause(page):
    page.button(TRAIN, "Pause").click()
    expect(progress_line(page)).to_have_text(re.compile(r"^paused at step"))
    page.button(TRAIN, "Stop").click()
    assert ended_politely(page)["stopped_by"] == "stop"
