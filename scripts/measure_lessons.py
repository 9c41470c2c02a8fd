"""How long each training cell of the lessons takes on this machine, beside what it promises; and other long ones.

Runs the instructor copies at pace `workshop`, one after another, and changes nothing. Names of lessons may be given:
measure_lessons.py 03 05. All of them take about 45 minutes on two cores.
"""

import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import lessons
from nbclient import NotebookClient

LONG = 10  # seconds: cells that take longer are named, whatever they do
PROMISED = re.compile(r"\btraining\(.*?minutes=([\d.]+).*?\)", re.DOTALL)


class Timed(NotebookClient):
    """A client that notes the seconds of each cell."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.seconds: dict[int, float] = {}

    async def async_execute_cell(self, cell, cell_index, **more):
        began = time.monotonic()
        try:
            return await super().async_execute_cell(cell, cell_index, **more)
        finally:
            self.seconds[cell_index] = time.monotonic() - began


def main() -> None:
    os.environ["GAN_WORKSHOP_PACE"] = "workshop"
    for path in lessons.instructor_lessons():
        if sys.argv[1:] and not path.name.startswith(tuple(sys.argv[1:])):
            continue
        notebook = lessons.with_sources(lessons.read(path), {})
        where = {"metadata": {"path": str(path.parent)}}
        client = Timed(notebook, timeout=None, kernel_name="python3", allow_errors=True, resources=where)
        began = time.monotonic()
        client.execute()
        print(f"{path.stem}: {(time.monotonic() - began) / 60:.1f} minutes for all cells")
        for place, cell in lessons.code_cells(notebook):
            if promised := PROMISED.search(cell.source):
                first = next(line for line in cell.source.splitlines() if "training(" in line).strip()
                times = f"promised {float(promised[1]) * 60:.0f} s, took {client.seconds[place]:.0f} s"
                print(f"  cell {place}: {times}   {first[:70]}")
            elif client.seconds[place] > LONG:
                print(f"  cell {place}: took {client.seconds[place]:.0f} s   {cell.source.splitlines()[0][:70]}")
        for fault in lessons.errors(notebook):
            print(f"  {fault[:200]}")


if __name__ == "__main__":
    main()
