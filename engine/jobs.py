"""Work in several places at once: this processor, several, or a Dask cluster, with the same results whichever way.

Little is on its way at any time, so memory does not grow with the work.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from engine.errors import JobError, UsageError

Item = TypeVar("Item")
Found = TypeVar("Found")

_AHEAD = 2  # items a thread of a cluster has, so that it need not wait for the next
_PATIENCE = 10  # seconds for a scheduler to answer


def run(
    work: Callable[[Item], Found], items: Sequence[Item], jobs: int = 1, cluster: str = ""
) -> Iterator[tuple[int, Found]]:
    """Yield (number, work(item)) for each item as it is done, in any order.

    work: a function of a module, or a ``partial`` of one. items: small. jobs: processes on this machine. cluster:
    address of a Dask scheduler, "" for none. Raises what ``work`` raises, JobError where a process was killed,
    UsageError where there is no such cluster.
    """
    if cluster:
        yield from _on_cluster(work, items, cluster)
    elif jobs > 1 and len(items) > 1:
        yield from _on_cores(work, items, min(jobs, len(items)))
    else:
        for number, item in enumerate(items):
            yield number, work(item)


def _on_cores(work: Callable[[Item], Found], items: Sequence[Item], jobs: int) -> Iterator[tuple[int, Found]]:
    # Each has a pipe of its own, which ends when either side dies: one that is killed is noticed, and none goes on
    # without us. A process of one thread is copied with all that it has loaded; of others they begin anew.
    copied = _threads() == 1
    context: Any = get_context("fork" if copied else "spawn")
    waiting = iter(enumerate(items))
    crew: list[tuple[Connection, Any]] = []
    try:
        for _ in range(jobs):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(work, there, copied), daemon=True)
            process.start()
            there.close()
            crew.append((here, process))
            here.send(next(waiting))
        for _ in items:
            ready: Any = wait([pipe for pipe, _ in crew])[0]
            try:
                number, found = ready.recv()
                for job in islice(waiting, 1):
                    ready.send(job)
            except (EOFError, OSError) as error:
                raise JobError(
                    "a process that shared the work was killed",
                    "the same command goes on from here; fewer --jobs need less memory",
                ) from error
            if isinstance(found, Exception):
                raise found
            yield number, found
    finally:
        for pipe, process in crew:
            pipe.close()
            process.terminate()
            process.join()


def _threads() -> int:
    """Return how many threads this process has, those of libraries too; 0 where that cannot be told."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0


def _serve(work: Callable[[Any], Any], pipe: Connection, copied: bool) -> None:
    """Do what comes down a pipe until its other end is gone.

    copied: whether this process is a copy; it lets go of what it has open, such as other pipes and locks.
    """
    if copied:
        for handle in map(int, os.listdir("/proc/self/fd")):
            if handle > 2 and handle != pipe.fileno():
                with suppress(OSError):
                    os.close(handle)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a stop from the keyboard is for the one that shares out the work
    with suppress(EOFError, OSError):
        while True:
            number, item = pipe.recv()
            try:
                found = work(item)
            except Exception as error:
                found = error
            pipe.send((number, found))


def _on_cluster(work: Callable[[Item], Found], items: Sequence[Item], cluster: str) -> Iterator[tuple[int, Found]]:
    try:
        dask: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise UsageError("--cluster needs Dask", 'install it with: pip install "hookline[cluster]"') from error
    try:
        client = dask.Client(cluster, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler at {cluster}: {error}", "write it like tcp://10.0.0.5:8786") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what went wrong is told by us, in a line
    with client:
        waiting = iter(enumerate(items))
        numbers: dict[Any, int] = {}
        done = dask.as_completed()

        def hand_out() -> None:
            room = _AHEAD * max(sum(client.nthreads().values()), 1) - len(numbers)
            for number, item in islice(waiting, max(room, 0)):
                future = client.submit(work, item, pure=False)
                numbers[future] = number
                done.add(future)

        hand_out()
        for future in done:
            try:
                found = future.result()
            except (dask.KilledWorker, dask.client.FutureCancelledError) as error:
                reason = str(error).partition("\n")[0]
                raise JobError(f"the cluster lost some work: {reason}", "the same command goes on from here") from error
            number = numbers.pop(future)
            hand_out()
            yield number, found
