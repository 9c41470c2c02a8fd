"""A package index on loopback whose wheels are next to empty: for installations that take seconds and no network.

`/simple/NAME/` is the ordinary index: it has every package, at the version of constraints.txt. `/torch/cpu/NAME/` is
PyTorch's own: it has torch and torchvision, built without CUDA. What was asked is noted in `requests`.
"""

import base64
import hashlib
import http.server
import io
import re
import threading
import zipfile
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TORCH = {
    "torch/__init__.py": "from . import library, version, cuda\n__version__ = {version!r}\n",
    "torch/version.py": "cuda = {cuda!r}\n",
    "torch/cuda.py": "def is_available(): return False\n",
    "torch/library.py": "defined = set()\n"
    "class Library:\n"
    "    def __init__(self, *_): pass\n"
    "    def define(self, schema): defined.add(schema.split('(')[0])\n",
}
# As the real one: its compiled part loads beside the torch it was built for only, and the import needs its operators.
TORCHVISION = {
    "torchvision/__init__.py": "from . import extension\nfrom . import registrations\n",
    "torchvision/extension.py": "import torch\n\ndef _has_ops():\n    return torch.version.cuda == {cuda!r}\n",
    "torchvision/registrations.py": "import torch\nfrom . import extension\n"
    "if not extension._has_ops() and 'nms' not in torch.library.defined:\n"
    "    raise RuntimeError('operator torchvision::nms does not exist')\n",
}
REAL = ("pip", "setuptools")  # what an installation uses itself
JUPYTERLAB = {"jupyterlab/__main__.py": "import sys\nprint('JupyterLab opens', *sys.argv[1:])\n"}


def wheel(name, version, files, requires=()):
    """The bytes of a wheel of pure Python: {path: text or bytes}."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    files = files | {
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content, record = io.BytesIO(), []
    with zipfile.ZipFile(content, "w") as archive:
        for path, data in files.items():
            data = data.encode() if isinstance(data, str) else data
            archive.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            record.append(f"{path},sha256={digest},{len(data)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    return content.getvalue()


def installed_wheel(name):
    """The bytes of the wheel that an installed package of pure Python came from, made anew from its files."""
    found = distribution(name)
    outside = ("..", "__pycache__")
    files = {
        str(file): file.read_binary()
        for file in found.files
        if file.parts[0] not in outside and file.suffix != ".pyc" and ".dist-info" not in file.parts[0]
    }
    points = found.read_text("entry_points.txt")
    if points:
        files[f"{found.name}-{found.version}.dist-info/entry_points.txt"] = points
    return wheel(found.name, found.version, files)


class StandInIndex(http.server.ThreadingHTTPServer):
    """Serves until `shutdown`. `fits`: whether the ordinary index's torch and torchvision were built for each other.

    `also` is a second file of constraints, whose versions it has, too.
    A path in `hold` sets its event `reached` when it is asked for, and is not answered until `released` is set.
    """

    def __init__(self, constraints, *, also=None, fits=True):
        super().__init__(("127.0.0.1", 0), _Page)
        lines = list(map(Requirement, constraints.read_text("utf-8").splitlines()))
        lines.sort(key=lambda line: line.marker is None or line.marker.evaluate())  # those that hold here come last
        self.versions = {canonicalize_name(line.name): str(line.specifier).removeprefix("==") for line in lines}
        lines = list(map(Requirement, also.read_text("utf-8").splitlines())) if also else []
        self.also = {canonicalize_name(line.name): str(line.specifier).removeprefix("==") for line in lines}
        self.fits, self.requests = fits, []
        self.hold, self.reached, self.released = None, threading.Event(), threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}"
        self._made = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def packages(self, *, build):
        """{canonical name: its wheel's version} that an index of this `build` ("" for the ordinary one) has, or any."""
        if not build:
            return self.versions | {name: distribution(name).version for name in REAL}
        return {name: f"{self.versions[name]}+{build}" for name in ("torch", "torchvision")}

    def wheel(self, name, version):
        """The bytes of that wheel."""
        if (name, version) not in self._made:
            cuda = "" if "+cpu" in version else "13.0"
            if name in REAL and version == distribution(name).version:
                made = installed_wheel(name)
            elif name == "torch":
                built = cuda if self.fits else ""
                filled = {path: text.format(version=version, cuda=built) for path, text in TORCH.items()}
                made = wheel(name, version, filled)
            elif name == "torchvision":
                filled = {path: text.format(cuda=cuda) for path, text in TORCHVISION.items()}
                made = wheel(name, version, filled, [f"torch=={self.versions['torch']}"])
            else:
                made = wheel(name, version, JUPYTERLAB if name == "jupyterlab" else {})
            self._made[name, version] = made
        return self._made[name, version]


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, path = self.server, self.path.replace("%2B", "+")
        server.requests.append(path)
        if server.hold and server.hold in path:
            server.reached.set()
            server.released.wait()
        listing = re.fullmatch(r"/(simple|torch/(?P<build>\w+))/(?P<name>[\w.-]+)/", path)
        file = re.fullmatch(r"/files/(?P<name>\w+)-(?P<version>[\w.+]+)-py3-none-any\.whl", path)
        if listing:
            name = canonicalize_name(listing["name"])
            packages = server.packages(build=listing["build"])
            if name not in packages and listing["build"]:
                return self.send_error(404)
            versions = {packages.get(name, "99.0"), *([server.also[name]] if name in server.also else [])}
            stems = [f"{name.replace('-', '_')}-{version}-py3-none-any.whl" for version in sorted(versions)]
            links = [f'<a href="/files/{stem.replace("+", "%2B")}">{stem}</a>' for stem in stems]
            self.answer("text/html", "\n".join(links).encode())
        elif file:
            self.answer("application/zip", server.wheel(file["name"].replace("_", "-"), file["version"]))
        else:
            self.send_error(404)

    def answer(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET  # uv asks so whether parts of a wheel may be fetched

    def log_message(self, *_):
        pass
