"""What it costs that draws can be watched, what share of notes an explanation reaches, and how long it takes.

Run: python benchmarks/explain.py [songs]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from statistics import median

from engine import bench
from engine.chain import watch
from engine.explain.explain import PARTS, explain
from engine.models.novelty import novelty
from engine.pipeline import compose
from engine.request import make_request

ASKED = 200_000


def main(songs: int) -> None:
    """Print a few figures of songs, and a row a part."""
    requests = [make_request(seed=seed) for seed in range(1, songs + 1)]
    documents = [bench.document(compose(request)) for request in requests]
    composed, told, figure = [], list[float](), []
    asked = _asked(requests[0])
    for request, document in zip(requests, documents, strict=True):
        composed.append(_cost(lambda request=request: compose(request)))
        figure.append(_cost(lambda document=document: novelty(document.song)))
    one = _cost(lambda: [watch.watcher() for _ in range(ASKED)]) / ASKED
    print(f"a song: {median(composed):.1f} ms; nobody watching: {asked} looks, {asked * one:.3f} ms of these")
    print(f"the figure of novelty: {median(figure):.2f} ms, at most {max(figure):.2f}")
    print("part      notes  by a draw  median ms a section")
    for part in PARTS:
        ways, told = Counter[str](), []
        for document in documents:
            for section in document.song.sections:
                if part in section.players:
                    begun = time.process_time()
                    rows = explain(document, f"{section.name}/{part}").rows
                    told.append((time.process_time() - begun) * 1000)
                    ways.update("draw" if row.place or row.pitch else row.how for row in rows)
        total = sum(ways.values())
        print(f"{part:8} {total:6} {100 * ways['draw'] / max(total, 1):8.1f} %  {median(told):19.0f}")


def _asked(request: object) -> int:
    """Return how often a song's making looks whether somebody watches."""
    real, count = watch.watcher, 0

    def counted() -> object:
        nonlocal count
        count += 1
        return real()

    users = [module for name, module in sys.modules.items() if getattr(module, "watcher", None) is real]
    for module in users:
        module.watcher = counted
    compose(request)
    for module in users:
        module.watcher = real
    return count


def _cost(work: object) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
