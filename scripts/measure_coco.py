"""How much memory and time `data coco` takes, on a COCO of real size made up here and served on this machine.

For 1,000 and 10,000 pictures of food among COCO's 118,287 it prints the size of the annotations, the seconds, and the
highest memory of the process. Takes about 3 GB in a temporary folder and ten minutes.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "unit"))
from coco_world import CATEGORIES, LICENCES, serving

IMAGES, INSTANCES, CAPTIONS = 118_287, 860_001, 591_753  # of train2017
OUTLINES = 46  # numbers in the outline of an object: so that the file is as large as COCO's, 450 MB
FACES = 40  # different photos; each stands for many

MEASURED = """
import resource, sys, time
from pathlib import Path
from gan_helpers.datasets.coco import load_coco
from gan_helpers.datasets.coco.prepare import prepare_coco
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.monotonic()
prepared = prepare_coco(address=sys.argv[1])
seconds = time.monotonic() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
again = time.monotonic()
prepare_coco(address=sys.argv[1])
again = time.monotonic() - again
opened = time.monotonic()
load_coco(n=1)
opened = time.monotonic() - opened
print(f"{sum(prepared.used.values()):,} pictures  {seconds:.0f} s, with all files there {again:.0f} s  memory at most "
      f"{peak / 1e3:,.0f} MB ({before / 1e3:,.0f} MB of it by imports)")
print(f"the prepared file: {prepared.file.stat().st_size / 1e6:.0f} MB, opened in {opened:.2f} s")
"""


def write_annotations(path: Path, food: int) -> None:
    """COCO's archive of annotations, of which `food` pictures show pizza or broccoli."""
    rng = np.random.default_rng(0)
    outline = json.dumps(rng.uniform(0, 600, OUTLINES).round(2).tolist())
    licences, categories = (
        json.dumps(LICENCES),
        [{"supercategory": "x", "id": n, "name": name} for n, name in CATEGORIES],
    )

    def image(number: int) -> str:
        file = f"{number:012}.jpg"
        return (
            f'{{"license": 4, "file_name": "{file}", "coco_url": "http://images.cocodataset.org/train2017/{file}", '
            f'"height": 480, "width": 640, "date_captured": "2013-11-14 17:02:52", "flickr_url": '
            f'"http://farm7.staticflickr.com/6116/{number}_d0fc_z.jpg", "id": {number}}}'
        )

    def instance(number: int) -> str:
        of, kind = number % IMAGES, 1
        if number < food:
            of, kind = number, (59, 56)[number % 2]
        left = f"{100 + number % 100}.5"
        return (
            f'{{"segmentation": [{outline}], "area": 5463.6864, "iscrowd": 0, "image_id": {of}, '
            f'"bbox": [{left}, 120.25, 200.5, 160.75], "category_id": {kind}, "id": {number}}}'
        )

    def caption(number: int) -> str:
        of = number % IMAGES
        return f'{{"image_id": {of}, "id": {number}, "caption": "A plate with number {number} and a fork on a table."}}'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for kind, one, count in (("instances", instance, INSTANCES), ("captions", caption, CAPTIONS)):
            with archive.open(f"annotations/{kind}_train2017.json", "w", force_zip64=True) as file:
                file.write(f'{{"info": {{}}, "licenses": {licences}, "images": ['.encode())
                file.write(", ".join(map(image, range(IMAGES))).encode())
                file.write(b'], "annotations": [')
                for first in range(0, count, 10_000):
                    numbers = range(first, min(first + 10_000, count))
                    file.write(((", " if first else "") + ", ".join(map(one, numbers))).encode())
                file.write(f'], "categories": {json.dumps(categories)}}}'.encode())


def write_photos(folder: Path, count: int) -> None:
    """`count` files of COCO's size, 640 x 480 pixels and about 165 kB."""
    folder.mkdir()
    files = []
    for seed in range(FACES):
        rng = np.random.default_rng(seed)
        coarse = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8)).resize((640, 480))
        noisy = np.asarray(coarse).astype(int) + rng.integers(-28, 28, (480, 640, 1))
        out = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
        files.append(out.getvalue())
    for number in range(count):
        (folder / f"{number:012}.jpg").write_bytes(files[number % FACES])
    print(f"photos of {np.mean([len(file) for file in files]) / 1e3:.0f} kB")


def main() -> None:
    for food in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as scratch:
            world, data = Path(scratch, "world"), Path(scratch, "data")
            world.mkdir()
            archive = world / "annotations_trainval2017.zip"
            write_annotations(archive, food)
            with zipfile.ZipFile(archive) as opened:
                sizes = {Path(info.filename).stem: f"{info.file_size / 1e6:.0f} MB" for info in opened.infolist()}
            print(sizes)
            write_photos(world / "train2017", food)
            with serving(world) as server:
                subprocess.run(
                    [sys.executable, "-c", MEASURED, server.address],
                    check=True,
                    env={**os.environ, "GAN_WORKSHOP_DATA": str(data)},
                )


if __name__ == "__main__":
    main()
