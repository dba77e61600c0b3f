"""How long a reroll takes in a warm process: CPU milliseconds, median and worst, by part, over several songs.

Run: python benchmarks/reroll.py [songs]
"""

from __future__ import annotations

import sys
import time
from statistics import median

from engine import bench
from engine.pipeline import compose
from engine.request import make_request

PARTS = ("melody", "lead", "rhythm", "bass", "drums")
AGAIN = 3


def main(songs: int) -> None:
    """Reroll each part of the first verse and the second chorus, and print a row a part."""
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    for seed in range(songs):
        document = bench.document(compose(make_request(seed=seed, form="I V C V C B C O")))
        for name in ("verse/1", "chorus/2"):
            section = next(s for s in document.song.sections if s.name == name)
            for part in (part for part in PARTS if part in section.players):
                after = bench.reroll(document, f"{name}/{part}")
                for take in range(2, 2 + AGAIN):
                    start = time.process_time()
                    after = bench.reroll(after, f"{name}/{part}", take)
                    found[part].append((time.process_time() - start) * 1000)
    print("part      median ms  worst ms")
    for part, times in found.items():
        print(f"{part:8} {median(times):10.1f} {max(times):9.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
