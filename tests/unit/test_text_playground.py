"""The playground of lesson 05: what its controls do, without a browser."""

import asyncio
import importlib
import io
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers.datasets.food import load_food
from gan_helpers.debounce import PAUSE, Debounced
from gan_helpers.models.gan_cls import GAN, TextDiscriminator, TextGenerator, match_matrix
from gan_helpers.models.text_encoder import FEATURES
from gan_helpers.plots.figures import new_figure
from gan_helpers.text import EXAMPLE, completions, known_words
from gan_helpers.text_playground import TextPlayground
from gan_helpers.text_to_image import seeded_z
from gan_helpers.watch import watch_captions


@pytest.fixture
def playground():
    torch.manual_seed(0)
    return TextPlayground(GAN(TextGenerator(32, 4), TextDiscriminator(32, 4)))


def seen(playground) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(playground.picture.value)))


def test_a_caption_becomes_pictures_and_others_come_with_another_seed(playground):
    first = seen(playground)
    playground.caption.value = "three florets of raw broccoli on a black plate"
    assert not np.array_equal(seen(playground), first)
    playground.caption.value = EXAMPLE
    assert np.array_equal(seen(playground), first)
    playground.others.click()
    assert playground.seed.value == 1 and not np.array_equal(seen(playground), first)
    playground.variations.value = 16
    assert playground.images().shape == (16, 3, 32, 32) and "/16" in playground.seen.value


def test_a_model_of_another_size_and_one_too_small_for_the_reader():
    assert TextPlayground(GAN(TextGenerator(64, 4), TextDiscriminator(64, 4))).images().shape == (4, 3, 64, 64)
    small = TextPlayground(GAN(TextGenerator(16, 4), TextDiscriminator(16, 4)))
    assert 'role="alert"' in small.said.value and "32 pixels" in small.said.value


@pytest.mark.parametrize("caption", ["", "   ", "🍕🍕", "пицца", "qwxyz vvv", "\n"])
def test_a_caption_that_says_nothing_leaves_the_picture(playground, caption):
    before = seen(playground)
    playground.caption.value = caption
    assert 'role="alert"' in playground.said.value and np.array_equal(seen(playground), before)
    playground.caption.value = "a ham pizza"
    assert playground.said.value == "" and not np.array_equal(seen(playground), before)


def test_a_long_caption_and_one_that_is_html(playground):
    playground.caption.value = "a pizza " * 1250
    assert "alert" not in playground.said.value
    playground.caption.value = "a pizza <script>alert(1)</script>"
    assert "<script>" not in playground.said.value and "script" in playground.said.value


def test_a_word_that_is_not_drawn_is_named_and_a_known_caption_offered(playground):
    playground.caption.value = "a pizza with anchovies on a blue plate"
    assert "not drawn: <b>anchovies</b>" in playground.said.value and "pineapple" in playground.said.value
    assert playground.known.layout.display == ""
    offered = playground.known.description.removeprefix("nearest caption: ")
    playground.known.click()
    assert playground.caption.value == offered and playground.said.value == ""


def test_words_are_suggested_and_taken(playground):
    playground.caption.value = "a slice of mush"
    button = next(one for one in playground.words if one.description == "mushroom")
    button.click()
    assert playground.caption.value == "a slice of mushroom "
    shown = [one.description for one in playground.words if one.layout.display != "none"]
    assert "pizza" in shown


@pytest.mark.parametrize("text", ["", "a", "half of a ", "two flor", "A Slice of ham pizza on a wh"])
def test_completions_go_on_with_known_words(text):
    found = completions(text)
    assert 1 <= len(found) <= 5 == len(completions("a ", 5))
    for one in found:
        assert one.lower().startswith(text.lower()) and one.split()[-1] in known_words()
    assert completions("two flor")[0] == "two florets " and completions("xqz") == []


def test_the_slider_goes_from_one_caption_to_the_other(playground):
    first = playground.images()
    playground.share.value = 1.0
    last = playground.images()
    playground.share.value = 0.0
    playground.caption.value = playground.second.value
    assert torch.allclose(playground.images(), last, atol=1e-5) and not torch.allclose(first, last)


def test_another_caption_is_seen_also_after_the_slider_was_moved(playground):
    playground.share.value = 1.0
    playground.caption.value = "a mushroom pizza on a white plate"
    assert playground.share.value == 0.0
    alone = TextPlayground(playground.nets, caption="a mushroom pizza on a white plate")
    assert torch.allclose(playground.images(), alone.images(), atol=1e-5)


def test_the_walk_ends_at_corners_and_keeps_the_length_of_z(playground):
    start = seeded_z(1, 0)[0]
    assert torch.allclose(playground._walked(start), start[None], atol=1e-5)
    playground.right.value = playground.down.value = 0.5
    corners = torch.cat([start.flatten()[None], seeded_z(3, 1).flatten(1)])
    assert playground._walked(start).norm().item() == pytest.approx(corners.norm(dim=1).mean().item(), rel=1e-4)


def test_the_match_matrix_scores_each_picture_with_each_caption(playground):
    torch.manual_seed(1)
    discriminator = playground.nets.discriminator.eval()
    images, texts = torch.randn(3, 3, 32, 32), torch.randn(2, FEATURES)
    logits = match_matrix(discriminator, images, texts)
    for row, column in [(0, 0), (2, 1), (1, 0)]:
        with torch.no_grad():
            alone = discriminator(images[row][None], texts[column][None])
        assert logits[row, column].item() == pytest.approx(alone.item(), abs=1e-5)
    playground.compare.click()
    assert Image.open(io.BytesIO(playground.matrix.value)).width > 300
    playground.captions.value = "one pizza"
    playground.compare.click()
    assert "two to 6 captions" in playground.said.value


def test_four_times_as_large_by_srgan(playground, monkeypatch):
    asked = []

    def fourfold(images, subject):
        asked.append((tuple(images.shape), subject))
        return images.repeat_interleave(4, 2).repeat_interleave(4, 3)

    monkeypatch.setattr(importlib.import_module("gan_helpers.text_playground"), "upscale", fourfold)
    small, said = seen(playground), playground.seen.value.split("<br><a")[0]
    playground.larger.value = True
    large = seen(playground)
    assert asked == [((4, 3, 32, 32), "food")]
    assert large.shape == (516, 516, 3) and playground.picture.width == "512"
    assert playground.seen.value.split("<br><a")[0] == said  # the reader looks at the small ones
    playground.larger.value = False
    assert np.array_equal(seen(playground), small) and playground.picture.width == "320"


def test_the_picture_can_be_saved_under_its_caption(playground):
    playground.caption.value = "A ham pizza, on a blue plate!"
    assert 'download="a-ham-pizza-on-a-blue-plate-0.png"' in playground.seen.value


def test_of_many_requests_the_last_one_is_answered():
    text, answered = ["0"], []

    async def flood() -> None:
        ask = Debounced(lambda: answered.append(text[0]))
        for number in range(50):
            text[0] = str(number)
            ask()
        assert answered == []
        await asyncio.sleep(3 * PAUSE)

    asyncio.run(flood())
    assert answered == ["49"]


def test_two_threads_are_answered_one_after_the_other():
    entered, release, running, most = [threading.Event(), threading.Event()], threading.Event(), [], []

    def act() -> None:
        running.append(1)
        most.append(len(running))
        entered[len(most) - 1].set()
        release.wait(10)
        running.pop()

    async def type_once() -> None:
        ask()
        await asyncio.sleep(2 * PAUSE)

    ask = Debounced(act)
    kernel, subshell = (threading.Thread(target=asyncio.run, args=(type_once(),)) for _ in range(2))
    kernel.start()
    assert entered[0].wait(10)
    subshell.start()
    assert not entered[1].wait(5 * PAUSE)  # the first is still answered
    release.set()
    for thread in (kernel, subshell):
        thread.join(10)
    assert most == [1, 1] and entered[1].is_set()


def test_without_a_loop_it_answers_at_once():
    answered = []
    Debounced(lambda: answered.append(1))()
    assert answered == [1]


def test_the_live_view_shows_captions_and_says_what_the_reader_finds_of_them():
    torch.manual_seed(0)
    pictures = load_food(n=40, size=32)
    nets = GAN(TextGenerator(32, 4), TextDiscriminator(32, 4))
    _, (ax,) = new_figure(4, 4, "live")
    sentence = watch_captions(nets, pictures, seeded_z(40, 0))(ax)
    assert sentence.startswith("Of what 40 captions say the reader finds: food ") and sentence.endswith("%.")
    said = [text.get_text() for text in ax.texts]
    captions = [pictures.captions(row)[row % 5].text for row in range(4)]
    for shown, caption in zip(said, captions, strict=True):
        assert len(shown) <= 52 and caption.startswith(shown.removesuffix(" …"))
    assert len(ax.images) == 1
