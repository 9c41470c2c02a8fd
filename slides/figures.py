"""Makes every figure of the slides from the package: networks drawn from live modules, samples of shipped weights.

    python slides/figures.py             all of them, into slides/figures/
    python slides/figures.py NAME ...    only these

Nothing is drawn by hand, and nothing depends on the machine but rounding: whoever changes a network runs this again.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch

import gan_helpers as gh
from gan_helpers.datasets.food.dataset import load_food
from gan_helpers.datasets.plane import target
from gan_helpers.faults import FAULTS, judged_z
from gan_helpers.films import Film, load_film
from gan_helpers.models import dcgan, gan_cls
from gan_helpers.models.gan_cls import TextDiscriminator, TextGenerator, match_matrix
from gan_helpers.models.srgan import pixel_shuffle
from gan_helpers.museum import trained
from gan_helpers.museum_labels import NO_FAULT
from gan_helpers.pixels import enlarge, shrink
from gan_helpers.plots import (
    broadcast,
    draw_network,
    draw_text_discriminator,
    draw_text_generator,
    gradient_of_losses,
    plot_descent,
    plot_fault_losses,
    plot_plane,
    show_convolution,
    show_feature_maps,
    show_images,
    show_match_matrix,
    show_nearest,
    show_transposed_convolution,
)
from gan_helpers.plots.figures import COLOURS, FAKE, INK, MARKERS, REAL, Picture, bare, encode_png, new_figure
from gan_helpers.plots.images import images_in, mosaic, pillow_image
from gan_helpers.text import embed
from gan_helpers.text_to_image import seeded_z
from gan_helpers.train import digit_gan, plane_gan
from gan_helpers.train_srgan import LEFT_OUT, whole_photo
from gan_helpers.watch import samples
from gan_helpers.weights import card, load_shipped, load_tensors

FOLDER = Path(__file__).parent / "figures"
SHARPNESS = 160  # dots an inch: a figure 8 inches wide fills a slide of 1280 pixels
PIZZA, BROCCOLI = "a whole pepperoni pizza on a white plate", "two florets of raw broccoli on a blue plate"


def captions_to_pictures() -> Picture:
    """Four captions, and four pictures of each."""
    captions = [
        PIZZA,
        "half of a mushroom pizza on a wooden board",
        BROCCOLI,
        "one piece of roasted broccoli on a red napkin",
    ]
    figure, axes = new_figure(8.0, 2.6, "four captions, four pictures of each", columns=4)
    for ax, caption in zip(axes, captions, strict=True):
        images_in(ax, gh.draw([caption] * 4, seed=1), columns=2)
        ax.set_title(caption.replace(" on ", "\non "), size=8)
    return figure


def broadcasting() -> Picture:
    """A column plus a row is a table."""
    return broadcast(torch.tensor([[0], [10], [20]]), torch.tensor([[1, 2, 3, 4]]))


def nearest_digits() -> Picture:
    """Digits, and the nearest others: distances of all pairs at once."""
    digits = gh.load_digits("held-out").images[::100].flatten(1).float()
    known = gh.load_digits().images.flatten(1).float()
    apart = torch.cdist(digits, known)
    shown = [some.view(-1, 1, 28, 28) / 127.5 - 1 for some in (digits, known[apart.argmin(1)])]
    return show_nearest(*shown, apart.amin(1) / 127.5)


def noisy_digits() -> Picture:
    """The same digits with more and more noise: a tensor is a picture is a tensor."""
    digits = gh.load_digits().images[::400].float() / 127.5 - 1
    noise = torch.randn(digits.shape, generator=torch.Generator().manual_seed(0))
    return show_images(torch.cat([(digits + amount * noise).clamp(-1, 1) for amount in (0.0, 0.3, 1.0)]))


def _descent(share: float) -> Picture:
    """Gradient descent on points such as lesson 02 has, at that share of the largest learning rate that converges."""
    from gan_helpers.descent import descend, largest_stable_rate

    torch.manual_seed(1)
    x = torch.rand(60) * 4 - 1
    y = 1.5 * x - 0.5 + 0.3 * torch.randn(60)
    return plot_descent(x, y, descend(x, y, share * largest_stable_rate(x)))


def descent() -> Picture:
    """Gradient descent on the squared error of a line, at a rate that fits."""
    return _descent(0.3)


def descent_too_far() -> Picture:
    """The same, each step too long."""
    return _descent(1.1)


def _plane_nets():
    nets = plane_gan()[0]
    for part, net in nets._asdict().items():
        load_shipped(net, f"mlp_gan_plane_{part}")
    return nets


def plane() -> Picture:
    """Real points, fake ones, and what D answers everywhere."""
    real = target("ring").sample(400, seed=0)
    z = torch.rand(400, 100, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return plot_plane(real, _plane_nets(), z=z, target=target("ring"))


def slopes_of_losses() -> Picture:
    """How much G learns from its loss, as long as D sees through it: the saturating one, and -log D."""
    return gradient_of_losses()


def digits_from_noise() -> Picture:
    """Random numbers, and what the shipped generator makes of such."""
    generator = digit_gan(batchnorm=True)[0].generator
    load_shipped(generator, "mlp_gan_generator")
    torch.manual_seed(0)
    made = samples(generator, torch.rand(40, 100) * 2 - 1)
    figure, (left, right) = new_figure(8.0, 2.2, "noise, and digits made of noise", columns=2)
    images_in(left, torch.rand(40, 784) * 2 - 1, columns=10, title="random numbers")
    images_in(right, made, columns=10, title="what G makes of random numbers")
    return figure


def collapse() -> Picture:
    """Samples of a healthy generator, and of one that knows a few digits alone."""
    figure, axes = new_figure(8.0, 2.2, "healthy and collapsed", columns=2)
    for ax, name, norm in zip(axes, ("mlp_gan", "mlp_gan_collapsed"), (True, False), strict=True):
        generator = digit_gan(batchnorm=norm)[0].generator
        load_shipped(generator, f"{name}_generator")
        torch.manual_seed(1)
        images_in(ax, samples(generator, torch.rand(40, 100) * 2 - 1), columns=10,
                  title="healthy" if norm else "collapsed: no BatchNorm in G")  # fmt: skip
    return figure


def convolution() -> Picture:
    """A convolution of stride 2 halves the picture."""
    image = torch.zeros(6, 6)
    image[2:4, 2:4] = 1
    return show_convolution(image, torch.ones(4, 4), stride=2, padding=1)


def transposed_convolution() -> Picture:
    """A transposed one of stride 2 doubles it: every number becomes a stamp."""
    return show_transposed_convolution(torch.tensor([[1, 2], [3, 4]]), torch.ones(4, 4), stride=2, padding=1)


def dcgan_generator() -> Picture:
    """The generator of lesson 04, from the live module."""
    net = dcgan.build_generator(64)
    return draw_network(net, dcgan.sample_z(1, like=torch.zeros(1)), title="G: 100 random numbers -> 64 x 64 pixels")


def dcgan_discriminator() -> Picture:
    """The discriminator of lesson 04, from the live module."""
    return draw_network(dcgan.build_discriminator(64), torch.zeros(1, 3, 64, 64), title="D: 64 x 64 pixels -> a logit")


def _rows(rows: dict[str, torch.Tensor], alt: str) -> Picture:
    """A row of pictures (N, C, H, W) for each name, which stands before it."""
    figure, axes = new_figure(8.0, 0.85 * len(rows), alt, rows=len(rows))
    # By hand: names before pictures of a fixed shape are more than the automatic layout can place.
    figure.set_layout_engine("none")
    for number, (ax, (name, images)) in enumerate(zip(axes, rows.items(), strict=True)):
        ax.set_position((0.16, 1 - (number + 0.98) / len(rows), 0.84, 0.96 / len(rows)))
        ax.imshow(pillow_image(mosaic(images, len(images))), interpolation="nearest")
        bare(ax)
        ax.set_ylabel(name, rotation=0, ha="right", va="center", size=10, color=INK)
    return figure


def _last_rows(films: dict[str, Film]) -> Picture:
    """What each film ends with."""
    return _rows({name: film.frames[-1] for name, film in films.items()}, "samples after training, a row a recipe")


def dcgan_parts() -> Picture:
    """The paper's DCGAN, and without one of its parts, after as many steps."""
    names = {"as in the paper": "paper", "no BatchNorm": "without_batchnorm", "ReLU in D": "relu_in_d"}
    return _last_rows({label: load_film(f"dcgan_films_{name}") for label, name in names.items()})


def dcgan_growing() -> Picture:
    """The same random numbers, as the network of the lesson learns."""
    film = load_film("dcgan_films_live")
    chosen = [0, 2, 4, 6, len(film.steps) - 1]
    return _rows({f"step {film.steps[n]:,}": film.frames[n] for n in chosen}, "samples as training goes on")


def dcgan_samples() -> Picture:
    """Samples of the DCGAN that ships."""
    return show_images(samples(gh.shipped_dcgan().generator, gh.random_z(24, seed=0)), columns=8)


def text_generator() -> Picture:
    """Where the text enters G, from the live module."""
    text = embed([PIZZA])
    return draw_text_generator(TextGenerator(64), gan_cls.sample_z(1, like=text), text, title="G, told a text")


def text_discriminator() -> Picture:
    """Where the text enters D, from the live module."""
    return draw_text_discriminator(
        TextDiscriminator(64), torch.zeros(1, 3, 64, 64), embed([PIZZA]), title="D, told a text"
    )


def three_pairs() -> Picture:
    """What D is shown: {real, right text}, {real, wrong text}, {fake, right text}."""
    food = load_food(size=64, n=20)
    real, text = food.images[:1], food.captions(0)[0].text
    other = next(n for n in range(1, 20) if food.foods[n].food != food.foods[0].food)
    wrong = food.captions(other)[0].text
    pairs = [("real, right text: yes", real, text), ("real, wrong text: no", real, wrong),
             ("fake, right text: no", gh.draw([text], seed=3), text)]  # fmt: skip
    figure, axes = new_figure(8.0, 3.3, "the three pairs that D learns from", columns=3)
    figure.set_layout_engine("none")
    for number, (ax, (title, image, said)) in enumerate(zip(axes, pairs, strict=True)):
        ax.set_position((number / 3 + 0.01, 0.16, 0.313, 0.74))
        images_in(ax, image, columns=1)
        ax.set_title(title, color=FAKE if number else REAL, weight="bold", size=12)
        cut = said.rfind(" ", 0, len(said) // 2 + 6)
        ax.set_xlabel(f"{said[:cut]}\n{said[cut + 1 :]}", size=11)
    return figure


def match() -> Picture:
    """Captions against pictures: the logits of D for each pair."""
    asked = [
        PIZZA,
        "a slice of olive pizza on a wooden board",
        BROCCOLI,
        "a floret of broccoli with cheese sauce on a white plate",
    ]
    nets = gh.shipped_text_gan()
    pictures = gh.draw(asked, seed=0)
    return show_match_matrix(pictures, asked, match_matrix(nets.discriminator, pictures, embed(asked)))


def between_captions() -> Picture:
    """One z, and texts on the way from one caption to the other."""
    ends = embed([PIZZA, BROCCOLI])
    way = torch.stack([torch.lerp(*ends, weight) for weight in torch.linspace(0, 1, 8)])
    made = samples(gh.shipped_text_gan().generator, seeded_z(1, 2).expand(8, -1, -1, -1), way)
    return show_images(made, columns=8, labels=[f"{weight:.0%}" for weight in torch.linspace(0, 1, 8)])


def text_recipes() -> Picture:
    """From a plain conditional GAN to the mended recipe, after as many pictures."""
    names = {"plain": "conditional", "wrong texts": "wrong_texts", "mixed texts": "mixed_texts", "mended": "mended"}
    return _last_rows({label: load_film(f"gan_cls_films_{name}") for label, name in names.items()})


def shuffle() -> Picture:
    """PixelShuffle: four channels become one of twice the size."""
    maps = torch.stack([torch.full((2, 2), float(value)) for value in range(4)])[None]
    figure, axes = new_figure(7.0, 2.2, "four channels, and one of twice the size", columns=5)
    for channel, ax in enumerate(axes[:4]):
        ax.imshow(maps[0, channel], vmin=-0.5, vmax=5, cmap="cividis")
        ax.set_title(f"channel {channel}", size=10)
    axes[4].imshow(pixel_shuffle(maps)[0, 0], vmin=-0.5, vmax=5, cmap="cividis")
    axes[4].set_title("shuffled", size=10)
    for ax in axes:
        bare(ax)
    return figure


def enlarged() -> Picture:
    """The cat's eye: bicubic, by pixels, against D, and the original."""
    real = whole_photo(LEFT_OUT)
    small = shrink(real)
    made = {"bicubic": enlarge(small)[0]}
    made |= {label: gh.upscale(small, "photos", name)[0] for label, name in
             (("SRResNet", "resnet"), ("SRGAN", "gan"), ("70 % of the way", "blend"))}  # fmt: skip
    made["original"] = real[0]
    figure, axes = new_figure(8.0, 2.0, "the same place, enlarged in four ways", columns=len(made))
    for ax, (name, picture) in zip(axes, made.items(), strict=True):
        ax.imshow(pillow_image((picture[:, 95:195, 130:230].permute(1, 2, 0) + 1) / 2), interpolation="nearest")
        bare(ax)
        ax.set_title(name, size=10)
    return figure


def maps() -> Picture:
    """What the content network sees of an original and of its bicubic enlargement."""
    part = whole_photo(LEFT_OUT)[..., 60:220, 150:310]
    shown = {"original": part[0], "bicubic": enlarge(shrink(part))[0]}
    look = gh.content_network()
    return show_feature_maps(shown, {name: look(picture[None])[0][0, :6] for name, picture in shown.items()})


def two_judges() -> Picture:
    """Six photos, left out of training one by one: PSNR against the texture distance."""
    scores, about = load_tensors("srgan_left_out")["scores"], card("srgan_left_out")
    figure, (ax,) = new_figure(6.0, 3.2, "PSNR against texture distance, means of six photos")
    fields = list(next(iter(next(iter(about["scores"].values())).values())))
    psnr, texture = fields.index("psnr"), fields.index("texture")
    for number, method in enumerate(about["methods"]):
        mean = scores[:, number].mean(0)
        ax.scatter(mean[texture] * 100, mean[psnr], s=90, color=COLOURS[number], marker=MARKERS[number])
        ax.annotate(method, (mean[texture] * 100, mean[psnr]), textcoords="offset points", xytext=(8, 4), size=11)
    ax.set_xlabel("texture distance, % (smaller: more like the photo)")
    ax.set_ylabel("PSNR, dB (higher: closer pixel by pixel)")
    ax.margins(0.2)
    return figure


def finale() -> Picture:
    """A caption, 64 pixels, 256 pixels."""
    small = gh.draw([PIZZA], seed=1)
    figure, axes = new_figure(8.0, 3.2, "a caption becomes 64 and then 256 pixels", columns=3)
    for ax, picture, title in zip(
        axes,
        (small, enlarge(small), gh.upscale(small, "food")),
        ("64 pixels", "bicubic", "256 pixels, enlarged"),
        strict=True,
    ):
        images_in(ax, picture, columns=1)
        ax.set_title(title, size=11)
    return figure


def _judged_pizzas():
    """Cheese pizzas and pepperoni pizzas that no training saw."""
    return gh.load_pizzas(n=200, seed=1), gh.load_pizzas("pepperoni", n=200, seed=1)


def two_heaps() -> Picture:
    """Cheese pizzas, and others with pepperoni."""
    cheese, pepperoni = _judged_pizzas()
    return show_images(torch.cat([cheese.images[:9], pepperoni.images[:9]]), columns=9)


def middle_pizza() -> Picture:
    """Five pepperoni pizzas, and what lies in the middle of two thousand."""
    pepperoni = gh.load_pizzas("pepperoni").images
    return show_images(torch.cat([pepperoni[:5], pepperoni.median(0).values[None]]), columns=6)


def _there_and_back(name: str) -> Picture:
    cheese, _ = _judged_pizzas()
    both = gh.shipped_translators(name)
    made = gh.translated(both.to_b, cheese.images[:9])
    return show_images(torch.cat([cheese.images[:9], made, gh.translated(both.to_a, made)]), columns=9)


def without_cycle() -> Picture:
    """Cheese pizzas, to pepperoni, and back: by translators that had D alone."""
    return _there_and_back("cyclegan_free")


def with_cycle() -> Picture:
    """The same by those that had the cycle and the identity loss as well."""
    return _there_and_back("cyclegan")


def pepperoni_off() -> Picture:
    """Pepperoni pizzas, the same translated to cheese, and the same drawn without pepperoni."""
    _, pepperoni = _judged_pizzas()
    made = gh.translated(gh.shipped_translators().to_a, pepperoni.images[:9])
    return show_images(torch.cat([pepperoni.images[:9], made, pepperoni.bare[:9]]), columns=9)


def hidden_places() -> Picture:
    """How well slices come back to their places, by the noise in between, and where nothing can be hidden."""
    _, pepperoni = _judged_pizzas()
    both, noises = gh.shipped_translators(), [0, 4, 8, 16, 32]
    cheese = gh.translated(both.to_a, pepperoni.images)
    kept = [gh.places_kept(gh.translated(both.to_b, gh.noisy(cheese, noise)), pepperoni) for noise in noises]
    figure, (ax,) = new_figure(7.2, 3.2, "places kept on the way back, by the noise in between")
    ax.plot(noises, kept, color=COLOURS[0], marker=MARKERS[0], label="there and back")
    nothing = gh.places_kept(gh.translated(both.to_b, pepperoni.bare), pepperoni)
    ax.axhline(nothing, color=INK, linestyle=":", label="from the drawn cheese pizza: nothing is hidden there")
    ax.set_xlabel("noise added to the translated picture (levels of 255)", color=INK)
    ax.set_ylabel("places kept", color=INK)
    ax.set_ylim(0, 1.02)
    ax.legend(fontsize=9, frameon=False, loc="lower left")
    return figure


def museum() -> Picture:
    """Every exhibit of the failure museum after its 1,000 steps, with the name of its fault."""
    names = (NO_FAULT, *FAULTS)
    figure, axes = new_figure(8.4, 4.6, "samples of a healthy GAN and of ten faulty ones", columns=4, rows=3)
    for ax, name in zip(axes, names, strict=False):
        whole, _ = trained(name, seed=1201)
        images_in(ax, samples(whole.nets.generator, judged_z()[:21]), columns=7)
        ax.set_title(name, size=9)
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    return figure


def two_losses() -> Picture:
    """Both losses of all measured trainings of the museum: each fault a sign of its own."""
    return plot_fault_losses([*gh.measured_cases(unseen=False), *gh.measured_cases(unseen=True)])


FIGURES: dict[str, Callable[[], Picture]] = {
    function.__name__: function
    for function in (
        captions_to_pictures, broadcasting, nearest_digits, noisy_digits, descent, descent_too_far, plane,
        slopes_of_losses, digits_from_noise, collapse, convolution, transposed_convolution, dcgan_generator,
        dcgan_discriminator, dcgan_parts, dcgan_growing, dcgan_samples, text_generator, text_discriminator, three_pairs,
        match, between_captions, text_recipes, shuffle, enlarged, maps, two_judges, finale,
        two_heaps, middle_pizza, without_cycle, with_cycle, pepperoni_off, hidden_places, museum, two_losses,
    )
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all if left out")
    chosen = parser.parse_args().names or list(FIGURES)
    if unknown := [name for name in chosen if name not in FIGURES]:
        print(f"no figure {', '.join(unknown)}; there are: {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    for name in chosen:
        torch.manual_seed(0)
        figure = FIGURES[name]()
        figure.set_dpi(SHARPNESS)
        (FOLDER / f"{name}.png").write_bytes(encode_png(figure))
        print(f"{name}.png, {(FOLDER / f'{name}.png').stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
