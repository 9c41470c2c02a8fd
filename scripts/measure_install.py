"""Measures `make lab` in a clean clone, from the command to JupyterLab's page, once with empty caches and once again.

    python scripts/measure_install.py                       with pip, or with uv where it is on the PATH
    python scripts/measure_install.py --wheels FOLDER       beside a stand-in for PyTorch's index with those wheels
    python scripts/measure_install.py --tests               `make test` up to its first test instead

Only what is committed is measured. It needs git and make, and whatever network `make lab` needs.
"""

import argparse
import http.server
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class WheelIndex(http.server.ThreadingHTTPServer):
    """An index of the wheels in one folder on loopback, for any build (`/cpu/NAME/`); `requests`: what it was asked."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), _WheelPage)
        self.folder, self.requests = folder, []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _WheelPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        name = self.path.rstrip("/").rpartition("/")[2].replace("%2B", "+")
        file = self.server.folder / name
        links = [f'<a href="/files/{wheel.name.replace("+", "%2B")}">{wheel.name}</a>'
                 for wheel in sorted(self.server.folder.glob(f"{name}-[0-9]*.whl"))]  # fmt: skip
        content = file.read_bytes() if file.is_file() else "<br>".join(links).encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Type", "application/octet-stream" if file.is_file() else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def megabytes(folder):
    """What the files of a folder take on disk, in MB; a file with several names counts once."""
    files = {(found.st_dev, found.st_ino): found.st_blocks * 512 for found in map(os.lstat, Path(folder).rglob("*"))}
    return sum(files.values()) / 1e6


def measure(clone, environment, *, tests):
    """(seconds, output) from the command until JupyterLab's page answers, or until the first test is reached."""
    port = 8000 + secrets.randbelow(1000)
    environment["LAB_ARGS"] = f"--no-browser --port={port} --ServerApp.token= --ServerApp.port_retries=0"
    start = time.monotonic()
    process = subprocess.Popen(
        ["make", "test" if tests else "lab"], cwd=clone, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    lines, reached = [], threading.Event()

    def read():
        for line in process.stdout:
            lines.append(line)
            if tests and line.startswith("Network: "):
                reached.set()
        reached.set()

    threading.Thread(target=read, daemon=True).start()
    while not reached.wait(0.2):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab", timeout=5) as page:
                if page.status == 200:
                    break
        except (urllib.error.URLError, OSError):
            pass
    seconds = time.monotonic() - start
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    return seconds, "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path, help="a folder with wheels of torch and torchvision")
    parser.add_argument("--tests", action="store_true", help="measure `make test` up to its first test")
    parser.add_argument("--show", action="store_true", help="print what the command printed")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        caches = Path(scratch, "caches")
        caches.mkdir()
        environment = os.environ | {f"{name}_CACHE_DIR": str(caches / name.lower()) for name in ("PIP", "UV")}
        environment["npm_config_cache"] = str(caches / "npm")
        index = WheelIndex(chosen.wheels) if chosen.wheels else None
        if index:
            environment["TORCH_INDEX"] = f"http://127.0.0.1:{index.server_port}"
        for caches_are in ("empty", "warm"):
            clone = Path(scratch, caches_are)
            subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
            seconds, output = measure(clone, dict(environment), tests=chosen.tests)
            if chosen.show:
                print(output)
            downloaded = sum(float(found.replace(",", "")) for found in re.findall(r"([\d,]+) MB downloaded", output))
            asked = "" if index is None else f", PyTorch's index asked {len(index.requests)} times"
            failed = len(re.findall(r"cannot be used|WARNING: Retrying|Failed to fetch", output))
            print(
                f"caches {caches_are}: {seconds:.0f} s; pip downloaded {downloaded:.0f} MB; "
                f"caches {megabytes(caches):,.0f} MB, .venv {megabytes(clone / '.venv'):,.0f} MB; "
                f"{failed} requests failed{asked}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
