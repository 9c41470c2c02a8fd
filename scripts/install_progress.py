"""How an installation shows what it does: a line for each stage, and below it how far uv or pip is."""

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

STAGES = 4
EVERY = 15.0  # seconds between two lines about progress where the output is no terminal
LAST_LINES = 15  # of what pip said, shown when it failed
UNITS = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
HELP = (
    "What to do: read the last lines above. If the network failed, run the same command again: it continues.\n"
    "Without a network: WHEELS=FOLDER, a folder that `python install.py wheels` filled elsewhere."
)


class InstallError(Exception):
    """What stops an installation, in words for the person who called it."""


def say(stage, what, *, of=STAGES):
    """Print the headline of a stage."""
    print(f"[{stage}/{of}] {what}", flush=True)


def run(command, *, environment=None):
    """Run a command and show how far it is; raises InstallError when it fails.

    uv draws its own progress. pip does so in a terminal only, says a hundred lines, and is silent while it unpacks:
    what it says is read here, and told in one line that changes.
    """
    environment = dict(os.environ if environment is None else environment)
    if command[1:3] != ["-m", "pip"] or "--quiet" in command:
        status, said = subprocess.run(command, env=environment).returncode, []
    else:
        status, said = _run_pip(command, environment)
    if status:
        print("\n".join(said[-LAST_LINES:]), file=sys.stderr)
        raise InstallError(f"This ended with status {status}: {' '.join(map(str, command))}\n{HELP}")


def _run_pip(command, environment):
    environment["PYTHONUNBUFFERED"] = "1"
    version = subprocess.run([*command[:3], "--version"], stdout=subprocess.PIPE, env=environment).stdout.decode()
    if tuple(map(int, re.findall(r"\d+", version)[:2])) >= (24, 1):
        command = [*command, "--progress-bar", "raw"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    lines = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    said, progress = [], _Progress(Path(command[0]).parents[1])
    try:
        while True:
            try:
                line = lines.get(timeout=1)
            except queue.Empty:
                line = ""
            if line is None:
                break
            if line:
                said.append(line)
            progress.hear(line)
    except KeyboardInterrupt:
        process.wait()  # it was interrupted, too, and cleans up
        print()
        raise
    progress.end()
    return process.wait(), [line for line in said if not line.startswith(("Progress ", "WARNING: Location "))]


def _read(stream, lines):
    for line in stream:
        lines.put(line.rstrip())
    lines.put(None)


class _Progress:
    """What pip has said so far, as one line: rewritten in a terminal, printed now and then elsewhere."""

    def __init__(self, environment):
        self._site_packages = next(iter(sorted(environment.glob("[Ll]ib/**/site-packages"))), environment)
        self._start = self._printed = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._packages, self._megabytes, self._to_install, self._had = 0, 0.0, 0, 0
        self._name, self._now = "", "looking up packages"

    def hear(self, line):
        """Take in a line of pip's, or "" when a second went by without one."""
        if line.startswith(("Collecting ", "Processing ")):
            self._packages += 1
            self._now = f"looking up packages, {self._packages} so far"
        elif found := re.search(r"Downloading (\S+?)-\S+ \(([\d.]+) (bytes|[kMG]B)\)", line):
            size = float(found[2]) * UNITS[found[3]]
            self._megabytes += size
            self._name = f"downloading {found[1].rpartition('/')[2]}, {size:.0f} MB" if size >= 1 else ""
            self._now = self._name or self._now
        elif found := re.match(r"Progress (\d+) of (\d+)", line):
            if int(found[2]) >= 1e6:
                self._now = f"{self._name}: {100 * int(found[1]) // int(found[2])} %"
        elif line.startswith("Installing collected packages: "):
            self._to_install, self._had = line.count(",") + 1, self._installed()
        if self._to_install:
            self._now = (
                f"installing, {min(self._installed() - self._had, self._to_install)} of {self._to_install} packages"
            )
        self._tell()

    def _installed(self):
        return len(list(self._site_packages.glob("*.dist-info")))

    def _tell(self):
        now = time.monotonic()
        text = f"      {self._now} ({now - self._start:.0f} s)"
        if self._terminal:
            self._show(text)
        elif now - self._printed >= EVERY:
            self._printed = now
            self._show(f"{text}\n")

    def _show(self, text):
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            text = f"\r{text[:width]:<{width}}" if not text.endswith("\n") else f"\r{text[:-1]:<{width}}\n"
        print(text, end="", flush=True)

    def end(self):
        """The last line: what came, and how long it took."""
        came = f"{self._to_install} packages, {self._megabytes:,.0f} MB downloaded" if self._to_install else "done"
        self._show(f"      {came} ({time.monotonic() - self._start:.0f} s)\n")
