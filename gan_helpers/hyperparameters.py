"""The hyperparameters of every recipe of `python -m gan_helpers train`, in one place; `--set name=value` changes them.

How networks are built and by what losses they learn is part of a recipe (see `ways` and the train_*.py files).
"""

from collections.abc import Sequence
from typing import NamedTuple


class MLPGAN(NamedTuple):
    """Of lesson 03's GANs: `batch`, in all processes together, and the learning rates of G and D."""

    batch: int = 128
    rate_g: float = 2e-4
    rate_d: float = 2e-4


class ConvolutionalGAN(NamedTuple):
    """Of the GANs of lessons 04 and 05.

    `data`, "food" (drawn) or "coco" (photos, see `data coco`); the number of `pictures` to train on, their `size` in
    pixels; `width`, of G's last and D's first layer; `batch`, in all processes together; the learning rates of G and D,
    and Adam's `beta1`; `decay` of the average of G, 0 for none.
    """

    pictures: int
    size: int
    width: int
    batch: int
    rate_g: float
    rate_d: float
    beta1: float
    decay: float
    data: str = "food"


class Film(NamedTuple):
    """Of recipes that train several GANs to be compared, each in a way of its own: what they have in common."""

    pictures: int
    size: int
    width: int


class SuperResolution(NamedTuple):
    """Of lesson 06's networks.

    `width` and `blocks` of G, `width_d` of D; the number of `crops` to train on. Learning rate and batch of SRResNet,
    then those of SRGAN, `gan_share` of its steps, and the `weight` of the adversarial loss. `decay` and `gan_decay` of
    the averages of G.
    """

    width: int
    blocks: int
    width_d: int
    crops: int
    rate: float
    batch: int
    decay: float
    gan_rate: float
    gan_batch: int
    gan_decay: float
    gan_share: float
    weight: float


class Translation(NamedTuple):
    """Of lesson 07's networks.

    `width` and `blocks` of the translators; `width_d` of the discriminators, and how often they halve the picture; the
    number of `pictures` of each kind, their `size` in pixels; `batch`; the learning rates of translators and
    discriminators; the weights of the `cycle` and of the `identity` loss; `decay` of the average, 0 for none; `a` and
    `b`, the folders of other pictures than pizzas, both or neither.
    """

    width: int
    blocks: int
    width_d: int
    halvings: int
    pictures: int
    size: int
    batch: int
    rate: float
    rate_d: float
    cycle: float
    identity: float
    decay: float
    a: str = ""
    b: str = ""


class Classifier(NamedTuple):
    """Of the readers and the text encoder: the number of `pictures`, `batch`, and the highest learning `rate`."""

    pictures: int
    batch: int
    rate: float


_PHOTOS = SuperResolution(
    width=32, blocks=8, width_d=24, crops=12_000, rate=5e-4, batch=64, decay=0.995,
    gan_rate=1e-4, gan_batch=64, gan_decay=0.995, gan_share=1 / 3, weight=1e-3,
)  # fmt: skip

# The weights are the paper's (Zhu et al. 2017, sections 4 and 5.2), the learning rate is 2.5 times its own.
_TRANSLATION = Translation(
    width=16, blocks=4, width_d=32, halvings=1, pictures=2_000, size=64, batch=4, rate=5e-4, rate_d=5e-4,
    cycle=10.0, identity=5.0, decay=0.99,
)  # fmt: skip

HYPERPARAMETERS: dict[str, NamedTuple] = {
    "digit-reader": Classifier(pictures=4_000, batch=128, rate=3e-3),
    "reader": Classifier(pictures=20_000, batch=64, rate=4e-3),
    "text-encoder": Classifier(pictures=20_000, batch=128, rate=1e-3),
    "mlp-gan": MLPGAN(),
    "mlp-gan-collapsed": MLPGAN(),
    "mlp-gan-plane": MLPGAN(rate_g=1e-3, rate_d=1e-3),
    # 10 and 40 times the learning rates of Radford et al. 2016. After 30 rounds through 10,000 pictures D knew them
    # better than new ones (mean logit 0.52 and 0.40), hence 30,000.
    "dcgan": ConvolutionalGAN(
        pictures=30_000, size=64, width=40, batch=32, rate_g=2e-3, rate_d=8e-3, beta1=0.0, decay=0.999
    ),
    "dcgan-long": ConvolutionalGAN(
        pictures=30_000, size=64, width=40, batch=32, rate_g=2e-3, rate_d=8e-3, beta1=0.5, decay=0.999
    ),
    # A training of minutes forgets its beginning sooner: decay 0.995.
    "dcgan-live": ConvolutionalGAN(
        pictures=10_000, size=32, width=32, batch=32, rate_g=2e-3, rate_d=8e-3, beta1=0.5, decay=0.995
    ),
    "dcgan-films": Film(pictures=10_000, size=32, width=32),
    "gan-cls": ConvolutionalGAN(
        pictures=30_000, size=64, width=32, batch=32, rate_g=1e-3, rate_d=1e-3, beta1=0.0, decay=0.999
    ),
    "gan-cls-live": ConvolutionalGAN(
        pictures=10_000, size=32, width=32, batch=32, rate_g=1e-3, rate_d=1e-3, beta1=0.0, decay=0.995
    ),
    "gan-cls-films": Film(pictures=10_000, size=32, width=32),
    "gan-cls-tricks": Film(pictures=10_000, size=32, width=32),
    "gan-cls-paper": Film(pictures=30_000, size=64, width=32),
    "cyclegan": _TRANSLATION,
    "cyclegan-free": _TRANSLATION._replace(cycle=0.0, identity=0.0),
    "srgan-photos": _PHOTOS,
    "srgan-left-out": _PHOTOS,
    # Drawn food comes in any number, so D cannot know it by heart, and may have more of a say.
    "srgan-food": _PHOTOS._replace(gan_rate=3e-4, gan_batch=16, gan_decay=0.99, gan_share=2 / 3, weight=5e-3),
}


def changed(name: str, settings: Sequence[str]) -> NamedTuple:
    """The hyperparameters of the recipe `name`, changed by `settings` such as "batch=64".

    Raises ValueError for what is not of the form name=value, for a name that the recipe does not have (the message
    lists those there are) and for a value of another kind.
    """
    chosen = HYPERPARAMETERS[name]
    for setting in settings:
        key, equals, value = setting.partition("=")
        there = ", ".join(f"{field}={now}" for field, now in chosen._asdict().items())
        if not equals:
            raise ValueError(f"--set takes name=value, not {setting!r}. {name} has {there}.")
        if key not in chosen._fields:
            raise ValueError(f"{name} has no hyperparameter {key!r}; it has {there}.")
        kind = type(getattr(chosen, key))
        try:
            chosen = chosen._replace(**{key: kind(value)})
        except ValueError:
            words = {int: "a whole number", float: "a number"}
            raise ValueError(f"{key} should be {words[kind]}, not {value!r}.") from None
    return chosen
