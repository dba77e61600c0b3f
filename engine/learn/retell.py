"""A heard song as the readers of the corpora would tell it, so that one code counts both.

Melody, chords and sections as an ``AnnotatedSong``, bass and guitars as a ``Band``, drums as a ``Take``. Bands and
takes are of 4/4 bars alone; bars of other metres are cut out of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.learn.raw import Ints
from engine.learn.song import LENGTH, PITCH, START, VELOCITY, Heard, HeardMeter, HeardTrack
from engine.models.pitch import NO_CHORD as NO_CHORD_INDEX
from engine.models.pitch import lean
from engine.theory.chord import QUALITIES, Chord
from engine.theory.meter import SLOT, Meter
from engine.train.corpora.annotated import (
    NO_CHORD,
    AnnotatedBar,
    AnnotatedSection,
    AnnotatedSong,
    BarChord,
    name_chord,
)
from engine.train.corpora.freedoom import BAR, FIFTH, MAJOR, MINOR, Band, Played, one_voice
from engine.train.corpora.freedoom_drums import PADS, STYLE, USUAL
from engine.train.corpora.gmd import PAD, SNARE, Take
from engine.train.corpora.gmd import VELOCITY as LOUD
from engine.train.sung_notes import Sung, chord_index

_FOUR, _TWO, _HALVES = Meter(4, 4), Meter(2, 4), Meter(2, 2)
# The fitted tables know four modes; the other two go with their nearest.
MODES = {"lydian": "major", "phrygian": "minor"}
_BARS = 64  # 4/4 bars of a band that are learnt from; songs repeat themselves for longer
_LEAST_TRACK = 8  # notes of a track that is listened to


_PADS: Ints = np.array([PADS.get(pitch, -1) for pitch in range(128)], dtype=np.int64)


class Retold(NamedTuple):
    """A song told again. band, take: None where there are no 4/4 bars or nobody plays them. sung: of the melody.

    frame: the metre of most bars; ``sung`` counts every bar as sixteen slots, whatever its metre.
    """

    song: AnnotatedSong
    sung: list[Sung]
    frame: Meter
    band: Band | None
    take: Take | None


def retell(heard: Heard, name: str) -> Retold:
    """Return a heard song told again under a name."""
    meters = _meters(heard)
    chords = _cells(heard)
    bars = _bars(heard, meters, chords)
    frame = heard.meter
    mode = MODES.get(heard.key.mode, heard.key.mode)
    sections = tuple(
        AnnotatedSection(part.kind, part.kind, part.label, part.first, bars[part.first : part.first + part.bars])
        for part in heard.sections
    )
    song = AnnotatedSong(f"heard/{name}", name, heard.tempo, str(frame), heard.key.tonic, mode, sections)
    fours = np.array([meter == _FOUR for meter in meters])
    return Retold(
        song,
        _sung(heard, meters, frame, chords),
        frame,
        _band(heard, name, fours, chords) if fours.sum() >= 8 else None,
        _take(heard, name, fours) if fours.sum() >= 8 else None,
    )


def in_fours(heard: Heard) -> Heard:
    """Return a song in 2/4 with its bars in pairs, and 2/2 as 4/4; the models count sixteen slots a bar."""
    sizes = {change.meter for change in heard.meters}
    if sizes == {_TWO} and len(heard.bars) > 2:
        lines = heard.bars[::2]
        if len(heard.bars) % 2 == 0:
            lines = np.append(lines, heard.bars[-2] + _FOUR.bar)
        last = len(lines) - 1
        sections = []
        for part in heard.sections:
            first = min(part.first // 2, last - 1)
            sections.append(
                part._replace(first=first, bars=max(min((part.first + part.bars + 1) // 2, last) - first, 1))
            )
        return replace(heard, bars=lines, meters=(HeardMeter(0, _FOUR),), sections=tuple(sections))
    if _HALVES in sizes:
        meters = tuple(change._replace(meter=_FOUR) if change.meter == _HALVES else change for change in heard.meters)
        return replace(heard, meters=meters)
    return heard


def _meters(heard: Heard) -> list[Meter]:
    count = len(heard.bars) - 1
    found: list[Meter] = []
    for change, end in zip(heard.meters, [*(other.bar for other in heard.meters[1:]), count], strict=True):
        found += [change.meter] * (end - change.bar)
    return found


def _cells(heard: Heard) -> Ints:
    # The number of the chord in force on every quarter of every bar, -1 for none; shape (bars, 4).
    lines = heard.bars
    at = lines[:-1, None] + np.diff(lines)[:, None] * np.arange(4) // 4
    if not heard.chords:
        return np.full(at.shape, -1)
    starts = np.array([span.start for span in heard.chords])
    found = np.searchsorted(starts, at, side="right") - 1
    silent = np.array([span.chord is None for span in heard.chords])
    return np.where((found < 0) | silent[found], -1, found)


def _bars(heard: Heard, meters: list[Meter], cells: Ints) -> tuple[AnnotatedBar, ...]:
    tonic = heard.key.tonic
    names = [NO_CHORD if span.chord is None else _numeral(span.chord, tonic) for span in heard.chords]
    names.append(NO_CHORD)  # cell -1
    found = []
    for meter, row in zip(meters, cells.tolist(), strict=True):
        spoken = [names[cell] for cell in row]
        starts = [k for k in range(4) if k == 0 or spoken[k] != spoken[k - 1]]
        ends = [*starts[1:], 4]
        chords = tuple(BarChord(a, b - a, spoken[a]) for a, b in zip(starts, ends, strict=True))
        found.append(AnnotatedBar(str(meter), tonic, chords))
    return tuple(found)


@lru_cache(maxsize=4096)
def _numeral(chord: Chord, tonic: int) -> str:
    return name_chord(chord.transpose(-tonic))


def _sung(heard: Heard, meters: list[Meter], frame: Meter, cells: Ints) -> list[Sung]:
    tracks = heard.played("melody")
    if not tracks:
        return []
    tonic, count = heard.key.tonic, len(meters)
    kinds = [""] * count
    for part in heard.sections:
        kinds[part.first : part.first + part.bars] = [part.kind] * part.bars
    bar, slot = _places(heard.bars, tracks[0].notes[:, START])
    # A bar longer than sixteen slots is drawn together, so that all have one frame.
    place = slot * 16 // frame.slots if frame.slots > 16 else slot
    framed = np.array([meter == frame for meter in meters])
    good = (bar >= 0) & (bar < count) & (place >= 0) & (place < 16)
    good &= framed[np.where(good, bar, 0)]
    at, pitch = (bar * 16 + place)[good], tracks[0].notes[good, PITCH]
    # Of notes together the highest.
    order = np.lexsort((-pitch, at))
    at, pitch = at[order], pitch[order]
    first = np.diff(at, prepend=-1) > 0
    at, pitch = at[first], pitch[first]
    indices = [
        NO_CHORD_INDEX if span.chord is None else chord_index(_numeral(span.chord, tonic)) for span in heard.chords
    ]
    # What comes before a change and outlasts it is sung to the next chord (``train.sung_notes.sung``).
    waits = [*np.diff(at).tolist(), 16][: len(at)]
    to = at + np.array([lean(wait) for wait in waits], dtype=np.int64)
    inside = (to // 16 < count) & framed[np.minimum(to // 16, count - 1)]
    to = np.where(inside, to, at)
    chords = np.array([*indices, NO_CHORD_INDEX])[cells[to // 16, to % 16 // 4]]
    rows = zip(at.tolist(), pitch.tolist(), ((pitch - tonic) % 12).tolist(), chords.tolist(), strict=True)
    return [Sung(where, height, degree, chord, kinds[where // 16]) for where, height, degree, chord in rows]


def _places(lines: Ints, starts: Ints) -> tuple[Ints, Ints]:
    # The bar and the nearest slot of it; a note on the next bar line belongs to that bar.
    moved = starts + SLOT // 2
    bar = np.searchsorted(lines, moved, side="right") - 1
    return bar, (moved - lines[np.clip(bar, 0, len(lines) - 1)]) // SLOT


def _placed(heard: Heard, track: HeardTrack, fours: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
    # (slot, length in slots, pitch, velocity) of the notes in 4/4 bars, counted in those bars alone.
    bar, slot = _places(heard.bars, track.notes[:, START])
    inside = (bar >= 0) & (bar < len(fours))
    bar = np.where(inside, bar, 0)
    inside &= fours[bar] & (slot >= 0) & (slot < BAR)
    number = np.cumsum(fours) - 1
    length = np.maximum((track.notes[:, LENGTH] + SLOT // 2) // SLOT, 1)
    rows = np.stack([number[bar] * BAR + slot, length, track.notes[:, PITCH], track.notes[:, VELOCITY]], axis=1)
    found: Ints = rows[inside]
    return found


def _band(heard: Heard, name: str, fours: np.ndarray[tuple[int], np.dtype[np.bool_]], cells: Ints) -> Band | None:
    count = min(int(fours.sum()), _BARS)
    kick, snare = np.zeros(count * BAR, dtype=np.int64), np.zeros(count * BAR, dtype=np.int64)
    for track in heard.tracks:
        if track.role == "drums":
            rows = _placed(heard, track, fours)
            rows = rows[rows[:, 0] < count * BAR]
            kick[rows[np.isin(rows[:, 2], (35, 36)), 0]] = 1
            snare[rows[np.isin(rows[:, 2], (37, 38, 39, 40)), 0]] = 1
    basses = [track for track in heard.played("bass") if len(track.notes) >= _LEAST_TRACK]
    bass = _played(heard, max(basses, key=lambda track: len(track.notes)), fours) if basses else []
    roles = {
        role: tuple(tuple(_played(heard, track, fours)) for track in heard.played(role)[:2])
        for role in ("rhythm", "lead")
    }
    if not bass and not any(roles.values()):
        return None
    return Band(
        name, count, _halves(heard, cells[fours][:count]), kick, snare, one_voice(bass), roles["rhythm"], roles["lead"]
    )


def _played(heard: Heard, track: HeardTrack, fours: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[Played]:
    rows = _placed(heard, track, fours)[:, :3]
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    return list(map(Played._make, rows[rows[:, 0] < _BARS * BAR].tolist()))


def _halves(heard: Heard, cells: Ints) -> Ints:
    # Root and quality of the first chord of every half bar, -1 and MAJOR where there is none.
    table = [(span.chord.root, _quality(span.chord)) if span.chord else (-1, MAJOR) for span in heard.chords]
    table.append((-1, MAJOR))
    return np.array(table, dtype=np.int64)[cells[:, (0, 2)].ravel()]


def _quality(chord: Chord) -> int:
    steps = QUALITIES[chord.quality][0]
    return MAJOR if 4 in steps else MINOR if 3 in steps else FIFTH


def _take(heard: Heard, name: str, fours: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Take | None:
    parts = [_placed(heard, track, fours) for track in heard.tracks if track.role == "drums"]
    rows = np.concatenate([*parts, np.zeros((0, 4), dtype=np.int64)])
    rows = rows[_PADS[rows[:, 2]] >= 0]
    place = rows[:, 0] * 16 + _PADS[rows[:, 2]]
    order = np.lexsort((-rows[:, 3], place))
    place, loud = place[order], rows[order, 3]
    first = np.diff(place, prepend=-1) > 0
    place, loud = place[first], loud[first]
    if len(place) < 32:
        return None
    hits = np.stack([place // 16, np.zeros_like(place), place % 16, loud], axis=1)
    snares = hits[hits[:, PAD] == SNARE, LOUD]
    if len(snares):
        usual = max(int(np.quantile(snares, 0.7)), 1)
        hits[:, LOUD] = np.minimum(hits[:, LOUD] * USUAL // usual, 127)
    hits[:, 0] -= hits[0, 0] // 16 * 16
    return Take(name, STYLE, False, round(heard.tempo), False, 0, hits)
