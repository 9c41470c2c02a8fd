"""JupyterLab as `make lab` starts it, and a notebook page in a real browser, for tests that click.

    with JupyterLab(folder, pace="ci") as lab, lab.open("03_mlp_gan.ipynb") as page:
        page.run_all()
        page.wait_until_done()
        assert not page.errors()

Every wait is for something to happen, with a limit for when it does not; none is for a length of time.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]


def write_notebook(path: Path, cells: list[str]) -> None:
    """A notebook of code cells, for tests that bring their own."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(book, path)


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox: tests run in containers, often as root. The rest keeps the browser from talking to anybody but the lab.
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
# All cells stay in the page, also those out of sight; nothing is fetched; no tour or dialog stands in the way.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
START_LIMIT = 120.0  # seconds for the server, and for a kernel, on a slow machine
LIMIT = 60.0  # seconds for anything else


class JupyterLab:
    """A JupyterLab server of its own on localhost, with a token, serving copies: no test writes into the repository.

    `folder` is what it serves; `pace` is GAN_WORKSHOP_PACE for its kernels. Nobody's settings, and no network but
    localhost, are used. Enter it to start the server; leaving it ends server, kernels and browser.
    """

    def __init__(self, folder: Path, *, pace: str = "workshop"):
        self.folder = Path(folder)
        self._pace = pace
        self._token = secrets.token_hex(16)
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "JupyterLab":
        with contextlib.ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            for name, values in SETTINGS.items():
                file = home / "settings" / f"{name}.jupyterlab-settings"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(values), encoding="utf-8")
            self._log = stack.enter_context(open(home / "jupyterlab.log", "w+", encoding="utf-8"))
            self._process = stack.enter_context(self._server(home))
            stack.callback(self._stop)
            self._wait_until_it_answers()
            self._browser = stack.enter_context(_browser())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def open(self, notebook: str, *, width: int = 1280, height: int = 720) -> Iterator["NotebookPage"]:
        """The page of a notebook in the served folder, its kernel ready, in a window of that many pixels."""
        with contextlib.closing(self._browser.new_context(viewport={"width": width, "height": height})) as context:
            page = context.new_page()
            page.set_default_timeout(LIMIT * 1000)
            expect.set_options(timeout=LIMIT * 1000)
            # reset: alone, whatever was open in the last window.
            page.goto(f"{self.url}/lab/tree/{notebook}?token={self._token}&reset")
            opened = NotebookPage(page)
            opened.wait_for_kernel()
            yield opened

    def _server(self, home: Path) -> subprocess.Popen:
        environment = {
            **os.environ,
            "GAN_WORKSHOP_PACE": self._pace,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "JUPYTER_TOKEN": self._token,  # here rather than on the command line, where other users could read it
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        # The options of `make lab`, and what a test needs besides: this port or none, and no window of its own.
        command = [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1"]
        command += [f"--ServerApp.root_dir={self.folder}", "--LabApp.news_url=None"]
        command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        command += ["--no-browser", f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that it can be ended with all that it started
        )

    def _wait_until_it_answers(self) -> None:
        request = urllib.request.Request(f"{self.url}/api/status", headers={"Authorization": f"token {self._token}"})
        asking = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # localhost needs no proxy
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, OSError), asking.open(request, timeout=5):
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=0.1)
                raise RuntimeError(f"JupyterLab ended before it answered:\n{self._read_log()}")
        raise TimeoutError(f"JupyterLab did not answer within {START_LIMIT:.0f} s:\n{self._read_log()}")

    def _read_log(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text(encoding="utf-8")[-4000:]

    def _stop(self) -> None:
        self._process.terminate()  # the server then shuts its kernels down
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class NotebookPage:
    """A notebook in JupyterLab. Cells are counted from 0, text cells among them."""

    def __init__(self, page: Page):
        self.page = page
        self.notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    # What can be done

    def run_all(self) -> None:
        """Run all cells, without waiting for them."""
        self.page.locator(".lm-MenuBar-item", has_text=re.compile("^Run$")).click()
        self.page.locator(".lm-Menu-item", has_text=re.compile("^Run All Cells")).first.click()
        first = self.notebook.locator(".jp-CodeCell .jp-InputPrompt").first
        expect(first).to_have_text(re.compile(r"\[[*\d]+\]:"))

    def start(self, cell: int) -> None:
        """Run one cell, without waiting for its end."""
        self.cell(cell).locator(".jp-InputArea-editor").click()
        expect(self.cell(cell).locator(".cm-editor.cm-focused")).to_be_attached()  # else the keys go elsewhere
        self.page.keyboard.press("Control+Enter")
        expect(self.prompt(cell)).to_have_text(re.compile(r"\[[*\d]+\]:"))

    def run(self, cell: int, *, limit: float = LIMIT) -> str:
        """Run one cell to its end; what it printed."""
        before = self.prompt(cell).inner_text()
        self.start(cell)
        expect(self.prompt(cell)).not_to_have_text(before, timeout=limit * 1000)
        self.wait_until_done(cell, limit=limit)
        return self.text(cell)

    def interrupt(self) -> None:
        """Press the notebook's ■."""
        self.notebook.locator('[data-jp-item-name="interrupt"]').locator("button, jp-button").first.click()

    def screenshot(self, path: Path) -> Path:
        """A picture of the window as it is."""
        self.page.screenshot(path=path)
        return path

    # What can be waited for

    def wait_for_kernel(self) -> None:
        """Until the notebook is drawn and its kernel is idle."""
        expect(self.notebook.locator(".jp-Cell").first).to_be_visible(timeout=START_LIMIT * 1000)
        status = self.page.locator("#jp-main-statusbar").get_by_text(re.compile(r"\| Idle$"))
        expect(status).to_be_visible(timeout=START_LIMIT * 1000)

    def wait_until_done(self, cell: int | None = None, *, limit: float = LIMIT) -> None:
        """Until a cell has ended, or all have that were started."""
        if cell is not None:
            expect(self.prompt(cell)).to_have_text(re.compile(r"\[\d+\]:"), timeout=limit * 1000)
            return
        busy = self.notebook.locator(".jp-InputPrompt", has_text="[*]:")
        expect(busy).to_have_count(0, timeout=limit * 1000)

    # What can be seen

    def cell(self, number: int) -> Locator:
        """One cell, input and outputs."""
        return self.notebook.locator(".jp-Cell").nth(number)

    def prompt(self, cell: int) -> Locator:
        """The number beside a code cell: [*]: while it waits or runs."""
        return self.cell(cell).locator(".jp-InputPrompt")

    def text(self, cell: int) -> str:
        """What a cell printed on stdout."""
        outputs = self.cell(cell).locator('[data-mime-type="application/vnd.jupyter.stdout"]')
        return "".join(outputs.all_inner_texts())

    def errors(self, cell: int | None = None) -> list[str]:
        """Everything red: tracebacks and stderr, of one cell or of all."""
        where = self.notebook if cell is None else self.cell(cell)
        red = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
        return where.locator(red).all_inner_texts()

    def button(self, cell: int, word: str) -> Locator:
        """A button among the widgets below a cell."""
        return self.cell(cell).locator("button.jupyter-button", has_text=re.compile(rf"^\s*{word}\s*$"))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def _browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise FileNotFoundError(f"None of {', '.join(BROWSERS)} is on the PATH. Install Chromium for these tests.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
