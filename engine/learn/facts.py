"""What is counted of whole songs: tempo, key, metre, feel, chords, groove, pitches, density, players."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.learn.counts import Counts
from engine.learn.raw import Ints
from engine.learn.retell import Retold
from engine.learn.roles import ROLES
from engine.learn.song import PITCH, START, VELOCITY, Heard
from engine.song import KINDS
from engine.theory.chord import QUALITIES
from engine.theory.key import SCALES
from engine.theory.meter import Meter

MODES = tuple(SCALES)
METERS = ("4/4", "3/4", "2/4", "6/8", "12/8", "9/8", "2/2", "6/4", "5/4", "7/8", "3/8", "other")
SLOWEST, FASTEST = 30, 300
STEP = 5  # seconds, of the lengths of songs
NO_CHORD = 24
GROOVE = ("kick", "snare", "hat", "open hat", "ride", "crash", "tom", "other")
_GROOVE = {
    35: 0,
    36: 0,
    37: 1,
    38: 1,
    39: 1,
    40: 1,
    42: 2,
    44: 2,
    46: 3,
    51: 4,
    53: 4,
    59: 4,
    49: 5,
    52: 5,
    55: 5,
    57: 5,
}
_GROOVE |= dict.fromkeys((41, 43, 45, 47, 48, 50), 6)
_DRUM: Ints = np.array([_GROOVE.get(pitch, 7) for pitch in range(128)], dtype=np.int64)
LONGEST = 64  # bars of a section
_SMALL = {name: 3 in row[0] for name, row in QUALITIES.items()}
_QUALITY = {name: number for number, name in enumerate(QUALITIES)}


class Add(Protocol):
    """Adds to a table of facts at some places, by its axes."""

    def __call__(self, name: str, *at: int | Ints, many: Ints | None = None) -> None:
        """Add ``many``, or 1, at each place."""


# Every table of facts: its shape.
SHAPES: dict[str, tuple[int, ...]] = {
    "songs": (1,),
    "tempo": (FASTEST + 1,),  # quarters a minute
    "tonic": (12,),
    "mode": (len(MODES),),
    "meter": (len(METERS),),
    "swing": (2, 76),
    "seconds": (900 // STEP + 1,),
    "roots": (NO_CHORD + 1,),
    "moves": (NO_CHORD + 1, NO_CHORD + 1),
    "qualities": (len(QUALITIES),),
    "changes": (2,),  # chord changes, bars
    "groove": (len(GROOVE), 16),
    "grooved": (1,),  # bars that are drummed
    "degrees": (2, 12),  # of the melody, by whether the mode is minor
    "intervals": (25,),
    "onsets": (16,),  # of the melody
    "notes": (len(ROLES),),
    "bars": (len(ROLES),),
    "program": (len(ROLES), 129),
    "pitch": (len(ROLES), 128),
    "loud": (len(ROLES), 128),
    "who": (len(ROLES),),  # songs that have one
    "kinds": (len(KINDS),),
    "length": (len(KINDS), LONGEST + 1),
}


def count_facts(counts: Counts, side: str, heard: Heard, again: Retold) -> None:
    """Add a song to the tables of facts, named SIDE + "facts/" + name."""

    def add(name: str, *at: int | Ints, many: Ints | None = None) -> None:
        key: int | Ints = 0
        for value, size in zip(at, SHAPES[name], strict=True):
            key = key * size + value
        counts.add(f"{side}facts/{name}", np.atleast_1d(np.asarray(key)), many)

    add("songs", 0)
    if heard.tempo_told:
        add("tempo", int(np.clip(round(heard.tempo), SLOWEST, FASTEST)))
    add("tonic", heard.key.tonic)
    add("mode", MODES.index(heard.key.mode))
    name = str(heard.meter)
    add("meter", METERS.index(name if name in METERS else "other"))
    add("swing", heard.swing_unit == 2, int(np.clip(heard.swing, 50, 75)))
    if heard.tempo_told:
        add("seconds", min(int(heard.seconds) // STEP, 900 // STEP))
    _chords(add, heard)
    _groove(add, heard)
    _tracks(add, heard)
    if again.sung:
        pitches = np.array([note.pitch for note in again.sung])
        add("degrees", int(heard.key.minor), (pitches - heard.key.tonic) % 12)
        add("intervals", np.clip(np.diff(pitches), -12, 12) + 12)
        add("onsets", np.array([note.slot % 16 for note in again.sung]))
    if heard.sections:
        kinds = np.array([KINDS.index(part.kind) for part in heard.sections])
        add("kinds", kinds)
        add("length", kinds, np.array([min(part.bars, LONGEST) for part in heard.sections]))


def chord_class(root: int, small: bool) -> int:
    """Return 2 * root above the tonic, and one more for a minor third."""
    return 2 * root + small


def _chords(add: Add, heard: Heard) -> None:
    spans = [(span.chord, span.length) for span in heard.chords if span.chord is not None]
    if not spans:
        return
    tonic = heard.key.tonic
    row = np.array([chord_class((chord.root - tonic) % 12, _SMALL[chord.quality]) for chord, _ in spans])
    add("qualities", np.array([_QUALITY[chord.quality] for chord, _ in spans]))
    add("roots", row, many=np.array([max(round(length / 480), 1) for _, length in spans]))
    moved = row[1:] != row[:-1]
    add("moves", row[:-1][moved], row[1:][moved])
    add("changes", np.array([0, 1]), many=np.array([int(moved.sum()), len(heard.bars) - 1]))


def _groove(add: Add, heard: Heard) -> None:
    four = Meter(4, 4)
    if heard.meter != four:
        return
    hits: list[Ints] = []
    for track in heard.tracks:
        if track.role == "drums" and len(track.notes):
            at = track.notes[:, START] + 60
            bar = np.searchsorted(heard.bars, at, side="right") - 1
            slot = (at - heard.bars[np.clip(bar, 0, len(heard.bars) - 1)]) // 120
            good = (bar >= 0) & (bar < len(heard.bars) - 1) & (slot < 16)
            hits.append((bar[good] * 16 + slot[good]) * len(GROOVE) + _DRUM[track.notes[good, PITCH]])
    if hits:
        once = np.unique(np.concatenate(hits))
        add("groove", once % len(GROOVE), once // len(GROOVE) % 16)
        add("grooved", 0, many=np.array([len(np.unique(once // (16 * len(GROOVE))))]))


def _tracks(add: Add, heard: Heard) -> None:
    for number, role in enumerate(ROLES):
        played = heard.played(role)
        if not played:
            continue
        add("who", number)
        notes = np.concatenate([track.notes for track in played])
        first = played[0].notes
        add("program", number, played[0].program if played[0].program >= 0 else 128)
        add("pitch", number, np.clip(first[:, PITCH], 0, 127))
        add("loud", number, np.clip(notes[:, VELOCITY], 0, 127))
        # How many onsets a bar the surest track has, over the bars it plays in.
        onsets = np.unique(first[:, START] // 120)
        bars = np.unique(np.searchsorted(heard.bars, onsets * 120 + 60, side="right"))
        add("notes", number, many=np.array([len(onsets)]))
        add("bars", number, many=np.array([len(bars)]))
