"""Which build of torch and torchvision to install, and whether the two that came fit each other."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from install_progress import InstallError

TORCH_INDEX = "https://download.pytorch.org/whl"
ANSWER_WITHIN = 4.0  # seconds for PyTorch's index; it is asked once

# What torch, torchvision and the packages that they bring take; measured on Linux, x86-64, torch 2.13.
SIZES = {"cpu": "about 200 MB to download, 1 GB on disk", "cuda": "up to 2.8 GB to download, 5 GB on disk"}


def choose_torch(settings):
    """The address to take torch and torchvision from, None for the ordinary index. Says what was chosen, and why."""
    if settings["WHEELS"]:
        print(f"      from {settings['WHEELS']}, without a network")
        return None
    if sys.platform == "darwin":
        print("      the ordinary build for macOS; on Apple processors it can use their GPU")
        return None
    gpu = nvidia_gpu()
    cuda = settings["CPU"] == "0" or (settings["CPU"] == "" and bool(gpu))
    why = f"CPU={settings['CPU']}" if settings["CPU"] else (gpu or "no NVIDIA GPU")
    other = "CPU=1 (without CUDA)" if cuda else "CPU=0 (with CUDA)"
    mirror = "TORCH_INDEX=ADDRESS (a mirror)"
    # The ordinary index has CUDA's build for Linux and the one without for Windows; PyTorch's own has all of them.
    build = {("linux", False): "cpu", ("win32", True): "cu130"}.get((sys.platform, cuda))
    index, problem = ask_index(settings, build) if build else (None, "")
    if index:
        print(f"      {why}: {_build(cuda)} from PyTorch's index, {SIZES['cuda' if cuda else 'cpu']}")
    elif problem:
        print(f"      {why}. PyTorch's own index cannot be used, so the ordinary index decides. It usually has")
        print(f"      {_build(not cuda)}: {SIZES['cpu' if cuda else 'cuda']} ({problem})")
    else:
        print(f"      {why}: {_build(cuda)} from the ordinary index, {SIZES['cuda' if cuda else 'cpu']}")
    print(f"      To choose otherwise, add one of these to the command: {mirror if problem else other}, WHEELS=FOLDER")
    return index


def _build(cuda):
    return f"the build {'with' if cuda else 'without'} CUDA"


def nvidia_gpu():
    """The name of the first NVIDIA GPU that the driver sees, "" for none."""
    program = shutil.which("nvidia-smi") or shutil.which("nvidia-smi", path="/usr/lib/wsl/lib")
    if program is None:
        return ""
    try:
        answer = subprocess.run(
            [program, "--query-gpu=name", "--format=csv,noheader"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = answer.stdout.decode(errors="replace").strip().splitlines()
    return lines[0].strip() if answer.returncode == 0 and lines else ""


def ask_index(settings, build):
    """(address, "") of PyTorch's own index for that build, or (None, what is wrong with it)."""
    address = f"{(settings['TORCH_INDEX'] or TORCH_INDEX).rstrip('/')}/{build}"
    try:
        with urllib.request.urlopen(f"{address}/torch/", timeout=ANSWER_WITHIN) as answer:
            page = html.unescape(answer.read().decode(errors="replace"))
    except (OSError, ValueError) as error:  # URLError is an OSError
        return None, f"{address}: {getattr(error, 'reason', error)}"
    if not re.search(r"\btorch-\d", page):
        return None, f"{address} lists no torch; is it a login page?"
    return address, ""


def install_pair(installer, index, *, again=False):
    """Install torchvision, and the very torch that it was built for, from `index` (None: the ordinary one)."""
    installer.install(installer.pin("torchvision"), "--no-deps", index=index, again=again)
    installer.install(f"torch{_required_torch(installer.python)}", "--no-deps", index=index, again=again)


def _required_torch(python):
    program = "import importlib.metadata as m; print(*m.requires('torchvision'), sep='\\n')"
    lines = subprocess.run([python, "-c", program], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    return next((found[1] for found in (re.match(r"torch\s*\(?(==[\w.]+)", line) for line in lines) if found), "")


def check_pair(installer, settings, index):
    """Make sure that `import torchvision` works beside this torch; returns {"torch", "torchvision", "cuda", "gpu"}.

    pip may have chosen a torch without CUDA (from a local folder, a mirror) and a torchvision built for CUDA. Then its
    compiled operators cannot be loaded, and importing it stops at the first of them (pytorch/vision, issue 9085).
    `index` is where the pair came from, None for the ordinary index. Raises InstallError when nothing helps.
    """
    found, problem = look_at_pair(installer.python)
    if problem and not (index or settings["WHEELS"]):
        fitting, _ = ask_index(settings, "cpu")
        if fitting:
            print("      torch and torchvision do not fit each other: both again, from PyTorch's index")
            install_pair(installer, fitting, again=True)
            found, problem = look_at_pair(installer.python)
    if "operator torchvision::" in problem:
        declare_operators(installer.python)
        found, problem = look_at_pair(installer.python)
        if not problem:
            print(f"      torchvision {found['torchvision']} was built for another torch than {found['torch']}.")
            print("      Its compiled operators (nms, roi_align, file readers) are switched off. No lesson needs them,")
            print("      and the rest of it works: there is nothing to do.")
    if problem:
        raise InstallError(
            f"torch and torchvision came, but `import torchvision` ends in {problem}\n"
            "What to do: delete .venv (make clean), then install again."
        )
    cuda = f"with CUDA {found['cuda']}" if found["cuda"] else "without CUDA"
    print(f"      torch {found['torch']} and torchvision {found['torchvision']}, {cuda}")
    if found["cuda"] and not found["gpu"] and nvidia_gpu():
        print("      It does not reach the GPU: a newer NVIDIA driver may help. Until then the processor computes.")
    return found


def look_at_pair(python):
    """({"torch", "torchvision", "cuda", "gpu"}, "" or the error that `import torchvision` ends in)."""
    program = (
        "import json, importlib.metadata as m, torch\n"
        "try:\n    import torchvision; problem = ''\n"
        "except Exception as error: problem = f'{type(error).__name__}: {error}'\n"
        "print(json.dumps([{'torch': torch.__version__, 'torchvision': m.version('torchvision'),"
        " 'cuda': torch.version.cuda or '', 'gpu': torch.cuda.is_available()}, problem]))\n"
    )
    answer = subprocess.run([python, "-W", "ignore", "-c", program], capture_output=True)
    if answer.returncode:
        raise InstallError(
            f"torch came, but does not start:\n{answer.stderr.decode(errors='replace').strip()}\n"
            "What to do: delete .venv (make clean), then install again."
        )
    return json.loads(answer.stdout.decode().splitlines()[-1])


DECLARED = """
# Added by install.py of the GAN workshop. This torchvision was built for another torch, so its operators are not there.
# Declared without code, they let `import torchvision` go through; calling one raises.
if not _has_ops():
    _declared = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _declared.define(_name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


def declare_operators(python):
    """Add to the installed torchvision what lets it be imported without its compiled operators."""
    program = "import importlib.util as u; print(u.find_spec('torchvision').submodule_search_locations[0])"
    folder = subprocess.run([python, "-c", program], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    path = Path(folder, "extension.py")
    text = path.read_text("utf-8")
    if DECLARED not in text:
        new = path.with_suffix(".part")  # a new file: the old one may be a link into a cache that others share
        new.write_text(text + DECLARED, "utf-8")
        os.replace(new, path)
