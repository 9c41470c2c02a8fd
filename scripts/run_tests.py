"""Runs the layers of tests, two at a time, cut off from the network, and says at the end how each of them went.

Every layer runs, whatever became of the ones before it; the exit status is 0 only if none failed. A layer without a
single test counts as failed: a gate that is not there must not look open.
"""

import argparse
import concurrent.futures
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

REPOSITORY = Path(__file__).resolve().parents[1]

# What pytest is given for each layer. "check" is no pytest run: it is `make check`. Behind it the longest come first,
# so that the two that run side by side end at about the same time.
LAYERS = {
    "check": [],
    "unit": ["tests/unit"],
    "browser": ["tests/browser"],
    "colab": ["tests/colab"],
    "nbval": ["--nbval", "notebooks/instructor"],
    "notebooks": ["tests/notebooks"],
    "gates": ["tests/gates"],
    "install": ["tests/install"],
    "slides": ["tests/slides"],
}

# Layers that run side by side. Two processes of one thread each get through more than one of two threads does: much of
# the work is small (steps of small networks, a browser, pip), and that does not divide. More would need more memory.
LANES = 2

# Layers that run lessons, and the pictures that several lessons ask for: drawn first, on all cores, so that no cell
# waits for the layer beside it to draw them.
LESSONS = {"nbval", "notebooks", "colab", "browser"}
DRAWN = (["food", "--size", "32"], ["food", "--size", "64"], ["pizzas"])

CLONE_NEWNET = 0x40000000  # <sched.h>
SIOCSIFFLAGS = 0x8914  # <linux/sockios.h>
IFF_UP = 0x1  # <net/if.h>


class Result(NamedTuple):
    """How one layer went: its exit status (0 is good), numbers of tests, and wall time in seconds."""

    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float


def cut_off_network():
    """Leave this process and its children only the loopback interface.

    Raises OSError where that cannot be had (it takes Linux and root).
    """
    if not sys.platform.startswith("linux"):
        raise OSError(f"network namespaces are Linux's; this is {sys.platform}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"unshare: {os.strerror(code)}")
    import fcntl  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:  # a new loopback interface is down
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    left = {name for _, name in socket.if_nameindex()}
    if left != {"lo"}:
        raise OSError(f"expected no interface but lo, found {', '.join(sorted(left))}")


def layer_environment(scratch, *, threads):
    """The environment variables of every layer: nobody's personal Jupyter settings, pace `ci`, one data folder.

    `threads` is the number that torch may use in each process, None for its own choice.

    The folder starts empty, and ten thousand drawn pictures take a minute or more: the layers draw them once. Only
    nbval cannot set pace and folder itself; conftest.py takes the pace away from the other layers.
    """
    data = str(scratch / "data")
    share = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    return (
        os.environ
        | share
        | {
            "GAN_WORKSHOP_PACE": "ci",
            "GAN_WORKSHOP_DATA": data,
            "GAN_WORKSHOP_TEST_DATA": data,
            "IPYTHONDIR": str(scratch / "ipython"),
            "JUPYTER_CONFIG_DIR": str(scratch / "jupyter"),
            "PIP_NO_INDEX": "1",
            "PRE_COMMIT_HOME": str(scratch / "pre-commit"),
        }
    )


def run_layer(name, arguments, *, scratch, threads, alone):
    """Run one layer and return its Result; what it prints goes through at once if it is `alone`, else at its end."""
    if arguments:
        report = scratch / f"{name}.xml"
        command = [sys.executable, "-m", "pytest", *arguments, f"--junitxml={report}", "-o", "junit_family=xunit2"]
    else:
        report = None
        command = ["make", "check"]
    title = f"\n===== {name}: {' '.join(command[2:] if arguments else command)}"
    print(title if alone else f"{name} begins", flush=True)
    start = time.monotonic()
    environment = layer_environment(scratch, threads=threads)
    if not arguments:
        # What the calling make was told (its targets' variables, -n, -j) is not meant for this one.
        environment = {
            key: value for key, value in environment.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
        }
    printed = scratch / f"{name}.txt"
    with open(printed, "wb") as file:
        process = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            **({} if alone else {"stdout": file, "stderr": subprocess.STDOUT}),
        )
    status = process.returncode
    seconds = time.monotonic() - start
    if not alone:
        print(f"{title}\n{printed.read_text(encoding='utf-8', errors='replace')}", flush=True)
    if report is None:
        return Result(status, int(status == 0), int(status != 0), 0, seconds)
    passed, failed, skipped = counts(report)
    if status == 0 and passed == 0:
        status = 5  # pytest's own "no tests": all of them skipped is none run
    return Result(status, passed, failed, skipped, seconds)


def draw_pictures(scratch):
    """Draw what the lessons ask for into the layers' data folder; what fails here fails again in a layer."""
    for wanted in DRAWN:
        command = [sys.executable, "-m", "gan_helpers", "data", *wanted]
        subprocess.run(command, cwd=REPOSITORY, env=layer_environment(scratch, threads=None), check=False)


def run_layers(names, *, scratch):
    """{name: Result} of the layers, LANES of them at a time, which share the cores."""
    lanes = min(LANES, len(names), os.cpu_count() or 1)
    threads = max(1, (os.cpu_count() or 1) // lanes) if lanes > 1 else None
    with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        running = {
            name: pool.submit(run_layer, name, LAYERS[name], scratch=scratch, threads=threads, alone=lanes == 1)
            for name in names
        }
        return {name: future.result() for name, future in running.items()}


def counts(report):
    """The numbers of passed, failed and skipped tests in a JUnit XML file; errors count as failed, no file as none."""
    if not report.exists():
        return 0, 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("layers", nargs="*", metavar="LAYER", help=f"some of: {' '.join(LAYERS)} (default: all)")
    chosen = parser.parse_args().layers or list(LAYERS)
    unknown = [name for name in chosen if name not in LAYERS]
    if unknown:
        parser.error(f"expected layers among {', '.join(LAYERS)}; got {', '.join(unknown)}")

    start = time.monotonic()
    try:
        cut_off_network()
        print("Network: cut off, only loopback is left")
    except OSError as error:
        print(f"Network: NOT cut off ({error}); these tests would not notice a download")

    scratch = Path(tempfile.mkdtemp(prefix="gan-workshop-tests-"))
    try:
        if LESSONS & set(chosen):
            draw_pictures(scratch)
        results = run_layers([name for name in LAYERS if name in chosen], scratch=scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

    print(f"\n{'layer':<10} {'result':<8} {'passed':>6} {'failed':>6} {'skipped':>7} {'seconds':>8}")
    for name, result in results.items():
        word = "ok" if result.status == 0 else "FAILED"
        print(f"{name:<10} {word:<8} {result.passed:>6} {result.failed:>6} {result.skipped:>7} {result.seconds:>8.0f}")
    # A layer that broke before it could count (a collection error, a missing folder) is one failure.
    failed = sum(result.failed or int(result.status != 0) for result in results.values())
    skipped = sum(result.skipped for result in results.values())
    passed = sum(result.passed for result in results.values())
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped in {(time.monotonic() - start) / 60:.1f} minutes")
    return int(any(result.status != 0 for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
