"""The command line: `python -m gan_helpers COMMAND`."""

import argparse
import importlib
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 when it did what was asked, 1 when doctor
    found a problem, 2 when the arguments are wrong, 130 after an interrupt."""
    parser = argparse.ArgumentParser(prog="python -m gan_helpers", description="The GAN workshop from the shell.")
    commands = parser.add_subparsers(dest="command", required=True)

    doctor = commands.add_parser("doctor", help="say whether this machine is ready, and what to do if not")
    doctor.add_argument("--json", action="store_true", help="print JSON instead of text")
    doctor.add_argument("--seconds", type=float, default=5.0, help="how long the speed test takes (default: 5)")

    data = commands.add_parser("data", help="prepare a data set, so that lessons start quickly and offline")
    data.add_argument("name", nargs="?", choices=["digits", "fashion", "food", "pizzas", "coco"], help="which one")
    data.add_argument(
        "--everything", action="store_true", default=None, help="digits: download all 70,000 of MNIST, not the 5,000"
    )
    data.add_argument("--from", type=Path, metavar="FOLDER", help="fashion: its four files; coco: its own layout")
    data.add_argument("--size", type=int, help="food, pizzas: pixels, 16 to 256; coco: 64, 128, 256 (default: 64)")
    data.add_argument("--n", type=int, help="pictures to train on; food: 10,000, pizzas: 2,000 of each kind")
    data.add_argument("--crop", choices=["box", "centre"], help="coco: the largest food (the default), or the middle")
    data.add_argument("--address", help="coco: another server with COCO's files (default: COCO's own)")
    data.add_argument("--workers", type=int, help="coco: downloads at a time (default: 8)")
    data.add_argument("--list", action="store_true", help="list what is prepared, and where")
    data.add_argument("--clear", action="store_true", help="delete what is prepared")

    train = commands.add_parser("train", help="train the weights that ship")
    train.add_argument("name", help="which ones; a wrong name lists them")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--steps", type=int, help="end after so many (the recipe's own number if left out)")
    train.add_argument("--minutes", type=float, help="end after so many (the recipe's own number if left out)")
    train.add_argument("--folder", type=Path, help="write there instead of into the package")
    train.add_argument("--checkpoint", type=Path, metavar="FILE", help="written every two minutes; gone on from it")
    train.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="another hyperparameter; may be given several times; a wrong name lists them",
    )
    train.add_argument("--micro", type=int, default=1, metavar="N", help="compute each batch in N parts (less memory)")
    train.add_argument("--tensorboard", dest="log", type=Path, metavar="FOLDER", help="write losses there")

    sample = commands.add_parser("sample", help="pictures from a caption")
    sample.add_argument("caption", nargs="?", help="what to draw, such as 'a mushroom pizza on a blue plate'")
    sample.add_argument("--captions", type=Path, metavar="FILE", help="a text file with a caption in each line")
    sample.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a .png, .jpg or .webp file")
    sample.add_argument(
        "--grid", type=int, default=1, metavar="N", help="N rows of N pictures; of a file, N of each line"
    )
    sample.add_argument("--seed", type=int, default=0, help="another one, other pictures (default: 0)")
    sample.add_argument("--force", action="store_true", help="overwrite the file if it is there")
    sample.add_argument("--upscale", type=int, choices=[4], help="enlarge each picture to 256 pixels (lesson 06)")
    sample.add_argument("--json", action="store_true", help="print what the reader sees in each picture")

    upscale = commands.add_parser("upscale", help="a picture file four times as high and wide")
    upscale.add_argument("picture", type=Path, help="a picture file of up to 16 million pixels")
    upscale.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a .png, .jpg or .webp file")
    upscale.add_argument(
        "--subject", choices=["photos", "food"], default="photos", help="what the network was trained on"
    )
    upscale.add_argument(
        "--method",
        choices=["blend", "gan", "resnet"],
        default="blend",
        help="SRGAN (sharp), SRResNet (exact), or a network between the two (the default)",
    )
    upscale.add_argument("--force", action="store_true", help="overwrite the file if it is there")

    notebooks = commands.add_parser("notebooks", help="copy the lessons to work in; edited ones are never overwritten")
    notebooks.add_argument("folder", type=Path, help="where to; made if need be")

    bench = commands.add_parser("bench", help="training steps per second, as a table")
    bench.add_argument("model", nargs="*", metavar="MODEL", help="mlp-gan, dcgan; all of them if left out")
    bench.add_argument("--json", action="store_true", help="print JSON instead of the table")
    bench.add_argument("--rounds", type=int, default=5, help="how often each variant runs; the median counts")
    bench.add_argument("--steps", type=int, default=60, help="training steps a round")

    chosen = parser.parse_args(arguments)
    try:
        return COMMANDS[chosen.command](chosen)
    except (ValueError, KeyError, OSError, FloatingPointError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error  # a KeyError puts quotes round its message
        print(f"{parser.prog} {chosen.command}: {message}", file=sys.stderr)
        return 2


def _doctor(chosen: argparse.Namespace) -> int:
    import json

    from gan_helpers.readiness import as_text, examine, ready

    if not chosen.seconds > 0:
        raise ValueError(f"--seconds should be above 0, not {chosen.seconds:g}.")
    findings = examine(seconds=chosen.seconds)
    if chosen.json:
        print(json.dumps({"ready": ready(findings), "findings": [f._asdict() for f in findings]}, indent=2))
    else:
        print(as_text(findings))
    return 0 if ready(findings) else 1


def _data(chosen: argparse.Namespace) -> int:
    from gan_helpers.datasets.cache import cache_folder, prepared_files, prepared_in_words

    if chosen.clear:
        for path in prepared_files():
            path.unlink()
            print(f"deleted {path}")
    elif chosen.name == "coco":
        return _data_coco(_options(chosen))
    elif chosen.name:
        options = _options(chosen)
        for split in ("train", "held-out"):
            images = _images(chosen.name, split, options)
            print(f"{chosen.name}, {split}: {len(images):,} pictures of {' x '.join(map(str, images.shape[1:]))}")
    elif not chosen.list:
        raise ValueError("name a data set (digits, fashion, food, pizzas or coco), or ask with --list or --clear.")
    if chosen.list:
        print(f"in {cache_folder()}:")
        for line in prepared_in_words() or ["nothing yet"]:
            print(f"  {line}")
    return 0


# The options of `data`, and which sets they belong to.
DATA_OPTIONS = {
    "everything": ("digits",),
    "from": ("fashion", "coco"),
    "size": ("food", "pizzas", "coco"),
    "n": ("food", "pizzas"),
    "crop": ("coco",),
    "address": ("coco",),
    "workers": ("coco",),
}


def _options(chosen: argparse.Namespace) -> dict:
    """The options that were given; ValueError for one that the data set does not have, and for a missing folder."""
    given = {option: vars(chosen)[option] for option in DATA_OPTIONS if vars(chosen)[option] is not None}
    for option in given:
        if chosen.name not in DATA_OPTIONS[option]:
            raise ValueError(
                f"{chosen.name} has no --{option}: that is an option of {', '.join(DATA_OPTIONS[option])}."
            )
    folder = given.get("from")
    if folder is not None and not folder.is_dir():
        raise ValueError(f"--from should be a folder; {folder} is {'a file' if folder.exists() else 'not there'}.")
    return given


def _data_coco(options: dict) -> int:
    from gan_helpers.datasets.coco.prepare import prepare_coco

    if "from" in options:
        options["source"] = options.pop("from")
    try:
        prepared = prepare_coco(**options)
    except KeyboardInterrupt:
        print("interrupted. What came is kept: the same command goes on.", file=sys.stderr)
        return 130
    print(prepared.report, end="")
    print(f"wrote {prepared.file}; beside it are the report and the credits")
    return 0


def _images(name: str, split: str, options: dict):
    if name == "food":
        from gan_helpers.datasets.food import load_food

        n = options.get("n", 10_000)
        return load_food(split, size=options.get("size", 64), n=n if split == "train" else max(1, n // 10)).images
    if name == "pizzas":  # without and with pepperoni: what lesson 07 translates between
        import torch

        from gan_helpers.datasets.food.kinds import load_pizzas

        n, size = options.get("n", 2_000), options.get("size", 64)
        n, seed = (n, 0) if split == "train" else (max(1, n // 10), 1)
        return torch.cat([load_pizzas(topping, size=size, n=n, seed=seed).images for topping in (None, "pepperoni")])
    if name == "fashion":
        from gan_helpers.datasets.fashion import load_fashion

        return load_fashion(split, folder=options.get("from")).images
    from gan_helpers.datasets.digits import load_digits

    return load_digits(split, everything=options.get("everything", False)).images


def _train(chosen: argparse.Namespace) -> int:
    for module in ("accelerate", *(["torch.utils.tensorboard"] if chosen.log else [])):
        try:
            importlib.import_module(module)
        except ImportError as error:
            wanted = f"training needs accelerate and tensorboard, and {error.name or module} is missing"
            raise ValueError(
                f"{wanted}. In a clone: make lab; elsewhere: pip install accelerate tensorboard."
            ) from error
    from gan_helpers.train import train
    from gan_helpers.weights import FOLDER

    try:
        train(
            chosen.name,
            seed=chosen.seed,
            steps=chosen.steps,
            minutes=chosen.minutes,
            folder=chosen.folder or FOLDER,
            checkpoint=chosen.checkpoint,
            settings=chosen.settings,
            micro=chosen.micro,
            log=chosen.log,
        )
    except KeyboardInterrupt:
        kept = f"Go on with --checkpoint {chosen.checkpoint}." if chosen.checkpoint else "No weights were written."
        print(f"interrupted. {kept}", file=sys.stderr)
        return 130
    return 0


def _sample(chosen: argparse.Namespace) -> int:
    from gan_helpers.sample import sample_captions, sample_one

    if (chosen.caption is None) == (chosen.captions is None):
        raise ValueError("name one caption, or a file of them with --captions, not both.")
    options = {"force": chosen.force, "seed": chosen.seed, "upscale": chosen.upscale, "as_json": chosen.json}
    if chosen.captions is None:
        sample_one(chosen.caption, chosen.output, grid=chosen.grid, **options)
    else:
        sample_captions(chosen.captions, chosen.output, each=chosen.grid, **options)
    return 0


def _upscale(chosen: argparse.Namespace) -> int:
    from gan_helpers.upscale_file import upscale_file

    notes = upscale_file(
        chosen.picture, chosen.output, subject=chosen.subject, method=chosen.method, force=chosen.force
    )
    print("; ".join([f"wrote {chosen.output}", *notes]))
    return 0


def _notebooks(chosen: argparse.Namespace) -> int:
    from gan_helpers.lesson_copies import copy_lessons

    for copied in copy_lessons(chosen.folder):
        newer = f", edited; the newer one is {copied.beside}" if copied.beside else ""
        print(f"{copied.name}: {copied.outcome}{newer}")
    print(f"open them: {Path(sys.executable).with_name('jupyter')} lab {chosen.folder}")
    return 0


def _bench(chosen: argparse.Namespace) -> int:
    import json

    from gan_helpers.bench import bench_dcgan, bench_mlp_gan, table

    benches = {"mlp-gan": bench_mlp_gan, "dcgan": bench_dcgan}
    if unknown := [name for name in chosen.model if name not in benches]:
        raise ValueError(f"no model {', '.join(unknown)} to measure; there are: {', '.join(benches)}.")
    results = {name: benches[name](rounds=chosen.rounds, steps=chosen.steps) for name in chosen.model or benches}
    print(json.dumps(results, indent=2) if chosen.json else "\n\n".join(table(one) for one in results.values()))
    return 0


COMMANDS = {
    "doctor": _doctor,
    "data": _data,
    "train": _train,
    "sample": _sample,
    "upscale": _upscale,
    "notebooks": _notebooks,
    "bench": _bench,
}

if __name__ == "__main__":
    sys.exit(main())
