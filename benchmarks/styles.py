"""Can the styles be told apart? A classifier learns songs of each style and names the style of new ones.

python benchmarks/styles.py [--songs 50] [--new 25] [--styles rock metal ...]

Songs are written to MIDI and read back with pretty_midi, and the classifier sees what a stranger could work out from
such a file: tempo, metre, length; where in the bar drums strike; pitch classes, chords and where the bass goes, counted
from the tonic that fits the notes best; densities, lengths and registers, and how far off-beats are swung. It sees no
names of tracks or files, no instruments, no markers and no key signature. The new songs have seeds of their own.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# ruff: noqa: E402
import numpy as np
import pretty_midi
from numpy.typing import NDArray

from engine.export.midi import midi
from engine.pipeline import compose
from engine.song import Request
from engine.style import names

FIRST_NEW = 10_000  # seed
# Groups of General MIDI drums.
DRUMS = {
    "kick": (35, 36), "snare": (38, 40), "stick": (37,), "closed": (42, 44), "open": (46,), "ride": (51, 53, 59),
    "crash": (49, 52, 55, 57), "tom": (41, 43, 45, 47, 48, 50),
}  # fmt: skip
QUALITIES = {"maj": (0, 4, 7), "min": (0, 3, 7), "5": (0, 7), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10)}
# Krumhansl and Kessler 1982: how well each tone fits a major and a minor key.
PROFILES = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
Floats = NDArray[np.float64]


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
    table = np.array([[row.get(name, 0.0) for name in columns] for row in rows])
    owner = np.array([options.styles.index(style) for style, _ in asked])
    new = np.array([seed >= FIRST_NEW for _, seed in asked])
    named, weights = _named(table[~new], owner[~new], table[new])
    true = owner[new]
    print(f"{(named == true).mean():.1%} of {len(true)} new songs named rightly")
    for number, style in enumerate(options.styles):
        own = named[true == number]
        others = {options.styles[k]: int((own == k).sum()) for k in range(len(options.styles)) if k != number}
        wrong = ", ".join(f"{name} {count}" for name, count in others.items() if count)
        print(f"  {style:20} {(own == number).mean():6.1%}  {wrong}")
    print("told by: " + ", ".join(columns[k] for k in np.argsort(-weights)[:12]))
    # Each kind of feature on its own.
    for kind in ("tempo", "drums", "pitch", "chord", "bass", "notes"):
        own_columns = [k for k, name in enumerate(columns) if name.split()[0] == kind]
        part, _ = _named(table[~new][:, own_columns], owner[~new], table[new][:, own_columns])
        print(f"  by {kind} alone: {(part == true).mean():.1%}")
    return 0


def _named(known: Floats, owner: NDArray[np.int64], new: Floats) -> tuple[NDArray[np.int64], Floats]:
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(400, random_state=0, n_jobs=-1).fit(known, owner)
    return model.predict(new), model.feature_importances_


def _look(asked: tuple[str, int]) -> dict[str, float]:
    style, seed = asked
    return look(pretty_midi.PrettyMIDI(io.BytesIO(midi(compose(Request(seed=seed, style=style))))))


def look(file: Any) -> dict[str, float]:
    """Return what can be worked out from a MIDI file, read by pretty_midi."""
    tempo = float(file.get_tempo_changes()[1][0])
    signs = file.time_signature_changes
    above, below = (signs[0].numerator, signs[0].denominator) if signs else (4, 4)
    slots = above * 16 // below  # sixteenths in a bar
    step = file.resolution / 4
    found = {"tempo": tempo, "tempo slots": slots, "tempo minutes": file.get_end_time() / 60}

    def places(notes: list[Any]) -> Floats:
        return np.array([file.time_to_tick(note.start) / step for note in notes])

    drums = [note for track in file.instruments if track.is_drum for note in track.notes]
    tracks = [track.notes for track in file.instruments if not track.is_drum and track.notes]
    bars = max(max((places(notes).max() for notes in [*tracks, drums] if notes), default=0) // slots + 1, 1)
    found |= _drummed(drums, places(drums), slots, bars)
    if not tracks:
        return found
    tracks.sort(key=lambda notes: float(np.mean([note.pitch for note in notes])))
    pitched = [note for notes in tracks for note in notes]
    classes = np.zeros(12)
    for note in pitched:
        classes[note.pitch % 12] += note.end - note.start
    tonic, minor = _key(classes)
    classes = np.roll(classes, -tonic) / classes.sum()
    found |= {f"pitch {step}": classes[step] for step in range(12)} | {"pitch minor": float(minor)}
    found |= _chords(pitched, places(pitched), tracks[0], places(tracks[0]), slots, bars, tonic)
    moves = np.diff([note.pitch for note in sorted(tracks[0], key=lambda note: note.start)])
    for size, name in ((0, "repeat"), (1, "half"), (2, "whole"), (5, "fourth"), (7, "fifth"), (12, "octave")):
        found[f"bass {name}"] = float(np.mean(np.abs(moves) == size)) if moves.size else 0.0
    for number, notes in enumerate(tracks[:4]):
        at = places(notes)
        inside = np.round(at).astype(int) % slots
        found |= {
            f"notes {number} starts": len(set(np.round(at))) / bars,
            f"notes {number} chordal": len(notes) / max(len(set(np.round(at))), 1),
            f"notes {number} middle": float(np.mean([note.pitch for note in notes])),
            f"notes {number} length": float(np.median([note.end - note.start for note in notes])),
            f"notes {number} on beats": float(np.mean(inside % 4 == 0)),
            f"notes {number} sixteenths": float(np.mean(inside % 2 == 1)),
        }
    late = np.concatenate([places(notes) for notes in [*tracks, drums] if notes]) % 4
    off = late[(late > 1.5) & (late < 3.2)]
    found["notes swung"] = float(np.median(off)) if off.size else 2.0
    found["notes tracks"] = len(tracks)
    return found


def _drummed(drums: list[Any], at: Floats, slots: int, bars: float) -> dict[str, float]:
    """Return how often each drum is struck on every sixteenth of a bar, and how softly."""
    found = {}
    for name, numbers in DRUMS.items():
        own = np.array([note.pitch in numbers for note in drums], dtype=bool)
        inside = np.round(at[own]).astype(int) % slots if drums else np.array([], dtype=int)
        found[f"drums {name}"] = len(inside) / bars
        if name in ("kick", "snare", "closed"):
            found |= {f"drums {name} {slot}": float((inside == slot).sum()) / bars for slot in range(16)}
    soft = [note.velocity < 45 for note in drums if note.pitch in DRUMS["snare"]]
    return found | {"drums soft": float(np.mean(soft)) if soft else 0.0}


def _key(classes: Floats) -> tuple[int, bool]:
    fits = [
        (float(np.corrcoef(np.roll(classes, -tonic), profile)[0, 1]), tonic, bool(minor))
        for minor, profile in enumerate(PROFILES)
        for tonic in range(12)
    ]
    _, tonic, minor = max(fits)
    return tonic, minor


def _chords(
    notes: list[Any], at: Floats, bass: list[Any], bass_at: Floats, slots: int, bars: float, tonic: int
) -> dict[str, float]:
    """Return the share of half bars of each root and quality, by the best template, and how often roots change."""
    half = slots / 2
    count = int(np.ceil(bars * slots / half))
    sounding, low = np.zeros((count, 12)), np.zeros((count, 12))
    for table, row, where in ((sounding, notes, at), (low, bass, bass_at)):
        for note, place in zip(row, where, strict=True):
            table[min(int(round(place) // half), count - 1), note.pitch % 12] += note.end - note.start
    found: dict[str, float] = {}
    before, changes, read = None, 0, 0
    for weights, ground in zip(sounding, low, strict=True):
        if not weights.any():
            continue
        share = weights / weights.sum() + 0.3 * ground / max(ground.sum(), 1e-9)
        fits = []
        for root in range(12):
            for name, steps in QUALITIES.items():
                inside = sum(share[(root + step) % 12] for step in steps)
                fits.append((inside - 0.09 * len(steps) + 0.2 * ground[root] / max(ground.sum(), 1e-9), root, name))
        _, root, name = max(fits)
        read += 1
        changes += before is not None and before != root
        before = root
        for key in (f"chord root {(root - tonic) % 12}", f"chord {name}"):
            found[key] = found.get(key, 0.0) + 1
    return {key: value / read for key, value in found.items()} | {"chord changes": changes / max(read, 1)}


if __name__ == "__main__":
    sys.exit(main())
