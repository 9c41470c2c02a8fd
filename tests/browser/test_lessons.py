"""The attendee copies in a real JupyterLab: Run All as handed out, and each kind of control moved once."""

import re
import shutil

import lessons
import pytest
from jupyterlab_page import JupyterLab, write_notebook
from playwright.sync_api import expect
from readability import choose_theme, faint_texts, faults_that_stay, unreadable_pictures

from gan_helpers.museum import NAMES, behind_door
from gan_helpers.museum_labels import LABELS

LESSON_00 = "00_welcome.ipynb"
LESSON_02 = "02_linear_model.ipynb"
LESSON_03 = "03_mlp_gan.ipynb"
LESSON_04 = "04_dcgan.ipynb"
LESSON_05 = "05_gan_cls.ipynb"
LESSON_06 = "06_srgan.ipynb"
LESSON_07 = "07_cyclegan.ipynb"
LESSON_08 = "08_failure_museum.ipynb"
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


@pytest.fixture(scope="module")
def ran(at_ci, request):
    """The page of one lesson after Run All, for all tests of that lesson: pytest runs them one after another."""
    with at_ci.open(request.param) as page:
        page.run_all()
        last = lessons.code_cells(lessons.read(lessons.NOTEBOOKS / request.param))[-1][0]
        expect(page.prompt(last)).to_have_text(re.compile(r"\[\d+\]:"), timeout=RUN_ALL_LIMIT * 1000)
        yield page


def after_run_all(*notebooks):
    """The fixture `ran` for each of these lessons."""
    return pytest.mark.parametrize("ran", notebooks, indirect=True, ids=lambda name: name.removesuffix(".ipynb"))


@after_run_all(*(path.name for path in lessons.attendee_lessons()))
def test_run_all_shows_nothing_red_and_leaves_no_widget_loading(ran, tmp_path):
    assert ran.errors() == []
    expect(ran.notebook.get_by_text("Loading widget")).to_have_count(0)
    expect(ran.notebook.get_by_text("Error displaying widget")).to_have_count(0)
    choose_theme(ran, "JupyterLab Light")  # the server keeps what the last lesson chose
    ran.screenshot(tmp_path / "light.png")
    assert faults_that_stay(unreadable_pictures, ran) == []
    assert faults_that_stay(faint_texts, ran) == []
    choose_theme(ran, "JupyterLab Dark")
    ran.screenshot(tmp_path / "dark.png")
    assert faults_that_stay(faint_texts, ran) == [], "in the dark theme"


def cell_with(notebook: str, text: str) -> int:
    """The number of the only code cell of an attendee copy that holds `text`."""
    cells = lessons.code_cells(lessons.read(lessons.NOTEBOOKS / notebook))
    (number,) = [i for i, cell in cells if text in cell.source]
    return number


@after_run_all(LESSON_00)
def test_in_lesson_00_the_browser_answers_while_the_doctors_cell_runs(ran):
    doctor = cell_with(LESSON_00, "gh.doctor()")
    expect(ran.cell(doctor).get_by_role("status").first).to_contain_text("lesson 03's digits are legible")
    ran.run(doctor)  # by the second time the page has its subshell for certain
    expect(ran.cell(doctor).get_by_text("Sliders and buttons work, also while a cell runs.")).to_be_visible()


@after_run_all(LESSON_02)
def test_lesson_02_lets_the_learning_rate_diverge_and_reads_a_digit_drawn_with_the_mouse(ran):
    drawing = cell_with(LESSON_02, "draw_digit(")

    descent = ran.cell(cell_with(LESSON_02, "explore_learning_rate("))
    picture = descent.locator("img").first
    before = picture.get_attribute("src")
    descent.locator(".noUi-handle").first.press("End")
    expect(descent.get_by_role("status")).to_contain_text("diverged")
    expect(picture).not_to_have_attribute("src", before)

    canvas = ran.cell(drawing).locator("canvas").first
    canvas.scroll_into_view_if_needed()
    field = canvas.bounding_box()
    mouse = ran.page.mouse
    mouse.move(field["x"] + 135, field["y"] + 40)
    mouse.down()
    mouse.move(field["x"] + 120, field["y"] + 210, steps=10)
    mouse.up()
    answer = ran.cell(drawing).get_by_role("status")
    expect(answer).to_contain_text("It says 1.")
    ran.button(drawing, "wipe").click()
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


@after_run_all(LESSON_03)
def test_the_controls_of_lesson_03(ran):
    walk = cell_with(LESSON_03, "latent_walk(")
    image = ran.cell(walk).locator("img").first
    expect(image).to_be_visible()
    for move in (
        lambda: ran.cell(walk).locator(".noUi-handle").first.press("ArrowRight"),
        lambda: ran.button(walk, "four other corners").click(),
    ):
        before = image.get_attribute("src")
        move()
        expect(image).not_to_have_attribute("src", before)

    question = ran.cell(cell_with(LESSON_03, 'quiz("who_saturates")'))
    question.get_by_label("G's", exact=True).click()
    expect(question.get_by_role("status")).to_contain_text("✓")
    question.get_by_label("Neither", exact=True).click()
    expect(question.get_by_role("status")).to_contain_text("✗")

    expect_film_plays(ran.cell(cell_with(LESSON_03, "plots.film(")))


@after_run_all(LESSON_04)
def test_the_controls_of_lesson_04(ran):
    game = cell_with(LESSON_04, "real_or_fake(")

    expect_film_plays(ran.cell(cell_with(LESSON_04, '"spectral norm in D": gh.load_film')))

    walk = ran.cell(cell_with(LESSON_04, "latent_walk("))
    before = walk.locator("img").first.get_attribute("src")
    walk.locator(".noUi-handle").first.press("ArrowRight")
    expect(walk.locator("img").first).not_to_have_attribute("src", before)

    arithmetic = ran.cell(cell_with(LESSON_04, "latent_arithmetic("))
    sample, moved = arithmetic.locator("img").nth(0), arithmetic.locator("img").nth(1)
    expect(arithmetic.get_by_role("status")).to_contain_text("The reader sees")
    assert sample.get_attribute("src") != moved.get_attribute("src")  # two files, the same picture
    before = moved.get_attribute("src")
    arithmetic.locator(".noUi-handle").first.press("End")
    expect(moved).not_to_have_attribute("src", before)
    before = sample.get_attribute("src")
    arithmetic.get_by_role("button", name="another sample").click()
    expect(sample).not_to_have_attribute("src", before)

    said = ran.cell(game).get_by_role("status")
    for number in range(12):
        expect(said).to_contain_text(f"Picture {number + 1} of 12")
        ran.button(game, "fake" if number % 2 else "real").click()
    expect(said).to_contain_text("of 12 right")
    ran.button(game, "again").click()
    expect(said).to_contain_text("Picture 1 of 12")


@after_run_all(LESSON_05)
def test_the_controls_of_lesson_05(ran):
    mine = cell_with(LESSON_05, "gh.text_playground(mine)")
    for number in (cell_with(LESSON_05, "gh.text_playground()"), mine):
        playground = ran.cell(number)
        before = playground.locator("img").first.get_attribute("src")
        caption_box(playground).fill("two florets of broccoli with anchovies")
        expect(playground.get_by_text("not drawn: anchovies")).to_be_visible()
        expect(playground.locator("img").first).not_to_have_attribute("src", before)

    embeddings = ran.cell(cell_with(LESSON_05, "explore_embeddings("))
    before = embeddings.locator("img").first.get_attribute("src")
    caption_box(embeddings).fill("three florets of roasted broccoli on a black plate")
    expect(embeddings.get_by_role("status")).to_contain_text("three pieces of browned broccoli on a black plate")
    expect(embeddings.locator("img").first).not_to_have_attribute("src", before)
    before = embeddings.locator("img").first.get_attribute("src")
    embeddings.locator("select").select_option("count")
    expect(embeddings.locator("img").first).not_to_have_attribute("src", before)

    expect_film_plays(ran.cell(cell_with(LESSON_05, 'load_film("gan_cls_paper")')))

    question = ran.cell(cell_with(LESSON_05, 'quiz("without_wrong_texts")'))
    question.get_by_label("that a real picture can have the wrong text", exact=True).click()
    expect(question.get_by_role("status")).to_contain_text("✓")


@after_run_all(LESSON_06)
def test_the_controls_of_lesson_06(ran):
    poll = cell_with(LESSON_06, "gh.vote(")

    slider = ran.cell(cell_with(LESSON_06, '"original": real[0]}, left="resnet"'))
    left, right = (slider.get_by_role("img", name=name, exact=True) for name in ("resnet", "gan"))
    before = left.evaluate("picture => picture.style.clipPath"), left.bounding_box()["width"]
    slider.get_by_label("where left ends").fill("200")
    slider.get_by_label("zoom").select_option("8")
    assert left.evaluate("picture => picture.style.clipPath") != before[0]
    assert left.bounding_box()["width"] == pytest.approx(2 * before[1], rel=0.01)
    slider.get_by_label("right").select_option("bicubic")
    expect(right).to_be_hidden()

    said = ran.cell(poll).get_by_role("status")
    for number in range(18):  # six pictures at three places
        expect(said).to_contain_text(f"Picture {number + 1} of 18")
        ran.button(poll, "4").click()
    expect(said).to_contain_text("your mean opinion")
    expect(said).to_contain_text("dB")
    ran.button(poll, "again").click()
    expect(said).to_contain_text("Picture 1 of 18")

    question = ran.cell(cell_with(LESSON_06, 'quiz("blurred")'))
    question.get_by_label("the mean of them all: no hair", exact=True).click()
    expect(question.get_by_role("status")).to_contain_text("✓")


@after_run_all(LESSON_07)
def test_the_questions_of_lesson_07(ran):
    question = ran.cell(cell_with(LESSON_07, 'quiz("where_hidden")'))
    question.get_by_label("it guesses well", exact=True).click()
    expect(question.get_by_role("status")).to_contain_text("✗")
    question.get_by_label("the first one has written them", exact=False).click()
    expect(question.get_by_role("status")).to_contain_text("✓")


@after_run_all(LESSON_08)
def test_a_room_of_lesson_08_is_guessed(ran):
    """A wrong guess says what that fault would look like; the right one what was planted."""
    room, planted = ran.cell(cell_with(LESSON_08, "gh.visit(1, ticket")), behind_door(1, 0)
    wrong = next(name for name in NAMES if name != planted)
    room.get_by_label(wrong, exact=True).click()
    expect(room.get_by_role("status")).to_contain_text(LABELS[wrong].seen.split("`")[0])
    expect(room.get_by_role("status")).not_to_contain_text(LABELS[planted].mend)
    room.get_by_label(planted, exact=True).click()
    expect(room.get_by_role("status")).to_contain_text("Yes. Planted:")


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
