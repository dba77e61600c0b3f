"""What is said of a part: a row for every note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.explain.chords import Origin, origin
from engine.explain.decision import Decision
from engine.song import Note, Section, Song
from engine.theory.meter import SLOT

LEFT = "as an edit, a lock or another version left it"  # what would not be drawn now
_DEGREES = ("root", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")


class Under(NamedTuple):
    """The chord under a note: its symbol and numeral, the note's degree in it, where the chord comes from."""

    symbol: str
    numeral: str
    degree: str
    belongs: bool
    origin: Origin


class Row(NamedTuple):
    """Why one note is there.

    bar: of the song, from 1; beat: of the bar, from 1. slot: from the section's start. note: of the song file, in ticks
    from the section's start, as it is heard. name: "E4", or of the drum. how: "drawn", "varied" (drawn near another),
    "copied", "hook" (the best of some candidates), "planned" (a rule of its own, no draw) or "kept" (from before, no
    longer what would be drawn). source: what it was taken from, in words, or why. place, pitch: the draws that decided
    when it starts and what it is.
    """

    bar: int
    beat: float
    slot: int
    note: Note
    name: str
    under: Under | None
    how: str
    source: str
    place: Decision | None = None
    pitch: Decision | None = None


class Explained(NamedTuple):
    """A part of a section, explained.

    first, last: bars of the section, from 1. locked: whether the part may not change. alike: other sections of the
    place, and whether they play the same.
    """

    section: str
    part: str
    key: str
    first: int
    last: int
    locked: bool
    edits: tuple[str, ...]
    rows: tuple[Row, ...]
    alike: tuple[tuple[str, bool], ...] = ()


def row_of(
    song: Song,
    section: Section,
    note: Note,
    name: str,
    how: str,
    source: str,
    place: Decision | None = None,
    pitch: Decision | None = None,
    lean: int = 0,
) -> Row:
    """Return the row of a note; lean: slots after its start where its chord is read, -1 for a note without one."""
    slot = note.start // SLOT
    bar, inside = divmod(slot, song.meter.slots)
    under = under_of(song, section, note.start + lean * SLOT, note.pitch) if lean >= 0 else None
    beat = round(1 + inside / song.meter.beat, 2)
    return Row(section.start_bar + bar + 1, beat, slot, note, name, under, how, source, place, pitch)


def under_of(song: Song, section: Section, tick: int, pitch: int) -> Under:
    """Return the chord at a tick of a section, under a pitch."""
    span = section.chord_at(tick)
    degree = _DEGREES[(pitch - span.chord.root) % 12]
    symbol = span.chord.symbol(song.key_of(section))
    return Under(
        symbol, span.numeral, degree, pitch % 12 in span.chord.pitch_classes, origin(song, section, span.start)
    )


def note_name(song: Song, section: Section, pitch: int) -> str:
    """Return a pitch as the section's key spells it."""
    name = song.key_of(section).spell(pitch % 12)
    # B# and Cb belong to the octave of their letter.
    return f"{name}{(pitch - {'B#': 12, 'Cb': -12}.get(name, 0)) // 12 - 1}"


def inside(notes: Sequence[Note], bars: tuple[int, int], bar: int) -> list[Note]:
    """Return the notes that start in some bars of a section (from 1); what starts before it belongs to the first."""
    first, last = bars
    return [note for note in notes if first <= max(note.start // bar, 0) + 1 <= last]
