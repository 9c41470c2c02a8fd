"""Runs a function in several processes that know each other, as `accelerate launch` starts them."""

import multiprocessing
import os
import socket
from pathlib import Path


def forkserver():
    """What starts processes in a tenth of a second: what takes long to import is there already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gan_helpers.accelerated", "gan_helpers.datasets.coco.prepare", "accelerate"])
    return context


def _work(function, number: int, count: int, port: int, *arguments) -> None:
    os.environ |= {
        "RANK": str(number),
        "LOCAL_RANK": str(number),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
        "GAN_WORKSHOP_PACE": "ci",
    }
    import torch

    torch.set_num_threads(1)
    function(number, *arguments)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def run_together(function, count: int, *arguments) -> list[int]:
    """Call `function(number, *arguments)` in `count` processes at once; their exit statuses."""
    context = forkserver()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [context.Process(target=_work, args=(function, n, count, port, *arguments)) for n in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
        assert process.exitcode is not None, "a process waits for ever"
    return [process.exitcode for process in processes]


def file_of(folder: Path, number: int) -> Path:
    """Where process `number` leaves what it found."""
    return folder / f"process-{number}.pt"
