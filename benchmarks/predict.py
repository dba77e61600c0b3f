"""Bits an event of our models on songs they have not seen, beside a Kneser-Ney baseline.

python benchmarks/predict.py TRAIN_FOLDER TEST_FOLDER [--task T] [--scores out.jsonl [--static]] [--distributions K]

Both folders hold TASK.jsonl files, one song a line: {"song", "split", "sym": [...], "ctx": [[...], ...] or null}. The
models are fitted on every row of TRAIN_FOLDER whose song is not in TEST_FOLDER, and score every row of TEST_FOLDER,
whatever its split. Without --task, all tasks that TEST_FOLDER holds. "static" knows the corpus; "memory" remembers the
song so far as well. Ranges are 95 % intervals of a bootstrap over songs.

--scores writes a line a song, in the order of the file: {"song", "logp": [log2 p of each event], "dist": [[i, [p0, p1,
...]], ...]}, the last for every K-th event; of several tasks, "task" comes first. They are those of the model with
memory, or with --static of the one without. Probabilities are whole 65,536ths.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

# One thread a process (the work is divided by task), said before numpy is imported; and the checkout's own engine.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# ruff: noqa: E402
import numpy as np

from engine.errors import CorpusError, EngineError
from engine.train.events import EventSong, read_events
from engine.train.predict import Prediction, baseline, predict
from engine.train.tasks import TASKS


class Result(NamedTuple):
    task: str
    songs: list[str]
    lengths: list[int]
    shared: int  # songs of the training folder left out because they are in the test folder
    found: Prediction
    baseline: np.ndarray
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--task", choices=sorted(TASKS), action="append", help="only this task (may be repeated)")
    parser.add_argument("--scores", type=Path, help="write a line of JSON a test song")
    parser.add_argument("--static", action="store_true", help="scores of the model without memory of the song")
    parser.add_argument(
        "--distributions", type=int, default=0, metavar="K", help="whole distribution at every K-th event"
    )
    options = parser.parse_args()
    if options.distributions < 0:
        parser.error("--distributions needs a whole number of at least 1")
    try:
        tasks = list(dict.fromkeys(options.task or ())) or [
            name for name in TASKS if (options.test / f"{name}.jsonl").is_file()
        ]
        if not tasks:
            raise CorpusError(f"no event files in {options.test}", "give a folder of TASK.jsonl files")
        for task in tasks:
            for folder in (options.train, options.test):
                if not (folder / f"{task}.jsonl").is_file():
                    raise CorpusError(f"no event file {folder / task}.jsonl")
        report(tasks, options.train, options.test, options.scores, options.distributions, options.static)
    except EngineError as error:
        print(f"error: {error}" + (f" ({error.hint})" if error.hint else ""), file=sys.stderr)
        return 1
    return 0


def report(tasks: list[str], train: Path, test: Path, scores: Path | None, every: int, static: bool) -> None:
    print(f"{'task':18}{'songs':>6}{'events':>8}{'Kneser-Ney':>12}{'static':>9}{'':16}{'memory':>9}{'':16}{'CPU s':>8}")
    lines = []
    workers = min(os.cpu_count() or 1, len(tasks))
    with ProcessPoolExecutor(workers) as pool:
        for result in pool.map(run, tasks, [train] * len(tasks), [test] * len(tasks)):
            if result.shared:
                note = f"{result.task}: {result.shared} training songs are test songs too and are left out"
                print(note, file=sys.stderr)
            cells = [interval(bits, result.lengths) for bits in (result.found.static, result.found.memory)]
            print(
                f"{result.task:18}{len(result.songs):6}{sum(result.lengths):8,}{result.baseline.mean():12.4f}"
                + "".join(f"{mean:9.4f} ({low:.3f}-{high:.3f})" for mean, low, high in cells)
                + f"{result.seconds:9.1f}",
                flush=True,
            )
            if scores is not None:
                lines += score_lines(result, every, static, named=len(tasks) > 1)
    if scores is not None:
        try:
            scores.write_text("".join(lines), encoding="utf-8")
        except OSError as error:
            raise CorpusError(f"cannot write {scores}: {error.strerror}") from error


def run(task: str, train: Path, test: Path) -> Result:
    began = time.process_time()
    rows = _checked(task, test)
    names = {song.song for song in rows}
    unseen = [song for song in rows if song.events]
    every = [song for song in _checked(task, train) if song.events]
    known = [song for song in every if song.song not in names]
    if not unseen:
        raise CorpusError(f"{test / task}.jsonl holds no events")
    if not known:
        raise CorpusError(f"no song in {train / task}.jsonl that is not in the test folder too")
    found = predict(TASKS[task], known, unseen)
    return Result(
        task,
        [song.song for song in rows],
        [len(song.events) for song in rows],
        len(every) - len(known),
        found,
        baseline(TASKS[task], known, unseen),
        time.process_time() - began,
    )


def interval(bits: np.ndarray, lengths: list[int]) -> tuple[float, float, float]:
    """Return the mean of bits an event and its 95 % interval, songs drawn with replacement."""
    sizes = np.array([length for length in lengths if length], dtype=np.int64)
    sums = np.add.reduceat(bits, np.cumsum(sizes) - sizes)
    drawn = np.random.default_rng(0).integers(0, len(sizes), (2000, len(sizes)))  # noqa: TID251 -- no note hangs on it
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(bits.mean()), float(low), float(high)


def score_lines(result: Result, every: int, static: bool, named: bool) -> list[str]:
    lines, start = [], 0
    bits = result.found.static if static else result.found.memory
    whole = result.found.static_rows if static else result.found.rows
    for song, length in zip(result.songs, result.lengths, strict=True):
        part = slice(start, start + length)
        rows = whole[part]
        line = {
            **({"task": result.task} if named else {}),
            "song": song,
            "logp": [-value for value in bits[part].tolist()],
            "dist": [[i, (rows[i] / 65536).tolist()] for i in range(0, length, every)] if every else [],
        }
        lines.append(json.dumps(line) + "\n")
        start += length
    return lines


def _checked(task: str, folder: Path) -> list[EventSong]:
    path = folder / f"{task}.jsonl"
    songs = read_events(path)
    events, sides = TASKS[task].events, len(TASKS[task].sides)
    for song in songs:
        if not song.events:
            continue
        if not 0 <= min(song.events) <= max(song.events) < events:
            raise CorpusError(f"{path}: {song.song} has an event out of 0..{events - 1}")
        if sides and (not song.sides or min(map(len, song.sides)) < sides):
            raise CorpusError(f"{path}: {song.song} lacks side information ({sides} numbers an event)")
    if not songs:
        raise CorpusError(f"{path} holds no songs")
    return songs


if __name__ == "__main__":
    sys.exit(main())
