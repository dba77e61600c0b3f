"""Random sequences of edits on random songs, each checked at every step and taken back to the first byte.

Run: python benchmarks/walks.py [sequences] [steps]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from walks import walk

from engine import bench
from engine.pipeline import compose
from engine.request import make_request
from engine.stream import Stream


def main(sequences: int, steps: int) -> int:
    """Walk, print every sequence in which something was not as it must be, and return how many there are."""
    edits = wrong = 0
    for seed in range(sequences):
        stream, count = Stream.of(seed).at("walk"), iter(range(1 << 20))
        document = bench.document(compose(make_request(seed=seed, style=("rock", "punk")[seed % 2])))
        try:
            edits += walk(document, steps, lambda options: options[stream.at(next(count)).below(len(options))])  # noqa: B023
        except Exception as error:
            wrong += 1
            print(f"sequence {seed}: {type(error).__name__}: {error}", flush=True)
    print(f"{sequences} sequences, {edits} edits, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*(int(word) for word in (sys.argv[1:] + ["500", "8"][len(sys.argv) - 1 :])))))
