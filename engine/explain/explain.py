"""Explain a part of a section: every note by the draw that made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.bench.place import find
from engine.document import Document, cells
from engine.errors import UsageError
from engine.explain.chorded import explain_chords, explain_voices
from engine.explain.drummed import explain_drums
from engine.explain.played import explain_bass, explain_lead
from engine.explain.rows import Explained, Row, inside
from engine.explain.sung import explain_voice
from engine.pipeline import plan_of
from engine.plan.voices import VOICES, voiced
from engine.song import Section

Player = Callable[[Document, Section], list[Row]]
PARTS: Mapping[str, Player] = {
    "melody": explain_voice,
    "lead": explain_lead,
    "rhythm": explain_chords,
    "bass": explain_bass,
    "drums": explain_drums,
}


def explain(document: Document, address: str, bars: tuple[int, int] | None = None) -> Explained:
    """Return why the notes of a part are there: of a section, or of the first of those that a place names.

    address: such as "chorus/melody" or "verse/2/bass". bars: first and last of the section's, from 1; all if None.
    Raises UsageError for what is no place or no part, for a section where nobody plays it, for bars it does not have.
    """
    place = find(address, document.song)
    if place.layer not in PARTS:
        if place.layer == "chords":
            raise UsageError(f"{address}: chords are no part", "see how they were derived with: hookline tree SONG")
        what = f"{place.layer} is no part" if place.layer else "no part is named"
        head = place.head or place.sections[0].kind
        raise UsageError(f"{address}: {what}", f"name one: {', '.join(f'{head}/{part}' for part in PARTS)}")
    sections = [section for section in place.sections if place.layer in section.players]
    if not sections:
        raise UsageError(f"{place.text}: nobody plays there", f"let it: hookline edit FILE --on {place.text}")
    section = sections[0]
    first, last = bars or (1, section.bars)
    if not 1 <= first <= last:
        raise UsageError(f"bars {first}-{last}: expected the first bar before the last, from 1", "such as --bars 1-4")
    if first > section.bars:
        raise UsageError(f"bars {first}-{last}: {section.name} has {section.bars}", f"such as --bars 1-{section.bars}")
    last = min(last, section.bars)
    notes = cells(document.song, {place.layer})
    own = notes.get((section.name, place.layer), ())
    chosen = {note.start for note in inside(own, (first, last), document.song.meter.bar)}
    rows = [row for row in _rows(document, section, place.layer) if row.note.start in chosen]
    alike = tuple((other.name, notes.get((other.name, place.layer), ()) == own) for other in sections[1:])
    return Explained(
        section.name,
        place.layer,
        str(document.song.key_of(section)),
        first,
        last,
        document.locked(section, place.layer),
        tuple(document.song.edits),
        tuple(rows),
        alike,
    )


def _rows(document: Document, section: Section, part: str) -> list[Row]:
    if part in VOICES and voiced(plan_of(document.song, dict(document.takes))):
        return explain_voices(document, section, part)
    return PARTS[part](document, section)
