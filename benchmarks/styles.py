"""Can the styles be told apart? A classifier learns songs of each style and names the style of new ones.

python benchmarks/styles.py [--songs 50] [--new 25] [--styles rock metal ...]

What it sees of a song are the musical measures of ``engine.measure``, its tempo, metre, swing and length, and how its
drums, bass and guitar move: nothing of instruments, keys or names. The new songs have seeds of their own.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# ruff: noqa: E402
import numpy as np

from engine.measure.measures import measure
from engine.measure.piece import piece_from_song
from engine.pipeline import compose
from engine.song import Request, Song
from engine.style import names
from engine.theory.gm import KIT

FIRST_NEW = 10_000  # seed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=50, help="of each style to learn from")
    parser.add_argument("--new", type=int, default=25, help="of each style to name")
    parser.add_argument("--styles", nargs="+", default=list(names()))
    options = parser.parse_args()
    seeds = [*range(options.songs), *range(FIRST_NEW, FIRST_NEW + options.new)]
    asked = [(style, seed) for style in options.styles for seed in seeds]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        rows = list(pool.map(_look, asked, chunksize=8))
    columns = sorted({name for row in rows for name in row})
    table = np.array([[row.get(name, np.nan) for name in columns] for row in rows])
    owner = np.array([options.styles.index(style) for style, _ in asked])
    new = np.array([seed >= FIRST_NEW for _, seed in asked])

    from sklearn.ensemble import RandomForestClassifier

    table = np.nan_to_num(table, nan=-1.0)
    model = RandomForestClassifier(400, random_state=0, n_jobs=-1).fit(table[~new], owner[~new])
    named = model.predict(table[new])
    true = owner[new]
    print(f"{(named == true).mean():.1%} of {len(true)} new songs named rightly")
    for number, style in enumerate(options.styles):
        own = named[true == number]
        others = {options.styles[k]: int((own == k).sum()) for k in range(len(options.styles)) if k != number}
        wrong = ", ".join(f"{name} {count}" for name, count in others.items() if count)
        print(f"  {style:20} {(own == number).mean():6.1%}  {wrong}")
    order = np.argsort(-model.feature_importances_)[:12]
    print("told by: " + ", ".join(columns[k] for k in order))
    return 0


def _look(asked: tuple[str, int]) -> dict[str, float]:
    style, seed = asked
    return look(compose(Request(seed=seed, style=style)))


def look(song: Song) -> dict[str, float]:
    """Return what the classifier sees of a song."""
    parts = {part.name: part.notes for part in song.parts}
    bars, bar = song.bars, song.meter.bar
    found = dict(measure(piece_from_song(song)))
    found |= {
        "tempo": song.tempo,
        "slots": song.meter.slots,
        "beat": song.meter.beat,
        "swing": song.feel.swing,
        "minutes": bars * bar / song.tempo / 480,
        "minor": song.key.minor,
    }
    for name, notes in parts.items():
        if notes:
            found[f"{name} notes"] = len(notes) / bars
            found[f"{name} sixteenths"] = float(np.mean([note.start % 240 > 0 for note in notes]))
            found[f"{name} length"] = float(np.mean([note.length for note in notes]))
            found[f"{name} middle"] = float(np.mean([note.pitch for note in notes]))
            found[f"{name} starts"] = len({note.start for note in notes}) / bars
            found[f"{name} muted"] = float(np.mean([note.mark == "mute" for note in notes]))
    drums = parts.get("drums", ())
    for name, number in KIT.items():
        found[f"drums {name}"] = sum(note.pitch == number for note in drums) / bars
    found["ghosts"] = sum(note.stress == 0 for note in drums) / bars
    spans = [span for section in song.sections for span in section.chords]
    total = sum(span.length for span in spans)
    for root in range(12):
        same = [span for span in spans if (span.chord.root - song.key.tonic) % 12 == root]
        found[f"root {root}"] = sum(span.length for span in same) / total
    for quality in ("maj", "min", "5", "7", "maj7", "min7", "sus4", "sus2", "add9", "min9"):
        found[f"quality {quality}"] = sum(span.length for span in spans if span.chord.quality == quality) / total
    found["span"] = total / len(spans) / bar
    for kind in ("prechorus", "bridge", "solo", "verse", "chorus"):
        own = [section.bars for section in song.sections if section.kind == kind]
        found[f"{kind}s"] = len(own)
        found[f"{kind} bars"] = float(np.mean(own)) if own else 0.0
    return {name: float(value) for name, value in found.items()}


if __name__ == "__main__":
    sys.exit(main())
