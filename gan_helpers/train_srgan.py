"""Recipes of lesson 06: SRResNet, and SRGAN from it, for photos and for drawn food."""

from collections.abc import Callable
from typing import NamedTuple

import torch

from gan_helpers.accelerated import Order, play
from gan_helpers.batches import Batches
from gan_helpers.content import content_network
from gan_helpers.datasets.food import load_food
from gan_helpers.datasets.photos import JUDGED, load_photos, random_crops
from gan_helpers.hyperparameters import HYPERPARAMETERS, SuperResolution
from gan_helpers.metrics import frechet_distance
from gan_helpers.models import srgan
from gan_helpers.models.srgan import CROP, FACTOR, GAN, Alone, SRDiscriminator, SRGenerator, adam
from gan_helpers.pairs import set_learning_rate
from gan_helpers.pixels import as_bytes, as_floats, enlarge, shrink
from gan_helpers.processes import is_main
from gan_helpers.sr_scores import SRScores, score_enlargement, texture_features
from gan_helpers.tiles import upscaled
from gan_helpers.variations import varied
from gan_helpers.ways import falling_rate
from gan_helpers.wobble import partly_wobbly

SHIPPED_NAMES = {"photos": ("resnet", "content", "gan"), "food": ("resnet", "gan")}
BLEND = "blend"  # what is between "resnet" and "gan"
LEFT_OUT = "chelsea"  # the photo that the shipped networks never saw: lesson 06 shows it


class Size(NamedTuple):
    """How wide and deep the generator is, and how wide the discriminator."""

    width: int
    blocks: int
    discriminator: int

    def generator(self) -> SRGenerator:
        """A new one, over bicubic."""
        return SRGenerator(self.width, self.blocks, ends=ENDS, over_bicubic=True)


class Pictures(NamedTuple):
    """What is learned from: `crops` (N, 3, H, W) uint8, how a batch is changed, and what small pictures it becomes."""

    crops: torch.Tensor
    change: Callable[[torch.Tensor], torch.Tensor]
    small_of: Callable[[torch.Tensor], torch.Tensor] = shrink


class Pace(NamedTuple):
    """How a training goes: learning rate, batch, `decay` of the average of the generator, its `share` of the steps."""

    rate: float
    batch: int
    decay: float
    share: float


def alone(chosen: SuperResolution) -> Pace:
    """That of SRResNet."""
    return Pace(chosen.rate, chosen.batch, chosen.decay, share=1.0)


def from_resnet(chosen: SuperResolution) -> Pace:
    """That of what starts from it: the network that learns by content, and SRGAN."""
    return Pace(chosen.gan_rate, chosen.gan_batch, chosen.gan_decay, chosen.gan_share)


def size_of(chosen: SuperResolution) -> Size:
    """How wide and deep the networks are."""
    return Size(chosen.width, chosen.blocks, chosen.width_d)


SPOILT, SPOILT_FOR_GAN = 0.5, 0.25  # the share of small pictures of food that are spoilt: for SRResNet, for SRGAN
SHIPPED = size_of(HYPERPARAMETERS["srgan-photos"])
ENDS = 5  # the first and the last convolution, where the paper has 9: at that size they would take half of the time
FOOD, FOOD_SIZE = 1_500, 256  # pictures of drawn food, pixels
# How far from SRResNet to SRGAN the network stands that is used: there it comes nearest to photos that it never saw, in
# the eyes of the judging network (measured at 0, 0.4, 0.7 and 1, by the mean over JUDGED).
GAN_SHARE = 0.7
FOOD_JUDGED = 200  # pictures of food that the scores rest on
REFERENCE_SEED = 1


def train_resnet(
    pictures: Pictures, size: Size, order: Order, *, pace: Pace, name: str = "resnet"
) -> tuple[SRGenerator, int]:
    """SRResNet of `size`, trained by its pixels alone, and the number of steps."""
    torch.manual_seed(order.seed)
    nets = Alone(size.generator())
    opts = Alone(adam(nets.generator, pace.rate))

    def turn(real, nets, opts, *, backward) -> dict[str, torch.Tensor]:
        real = pictures.change(real)
        return {"loss_g": srgan.pixel_step(real, nets, opts, small_of=pictures.small_of, backward=backward)}

    return _play(pictures, turn, nets, opts, order.phase(name), pace)


def train_from(
    resnet: SRGenerator,
    pictures: Pictures,
    size: Size,
    order: Order,
    *,
    weight: float,
    name: str,
    pace: Pace,
) -> tuple[SRGenerator, int]:
    """A generator that starts as `resnet` and learns by the content loss and, at `weight` above 0, against D.

    Its batch normalisation stays as `resnet` left it (eval mode): D then judges what the finished network will make,
    not what depends on the other pictures of the batch.
    """
    torch.manual_seed(order.seed)
    generator = size.generator().eval()
    generator.load_state_dict(resnet.state_dict())
    nets = GAN(generator, SRDiscriminator(CROP, size.discriminator))
    opts = GAN(*(adam(net, pace.rate) for net in nets))
    look = content_network()

    def turns(real, nets, opts, *, backward) -> dict[str, torch.Tensor]:
        real = pictures.change(real)
        if weight:
            loss_d, loss_g = srgan.adversarial_step(
                real, nets, opts, look, weight=weight, small_of=pictures.small_of, backward=backward
            )
            return {"loss_d": loss_d, "loss_g": loss_g}
        fake = nets.generator(pictures.small_of(real))
        return {"loss_g": srgan.sr_generator_step(real, fake, nets, opts, look, weight=0.0, backward=backward)}

    return _play(pictures, turns, nets, opts, order.phase(name), pace)


def _play(pictures: Pictures, turns: Callable, nets, opts, order: Order, pace: Pace) -> tuple[SRGenerator, int]:
    """Train `nets`; the average of the generator, and the number of steps. Halfway through the rates begin to fall."""
    order = order._replace(steps=max(1, round(order.steps * pace.share)))

    def look(done: int) -> None:
        for opt in opts:
            set_learning_rate(opt, falling_rate(pace.rate, done, order.steps))

    batches = Batches(pictures.crops, pace.batch, seed=order.seed)
    played = play(batches, turns, nets, opts, order, decay=pace.decay, each_step=look)
    return played.average.eval(), played.steps


def with_blend(nets: dict[str, SRGenerator]) -> dict[str, SRGenerator]:
    """`nets`, and the network between its SRResNet and its SRGAN."""
    return nets | {BLEND: blended(nets["resnet"], nets["gan"])}


def blended(resnet: SRGenerator, gan: SRGenerator) -> SRGenerator:
    """GAN_SHARE of the way from SRResNet to the SRGAN that was trained from it."""
    return srgan.blend(resnet, gan, GAN_SHARE)


def photo_pictures(without: str | None, crops: int) -> Pictures:
    """So many crops of the course's photos, all but one, in all colours."""
    photos = [photo.image for photo in load_photos(without=without).values()]
    return Pictures(random_crops(photos, crops, size=CROP), varied)


def food_pictures(crops: int) -> Pictures:
    """So many crops of drawn food, as it is; the small ones partly spoilt as a GAN spoils them."""
    food = load_food(n=FOOD, size=FOOD_SIZE)
    squares = random_crops(list(food.images), crops, size=CROP)
    return Pictures(squares, change=lambda crops: crops, small_of=partly_spoilt(SPOILT))


def partly_spoilt(share: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """What shrinks pictures, and spoils a `share` of the small ones as a GAN spoils them."""
    return lambda real: partly_wobbly(shrink(real), share)


def score_photo(name: str, generators: dict[str, SRGenerator]) -> dict[str, SRScores]:
    """What each of `generators`, and bicubic, makes of the photo `name`, shrunk to a quarter, against the photo."""
    real = whole_photo(name)
    small = shrink(real)
    made = {"bicubic": as_floats(as_bytes(enlarge(small)))}
    made |= {method: as_floats(upscaled(small[0], net)[None]) for method, net in generators.items()}
    return {method: score_enlargement(large, real) for method, large in made.items()}


def whole_photo(name: str) -> torch.Tensor:
    """The photo `name`, cut so that FACTOR divides its sides: (1, 3, H, W) float32 in [-1, 1]."""
    image = load_photos()[name].image
    height, width = (length // FACTOR * FACTOR for length in image.shape[1:])
    return as_floats(image[None, :, :height, :width])


def train_srgan_photos(order: Order, chosen: SuperResolution) -> tuple[dict, dict]:
    """The three generators for photos that ship: by pixels, by content, and SRGAN; none of them ever saw LEFT_OUT."""
    nets, steps = _train_three(photo_pictures(LEFT_OUT, chosen.crops), order, chosen)
    if not is_main():
        return {}, {}
    scores = score_photo(LEFT_OUT, with_blend(nets))
    _print({LEFT_OUT: scores})
    scores = {method: score._asdict() for method, score in scores.items()}
    return nets, _about(steps, scores, _photo_data(LEFT_OUT, chosen))


def _train_three(
    pictures: Pictures, order: Order, chosen: SuperResolution
) -> tuple[dict[str, SRGenerator], dict[str, int]]:
    size, pace = size_of(chosen), from_resnet(chosen)
    resnet, by_pixels = train_resnet(pictures, size, order, pace=alone(chosen))
    content, by_content = train_from(resnet, pictures, size, order, weight=0.0, name="content", pace=pace)
    gan, against = train_from(resnet, pictures, size, order, weight=chosen.weight, name="gan", pace=pace)
    steps = {"resnet": by_pixels, "content": by_content, "gan": against}
    return {"resnet": resnet, "content": content, "gan": gan}, steps


def train_srgan_left_out(order: Order, chosen: SuperResolution) -> tuple[dict, dict]:
    """For each photo, networks trained without it: how they enlarge it. What is kept is the table."""
    table, steps = {}, {}
    for name in JUDGED:
        nets, steps = train_without(name, order, chosen)
        if not is_main():
            continue
        table[name] = score_photo(name, with_blend(nets))
        _print({name: table[name]})
    if not is_main():
        return {}, {}
    methods = list(table[JUDGED[0]])
    numbers = torch.tensor([[tuple(table[name][method]) for method in methods] for name in JUDGED])
    scores = {name: {method: score._asdict() for method, score in row.items()} for name, row in table.items()}
    about = _about(
        steps, scores, "the photos of datasets/photos.py named JUDGED, each by networks trained on all the others"
    )
    return {"scores": {"scores": numbers}}, about | {"photos": list(JUDGED), "methods": methods}


def train_without(name: str, order: Order, chosen: SuperResolution) -> tuple[dict[str, SRGenerator], dict[str, int]]:
    """SRResNet and SRGAN that never saw the photo `name`, and the steps of each."""
    pictures, size = photo_pictures(name, chosen.crops), size_of(chosen)
    resnet, by_pixels = train_resnet(pictures, size, order, pace=alone(chosen), name=f"{name}-resnet")
    gan, against = train_from(
        resnet, pictures, size, order, weight=chosen.weight, name=f"{name}-gan", pace=from_resnet(chosen)
    )
    return {"resnet": resnet, "gan": gan}, {"resnet": by_pixels, "gan": against}


def _print(table: dict[str, dict[str, SRScores]]) -> None:
    for name, row in table.items():
        for method, score in row.items():
            print(f"{name:10} {method:8} {score}")


def _about(steps: dict[str, int], scores: dict, data: str) -> dict:
    return {"steps": steps["resnet"], "steps of each": steps, "scores": scores, "data": data}


def _photo_data(without: str, chosen: SuperResolution) -> str:
    return (
        f"{chosen.crops:,} crops of {CROP} pixels, in batches of {chosen.batch}, of the photos of datasets/photos.py "
        f"without {without}, which is what the scores are of"
    )


def train_srgan_food(order: Order, chosen: SuperResolution) -> tuple[dict, dict]:
    """The two generators for drawn food that ship: by pixels, and SRGAN.

    Where the adversarial loss had the weight of photos, the Frechet distance to real pictures was 155 after 1,000
    steps, with five times that weight 116 (bicubic: 201).
    """
    pictures, size = food_pictures(chosen.crops), size_of(chosen)
    resnet, by_pixels = train_resnet(pictures, size, order, pace=alone(chosen))
    pictures = pictures._replace(small_of=partly_spoilt(SPOILT_FOR_GAN))
    gan, against = train_from(resnet, pictures, size, order, weight=chosen.weight, name="gan", pace=from_resnet(chosen))
    nets = {"resnet": resnet, "gan": gan}
    if not is_main():
        return {}, {}
    return nets, _about({"resnet": by_pixels, "gan": against}, score_food(with_blend(nets)), _food_data(chosen))


def score_food(generators: dict[str, SRGenerator]) -> dict:
    """What each of `generators`, and bicubic, makes of JUDGED drawn pictures of FOOD_SIZE, shrunk to a quarter."""
    real = as_floats(load_food("held-out", n=FOOD_JUDGED, size=FOOD_SIZE, seed=REFERENCE_SEED).images)
    small = shrink(real)
    made = {"bicubic": as_floats(as_bytes(enlarge(small)))}
    made |= {name: as_floats(torch.stack([upscaled(one, net) for one in small])) for name, net in generators.items()}
    features, scores = texture_features(real), {}
    for method, large in made.items():
        parts = [score_enlargement(*pair) for pair in zip(large.split(20), real.split(20), strict=True)]
        scores[method] = SRScores(*torch.tensor([tuple(part) for part in parts]).mean(0).tolist())._asdict()
        scores[method]["Frechet distance"] = frechet_distance(features, texture_features(large))
        print(method, {key: round(value, 3) for key, value in scores[method].items()})
    return scores


def _food_data(chosen: SuperResolution) -> str:
    return (
        f"{chosen.crops:,} crops of {CROP} pixels, in batches of {chosen.batch} (SRResNet) and {chosen.gan_batch} "
        f"(SRGAN), of {FOOD:,} drawn pictures of food, {FOOD_SIZE} pixels, split 'train', data seed 0; scored on "
        f"{FOOD_JUDGED} of split 'held-out', data seed {REFERENCE_SEED}"
    )
