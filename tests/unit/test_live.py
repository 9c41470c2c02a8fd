"""The live view and the controls, in an IPython shell that takes down what is displayed, and in a real kernel."""

import base64
import builtins
import io
import itertools
import math
import os
import signal
import sys
from types import SimpleNamespace

import matplotlib.text
import nbformat
import numpy as np
import pytest
import torch
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from PIL import Image
from tiny_gan import POINTS, FakeClock, numbers, same, tiny_gan, train

from gan_helpers import controls, live
from gan_helpers.clock import training
from gan_helpers.controls import INTERRUPT_HINT, Controls, Requests
from gan_helpers.history import History
from gan_helpers.models.mlp_gan import discriminator_step, generator_step
from gan_helpers.plots.figures import encode_png


class Displays(CapturingDisplayPublisher):
    """Takes down what a notebook would show."""

    def pictures(self) -> list[dict]:
        return [shown for shown in self.outputs if "image/png" in shown["data"]]


@pytest.fixture
def notebook():
    """An IPython shell with a kernel to speak of; what is displayed ends up in `.outputs`."""
    names = {name: getattr(builtins, name, None) for name in ("get_ipython", "display")}
    shell = InteractiveShell.instance()
    shell.kernel = SimpleNamespace(_supports_kernel_subshells=False)
    shell.display_pub = Displays()
    yield shell.display_pub
    InteractiveShell.clear_instance()
    for name, value in names.items():
        if value is None and hasattr(builtins, name):
            delattr(builtins, name)


def pixels(picture: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"))


def start(**options):
    return training(POINTS, *tiny_gan(), **{"batch": 20, **options})


# The live view


def test_one_display_that_is_redrawn_in_place(notebook):
    time = FakeClock()
    run = start(minutes=0.5, now=time)
    for _ in run:
        time.pass_by(0.5)
        run.log(loss_d=1.0, loss_g=2.0)
    shown = notebook.pictures()
    assert len(shown) > 5
    assert [picture["update"] for picture in shown] == [False] + [True] * (len(shown) - 1)
    assert len({picture["transient"]["display_id"] for picture in shown}) == 1
    assert {picture["data"]["text/plain"] for picture in shown} == {"training: live view"}
    others = [shown for shown in notebook.outputs if "image/png" not in shown["data"]]
    assert [shown["data"] for shown in others] == [{"text/plain": INTERRUPT_HINT}]


@pytest.mark.parametrize(("drawing", "step"), [(0.2, 0.02), (0.02, 0.05), (3.0, 0.5), (0.2, 7.0)])
def test_redraws_take_at_most_a_twentieth_of_the_time(notebook, drawing, step, monkeypatch):
    monkeypatch.setattr(live, "encode_png", lambda figure: b"")  # the real thing takes real time
    time = FakeClock()
    drawn_at = []

    def show(axes):
        drawn_at.append(time())
        time.pass_by(drawing)

    run = start(minutes=4, now=time, show=show)
    for _ in run:
        time.pass_by(step)
    counted = drawn_at[1:-1]  # the first picture is there before the first step, the last one after the last
    assert drawn_at[0] == 0 and drawn_at[-1] >= 240
    assert len(counted) * drawing <= 0.05 * run.seconds
    assert all(later - earlier >= max(1, 20 * drawing) for earlier, later in itertools.pairwise(counted))
    assert len(counted) >= 0.7 * min(240 * 0.05 / drawing, 240 / max(1, step)) - 1, "and no fewer than that allows"


def test_a_picture_that_costs_more_each_time_still_stays_below_a_twentieth(notebook, monkeypatch):
    monkeypatch.setattr(live, "encode_png", lambda figure: b"")
    time = FakeClock()
    spent = []

    def show(axes):
        spent.append(0.02 * 1.3 ** len(spent))
        time.pass_by(spent[-1])

    run = start(minutes=20, now=time, show=show)
    for _ in run:
        time.pass_by(0.5)
    assert sum(spent[1:-1]) <= 0.06 * run.seconds


def test_the_headline_tells_where_the_training_stands():
    time = FakeClock()
    run = start(minutes=1, steps=200, now=time)
    lines = []
    for _ in run:
        time.pass_by(0.5)
        run.log(loss_d=1.23456, loss_g=2.0)
        lines.append(run.status())
    assert lines[0] == "step 0 of 200 · 1 min 0 s left · loss_d 1.235 · loss_g 2.000"
    assert lines[20] == "step 20 of 200 · 1.9 steps/s · 50 s left · loss_d 1.235 · loss_g 2.000"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.6, "1 min 0 s"), (171, "2 min 51 s"), (11100, "3 h 5 min"), (-1, "0 s")]
)
def test_durations_for_people(seconds, words):
    assert live.duration(seconds) == words


@pytest.fixture
def headlines(monkeypatch):
    """What the last lines of all pictures say."""
    said = []
    draw = live.LiveView.draw
    monkeypatch.setattr(
        live.LiveView,
        "draw",
        lambda view, history, headline, **rest: (said.append(headline), draw(view, history, headline, **rest)),
    )
    say = live.LiveView.say
    monkeypatch.setattr(live.LiveView, "say", lambda view, headline: (said.append(headline), say(view, headline)))
    return said


def test_the_last_headline_says_how_it_ended(notebook, headlines, monkeypatch):
    time = FakeClock()

    def run(act=lambda run, step: None, **options):
        training_run = start(now=time, **{"minutes": None, "steps": 5, **options})
        for step, _ in training_run:
            time.pass_by(2.0)
            training_run.log(loss_d=math.nan if act(training_run, step) else 1.0)
            if step == 3 and act is leave:
                break
        return headlines[-1]

    def leave(run, step):
        pass

    assert run() == "done: 5 steps in 10 s"
    assert run(minutes=0.1, steps=None) == "time is up: 3 steps in 6 s; run it again with the same networks to go on"
    stopped = "stopped by you at step 3; run it again with the same networks to go on"
    assert run(lambda run, step: run.requests.stop() if step == 3 else None) == stopped
    assert run(lambda run, step: os.kill(os.getpid(), signal.SIGINT) if step == 3 else None) == stopped
    assert run(lambda run, step: step == 3) == "loss_d became NaN (not a number) at step 3; back at step 2"
    assert run(leave) == "left at step 3; run it again with the same networks to go on"
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    assert run(stand_in=lambda: None) == 'pace "ci": 4 steps, then the shipped weights stand in'


def test_in_a_notebook_a_bad_loss_is_a_message_and_no_error(notebook, capsys):
    nets, opts = tiny_gan()
    before = numbers(nets, opts)
    run = training(POINTS, nets, opts, steps=5, batch=20)
    for step, _ in run:
        nets.generator[0].weight.data.zero_()
        run.log(loss_g=math.inf if step == 2 else 1.0)
    assert run.stopped_by == "nan" and run.step == 0
    assert same(numbers(nets, opts), before)
    said = capsys.readouterr().out
    assert "loss_g became infinite at step 2" in said and "tenth of the learning rate" in said


def test_a_picture_that_fails_does_not_kill_the_training(notebook):
    def show(axes):
        axes.plot([0, 1])
        raise ValueError("no such layer\nand more $x_1$")

    run = start(steps=3, show=show)
    for _ in run:
        run.log(loss_d=1.0)
    assert run.stopped_by == "steps"
    figure = live.picture(History(), "headline", show=show)
    texts = [text.get_text().replace("\n", " ") for axes in figure.axes for text in axes.texts]
    assert "the picture failed: ValueError: no such layer" in texts
    assert not figure.axes[1].lines


def test_pictures_do_not_change_the_training(notebook):
    def show(axes):
        time.pass_by(1.0)
        nets.generator.eval()
        nets.generator.train()(torch.randn(5, 100))  # random numbers, a mode, running means
        nets.generator.eval()

    def steps(run, nets, opts):
        for _, real in run:
            time.pass_by(30.0)
            run.log(loss_d=discriminator_step(real, nets, opts), loss_g=generator_step(real, nets, opts))

    time = FakeClock()
    nets, opts = tiny_gan()
    steps(training(POINTS, nets, opts, minutes=None, steps=5, batch=20, show=show, now=time), nets, opts)
    assert len(notebook.pictures()) > 3
    others, other_opts = tiny_gan()
    steps(training(POINTS, others, other_opts, minutes=None, steps=5, batch=20, now=time), others, other_opts)
    assert same(numbers(nets, opts), numbers(others, other_opts))


def test_the_picture_is_legible_on_any_ground(notebook):
    history = History()
    for step in range(1, 3001):
        history.log(step, {"loss_d": 1.4 - step / 9000, "loss_g": 0.7 + step / 4000})

    def show(axes):
        axes.imshow(np.eye(8))
        return "Healthy: the samples differ as much as real digits do. " * 3

    with matplotlib.rc_context({"figure.facecolor": "black", "axes.facecolor": "black", "text.color": "white"}):
        view = live.LiveView(show)
        view.draw(history, "step 3,000 · 34.5 steps/s", parts="yours: generator_loss · reference: generator_step")
    (shown,) = notebook.pictures()
    image = pixels(shown["data"]["image/png"])
    assert (image[[0, -1]] == 255).all() and (image[:, [0, -1]] == 255).all(), "white, and nothing is cut off"
    size = shown["metadata"]["image/png"]
    assert size["width"] == live.WIDTH and image.shape[1] == live.WIDTH * live.SHARPNESS
    figure = view._figure
    assert "Healthy" in figure.texts[2].get_text()
    pixels_high = [text.get_fontsize() * 100 / 72 for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    assert min(pixels_high) >= 12
    left = figure.axes[0]
    assert [line.get_color() for line in left.lines] == ["#0072B2", "#D55E00"]
    assert max(len(line.get_xdata()) for line in left.lines) <= 500


def test_labels_of_the_picture_stay_in_its_half():
    def show(axes):
        axes.plot([-1000, 1000], [-1000, 1000])
        axes.set_xlabel("x")
        axes.set_ylabel("y")
        axes.set_title("title")

    figure = live.picture(History(), "headline", show=show)
    encode_png(figure)
    losses, side = figure.axes
    box = side.get_tightbbox()
    assert box.x0 >= losses.get_window_extent().x1 and box.x1 <= figure.bbox.x1
    assert box.y0 >= 0 and box.y1 <= figure.texts[0].get_window_extent().y0
    assert side.get_window_extent().width > 200


def test_pyplot_is_left_alone(notebook, monkeypatch):
    # Callbacks run on another thread and would otherwise meet the figures of the notebook's own cells.
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    list(start(steps=2, show=lambda axes: axes.plot([0, 1])))
    assert "matplotlib.pyplot" not in sys.modules


def test_a_script_shows_nothing(capsys):
    assert not live.in_notebook()
    run = start(steps=2, show=lambda axes: pytest.fail("drew in a script"))
    list(run)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_progress_bar(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    list(start(steps=3))
    assert "3/3" in terminal.getvalue() and "done: 3 steps" in terminal.getvalue()


def test_a_loop_that_somebody_holds_ends_with_its_cell(notebook):
    before = signal.getsignal(signal.SIGINT)
    run = start(steps=5)
    loop = iter(run)
    next(loop)
    assert signal.getsignal(signal.SIGINT) is not before
    InteractiveShell.instance().events.trigger("post_run_cell", None)
    assert signal.getsignal(signal.SIGINT) is before
    assert run.stopped_by == "left" and list(loop) == []


# The controls


@pytest.fixture
def widgets(notebook, monkeypatch):
    """A kernel with subshells; `widgets.connected` says whether the page has asked for one."""
    state = SimpleNamespace(connected=True)
    monkeypatch.setattr(InteractiveShell.instance().kernel, "_supports_kernel_subshells", True)
    InteractiveShell.instance().kernel.shell_channel_thread = SimpleNamespace(
        manager=SimpleNamespace(list_subshell=lambda: ["some id"] if state.connected else [])
    )
    return state


def test_buttons_and_sliders_set_flags(widgets):
    requests = Requests()
    made = Controls(requests, {"generator": 2e-4, "discriminator": 1e-3})._widgets
    assert not requests.stopped and not requests.paused
    made._pause.click()
    assert requests.paused and made._pause.description == "Resume"
    made._pause.click()
    assert not requests.paused and made._pause.description == "Pause"
    slider = made._sliders["generator"]
    assert slider.value == pytest.approx(2e-4)
    assert 10**slider.min == pytest.approx(2e-6) and 10**slider.max == pytest.approx(2e-3)
    slider.value = 1e-3
    assert requests.take_learning_rates() == {"generator": 1e-3}
    assert requests.take_learning_rates() == {}
    made._pause.click()
    made._stop.click()
    assert requests.stopped and not requests.paused, "stop also ends a pause"


def test_the_controls_of_a_run_act_on_it_and_end_with_it(widgets, notebook, monkeypatch):
    made = []
    init = Controls.__init__
    monkeypatch.setattr(Controls, "__init__", lambda self, *args: (init(self, *args), made.append(self))[0])
    nets, opts = tiny_gan()
    run = training(POINTS, nets, opts, steps=10, batch=20)
    for step, _ in run:
        if step == 2:
            made[0]._widgets._sliders["generator"].value = 5e-3
        if step == 3:
            assert opts.generator.param_groups[0]["lr"] == pytest.approx(5e-3)
            made[0]._widgets._stop.click()
    assert run.step == 3 and run.stopped_by == "stop"
    assert made[0]._widgets._stop.disabled and made[0]._widgets._pause.disabled
    assert all(slider.disabled for slider in made[0]._widgets._sliders.values())
    (shown,) = [shown["data"] for shown in notebook.outputs if "image/png" not in shown["data"]]
    assert shown["text/plain"] == INTERRUPT_HINT and "application/vnd.jupyter.widget-view+json" in shown


def test_no_dead_buttons_on_a_page_that_uses_no_subshell(widgets):
    shown = Controls(Requests(), {"generator": 1e-3})
    widgets.connected = False

    def hidden():
        return [row.layout.display for row in (shown._widgets._buttons, shown._widgets._rates)]

    shown.refresh(0.0, lambda: 0.1, lambda: "step 1")
    assert hidden() == ["none", "none"]
    assert shown._widgets._hint.layout.display is None and "■" in shown._widgets._hint.value
    widgets.connected = True
    shown.refresh(0.05, lambda: 0.2, lambda: "step 2")
    assert hidden() == ["none", "none"], "it looks a few times a second"
    shown.refresh(0.2, lambda: 0.2, lambda: "step 3")
    assert hidden() == ["", ""] and shown._widgets._hint.layout.display == "none"


def test_the_progress_bar_moves_about_once_a_second(widgets):
    shown = Controls(Requests(), {})
    asked = []
    for tenth in range(100):
        shown.refresh(tenth / 10, lambda: 0.5, lambda tenth=tenth: asked.append(tenth) or "")
    assert 8 <= len(asked) <= 11
    assert shown._widgets._bar.value == 0.5


def test_a_learning_rate_of_zero_has_no_slider(widgets):
    assert not Controls(Requests(), {"generator": 0.0})._widgets._sliders


def test_widgets_do_not_keep_networks_alive(widgets):
    import gc
    import weakref

    nets, opts = tiny_gan()
    run = training(POINTS, nets, opts, steps=2, batch=20)
    train(run, nets, opts)
    freed = weakref.ref(nets.generator)
    del nets, opts, run
    gc.collect()
    assert freed() is None


def test_answers_go_to_the_subshell_the_page_asks_for():
    routed = SimpleNamespace(comm=SimpleNamespace(_reply_subshell_for=lambda data, default: None))
    controls.answer_on_subshell(routed)
    assert routed.comm._reply_subshell_for({"method": "custom"}, "subshell 1") == "subshell 1"
    plain = SimpleNamespace(comm=SimpleNamespace())
    controls.answer_on_subshell(plain)
    assert not hasattr(plain.comm, "_reply_subshell_for"), "other versions of ipykernel are left as they are"


# A real kernel

LESSON = """
import os, signal, sys, torch
sys.path.insert(0, {here!r})
from tiny_gan import POINTS, tiny_gan, train
from gan_helpers.clock import training
nets, opts = tiny_gan()

#---
run = training(POINTS, nets, opts, steps=20, batch=20, show=lambda axes: axes.plot([0, 1]) and "a verdict")
_ = train(run, nets, opts)

#---
handler = signal.getsignal(signal.SIGINT)
run = training(POINTS, nets, opts, steps=20, batch=20)
for step, real in run:
    if step == 25:
        os.kill(os.getpid(), signal.SIGINT)
print(step, run.stopped_by, signal.getsignal(signal.SIGINT) is handler)

#---
run = training(POINTS, nets, opts, steps=20, batch=20)
for step, real in run:
    run.log(loss_d=float("nan") if step == 27 else 1.0)
print(run.stopped_by)

#---
loop = iter(training(POINTS, nets, opts, steps=20, batch=20))
step, real = next(loop)

#---
print(step, list(loop), "pyplot" in str(sys.modules.keys()))
"""


def executed():
    here = os.path.dirname(__file__)
    cells = [nbformat.v4.new_code_cell(part.strip()) for part in LESSON.format(here=here).split("#---")]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": here}}).execute()
    return [cell.outputs for cell in book.cells]


def compared(outputs) -> list:
    """What nbval compares of outputs: everything but pictures and views of widgets."""
    skipped = {"image/png", "application/vnd.jupyter.widget-view+json"}
    return [
        output.text if output.output_type == "stream" else {k: v for k, v in output.data.items() if k not in skipped}
        for output in outputs
    ]


def test_in_a_real_kernel(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    _, trained, interrupted, broken, held, after = executed()
    displays = [{"text/plain": INTERRUPT_HINT}, {"text/plain": "training: live view"}]
    assert compared(trained) == displays
    assert pixels(trained[1].data["image/png"]).shape[1] > 800
    assert compared(interrupted) == [*displays, "25 interrupt True\n"]
    assert compared(broken)[:2] == displays
    assert "loss_d became NaN (not a number) at step 27" in compared(broken)[2] and broken[2].name == "stdout"
    assert compared(held) == displays
    assert compared(after) == ["26 [] False\n"]
