"""Random sequences of edits on random songs of all styles, each checked at every step and taken back to the first byte.

Run: python benchmarks/walks.py [sequences] [steps] [first]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from walks import walk

from engine import bench
from engine.pipeline import compose
from engine.request import make_request
from engine.stream import Stream
from engine.style import names

METERS = ("3/4", "6/8")  # of rock, beside the styles' own


def main(sequences: int, steps: int, first: int) -> int:
    """Walk, print every sequence in which something was not as it must be, and return how many there are."""
    edits = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        styles = ["rock", *sorted(set(names()) - {"rock"}), *(waltz(Path(folder), meter) for meter in METERS)]
        for seed in range(first, first + sequences):
            stream, count = Stream.of(seed).at("walk"), iter(range(1 << 20))
            style = styles[seed % len(styles)]
            try:
                document = bench.document(compose(make_request(seed=seed, style=style)))
                edits += walk(document, steps, lambda options: options[stream.at(next(count)).below(len(options))])  # noqa: B023
            except Exception as error:
                wrong += 1
                print(f"sequence {seed}, {style}: {type(error).__name__}: {error}", flush=True)
    print(f"{sequences} sequences, {edits} edits, {wrong} wrong")
    return wrong


def waltz(folder: Path, meter: str) -> str:
    """Return the path of a style like rock in another metre."""
    path = folder / f"rock-{meter.replace('/', '-')}.yaml"
    path.write_text(f'extends: rock\nmeter: "{meter}"\n')
    return str(path)


if __name__ == "__main__":
    sys.exit(bool(main(*(int(word) for word in (sys.argv[1:] + ["500", "8", "0"][len(sys.argv) - 1 :])))))
