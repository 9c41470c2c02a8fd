"""A small COCO made for tests: annotation files and pictures in COCO's own layout, and a server that hands them out and
misbehaves as told."""

import io
import json
import os
import signal
import threading
import time
import zipfile
import zlib
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image

CATEGORIES = [(1, "person"), (56, "broccoli"), (59, "pizza"), (67, "dining table")]
LICENCES = [
    {"id": 1, "name": "Attribution-NonCommercial-ShareAlike License",
     "url": "http://creativecommons.org/licenses/by-nc-sa/2.0/"},
    {"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"},
]  # fmt: skip
PAUSE = 0.001  # seconds before the second attempt at a download, so that tests do not wait
SPLITS = {"train2017": 1000, "val2017": 500_000}  # and the number of the first picture


def picture_bytes(number: int, *, mode: str = "RGB") -> bytes:
    """A JPEG file as cameras and scanners make them, different for each number."""
    rng = np.random.default_rng(number)
    width, height = ((160, 120), (120, 160), (200, 140))[number % 3]
    coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    out = io.BytesIO()
    coarse.resize((width, height), Image.Resampling.BICUBIC).convert(mode).save(out, "JPEG", quality=90)
    return out.getvalue()


def annotations(split: str, relevant: int, others: int, *, no_caption: tuple[int, ...] = ()) -> tuple[dict, dict]:
    """What instances_*.json and captions_*.json hold for `relevant` pictures of food and `others` without."""
    rng = np.random.default_rng(SPLITS[split])
    images, instances, captions = [], [], []
    for place in range(relevant + others):
        number = SPLITS[split] + 3 * place
        width, height = ((160, 120), (120, 160), (200, 140))[number % 3]
        images.append({
            "license": LICENCES[place % 2]["id"], "file_name": f"{number:012}.jpg",
            "coco_url": f"http://images.cocodataset.org/{split}/{number:012}.jpg", "height": height, "width": width,
            "date_captured": "2013-11-14 17:02:52", "flickr_url": f"http://farm7.staticflickr.com/{number}_z.jpg",
            "id": number,
        })  # fmt: skip
        kinds = [(59, 56)[place % 2]] if place < relevant else [1]
        kinds += [67] * (place % 3) + [59] * (place < relevant and place % 10 == 1)
        for kind in kinds:
            left, top = rng.uniform(0, width * 0.6), rng.uniform(0, height * 0.6)
            wide, high = rng.uniform(10, width - left), rng.uniform(10, height - top)
            outline = rng.uniform(0, 100, 2 * int(rng.integers(4, 40))).round(2).tolist()
            instances.append({
                "segmentation": [outline], "area": round(wide * high / 2, 4), "iscrowd": 0, "image_id": number,
                "bbox": [round(value, 2) for value in (left, top, wide, high)], "category_id": kind,
                "id": len(instances) + 1,
            })  # fmt: skip
        for told in range(0 if place in no_caption else 5):
            text = f"A {('pizza', 'piece of broccoli')[place % 2]} number {place} seen from side {told}. \n"
            captions.append({"image_id": number, "id": len(captions) + 1, "caption": text})
    info = {"description": "COCO 2017 Dataset", "version": "1.0", "year": 2017}
    head = {"info": info, "licenses": LICENCES, "images": images}
    names = [{"supercategory": "food", "id": number, "name": name} for number, name in CATEGORIES]
    return head | {"annotations": instances, "categories": names}, head | {"annotations": captions}


def make_world(folder: Path, *, train: int = 250, held_out: int = 60) -> Path:
    """COCO's layout in `folder`: the archive of the annotations, and the pictures of food. The third of each split is
    grey, the fourth made of four inks, and the sixth of train has no caption."""
    with zipfile.ZipFile(folder / "annotations_trainval2017.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for split, relevant in (("train2017", train), ("val2017", held_out)):
            both = annotations(split, relevant, relevant // 2, no_caption=(5,) if split == "train2017" else ())
            for kind, content in zip(("instances", "captions"), both, strict=True):
                member = zipfile.ZipInfo(f"annotations/{kind}_{split}.json", (2017, 9, 1, 0, 0, 0))
                archive.writestr(member, json.dumps(content), zipfile.ZIP_DEFLATED)
            (folder / split).mkdir()
            for place, image in enumerate(both[0]["images"][:relevant]):
                mode = {2: "L", 3: "CMYK"}.get(place, "RGB")
                (folder / split / image["file_name"]).write_bytes(picture_bytes(image["id"], mode=mode))
    return folder


def prepare_in_a_process(address: str, folder: str, ready, kill_at_rename: int) -> None:
    """What a killed process runs; it kills itself before the rename of that number, 0 for none."""
    from gan_helpers.datasets.coco.prepare import prepare_coco

    os.environ["GAN_WORKSHOP_DATA"] = folder
    rename, renames = os.replace, []

    def counted(*arguments):
        renames.append(arguments)
        if len(renames) == kill_at_rename:
            os.kill(os.getpid(), signal.SIGKILL)
        rename(*arguments)

    os.replace = counted
    ready.wait()
    prepare_coco(address=address, pause=PAUSE)


class Server:
    """What the handler consults: `faults[path]`, a list of ways to fail, one a request, the last one for ever if it
    ends in "!"; `kill[n] = (pid, share)` ends that process at the n-th request, that share of the body sent."""

    def __init__(self, folder: Path):
        self.folder, self.faults, self.asked, self.kill = folder, defaultdict(list), [], {}
        self.lock, self.ranges, self.address = threading.Lock(), [], ""

    def next_fault(self, path: str) -> str:
        with self.lock:
            waiting = self.faults[path]
            if waiting and waiting[0].endswith("!"):
                return waiting[0][:-1]
            return waiting.pop(0) if waiting else ""


@contextmanager
def serving(folder: Path):
    """A Server of `folder` on this machine, at its `.address`, until the block ends."""
    state = Server(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, *, body: bool):
            with state.lock:
                state.asked.append(self.path)
                kill = state.kill.get(len(state.asked))
            fault = state.next_fault(self.path) if body else ""
            file = folder / self.path.lstrip("/").removeprefix("annotations/")  # there COCO's server has the archive
            if fault.isdigit() or not file.is_file():
                code = int(fault or 404)
                self.send_response(code)
                if code == 503:
                    self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content, first = file.read_bytes(), 0
            tag = f'"{len(content)}-{zlib.crc32(content)}"'
            if (asked := self.headers.get("Range")) and self.headers.get("If-Range") == tag:
                first = int(asked.removeprefix("bytes=").rstrip("-"))
                with state.lock:
                    state.ranges.append((self.path, first))
            if fault == "corrupt":
                content = content[:200] + bytes(reversed(content[200:]))
            if fault == "shorter":  # a server that believes the file to be shorter
                content = content[: len(content) // 2]
            part = content[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(part) + (1000 if fault == "longer" else 0)))
            self.send_header("ETag", tag)
            self.end_headers()
            if not body:
                return
            share = kill[1] if kill else 0.5 if fault == "cut" else 1.0
            self.wfile.write(part[: int(share * len(part))])
            self.wfile.flush()
            if kill:
                os.kill(kill[0], signal.SIGKILL)
            if kill or fault in ("cut", "longer"):
                self.close_connection = True
                self.connection.shutdown(2)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):  # clients that were killed
            pass

    with Quiet(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield state
        finally:
            server.shutdown()


def wait_until(condition, *, seconds: float = 60.0) -> None:
    """Return once `condition()` holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
