"""Is this machine ready for the workshop? Each finding says what was seen and, if something is amiss, what to do."""

import html
import importlib.metadata
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from gan_helpers import live, weights
from gan_helpers.datasets.cache import cache_folder
from gan_helpers.runtime import cores, device, pace, precision

PACKAGE = "gan-helpers"
CLONE = Path(__file__).resolve().parents[1]
INSTALL = "in a clone: make lab; with conda: conda env update -f environment.yml; elsewhere: pip install -U {}"
OLDEST_PYTHON = (3, 10)
DISK_NEEDED, DISK_WANTED = 0.2, 2.0  # GB: caches of the lessons; and room to train on data of one's own
MEMORY_NEEDED, MEMORY_WANTED = 1.5, 3.0  # GB: a kernel of lesson 03 takes about 0.7, a browser with JupyterLab 1
READABLE_STEPS = 5000  # steps after which digits of lesson 03 are read (56 to 60 % of them: seeds 0-2)
LONGEST = 10.0  # minutes for them that are still pleasant


class Finding(NamedTuple):
    """One thing looked at: `state` is "ok", "warning" or "problem"; `mend` is "" where nothing is to be done."""

    name: str
    state: str
    said: str
    mend: str = ""


def examine(*, seconds: float = 5.0) -> list[Finding]:
    """Everything there is to know about this machine, the speed test taking `seconds`."""
    return [
        python_finding(sys.version_info[:3]),
        *_packages(),
        _device(),
        _speed(seconds),
        _disk(),
        _memory(),
        _weights(),
        _widgets(),
    ]


def ready(findings: list[Finding]) -> bool:
    """Whether the lessons will run here: no finding is a problem."""
    return all(finding.state != "problem" for finding in findings)


def as_text(findings: list[Finding]) -> str:
    """The findings for a terminal, one a line, each problem with its mend below."""
    sign = {"ok": "ok", "warning": "!", "problem": "X"}
    lines = []
    for finding in findings:
        lines.append(f"{sign[finding.state]:>3}  {finding.name:10} {finding.said}")
        if finding.mend:
            lines.append(f"{'':16}-> {finding.mend}")
    return "\n".join([*lines, "", summary(findings)])


def summary(findings: list[Finding]) -> str:
    """The verdict in one sentence."""
    count = sum(finding.state == "problem" for finding in findings)
    if count:
        return f"{count} problem{'s' if count > 1 else ''} to mend before the workshop."
    unsure = sum(finding.state == "warning" for finding in findings)
    things = f"{unsure} thing{'s' if unsure > 1 else ''}"
    return "This machine is ready." if not unsure else f"This machine is ready; {things} to know about."


class _Report:
    """The findings as a table in a notebook; its text form is the same on every machine."""

    def __init__(self, findings: list[Finding]):
        self.findings = findings

    def __repr__(self) -> str:
        return "doctor: what was found on this machine"

    def _repr_html_(self) -> str:
        signs = {"ok": ("#009E73", "✓"), "warning": ("#E69F00", "!"), "problem": ("#D55E00", "✗")}
        rows = []
        for name, state, said, mend in self.findings:
            colour, sign = signs[state]
            text = html.escape(said) + (f"<br>→ {html.escape(mend)}" if mend else "")
            rows.append(
                f'<tr><td style="border-left: 6px solid {colour}; text-align: left">{sign} {html.escape(name)}</td>'
                f'<td style="text-align: left">{text}</td></tr>'
            )
        return (
            f'<table role="status" style="font-size: 14px">{"".join(rows)}</table>'
            f"<b>{html.escape(summary(self.findings))}</b>"
        )


def doctor() -> None:
    """Show in a notebook whether this machine is ready, and whether the browser's answers reach the kernel.

    Takes about ten seconds. In a terminal: `python -m gan_helpers doctor`.
    """
    from IPython.display import display

    from gan_helpers.echo import try_widgets

    quick = pace() == "ci"
    display(_Report(examine(seconds=0.3 if quick else 5.0)))
    try_widgets(seconds=1.0 if quick else 5.0)


def python_finding(version: tuple[int, ...]) -> Finding:
    """What a Python of this `version` means."""
    said = f"Python {'.'.join(map(str, version))} on {platform.system()} {platform.machine()}"
    if version < OLDEST_PYTHON:
        return Finding("Python", "problem", said, "the course needs 3.10 or newer: python.org, or conda")
    return Finding("Python", "ok", said)


def _packages() -> Iterator[Finding]:
    try:
        required = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            "packages", "problem", f"{PACKAGE} is not installed, so its bounds are unknown", INSTALL.format(PACKAGE)
        )
        return
    wrong, missing = unmet(required, installed_version)
    for said in (*missing, *wrong):
        yield Finding("packages", "problem", said, INSTALL.format(said.split()[0]))
    if problem := torchvision_problem():
        yield Finding("packages", "problem", problem, INSTALL.format("torch torchvision"))
    elif not wrong and not missing:
        named = ("torch", "torchvision", "numpy", "ipywidgets", "ipykernel", "jupyterlab")
        versions = [f"{name} {version}" for name in named if (version := installed_version(name))]
        yield Finding("packages", "ok", ", ".join(versions))


def torchvision_problem() -> str:
    """What is wrong with torchvision beside this torch, "" for nothing: the two belong together, release by release."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError) as error:
        versions = f"torchvision {installed_version('torchvision')} does not fit torch {installed_version('torch')}"
        return f"{versions} ({str(error).splitlines()[0]})"
    return ""


def installed_version(name: str) -> str | None:
    """The version of an installed package, None when it is missing."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def unmet(required: list[str], version_of) -> tuple[list[str], list[str]]:
    """Which of the requirements `version_of` (name -> version or None) does not meet: too old or new, and missing.

    Packages of extras (`[lab]` and the others) need not be there; where they are, they must be of the right version.
    """
    from packaging.requirements import Requirement

    wrong, missing = [], []
    for requirement in map(Requirement, required):
        extra = requirement.marker is not None and "extra" in str(requirement.marker)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}) and not extra:
            continue  # for another Python or system
        version = version_of(requirement.name)
        if version is None:
            if not extra:
                missing.append(f"{requirement.name} is missing, {requirement.specifier} is needed")
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} is installed, {requirement.specifier} is needed")
    return wrong, missing


def _device() -> Finding:
    where = device()
    name = torch.cuda.get_device_name() if where.type == "cuda" else cores()
    said = f"{'GPU' if where.type != 'cpu' else 'processor'} ({where}, {name}), {precision()}"
    if where.type == "cpu" and shutil.which("nvidia-smi"):
        return Finding(
            "device",
            "warning",
            f"{said}, although there is an NVIDIA GPU",
            "in a clone: make lab CPU=0; elsewhere: pip install a torch built for CUDA",
        )
    return Finding("device", "ok", said)


def _speed(seconds: float) -> Finding:
    from gan_helpers.models.mlp_gan import discriminator_step, generator_step
    from gan_helpers.speed import steps_a_second
    from gan_helpers.train import digit_gan

    state = torch.get_rng_state()  # what follows in the notebook must not depend on how fast this machine is
    nets, opts = digit_gan(batchnorm=True)
    real = torch.rand(128, 784, device=device()) * 2 - 1

    def step() -> None:
        discriminator_step(real, nets, opts)
        generator_step(real, nets, opts)

    speed = steps_a_second(nets, step, seconds=seconds)
    torch.set_rng_state(state)
    return speed_finding(speed)


def speed_finding(speed: float) -> Finding:
    """What `speed`, steps of lesson 03's digits a second, means for the attendee."""
    minutes = READABLE_STEPS / speed / 60
    said = f"lesson 03's digits are legible after about {_minutes(minutes)} here ({speed:.3g} steps/s)"
    if minutes <= 3:
        return Finding("speed", "ok", said)
    if minutes <= LONGEST:
        return Finding(
            "speed", "warning", said, "close other programs; or, in lesson 03, run the training of section 5 twice"
        )
    return Finding(
        "speed", "problem", said, "plug in the power supply, close other programs, or open the lesson in Colab"
    )


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return f"{max(1, round(minutes * 60))} seconds"
    return f"{minutes:.0f} minute{'s' if round(minutes) != 1 else ''}" if minutes >= 2 else f"{minutes:.1f} minutes"


def _disk() -> Finding:
    folder = cache_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    return disk_finding(free, folder, _problem_writing(existing))


def disk_finding(free: float, folder: Path, problem: str = "") -> Finding:
    """What `free` GB at the cache `folder`, and a `problem` with writing there ("" for none), mean."""
    where = "the clone's data folder" if folder == CLONE / "data" else str(folder)
    elsewhere = "set GAN_WORKSHOP_DATA to a folder with room that you can write to"
    if problem:
        return Finding("disk", "warning", f"{where} cannot be written to ({problem}): data is prepared anew each time",
                       elsewhere)  # fmt: skip
    said = f"{free:.1f} GB free for prepared data in {where}"
    if free < DISK_NEEDED:
        return Finding("disk", "problem", said, f"make room, or {elsewhere}")
    if free < DISK_WANTED:
        return Finding("disk", "warning", said, f"enough for the lessons; for data of your own {elsewhere}")
    return Finding("disk", "ok", said)


def _problem_writing(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    return memory_finding(memory.available / 1e9, memory.total / 1e9)


def memory_finding(free: float, total: float) -> Finding:
    """What `free` of `total` GB of memory mean."""
    said = f"{free:.1f} of {total:.1f} GB free"
    if free < MEMORY_NEEDED:
        return Finding("memory", "problem", said, "close other programs and notebooks (Kernel > Shut Down All Kernels)")
    if free < MEMORY_WANTED:
        return Finding("memory", "warning", said, "keep one notebook open at a time")
    return Finding("memory", "ok", said)


def _weights() -> Finding:
    damaged = [name for name in weights.names() if not weights.whole(name)]
    if damaged:
        return Finding(
            "weights", "problem", f"damaged: {', '.join(damaged)}", "install gan-helpers again, or git checkout them"
        )
    if not weights.names():
        return Finding("weights", "problem", "none are there", "install gan-helpers again")
    return Finding("weights", "ok", f"all {len(weights.names())} shipped ones are whole")


def _widgets() -> Finding:
    versions = {name: installed_version(name) for name in ("ipywidgets", "jupyterlab", "jupyterlab_widgets")}
    hosted = "google.colab" in sys.modules or (live.in_notebook() and not versions["jupyterlab"])
    return widgets_finding(versions, hosted=hosted)


def widgets_finding(versions: dict[str, str | None], *, hosted: bool = False) -> Finding:
    """What the versions of the packages behind sliders and buttons (None: missing) mean.

    `hosted` says that the notebooks run in a service such as Colab, which brings the browser's part itself.
    """
    said = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    if versions["ipywidgets"] is None:
        return Finding("widgets", "problem", said, INSTALL.format("ipywidgets"))
    if hosted:
        return Finding("widgets", "ok", f"ipywidgets {versions['ipywidgets']}; the browser part is the service's own")
    if versions["jupyterlab"] is None:
        return Finding(
            "widgets", "warning", said, "fine for the shell; for the notebooks " + INSTALL.format("jupyterlab")
        )
    pair = versions["ipywidgets"].split(".")[0], (versions["jupyterlab_widgets"] or "0").split(".")[0]
    if pair not in {("8", "3"), ("7", "1")}:
        return Finding(
            "widgets", "problem", f"{said}: they do not fit together, so sliders stay dead",
            INSTALL.format("ipywidgets jupyterlab_widgets"),
        )  # fmt: skip
    return Finding("widgets", "ok", f"{said}; lesson 00 tests them in the browser")
