"""The notes of a part as bars of written values: chords, rests, ties and beams.

Places are slots (sixteenths). What a song has is on that grid; a note of another source is put on its nearest place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
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
    starts.append(1 << 60)
    last = song.bars * song.meter.slots
    known: dict[tuple[int, tuple[int, ...]], tuple[Tone, ...]] = {}
    at = 0  # the table in force
    for (start, length, mark), group in groupby(sorted(notes), _together):
        first = max((start + SLOT // 2) // SLOT, 0)
        stop = min(max((start + length + SLOT // 2) // SLOT, first + 1), last)
        while starts[at + 1] <= first:
            at += 1
        if first < stop:
            pitches = tuple([note[2] for note in group])
            tones = known.get((at, pitches))
            if tones is None:
                table = tables[at]
                tones = known[at, pitches] = tuple(Tone(p, table[p % 12]) for p in dict.fromkeys(pitches))
            found.append(Event(first, stop, tones, mark))
    return found


_together = itemgetter(0, 1, 4)  # start, length and mark of a note


def strokes(song: Song, notes: Iterable[Note]) -> list[Event]:
    """Return the strokes of the drums as events: each lasts to the next one, or to the end of its beat.

    The pitch of a tone is the drum's number.
    """
    struck: dict[int, dict[int, bool]] = {}
    meter, last = song.meter, song.bars * song.meter.slots
    slots_a_bar, beat = meter.slots, meter.beat
    for start, _, pitch, stress, _ in notes:
        slot = max((start + SLOT // 2) // SLOT, 0)
        if slot < last:
            struck.setdefault(slot, {})[pitch] = stress == GHOST
    found = []
    slots = sorted(struck)
    slots.append(last)
    known: dict[tuple[tuple[int, bool], ...], tuple[tuple[Tone, ...], str]] = {}
    for slot, following in pairwise(slots):
        place = slot % slots_a_bar
        stop = min(following - slot, beat - place % beat, slots_a_bar - place)
        length = stop if stop <= 2 else split(place, place + stop, meter)[0][1]
        drums = tuple(sorted(struck[slot].items()))
        if drums not in known:
            ghosts = " ".join(str(drum) for drum, ghost in drums if ghost)
            known[drums] = tuple(Tone(drum, 0) for drum, _ in drums), ghosts
        tones, mark = known[drums]
        found.append(Event(slot, slot + length, tones, mark))
    return found


def in_bars(found: Sequence[Event], count: int, slots: int) -> list[Bar]:
    """Return the bars of a part: events that sound together are parted into voices, and cut at bar lines."""
    voices: list[list[list[Piece]]] = []
    free: list[int] = []  # where each voice is free again
    for start, stop, tones, mark, frets in found:
        voice = 0 if free and free[0] <= start else _free(free, start)
        if voice == len(free):
            if voice == MOST_VOICES:  # more than can be written
                continue
            free.append(0)
            voices.append([[] for _ in range(count)])
        free[voice] = stop
        bar, place = divmod(start, slots)
        end = place + stop - start
        if end <= slots:
            voices[voice][bar].append(Piece(place, end, tones, mark, frets, 0))
            continue
        tied = 2
        while end > 0:
            over = 2 if end > slots else 0
            voices[voice][bar].append(Piece(place, min(end, slots), tones, mark, frets, (tied & 1) | over))
            bar, place, end, tied = bar + 1, 0, end - slots, 1
    if len(voices) == 1:
        return [(tuple(pieces),) for pieces in voices[0]]
    return [
        tuple(tuple(voice[bar]) for n, voice in enumerate(voices) if voice[bar] or n == 0) or ((),)
        for bar in range(count)
    ]


def _free(free: Sequence[int], start: int) -> int:
    return next((n for n, end in enumerate(free) if end <= start), len(free))


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
