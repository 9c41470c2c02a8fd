"""Many pictures drawn in parts, on all cores."""

from collections.abc import Callable

import numpy as np

CHUNK = 250  # pictures a worker draws at a time


def drawn_in_parts(draw: Callable[[range], dict[str, np.ndarray]], n: int, what: str) -> dict[str, np.ndarray]:
    """What `draw(numbers)` returns for the pictures 0 to n - 1, a part at a time, joined: name -> (n, ...).

    `draw` and what it carries are pickled for other processes. `what` stands beside the progress bar.
    """
    from joblib import Parallel, cpu_count, delayed
    from tqdm.auto import tqdm

    parts = [range(first, min(first + CHUNK, n)) for first in range(0, n, CHUNK)]
    workers, joined = (1 if len(parts) == 1 else cpu_count()), {}
    with tqdm(total=n, desc=f"drawing {n:,} {what}", unit="picture", delay=2) as bar:
        drawn = Parallel(workers, return_as="generator")(delayed(draw)(part) for part in parts)
        for part, arrays in zip(parts, drawn, strict=True):
            for name, values in arrays.items():
                if name not in joined:
                    joined[name] = np.empty((n, *values.shape[1:]), values.dtype)
                joined[name][part.start : part.stop] = values
            bar.update(len(part))
    return joined
