"""Melodies as wished and parts varied: what is kept, how much stays, and how long it takes.

Run: python benchmarks/wishes.py [sets of wishes]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from wishing import broken

from engine import bench
from engine.alone.melody import melody
from engine.document import Document, cells
from engine.errors import UsageError
from engine.pipeline import compose
from engine.plan.wishes import CONTOURS, Wishes, parse_wishes
from engine.request import make_request
from engine.stream import Stream
from engine.theory.pitch import pitch_name

CHORDS = ("Am F C G Am F C G", "| Em | C G | D | Em |", "C G Am F", "D5 A5 Bm7 Gsus4", "E D A E E D A E")
AMOUNTS = (0, 0.1, 0.3, 0.5, 0.8, 1)
SONGS = 12


def main(sets: int) -> None:
    """Print what became of random wishes, of variations by amount, and of likeness."""
    _wishes(sets)
    _variations()
    _likeness()


def _wishes(sets: int) -> None:
    found, times = Counter[str](), []
    for number in range(sets):
        stream = Stream.of(number).at("wishes")
        wished, chords = _some(stream), stream.at("chords").pick(CHORDS)
        start = time.process_time()
        try:
            song = melody(chords, seed=number, wishes=wished).song
        except UsageError as refused:
            found["refused: " + ("one" if "cannot be kept here" in str(refused) else "some that collide")] += 1
            continue
        times.append((time.process_time() - start) * 1000)
        wrong = broken(song.part("melody").notes, wished, song.meter, song.bars)
        found["broken" if wrong else "kept"] += 1
    print(f"{sets} sets of wishes: {dict(found)}; a melody that keeps them takes {median(times):.0f} CPU ms (median)")


def _some(stream: Stream) -> Wishes:
    """Return one to five wishes."""
    note = [pitch_name(52 + stream.at("note", k).below(24)) for k in range(8)]
    bar = [1 + stream.at("bar", k).below(4) for k in range(3)]
    beat = [1 + stream.at("beat", k).below(4) for k in range(3)]
    low = 48 + stream.at("low").below(14)
    words = (
        f"pin {bar[0]}.{beat[0]}={note[0]}",
        f"pin {bar[1]}.{beat[1]}={note[1]}",
        f"avoid {note[2][:-1]}",
        f"first {note[3]}",
        f"last {note[4]}",
        f"highest {note[5]}@{bar[2]}",
        f"range {pitch_name(low)}-{pitch_name(low + 5 + stream.at('high').below(15))}",
        f"contour {stream.at('contour').pick(CONTOURS)}",
        f"density {20 + stream.at('density').below(70)}e-2",
    )
    order = sorted(range(len(words)), key=stream.at("which").words(len(words)).__getitem__)
    return parse_wishes("; ".join(words[k] for k in order[: 1 + stream.at("many").below(5)]))


def _variations() -> None:
    songs = [bench.document(compose(make_request(seed=seed, form="V C V C"))) for seed in range(1, SONGS + 1)]
    times = []
    print("notes that stay, percent, by amount: " + "  ".join(f"{amount:g}" for amount in AMOUNTS))
    for keep in ("rhythm", "contour"):
        row = []
        for amount in AMOUNTS:
            shares = []
            for song in songs:
                start = time.process_time()
                new = bench.vary(song, "verse/melody", amount, keep)
                times.append((time.process_time() - start) * 1000)
                shares.append(_equal(song, new))
            row.append(f"{100 * mean(shares):.0f}")
        print(f"  {keep}: {'  '.join(row)}")
    print(f"a variation takes {median(times):.0f} CPU ms (median)")


def _equal(one: Document, other: Document) -> float:
    old, new = ({(n.start, n.pitch) for n in cells(d.song)["verse/1", "melody"]} for d in (one, other))
    return len(old & new) / len(new)


def _likeness() -> None:
    like, unlike = [], []
    for seed in range(SONGS):
        other, plain, wished = (
            {(n.start, n.pitch) for n in document.song.part("melody").notes}
            for document in (
                melody(CHORDS[0], seed=seed, take=1),
                melody(CHORDS[0], seed=seed),
                melody(CHORDS[0], seed=seed, wishes=parse_wishes("like 1")),
            )
        )
        like.append(len(other & wished) / len(wished))
        unlike.append(len(other & plain) / len(plain))
    print(
        f"notes shared with a take, percent: wished to be like it {100 * mean(like):.0f}, else {100 * mean(unlike):.0f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
