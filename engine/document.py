"""A song on the bench: the song, what may not change in it, and what has been done to it.

Places are written as a person names them: "chorus/melody", "verse/1/drums", "bass", "bridge", "verse/chords".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from engine.song import Note, Part, Section, Song
from engine.theory.meter import SLOT

# What a section is made of beside the notes of its parts, and whose takes move it.
LAYERS = {"chords": "harmony", "phrases": "phrases", "groove": "groove"}
PICKUP = 4 * SLOT  # ticks by which a voice may come in before its section

Cell = tuple[str, str]  # the name of a section, and of a part
Cells = Mapping[Cell, tuple[Note, ...]]  # notes in ticks from their section's start
Change = tuple[int, int, tuple[str, ...]]  # the first line (from 0), how many lines go, the lines that come


class Step(NamedTuple):
    """A step back (or forward again): what it undoes, the changes to the lines of the text, the text's digest.

    changes are in order, lines counted in the text they change.
    """

    did: str
    changes: tuple[Change, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Document:
    """A song file as it stands.

    song: with all notes, muted ones too. takes: (place, number) as they are now. locks, muted, solo: places.
    past: steps back, the oldest first. future: steps that were undone, the next to be done again last.
    text: the file without its history. source: digest of the file that it was read from, for safe writing.
    """

    song: Song
    takes: tuple[tuple[str, int], ...] = ()
    locks: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    solo: tuple[str, ...] = ()
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    text: str = ""
    source: str = field(default="", compare=False)

    def locked(self, section: Section, layer: str) -> bool:
        """Return whether a part or layer of a section may not change."""
        return any(covers(place, section, layer) for place in self.locks)

    def silent(self, section: Section, part: str) -> bool:
        """Return whether a part of a section is muted, or others are soloed."""
        if any(covers(place, section, part) for place in self.muted):
            return True
        return bool(self.solo) and not any(covers(place, section, part) for place in self.solo)

    def heard(self) -> Song:
        """Return the song without what is muted."""
        if not self.muted and not self.solo:
            return self.song
        song = self.song
        silent = {
            (section.name, part.name)
            for section in song.sections
            for part in song.parts
            if self.silent(section, part.name)
        }
        kept = {cell: notes for cell, notes in cells(song).items() if cell not in silent}
        return with_notes(song, kept)


def covers(place: str, section: Section, layer: str) -> bool:
    """Return whether a place names a part or layer of a section."""
    head, _, tail = place.rpartition("/")
    if tail.isdecimal() or tail in (section.kind, section.material, "song"):
        head, tail = place, ""
    return tail in ("", layer) and head in ("", "*", "song", section.name, section.kind, section.material)


def cells(song: Song, parts: Container[str] | None = None) -> dict[Cell, tuple[Note, ...]]:
    """Return the notes of each part (or of some) in each section where it has any, in order of parts and sections."""
    found: dict[Cell, tuple[Note, ...]] = {}
    for part in song.parts:
        if parts is None or part.name in parts:
            found |= cells_of(part, song.sections, song.meter.bar)
    return found


def cells_of(part: Part, sections: Sequence[Section], bar: int) -> dict[Cell, tuple[Note, ...]]:
    """Return the notes of a part in each section where it has any; bar: its ticks.

    A voice that comes in just before its section belongs to it, for sections leave their end free of the voice.
    """
    voice = part.name == "melody"
    starts = [section.start_bar * bar for section in sections]
    ends = [
        start - PICKUP if voice and part.name in section.players else start
        for start, section in zip(starts[1:], sections[1:], strict=True)
    ]
    found: dict[Cell, tuple[Note, ...]] = {}
    at, notes = 0, part.notes
    for number, (section, start) in enumerate(zip(sections, starts, strict=True)):
        first = at
        at = bisect_left(notes, (ends[number],), first) if number < len(ends) else len(notes)
        if at > first:
            row = [(note[0] - start, *note[1:]) for note in notes[first:at]]
            found[section.name, part.name] = tuple(map(Note._make, row))
    return found


def joined(part: str, sections: Iterable[Section], bar: int, notes: Cells) -> tuple[Note, ...]:
    """Return a part's notes in ticks from the song's start, in order."""
    found = [
        (note.start + section.start_bar * bar, *note[1:])
        for section in sections
        for note in notes.get((section.name, part), ())
    ]
    return tuple(map(Note._make, sorted(found)))


def with_notes(song: Song, notes: Cells, parts: Container[str] | None = None) -> Song:
    """Return the song with these notes and no others (in some of its parts)."""
    return replace(
        song,
        parts=tuple(
            replace(part, notes=joined(part.name, song.sections, song.meter.bar, notes))
            if parts is None or part.name in parts
            else part
            for part in song.parts
        ),
    )
