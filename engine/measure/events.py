"""A piece as sequences of events, one for each task of prediction.

A task is a symbol an event and the side information that is known before it. What a piece lacks has no events, and
what wants bars of 4/4 has none in other metres. Chords are told apart by root above the tonic and triad (major, minor,
diminished, augmented; what has no third counts as major), or by ten qualities. See ``TASKS`` for what is what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from engine.measure.piece import PITCH, START, Harmony, Ints, Piece

# Kinds of section, in the order of their numbers; the last ends a song.
LABELS = ("intro", "verse", "prechorus", "chorus", "bridge", "solo", "interlude", "outro", "other", "end")
_OTHER, _END = LABELS.index("other"), LABELS.index("end")
MOST_BARS = 33  # of a section; a longer one counts as one of this length
FARTHEST = 33  # sixteenths to the next onset, likewise
MIDDLE = 30  # the symbol of the central tonic
NO_CHORD = 48
_SLOTS = 16
# Classes of drums by the bit of their symbol.
_BITS = {"kick": 1, "snare": 2, "hat": 4, "crash": 8, "tom": 16}
# Qualities by their steps above the root: major, minor, 7, major 7, minor 7, diminished, half-diminished,
# diminished 7, augmented, suspended. The first that fits whole is taken.
_QUALITIES = (
    ((3, 6, 10), 6), ((3, 6, 9), 7), ((3, 6), 5), ((4, 8), 8), ((4, 11), 3), ((4, 10), 2), ((3, 10), 4),
    ((4,), 0), ((3,), 1), ((2,), 9), ((5,), 9), ((), 0),
)  # fmt: skip
_TRIADS = (((3, 6), 2), ((4, 8), 3), ((4,), 0), ((3,), 1), ((), 0))

Side = tuple[int, ...]


class Events(NamedTuple):
    """The symbols of a song in order, and before each the side information (empty where a task has none)."""

    symbols: tuple[int, ...]
    sides: tuple[Side, ...] = ()


def events_of(piece: Piece) -> dict[str, Events]:
    """Return the events of every task that the piece can answer, by the task's name."""
    found = {**_sections(piece), **_chords(piece), **_melody(piece)}
    if piece.width == _SLOTS and bool((np.diff(piece.starts) == _SLOTS).all()):
        found |= {**_onsets(piece), **_drums(piece), **_bass(piece)}
    return {name: events for name, events in found.items() if events.symbols}


def triad(chord: Harmony, tonic: int) -> int:
    """Return a chord's root above the tonic times four, and its triad."""
    return (chord.root - tonic) % 12 * 4 + _first(_TRIADS, chord)


def quality(chord: Harmony, tonic: int) -> int:
    """Return a chord's root above the tonic times ten, and its quality."""
    return (chord.root - tonic) % 12 * 10 + _first(_QUALITIES, chord)


def _first(known: tuple[tuple[tuple[int, ...], int], ...], chord: Harmony) -> int:
    return next(number for steps, number in known if set(steps) <= set(chord.steps))


def _sections(piece: Piece) -> dict[str, Events]:
    """form: the kinds of the sections and the end. seclen: bars - 1 of each, after its kind."""
    if not piece.sections:
        return {}
    labels = [LABELS.index(span.kind) if span.kind in LABELS[:_OTHER] else _OTHER for span in piece.sections]
    bars = tuple(min(span.bars, MOST_BARS) - 1 for span in piece.sections)
    return {
        "form": Events((*labels, _END)),
        "seclen": Events(bars, tuple((label,) for label in labels)),
    }


def _chords(piece: Piece) -> dict[str, Events]:
    """chord_triad, chord_full: every change of chord. chord_bar: the triad at every bar line, where there is one."""
    triads = [triad(chord, piece.tonic) for chord in piece.chords]
    full = [quality(chord, piece.tonic) for chord in piece.chords]
    index = piece.chord_index[piece.starts[:-1]] if piece.end else np.zeros(0, np.int64)
    return {
        "chord_triad": Events(_changes(triads)),
        "chord_full": Events(_changes(full)),
        "chord_bar": Events(tuple(triads[i] for i in index.tolist() if i >= 0)),
    }


def _changes(symbols: list[int]) -> tuple[int, ...]:
    return tuple(symbol for i, symbol in enumerate(symbols) if i == 0 or symbols[i - 1] != symbol)


def _melody(piece: Piece) -> dict[str, Events]:
    """mel_sd*: pitch classes above the tonic. mel_pitch*: semitones from the tonic nearest to the mean, + 30."""
    if not len(piece.melody):
        return {}
    pitch, start = piece.melody[:, PITCH], np.maximum(piece.melody[:, START], 0)
    centre = piece.tonic + 12 * round((float(pitch.mean()) - piece.tonic) / 12)
    degrees = tuple(((pitch - piece.tonic) % 12).tolist())
    heights = tuple(np.clip(pitch - centre + MIDDLE, 0, 60).tolist())
    chords = tuple((chord,) for chord in _in_force(piece, start, NO_CHORD))
    found = {
        "mel_sd": Events(degrees),
        "mel_sd_chord": Events(degrees, chords),
        "mel_pitch": Events(heights),
        "mel_pitch_chord": Events(heights, chords),
    }
    if piece.width == _SLOTS:
        beats = piece.place_of(start).tolist()
        found["mel_sd_chord_beat"] = Events(
            degrees, tuple((*chord, beat) for chord, beat in zip(chords, beats, strict=True))
        )
    return found


def _in_force(piece: Piece, slots: Ints, none: int) -> list[int]:
    index = piece.chord_index[np.clip(slots, 0, piece.end - 1)]
    return [triad(piece.chords[i], piece.tonic) if i >= 0 else none for i in index.tolist()]


def _onsets(piece: Piece) -> dict[str, Events]:
    """ioi16: sixteenths to the next onset - 1. onset16: every sixteenth from the first sung bar to the last."""
    start = np.maximum(piece.melody[:, START], 0)
    if not len(start):
        return {}
    gaps = np.minimum(np.diff(start), FARTHEST) - 1
    bars = piece.bar_of(start)
    grid = piece.grid(start)[bars[0] : bars[-1] + 1]
    return {
        "ioi16": Events(tuple(gaps.tolist()), tuple((beat,) for beat in piece.place_of(start)[:-1].tolist())),
        "onset16": _slots(grid.astype(np.int64)),
    }


def _drums(piece: Piece) -> dict[str, Events]:
    """drum16: the set of drums struck on every sixteenth of the bars in which drums play."""
    table = np.zeros((piece.bars, _SLOTS), np.int64)
    for name, bit in _BITS.items():
        if name in piece.drums and len(piece.drums[name]):
            table |= bit * piece.grid(piece.drums[name][:, 0])
    return {"drum16": _slots(table[table.any(axis=1)])}


def _bass(piece: Piece) -> dict[str, Events]:
    """bass16: on every sixteenth of the piece, 0 or 1 + the pitch class struck, above the chord's root or the tonic."""
    if not len(piece.bass):
        return {}
    slots = np.arange(piece.end)
    chords = _in_force(piece, slots, -1)
    at = np.clip(piece.bass[:, START], 0, piece.end - 1)
    roots = np.maximum(np.array(chords), 0)[at] // 4
    symbols = np.zeros(len(slots), np.int64)
    symbols[at] = 1 + (piece.bass[:, PITCH] - piece.tonic - roots) % 12
    sides = tuple(zip((slots % _SLOTS).tolist(), chords, strict=True))
    return {"bass16": Events(tuple(symbols.tolist()), sides)}


def _slots(table: Ints) -> Events:
    return Events(tuple(table.ravel().tolist()), tuple((slot,) for _ in table for slot in range(_SLOTS)))


# What an event is, and the side information known before it.
TASKS: Mapping[str, str] = {
    "form": "kind of section, and the end",
    "seclen": "bars of a section, given its kind",
    "chord_triad": "change of chord, by triad",
    "chord_full": "change of chord, by ten qualities",
    "chord_bar": "triad at every bar line",
    "mel_sd": "sung pitch class above the tonic",
    "mel_sd_chord": "the same, given the chord",
    "mel_sd_chord_beat": "the same, given chord and sixteenth",
    "mel_pitch": "sung pitch from the central tonic",
    "mel_pitch_chord": "the same, given the chord",
    "ioi16": "sixteenths to the next onset, given the sixteenth",
    "onset16": "onset or none on every sixteenth",
    "drum16": "drums struck on every sixteenth",
    "bass16": "bass on every sixteenth, given the chord",
}
