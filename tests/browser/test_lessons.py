"""The attendee copies in a real JupyterLab: Run All as handed out, and each kind of control moved once."""

import re
import shutil

import lessons
import pytest
from jupyterlab_page import JupyterLab, write_notebook
from playwright.sync_api import expect
from readability import choose_theme, faint_texts, faults_that_stay, unreadable_pictures

LESSON_03 = "03_mlp_gan.ipynb"
LESSON_04 = "04_dcgan.ipynb"
LESSON_05 = "05_gan_cls.ipynb"
LESSON_06 = "06_srgan.ipynb"
RUN_ALL_LIMIT = 240.0  # seconds for a whole lesson on a slow machine


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Copies of all attendee notebooks, alone in a folder."""
    folder = tmp_path_factory.mktemp("attendee")
    for path in lessons.attendee_lessons():
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def at_ci(served):
    with JupyterLab(served, pace="ci") as lab:
        yield lab


@pytest.mark.parametrize("path", lessons.attendee_lessons(), ids=lambda path: path.stem)
def test_run_all_shows_nothing_red_and_leaves_no_widget_loading(at_ci, path, tmp_path):
    with at_ci.open(path.name) as page:
        page.run_all()
        last = lessons.code_cells(lessons.read(path))[-1][0]
        expect(page.prompt(last)).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_ALL_LIMIT * 1000)
        assert page.errors() == []
        expect(page.notebook.get_by_text("Loading widget")).to_have_count(0)
        expect(page.notebook.get_by_text("Error displaying widget")).to_have_count(0)
        page.screenshot(tmp_path / f"{path.stem}.png")
        assert faults_that_stay(unreadable_pictures, page) == []
        assert faults_that_stay(faint_texts, page) == []
        choose_theme(page, "JupyterLab Dark")
        page.screenshot(tmp_path / f"{path.stem}-dark.png")
        assert faults_that_stay(faint_texts, page) == [], "in the dark theme"


def cell_with(notebook: str, text: str) -> int:
    """The number of the only code cell of an attendee copy that holds `text`."""
    cells = lessons.code_cells(lessons.read(lessons.NOTEBOOKS / notebook))
    (number,) = [i for i, cell in cells if text in cell.source]
    return number


def run_up_to(page, notebook: str, text: str) -> int:
    """Start all cells and wait for the one with `text`; its number."""
    number = cell_with(notebook, text)
    page.run_all()
    expect(page.prompt(number)).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_ALL_LIMIT * 1000)
    return number


def test_in_lesson_00_the_browser_answers_while_the_doctors_cell_runs(at_ci):
    notebook = "00_welcome.ipynb"
    with at_ci.open(notebook) as page:
        doctor = run_up_to(page, notebook, "gh.doctor()")
        expect(page.cell(doctor).get_by_role("status").first).to_contain_text("lesson 03's digits can be read")
        page.run(doctor)  # by the second time the page has its subshell for certain
        expect(page.cell(doctor).get_by_text("Sliders and buttons work, also while a cell runs.")).to_be_visible()


def test_lesson_02_lets_the_learning_rate_diverge_and_reads_a_digit_drawn_with_the_mouse(at_ci):
    notebook = "02_linear_model.ipynb"
    with at_ci.open(notebook) as page:
        drawing = run_up_to(page, notebook, "draw_digit(")

        descent = page.cell(cell_with(notebook, "explore_learning_rate("))
        picture = descent.locator("img").first
        before = picture.get_attribute("src")
        descent.locator(".noUi-handle").first.press("End")
        expect(descent.get_by_role("status")).to_contain_text("diverged")
        expect(picture).not_to_have_attribute("src", before)

        canvas = page.cell(drawing).locator("canvas").first
        canvas.scroll_into_view_if_needed()
        field = canvas.bounding_box()
        mouse = page.page.mouse
        mouse.move(field["x"] + 135, field["y"] + 40)
        mouse.down()
        mouse.move(field["x"] + 120, field["y"] + 210, steps=10)
        mouse.up()
        answer = page.cell(drawing).get_by_role("status")
        expect(answer).to_contain_text("It says 1.")
        page.button(drawing, "wipe").click()
        expect(answer).to_have_count(0)


def expect_film_plays(film):
    """It opens at its last frame, shows what the slider says, and plays from the first frame to the last."""
    slider, shown = film.locator("input[type=range]"), film.locator(".frame:visible")
    last = slider.get_attribute("max")
    expect(slider).to_have_value(last)
    expect(shown).to_have_count(1)
    expect(film.locator(".frame").last).to_be_visible()
    slider.fill("0")  # not by keys: JupyterLab keeps the arrows for headings
    expect(film.locator(".frame").first).to_be_visible()
    expect(shown).to_have_count(1)
    film.get_by_role("button", name="Play from the beginning").click()
    expect(film.locator(".frame").last).to_be_visible()
    expect(slider).to_have_value(last)


def test_the_controls_of_lesson_03(at_ci):
    with at_ci.open(LESSON_03) as page:
        walk = run_up_to(page, LESSON_03, "latent_walk(")
        image = page.cell(walk).locator("img").first
        expect(image).to_be_visible()
        for move in (
            lambda: page.cell(walk).locator(".noUi-handle").first.press("ArrowRight"),
            lambda: page.button(walk, "four other corners").click(),
        ):
            before = image.get_attribute("src")
            move()
            expect(image).not_to_have_attribute("src", before)

        question = page.cell(cell_with(LESSON_03, 'quiz("who_saturates")'))
        question.get_by_label("G's", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✓")
        question.get_by_label("Neither", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✗")

        expect_film_plays(page.cell(cell_with(LESSON_03, "plots.film(")))


def test_the_controls_of_lesson_04(at_ci):
    with at_ci.open(LESSON_04) as page:
        game = run_up_to(page, LESSON_04, "real_or_fake(")

        expect_film_plays(page.cell(cell_with(LESSON_04, '"spectral norm in D": gh.load_film')))

        walk = page.cell(cell_with(LESSON_04, "latent_walk("))
        before = walk.locator("img").first.get_attribute("src")
        walk.locator(".noUi-handle").first.press("ArrowRight")
        expect(walk.locator("img").first).not_to_have_attribute("src", before)

        arithmetic = page.cell(cell_with(LESSON_04, "latent_arithmetic("))
        sample, moved = arithmetic.locator("img").nth(0), arithmetic.locator("img").nth(1)
        expect(arithmetic.get_by_role("status")).to_contain_text("The reader sees")
        assert sample.get_attribute("src") != moved.get_attribute("src")  # two files, the same picture
        before = moved.get_attribute("src")
        arithmetic.locator(".noUi-handle").first.press("End")
        expect(moved).not_to_have_attribute("src", before)
        before = sample.get_attribute("src")
        arithmetic.get_by_role("button", name="another sample").click()
        expect(sample).not_to_have_attribute("src", before)

        said = page.cell(game).get_by_role("status")
        for number in range(12):
            expect(said).to_contain_text(f"Picture {number + 1} of 12")
            page.button(game, "fake" if number % 2 else "real").click()
        expect(said).to_contain_text("of 12 right")
        page.button(game, "again").click()
        expect(said).to_contain_text("Picture 1 of 12")


def test_the_controls_of_lesson_05(at_ci):
    with at_ci.open(LESSON_05) as page:
        mine = run_up_to(page, LESSON_05, "gh.text_playground(mine)")
        for number in (cell_with(LESSON_05, "gh.text_playground()"), mine):
            playground = page.cell(number)
            before = playground.locator("img").first.get_attribute("src")
            caption_box(playground).fill("two florets of broccoli with anchovies")
            expect(playground.get_by_text("unknown: anchovies")).to_be_visible()
            expect(playground.locator("img").first).not_to_have_attribute("src", before)

        embeddings = page.cell(cell_with(LESSON_05, "explore_embeddings("))
        before = embeddings.locator("img").first.get_attribute("src")
        caption_box(embeddings).fill("three florets of roasted broccoli on a black plate")
        expect(embeddings.get_by_role("status")).to_contain_text("three pieces of browned broccoli on a black plate")
        expect(embeddings.locator("img").first).not_to_have_attribute("src", before)
        before = embeddings.locator("img").first.get_attribute("src")
        embeddings.locator("select").select_option("count")
        expect(embeddings.locator("img").first).not_to_have_attribute("src", before)

        expect_film_plays(page.cell(cell_with(LESSON_05, 'load_film("gan_cls_paper")')))

        question = page.cell(cell_with(LESSON_05, 'quiz("without_wrong_texts")'))
        question.get_by_label("that a real picture can have the wrong text", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✓")


def test_the_controls_of_lesson_06(at_ci):
    with at_ci.open(LESSON_06) as page:
        poll = run_up_to(page, LESSON_06, "gh.vote(")

        slider = page.cell(cell_with(LESSON_06, '"original": real[0]}, left="resnet"'))
        left, right = (slider.get_by_role("img", name=name, exact=True) for name in ("resnet", "gan"))
        before = left.evaluate("picture => picture.style.clipPath"), left.bounding_box()["width"]
        slider.get_by_label("where left ends").fill("200")
        slider.get_by_label("zoom").select_option("8")
        assert left.evaluate("picture => picture.style.clipPath") != before[0]
        assert left.bounding_box()["width"] == pytest.approx(2 * before[1], rel=0.01)
        slider.get_by_label("right").select_option("bicubic")
        expect(right).to_be_hidden()

        said = page.cell(poll).get_by_role("status")
        for number in range(18):  # six pictures at three places
            expect(said).to_contain_text(f"Picture {number + 1} of 18")
            page.button(poll, "4").click()
        expect(said).to_contain_text("your mean opinion")
        expect(said).to_contain_text("dB")
        page.button(poll, "again").click()
        expect(said).to_contain_text("Picture 1 of 18")

        question = page.cell(cell_with(LESSON_06, 'quiz("blurred")'))
        question.get_by_label("the mean of them all: no hair", exact=True).click()
        expect(question.get_by_role("status")).to_contain_text("✓")


def caption_box(cell):
    """Where a caption is typed."""
    return cell.locator(".widget-text", has_text="caption").locator("input")


def test_what_cannot_be_read_is_found(at_ci, served):
    """Proof that the measurements above can fail: grey on grey, a picture without words, and tiny letters."""
    cells = [
        "from IPython.display import HTML; HTML('<p style=\"color: #999; background: #ccc\">faint</p>')",
        'HTML(\'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">\')',
        "from gan_helpers.plots import new_figure; figure, (ax,) = new_figure(9.4, 2, 'tiny'); "
        "_ = ax.text(0.5, 0.5, 'tiny', size=5); figure",
        *["HTML('<p>" + "</p><p>".join(f"line {number}" for number in range(30)) + "</p>')"],
    ]
    write_notebook(served / "faults.ipynb", cells)
    with at_ci.open("faults.ipynb") as page:
        page.run_all()
        page.wait_until_done(3)
        expect(page.notebook.get_by_text("line 29", exact=True)).to_have_count(1)
        expect(page.notebook.locator(".jp-OutputArea-output img")).to_have_count(2)
        assert any("faint" in fault for fault in faint_texts(page))
        found = unreadable_pictures(page)
        assert any("no description" in fault for fault in found) and any("text of" in fault for fault in found)
