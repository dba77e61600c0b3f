"""Are songs in a learnt style nearer to the folder they were learnt from than songs of the parent style are?

    python benchmarks/near.py PLACE [PLACE ...] [--extends rock] [--songs 30] [--jobs N] [--json]

PLACE is a folder of music, an archive of one (.zip), or corpus:PART, a part of music21's corpus. Each is learnt, then
songs are composed in the learnt style and in its parent and compared with the folder twice: as Hookline hears them
(``engine.learn.compare``), and by plain counting of notes, ticks and tempo events, which knows no roles, keys, chords
or swing. For each measure told are the distances from the folder of the learnt style and of the parent, and how far two
halves of the folder are from each other: nearer than that no song need be.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

Floats = NDArray[np.float64]

# The four things a style is asked to be near in, and the measures of each.
ASKED = {
    "chord transitions": ("chord moves",),
    "tempo": ("tempo", "plain tempo"),
    "groove": ("groove", "plain drums", "plain onsets"),
    "pitch": ("melody degrees", "melody intervals", "plain pitch classes", "plain pitches", "plain steps"),
}
OTHERS = ("mode", "chord roots", "chord changes a bar", "melody onsets", "notes a bar")


def plain(songs: Iterable[bytes]) -> dict[str, Floats]:
    """Return histograms of MIDI files, of notes, ticks and tempo events alone."""
    import symusic

    found = {"plain tempo": np.zeros(31), "plain drums": np.zeros(48), "plain onsets": np.zeros(16)}
    found |= {"plain pitch classes": np.zeros(12), "plain pitches": np.zeros(128), "plain steps": np.zeros(25)}
    for data in songs:
        try:
            song: Any = symusic.Score.from_midi(data)
        except (RuntimeError, ValueError):
            continue
        tempo = 6e7 / song.tempos[0].mspq if len(song.tempos) else 120
        found["plain tempo"][min(int(tempo // 10), 30)] += 1
        # Every song counts alike, however long it is.
        own = {name: np.zeros_like(table) for name, table in found.items() if name != "plain tempo"}
        for track in song.tracks:
            notes = track.notes.numpy()
            if not len(notes["time"]):
                continue
            slot = np.rint(notes["time"] / song.ticks_per_quarter * 4).astype(np.int64) % 16
            pitch = notes["pitch"].astype(np.int64)
            own["plain onsets"] += np.bincount(slot, minlength=16)
            if track.is_drum:
                for row, sounds in enumerate(((35, 36), (38, 40), (42, 44, 46, 51))):
                    own["plain drums"][16 * row : 16 * row + 16] += np.bincount(
                        slot[np.isin(pitch, sounds)], minlength=16
                    )
                continue
            own["plain pitch classes"] += np.bincount(pitch % 12, minlength=12)
            own["plain pitches"] += np.bincount(pitch, minlength=128)
            steps = np.diff(pitch[np.lexsort((pitch, notes["time"]))])
            own["plain steps"] += np.bincount(np.clip(steps, -12, 12) + 12, minlength=25)
        for name, table in own.items():
            found[name] += table / max(table.sum(), 1)
    return found


def apart(measure: str, one: Floats, two: Floats) -> float | None:
    """Return the distance of two histograms: total variation; of tempi the mean distance in tens of beats a minute."""
    if not one.sum() or not two.sum():
        return None
    one, two = one / one.sum(), two / two.sum()
    gap = np.abs(np.cumsum(one - two)).sum() if measure == "plain tempo" else np.abs(one - two).sum() / 2
    return float(gap)


def near(place: str, extends: str, songs: int, jobs: int) -> dict[str, Any]:
    """Return the distances of a folder: by measure (learnt style, parent, half of the folder from half)."""
    from engine.export.midi import midi
    from engine.learn.compare import MEASURES, distance, facts_of_files
    from engine.learn.folder import corpus_files, find_files, read_bytes
    from engine.learn.run import learn
    from engine.pipeline import compose
    from engine.request import make_request

    with tempfile.TemporaryDirectory() as work:
        if place.endswith(".zip"):
            with zipfile.ZipFile(place) as packed:
                packed.extractall(Path(work) / "files")
        folder = str(Path(work) / "files") if place.endswith(".zip") else place
        files = corpus_files(place[7:]) if place.startswith("corpus:") else find_files(folder)
        style = Path(work) / "near.yaml"
        result = learn(files, place, "near", style, extends, jobs)
        sides = {"style": str(style), "parent": extends}
        made = {
            side: [midi(compose(make_request(style=name, seed=seed))) for seed in range(1, songs + 1)]
            for side, name in sides.items()
        }
    facts = {side: facts_of_files((f"{n}.mid", data) for n, data in enumerate(made[side])) for side in made}
    good = {note.file for note in result.notes if not note.reason}
    bytes_ = [(file.name, read_bytes(file)) for file in files if {file.name, f"{file.name}#1"} & good]
    halves = [facts_of_files(bytes_[half::2]) for half in (0, 1)]
    midis = [data for name, data in bytes_ if name.lower().endswith((".mid", ".midi", ".kar", ".rmi"))]
    counted = {side: plain(made[side]) for side in made} | {"folder": plain(midis)}
    counted |= {f"half {half}": plain(midis[half::2]) for half in (0, 1)}
    rows: dict[str, list[float | None]] = {}
    for name in MEASURES:
        rows[name] = [distance(name, result.facts, facts[side]) for side in made] + [distance(name, *halves)]
    for name in counted["folder"]:
        table = {side: counts[name] for side, counts in counted.items()}
        rows[name] = [apart(name, table["folder"], table[side]) for side in made]
        rows[name].append(apart(name, table["half 0"], table["half 1"]))
    skipped = sum(bool(note.reason) for note in result.notes)
    return {"place": place, "songs": result.used, "skipped": skipped, "extends": extends, "distances": rows}


def told(found: dict[str, Any]) -> str:
    """Return the distances of a folder as lines."""
    lines = [f"{found['place']}: {found['songs']} songs, {found['skipped']} files skipped"]
    lines.append(f"  {'':22}{'learnt':>8}{found['extends'][-8:]:>9}{'halves':>8}")
    for name in [*(name for names in ASKED.values() for name in names), *OTHERS]:
        style, parent, halves = found["distances"][name]
        if style is None or parent is None:
            continue
        mark = "" if name in OTHERS else "nearer" if style < parent else "FARTHER"
        lines.append(f"  {name:22}{style:8.3f}{parent:9.3f}{f'{halves:8.3f}' if halves is not None else '':8}  {mark}")
    for asked, names in ASKED.items():
        known = [found["distances"][name] for name in names if None not in found["distances"][name][:2]]
        won = sum(style < parent for style, parent, _ in known)
        lines.append(
            f"  {asked}: nearer in {won} of {len(known)} measures" if known else f"  {asked}: nothing to measure"
        )
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", metavar="PLACE")
    parser.add_argument("--extends", default="rock")
    parser.add_argument("--songs", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    for place in options.places:
        found = near(place, options.extends, options.songs, options.jobs)
        print(json.dumps(found) if options.json else told(found), flush=True)


if __name__ == "__main__":
    main()
