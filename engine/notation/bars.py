"""The notes of a part as bars of written values: chords, rests, ties and beams.

Places are slots (sixteenths). What a song has is on that grid; a note of another source is put on its nearest place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.notation.spelling import Tone, fifths
from engine.notation.values import beams, split
from engine.song import GHOST, Note, Song
from engine.theory.meter import SLOT, Meter

MOST_VOICES = 4

Frets = tuple[tuple[int, int], ...]


class Event(NamedTuple):
    """Notes that begin and end together, in slots from the start of the song.

    mark: as of a Note; of drums, the numbers of those struck as ghost notes. frets: (string from 1, the highest, fret)
    of each tone where tablature is asked for.
    """

    start: int
    stop: int
    tones: tuple[Tone, ...]
    mark: str = ""
    frets: Frets = ()


class Piece(NamedTuple):
    """What of an event lies in one bar, in slots of the bar. tied: 1 to the bar before, 2 to the next, 3 both."""

    start: int
    stop: int
    tones: tuple[Tone, ...]
    mark: str
    frets: Frets
    tied: int


class Value(NamedTuple):
    """A written value of a bar; without tones it is a rest. tied: 1 from the value before, 2 to the next, 3 both."""

    start: int
    length: int
    tones: tuple[Tone, ...]
    mark: str
    frets: Frets
    tied: int
    beams: tuple[str, ...]


# One bar: the pieces of each of its voices.
Bar = tuple[tuple[Piece, ...], ...]


def events(song: Song, notes: Iterable[Note]) -> list[Event]:
    """Return the notes of a pitched part as events in order of start, spelled by key and chord."""
    found: list[Event] = []
    starts, tables = _spellings(song)
    last = song.bars * song.meter.slots
    at = (0, 0, "")
    tones: dict[int, Tone] = {}
    for start, length, pitch, _, mark in sorted(notes):
        first = max((start + SLOT // 2) // SLOT, 0)
        stop = min(max((start + length + SLOT // 2) // SLOT, first + 1), last)
        if first >= stop:
            continue
        if (first, stop, mark) != at:
            if tones:
                found.append(Event(at[0], at[1], tuple(tones.values()), at[2]))
            at, tones = (first, stop, mark), {}
            table = tables[max(bisect_right(starts, first) - 1, 0)]
        tones[pitch] = Tone(pitch, table[pitch % 12])
    if tones:
        found.append(Event(at[0], at[1], tuple(tones.values()), at[2]))
    return found


def strokes(song: Song, notes: Iterable[Note]) -> list[Event]:
    """Return the strokes of the drums as events: each lasts to the next one, or to the end of its beat.

    The pitch of a tone is the drum's number.
    """
    struck: dict[int, dict[int, str]] = {}
    last, beat = song.bars * song.meter.slots, song.meter.beat
    for note in notes:
        slot = max((note.start + SLOT // 2) // SLOT, 0)
        if slot < last:
            struck.setdefault(slot, {})[note.pitch] = "ghost" if note.stress == GHOST else ""
    found = []
    slots = sorted(struck)
    for slot, following in zip(slots, (*slots[1:], last), strict=True):
        place = slot % song.meter.slots
        stop = min(following - slot, beat - place % beat, song.meter.slots - place)
        length = split(place, place + stop, song.meter)[0][1]
        drums = sorted(struck[slot].items())
        mark = " ".join(str(drum) for drum, how in drums if how)
        found.append(Event(slot, slot + length, tuple(Tone(drum, 0) for drum, _ in drums), mark))
    return found


def in_bars(found: Sequence[Event], count: int, slots: int) -> list[Bar]:
    """Return the bars of a part: events that sound together are parted into voices, and cut at bar lines."""
    voices: list[list[list[Piece]]] = []
    free: list[int] = []
    for event in found:
        voice = next((n for n, end in enumerate(free) if end <= event.start), len(free))
        if voice == len(free):
            if voice == MOST_VOICES:  # more than can be written: the oldest gives way
                continue
            free.append(0)
            voices.append([[] for _ in range(count)])
        start, stop, tones, mark, frets = event
        free[voice] = stop
        for bar in range(start // slots, (stop - 1) // slots + 1):
            first = bar * slots
            tied = (1 if start < first else 0) | (2 if stop > first + slots else 0)
            voices[voice][bar].append(
                Piece(max(start - first, 0), min(stop - first, slots), tones, mark, frets, tied),
            )
    return [
        tuple(tuple(voice[bar]) for n, voice in enumerate(voices) if voice[bar] or n == 0) or ((),)
        for bar in range(count)
    ]


@lru_cache(maxsize=4096)
def written(pieces: tuple[Piece, ...], meter: Meter) -> tuple[Value, ...]:
    """Return the values of one voice of a bar, rests between; no value at all is a bar of rest."""
    if not pieces:
        return ()
    values: list[Value] = []
    at = 0
    for start, stop, tones, mark, frets, tied in pieces:
        if at < start:
            values += [Value(*rest, (), "", (), 0, ()) for rest in split(at, start, meter, True)]
        parts = split(start, stop, meter)
        for n, (first, length) in enumerate(parts):
            ties = (1 if n else tied & 1) | (2 if n + 1 < len(parts) else tied & 2)
            values.append(Value(first, length, tones, mark, frets, ties, ()))
        at = stop
    if at < meter.slots:
        values += [Value(*rest, (), "", (), 0, ()) for rest in split(at, meter.slots, meter, True)]
    shapes = beams([(value.start, value.length, not value.tones) for value in values], meter)
    return tuple(value._replace(beams=shape) if shape else value for value, shape in zip(values, shapes, strict=True))


def _spellings(song: Song) -> tuple[list[int], list[tuple[int, ...]]]:
    """Return the slots where the spelling may change, and from each on the place of each pitch class."""
    starts, tables = [0], [fifths(song.key)]
    for section in song.sections:
        key, first = song.key_of(section), section.start_bar * song.meter.slots
        starts.append(first)
        tables.append(fifths(key))
        for span in section.chords:
            starts.append(first + span.start // SLOT)
            tables.append(fifths(key, span.chord))
    return starts, tables
