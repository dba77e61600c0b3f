"""Composed songs scored by the models that predict real ones: neither more random nor more mechanical than people.

python benchmarks/score.py EVENTS_FOLDER [--count 100] [--seed 1] [--style rock] [--task T]

EVENTS_FOLDER holds TASK.jsonl files as ``benchmarks/predict.py`` reads them. A task's models are fitted on its rows of
split "train"; they score the rows of split "dev", which are real, and the events of composed songs
(``engine.measure.events``). Printed are bits an event by song: quartiles of real songs and of ours, and the share of
our songs inside the real quartiles, where half of the real ones are. "static" knows the corpus; "memory" remembers the
song so far as well.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# ruff: noqa: E402
import numpy as np

from engine import api
from engine.errors import CorpusError, EngineError
from engine.measure.events import Events, events_of
from engine.measure.piece import piece_from_song
from engine.train.events import EventSong, read_events
from engine.train.predict import predict
from engine.train.tasks import TASKS

LEAST = 4  # events; a song with fewer says nothing


class Side(NamedTuple):
    """Bits an event of every real song and of every one of ours."""

    real: list[float]
    ours: list[float]


class Result(NamedTuple):
    task: str
    static: Side
    memory: Side


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path)
    parser.add_argument("--count", type=int, default=100, help="songs to compose")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--style", default="rock")
    parser.add_argument("--task", choices=sorted(TASKS), action="append", help="only this task (may be repeated)")
    options = parser.parse_args()
    if options.count < 1:
        parser.error("--count needs a whole number of at least 1")
    try:
        tasks = options.task or [name for name in TASKS if (options.events / f"{name}.jsonl").is_file()]
        if not tasks:
            raise CorpusError(f"no event files in {options.events}", "give a folder of TASK.jsonl files")
        with ProcessPoolExecutor(min(os.cpu_count() or 1, max(len(tasks), options.count))) as pool:
            seeds = range(options.seed, options.seed + options.count)
            songs = list(pool.map(composed, [options.style] * len(seeds), seeds, chunksize=8))
            ours = [[song[task] for song in songs if task in song] for task in tasks]
            results = []
            print(f"{'task':18}{'':9}{'real: q25 median q75':>24}{'ours: q25 median q75':>25}{'inside':>8}")
            for result in pool.map(run, tasks, [options.events] * len(tasks), ours):
                results.append(result)
                tell(result)
    except EngineError as error:
        print(f"error: {error}" + (f" ({error.hint})" if error.hint else ""), file=sys.stderr)
        return 1
    for name in ("static", "memory"):
        good = sum(placed(getattr(result, name)) == "" for result in results)
        print(f"{name}: our median inside the real quartiles in {good} of {len(results)} tasks")
    return 0


def composed(style: str, seed: int) -> dict[str, Events]:
    return events_of(piece_from_song(api.compose(style=style, seed=seed)))


def run(task: str, folder: Path, ours: Sequence[Events]) -> Result:
    songs = [song for song in read_events(folder / f"{task}.jsonl") if len(song.events) >= LEAST]
    known = [song for song in songs if song.split == "train"]
    real = [song for song in songs if song.split == "dev"]
    made = [
        EventSong(f"seed {number}", "", events.symbols, events.sides)
        for number, events in enumerate(ours)
        if len(events.symbols) >= LEAST
    ]
    if not known or not real or not made:
        raise CorpusError(f"{folder / task}.jsonl: songs of split train and dev, and ours, are needed to compare")
    found = predict(TASKS[task], known, [*real, *made])
    lengths = [len(song.events) for song in (*real, *made)]
    return Result(task, *(_side(bits, lengths, len(real)) for bits in (found.static, found.memory)))


def _side(bits: np.ndarray, lengths: list[int], real: int) -> Side:
    means = [float(part.mean()) for part in np.split(bits, np.cumsum(lengths)[:-1])]
    return Side(means[:real], means[real:])


def placed(side: Side) -> str:
    """Return where our median lies: "" inside the real quartiles, "low" (too predictable) or "HIGH" (too random)."""
    low, _, high = np.percentile(side.real, (25, 50, 75))
    middle = float(np.median(side.ours))
    return "low" if middle < low else "HIGH" if middle > high else ""


def tell(result: Result) -> None:
    for name, side in (("static", result.static), ("memory", result.memory)):
        real, ours = (np.percentile(values, (25, 50, 75)) for values in side)
        inside = np.mean([real[0] <= value <= real[2] for value in side.ours])
        cells = "".join(f"{value:8.3f}" for value in real) + " " + "".join(f"{value:8.3f}" for value in ours)
        print(f"{result.task if name == 'static' else '':18}{name:9}{cells}{inside:8.0%}  {placed(side)}".rstrip())
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
