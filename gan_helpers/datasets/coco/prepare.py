"""`python -m gan_helpers data coco`: from COCO's server, or a folder of COCO's, to one file of pizza and broccoli."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image
from tqdm.auto import tqdm

from gan_helpers.datasets.cache import LOCK, cache_folder
from gan_helpers.datasets.coco.annotations import Picture, read_annotations
from gan_helpers.datasets.coco.cache_file import VERSION, file_name, read_pictures, write_pictures
from gan_helpers.datasets.coco.report import credits_page, report, write_text
from gan_helpers.datasets.coco.source import ADDRESS, ARCHIVE_ADDRESS, SPLITS, CocoFolder, check_archive
from gan_helpers.datasets.coco.squares import CROPS, cut, square_of
from gan_helpers.datasets.pictures import UNREADABLE
from gan_helpers.download import FIRST_PAUSE, NotThere, Unreachable, fetch, length_of, session

SIZES = (64, 128, 256)
WORKERS = 8  # downloads at a time: polite, and enough for most networks
BYTES_A_PICTURE = 165_000  # of COCO's JPEG files on average: 19.3 GB for the 118,287 of train2017
EXPECTED_PICTURES = 6_000  # about so many show pizza or broccoli; said before the annotations are there
GIVE_UP_AFTER = 20  # pictures in a row of which nothing comes: the network is gone
SPARE = 50_000_000  # bytes to be left free


class Prepared(NamedTuple):
    """What came of it: the `file` of the pictures, how many of each split are `used`, and the `report` as text."""

    file: Path
    used: dict[str, int]
    report: str


def coco_folder() -> Path:
    """Where downloads and prepared files lie: coco/ in the cache folder."""
    return cache_folder() / "coco"


def prepare_coco(
    *,
    size: int = 64,
    crop: str = "box",
    source: Path | None = None,
    address: str | None = None,
    workers: int = WORKERS,
    pause: float = FIRST_PAUSE,
) -> Prepared:
    """Make the file that `load_coco` reads: COCO 2017's photos of pizza and broccoli, with all that COCO says of them.

    `size` is one of SIZES; `crop` "box" (the largest food, with a margin) or "centre". Without `source` the annotations
    and then the pictures are downloaded from `address` (default: COCO's own, or GAN_WORKSHOP_COCO), by `workers` at a
    time, and kept: what is there is not fetched again, so a run that was ended goes on. `source` is a folder in COCO's
    own layout, whole or in parts; nothing is downloaded then. What is missing or broken is left out and named in the
    report. Two runs at once: the second waits. `pause` is that of `download.fetch`.

    Raises ValueError for other sizes and crops and for damaged annotations, FileNotFoundError where `source` holds
    nothing to go by, ConnectionError without a network, OSError where there is no room.
    """
    _check(size, crop, workers)
    target = coco_folder()
    target.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        for abandoned in target.glob(".preparing-*"):  # by a run that was killed; no other run is under way
            shutil.rmtree(abandoned)
        coco = CocoFolder(source or target)
        web = None if source else _Web(session(workers), (address or _default_address()).rstrip("/"), workers, pause)
        if web:
            _fetch_annotations(web, coco)
        pictures, notes = _read(coco, source)
        left_out = {split: {p.file: "no caption" for p in some if not p.captions} for split, some in pictures.items()}
        pictures = {split: [p for p in some if p.captions] for split, some in pictures.items()}
        if web:
            _fetch_pictures(web, coco, pictures, left_out, size)
        return _write(target, coco, pictures, left_out, notes, size, crop)


def _check(size: int, crop: str, workers: int) -> None:
    if size not in SIZES:
        raise ValueError(f"size should be one of {', '.join(map(str, SIZES))} pixels for COCO, not {size!r}.")
    if crop not in CROPS:
        raise ValueError(f"crop should be one of {', '.join(map(repr, CROPS))}, not {crop!r}.")
    if not 1 <= workers <= 32:
        raise ValueError(f"workers should be from 1 to 32, not {workers!r}.")


def _default_address() -> str:
    return os.environ.get("GAN_WORKSHOP_COCO") or ADDRESS


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Inside, no other run prepares this folder; the system takes the lock away from a run that is killed."""
    lock = FileLock(target / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say(f"another run is preparing {target}: waiting until it has ended")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


class _Web(NamedTuple):
    """The `session` and `address` downloads come from, by `workers` at a time, and how long the first pause is."""

    session: object
    address: str
    workers: int
    pause: float

    def unreachable(self, reason: Exception) -> ConnectionError:
        """What to raise where it cannot be reached, for the `reason` given."""
        return ConnectionError(
            f"COCO could not be downloaded from {self.address} ({reason}). Check the network, or name another address "
            "with --address. With COCO's folder on disk: python -m gan_helpers data coco --from FOLDER. The drawn food "
            "needs no network: python -m gan_helpers data food."
        )


def _fetch_annotations(web: _Web, coco: CocoFolder) -> None:
    """The archive of the annotations, unless it is there."""
    if not web.address.startswith(("http://", "https://")):
        raise ValueError(f"the address should begin with http:// or https://; {web.address!r} came.")
    if coco.archive.exists():
        return
    address = f"{web.address}/{ARCHIVE_ADDRESS}"
    try:
        length = length_of(web.session, address, pause=web.pause, attempts=2)
        needed = (length or 0) + EXPECTED_PICTURES * BYTES_A_PICTURE
        _say(
            f"COCO 2017 from {web.address}: annotations of {_megabytes(length or 0)}, then about {EXPECTED_PICTURES:,} "
            f"pictures, in all about {_megabytes(needed)} of disk in {coco.folder}; "
            f"{_megabytes(_free(coco.folder))} are free"
        )
        _check_room(coco.folder, needed)
        with tqdm(total=length, desc="annotations", unit="B", unit_scale=True) as bar:
            fetch(web.session, address, coco.archive, check=check_archive, resume=True, progress=bar.update,
                  pause=web.pause)  # fmt: skip
    except (NotThere, Unreachable) as error:
        raise web.unreachable(error) from error


def _read(coco: CocoFolder, source: Path | None) -> tuple[dict[str, list[Picture]], list[str]]:
    """The pictures of each split whose annotations are there, and what to say of the others."""
    pictures, notes = {}, []
    for split, theirs in SPLITS.items():
        contents = coco.annotations(split)
        if contents is None:
            notes.append(f"{split}: no annotations of {theirs} in {coco.folder}; the split is empty")
            pictures[split] = []
            continue
        _say(f"reading the annotations of {theirs}")
        pictures[split] = read_annotations(*contents, source=f"{coco.folder}, {theirs}")
        for picture in pictures[split]:
            coco.picture(split, picture.file)  # raises for a name that leads elsewhere
    if not any(pictures.values()) and len(notes) == len(SPLITS):
        expected = "annotations/instances_train2017.json and captions_train2017.json, or the same of val2017"
        raise FileNotFoundError(
            f"{source or coco.folder} should be a folder in COCO's own layout: expected {expected}, beside train2017/ "
            "and val2017/ with the pictures; found neither."
        )
    return pictures, notes


def _fetch_pictures(web: _Web, coco: CocoFolder, pictures: dict, left_out: dict, size: int) -> None:
    """Every picture that is not there yet; what does not come is taken out of `pictures` and put into `left_out`."""
    jobs = [(split, p.file) for split, some in pictures.items() for p in some]
    missing = [job for job in jobs if not coco.picture(*job).exists()]
    needed = len(missing) * BYTES_A_PICTURE + _cache_bytes(len(jobs), size)
    _say(
        f"{len(jobs):,} pictures, {len(jobs) - len(missing):,} of them there; {len(missing):,} to come, about "
        f"{_megabytes(needed)} of disk with the prepared file; {_megabytes(_free(coco.folder))} are free"
    )
    _check_room(coco.folder, needed)

    def bring(job: tuple[str, str]) -> None:
        split, file = job
        address = f"{web.address}/{SPLITS[split]}/{file}"
        fetch(web.session, address, coco.picture(split, file), check=_check_picture, pause=web.pause)

    silent = 0
    bar = tqdm(total=len(missing), desc="pictures", unit="picture")
    with bar, contextlib.closing(_in_parallel(bring, missing, web.workers)) as results:
        for (split, file), error in results:
            bar.update()
            silent = silent + 1 if isinstance(error, Unreachable) else 0
            if silent == GIVE_UP_AFTER:
                raise web.unreachable(error) from error
            if error is not None and not isinstance(error, (NotThere, Unreachable, ValueError)):
                raise error  # a full disk, say
            if error is not None:
                left_out[split][file] = _reason(error)
    for split in pictures:
        pictures[split] = [p for p in pictures[split] if p.file not in left_out[split]]


def _reason(error: Exception) -> str:
    words = {NotThere: "not there", Unreachable: "no whole answer", FileNotFoundError: "not there"}
    return f"{words.get(type(error), 'broken')}: {error}"


def _check_picture(part: Path) -> None:
    """Raise ValueError unless the file is a whole picture."""
    try:
        with Image.open(part) as image:
            image.load()
    except UNREADABLE as error:
        raise ValueError(f"no whole picture ({error})") from error


def _in_parallel(work: Callable, jobs: list, workers: int) -> Iterator[tuple]:
    """(job, the error it raised or None) for each, in the order in which they end, `workers` at a time.

    Closed early, it waits for those under way and begins no others.
    """
    with ThreadPoolExecutor(workers) as pool:
        todo = iter(jobs)
        under_way = {pool.submit(work, job): job for job in islice(todo, 2 * workers)}
        try:
            while under_way:
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield under_way.pop(future), future.exception()
                under_way |= {pool.submit(work, job): job for job in islice(todo, len(done))}
        finally:
            for future in under_way:
                future.cancel()


def _write(target: Path, coco: CocoFolder, pictures: dict, left_out: dict, notes: list[str], size: int, crop: str):
    """Cut all pictures, write file, report and credits."""
    _check_room(target, _cache_bytes(sum(map(len, pictures.values())), size))
    bar = tqdm(total=sum(map(len, pictures.values())), desc=f"cutting to {size} pixels", unit="picture")

    def cut_all(split: str) -> Iterator[tuple[Picture, np.ndarray]]:
        def cut_one(picture: Picture):
            picture.square = square_of(picture, crop, size)
            try:
                with Image.open(coco.picture(split, picture.file)) as image:
                    _check_size(image, picture)
                    return picture, np.asarray(cut(image, picture.square, size))
            except UNREADABLE as error:
                return picture, error

        with ThreadPoolExecutor() as pool:
            left = iter(pictures[split])
            while some := list(islice(left, 256)):  # no more than these are in memory
                for picture, pixels in pool.map(cut_one, some):
                    bar.update()
                    if isinstance(pixels, np.ndarray):
                        yield picture, pixels
                    else:
                        left_out[split][picture.file] = _reason(pixels)

    path = target / file_name(size, crop)
    with bar:
        used = write_pictures(path, size, {split: cut_all(split) for split in pictures})
    if not any(used.values()):
        path.unlink()
        reasons = [f"{file}: {why}" for some in left_out.values() for file, why in some.items()]
        raise FileNotFoundError(
            f"none of the {len(reasons)} pictures that the annotations name could be used; expected them in "
            f"{coco.folder}/train2017 and val2017. The first: {reasons[0] if reasons else 'none is named'}"
        )
    for number in range(VERSION):
        (target / file_name(size, crop, number)).unlink(missing_ok=True)
    text = report(used, left_out, notes)
    stem = path.name.removesuffix(".safetensors")
    write_text(target / f"{stem}-report.txt", text)
    write_text(target / f"{stem}-credits.html", credits_page({s: read_pictures(path, s)[1] for s in used}))
    return Prepared(path, used, text)


def _check_size(image: Image.Image, picture: Picture) -> None:
    if image.size != (picture.width, picture.height):
        told = f"{picture.width} x {picture.height}"
        raise ValueError(f"it is {image.width} x {image.height} pixels, the annotations say {told}")


def _cache_bytes(pictures: int, size: int) -> int:
    return 2 * pictures * (3 * size * size + 2_000)  # twice: the parts are put together into one


def _check_room(folder: Path, needed: int) -> None:
    if (free := _free(folder)) < needed + SPARE:
        raise OSError(
            f"not enough room in {folder}: about {_megabytes(needed)} are needed, {_megabytes(free)} are free. What "
            "was downloaded is kept. Make room, or set GAN_WORKSHOP_DATA to a folder on a larger disk."
        )


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
