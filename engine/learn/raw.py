"""A file as it was read: tracks of notes in its own ticks, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SongFileError
from engine.theory.chord import Chord

Ints = NDArray[np.int64]

# Columns of a table of notes.
START, LENGTH, PITCH, VELOCITY = range(4)

MAX_NOTES = 100_000  # a symphony has half of it
MAX_TRACKS = 256
MAX_SILENCE = 256  # quarters; longer silences lie between pieces, not in them
MAX_LENGTH = 64  # quarters a note may sound: longer ones were never switched off
TEMPOS = (10.0, 1000.0)  # quarters a minute that are believed


class Unheard(SongFileError):
    """A file of which no song can be made; the message is the one reason, in words."""


@dataclass(frozen=True, slots=True)
class RawTrack:
    """A track as found. notes: (n, 4) of start, length (ticks), pitch and velocity, by start and pitch.

    name is kept for reports and for labels of training; no stage looks at it. channel10: the file plays
    it on the drum channel. program: General MIDI 0..127, or -1 where the file is silent.
    """

    notes: Ints
    name: str = ""
    program: int = -1
    channel10: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """A file as found. Times are ticks, ``resolution`` to the quarter.

    tempos: (tick, microseconds a quarter). meters: (tick, numerator, denominator). keys: (tick, sharps, minor).
    markers: (tick, text). chords: (tick, chord as written, None for none). scored: a notated score, whose bars and
    lengths are exact; upbeat: ticks before its first whole bar. problems: what was wrong, one line each.
    """

    name: str
    resolution: int
    tracks: tuple[RawTrack, ...]
    tempos: tuple[tuple[int, int], ...] = ()
    meters: tuple[tuple[int, int, int], ...] = ()
    keys: tuple[tuple[int, int, bool], ...] = ()
    markers: tuple[tuple[int, str], ...] = ()
    chords: tuple[tuple[int, Chord | None], ...] = ()
    scored: bool = False
    upbeat: int = 0
    problems: tuple[str, ...] = ()


class Span(NamedTuple):
    """Ticks from ``first`` up to ``last``."""

    first: int
    last: int


def sound(raw: Raw) -> Raw:
    """Return the file without what cannot be music; raises Unheard if nothing is left.

    What was dropped is named in ``problems``: empty tracks, tempi and metres that cannot be, notes that never end,
    and all but the fullest stretch between silences of more than MAX_SILENCE quarters.
    """
    problems = list(raw.problems)
    tracks = [track for track in raw.tracks if len(track.notes)]
    count = sum(len(track.notes) for track in tracks)
    if not count:
        raise Unheard("holds no notes")
    if count > MAX_NOTES:
        raise Unheard(f"holds {count:,} notes, more than any song ({MAX_NOTES:,})")
    if len(tracks) > MAX_TRACKS:
        raise Unheard(f"holds {len(tracks):,} tracks, more than any song ({MAX_TRACKS})")
    longest = MAX_LENGTH * raw.resolution
    stuck = sum(int((track.notes[:, LENGTH] > longest).sum()) for track in tracks)
    if stuck:
        problems.append(f"{stuck} notes last longer than {MAX_LENGTH} quarters and were shortened")
    kept = _fullest(tracks, MAX_SILENCE * raw.resolution)
    inside = [_clean(track, kept, longest) for track in tracks]
    lost = count - sum(len(track.notes) for track in inside)
    if lost:
        problems.append(f"{lost} notes beyond a silence of more than {MAX_SILENCE} quarters were left out")
    return replace(
        raw,
        tracks=tuple(track for track in inside if len(track.notes)),
        tempos=_tempos(raw, problems),
        meters=_meters(raw, problems),
        keys=tuple((at, sharps, minor) for at, sharps, minor in raw.keys if -7 <= sharps <= 7),
        markers=tuple(item for item in raw.markers if item[0] <= kept.last),
        chords=tuple(item for item in raw.chords if item[0] <= kept.last),
        problems=tuple(problems),
    )


def _fullest(tracks: list[RawTrack], silence: int) -> Span:
    starts = np.sort(np.concatenate([track.notes[:, START] for track in tracks]))
    cuts = np.flatnonzero(np.diff(starts) > silence) + 1
    if not len(cuts):
        return Span(int(starts[0]), int(starts[-1]))
    parts = np.split(starts, cuts)
    best = max(parts, key=len)
    return Span(int(best[0]), int(best[-1]))


def _clean(track: RawTrack, kept: Span, longest: int) -> RawTrack:
    notes = track.notes
    inside = (notes[:, START] >= kept.first) & (notes[:, START] <= kept.last)
    notes = notes[inside & (notes[:, PITCH] >= 0) & (notes[:, PITCH] <= 127)]
    notes[:, LENGTH] = np.clip(notes[:, LENGTH], 1, longest)
    notes = notes[np.lexsort((notes[:, PITCH], notes[:, START]))]
    return RawTrack(notes, track.name, track.program, track.channel10)


def _tempos(raw: Raw, problems: list[str]) -> tuple[tuple[int, int], ...]:
    low, high = (60e6 / limit for limit in reversed(TEMPOS))
    good = tuple((at, micros) for at, micros in sorted(raw.tempos) if low <= micros <= high)
    if len(good) < len(raw.tempos):
        problems.append(f"{len(raw.tempos) - len(good)} tempi outside {TEMPOS[0]:g}..{TEMPOS[1]:g} were left out")
    return good


def _meters(raw: Raw, problems: list[str]) -> tuple[tuple[int, int, int], ...]:
    good = tuple(
        (at, over, under) for at, over, under in sorted(raw.meters) if 1 <= over <= 16 and under in (2, 4, 8, 16)
    )
    if len(good) < len(raw.meters):
        problems.append(f"{len(raw.meters) - len(good)} time signatures of no music were left out")
    return good
