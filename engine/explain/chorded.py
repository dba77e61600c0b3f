"""Why a guitar strikes what it strikes, and why voices that are led together sing what they sing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import partial

from engine.document import Document, cells
from engine.explain.decision import Decision, decided
from engine.explain.played import bars_told, beat_of, play_again, said, strikes
from engine.explain.rows import Row, note_name, row_of
from engine.explain.trace import Line
from engine.plan.ending import ending_bar
from engine.plan.reading import pieces
from engine.plan.voices import VOICES
from engine.song import Note, Section
from engine.theory.meter import SLOT

PART = "rhythm"


def explain_chords(document: Document, section: Section) -> list[Row]:
    """Return a row for every stroke of the rhythm guitar in a section, which stands for all its notes."""
    song = document.song
    again = play_again(document, section, PART)
    strokes: dict[int, list[Note]] = {}
    for note in cells(song, {PART}).get((section.name, PART), ()):
        strokes.setdefault(note.start // SLOT, []).append(note)
    final = ending_bar(again.plan, section)
    _, shapes = again.find(section, "shape", partial(_holds, strokes, section.shift))
    tell = partial(_row, document, section, strokes, shapes)
    rows: list[Row] = []
    for first, end in pieces(section.bars, final):
        start = first * song.meter.slots
        onsets = tuple(slot - start for slot in strokes if start <= slot < end * song.meter.slots)
        where, rhythm = again.find(section, "beat", partial(strikes, onsets))
        how, source = said(section, where, again.same)
        bars = bars_told(section, first, end)
        rows += [tell(start + onset, how, f"{bars}, {source}", beat_of(rhythm, onset)) for onset in onsets]
    hits = (slot for slot in strokes if slot // song.meter.slots == final)
    return [*rows, *(tell(slot, "planned", "the song's last hit", None) for slot in hits)]


def _row(
    document: Document,
    section: Section,
    strokes: Mapping[int, Sequence[Note]],
    shapes: Line | None,
    slot: int,
    how: str,
    source: str,
    place: Decision | None,
) -> Row:
    song, notes = document.song, strokes[slot]
    name = " ".join(note_name(song, section, note.pitch) for note in notes)
    shape = None
    if shapes is not None:
        number = bisect_right(shapes.about.slots, slot) - 1
        # The hand takes a shape once a chord; the strokes after the first keep it.
        if not any(shapes.about.slots[number] <= other < slot for other in strokes):
            shape = decided(shapes.sampler, shapes.about, shapes.events, number)
    return row_of(song, section, notes[0], name, how, source, place, shape)


def _holds(strokes: Mapping[int, Sequence[Note]], shift: int, shapes: Line) -> bool:
    """Return whether shapes have all the notes of some strokes."""
    for slot, notes in strokes.items():
        held = shapes.values[max(bisect_right(shapes.about.slots, slot) - 1, 0)]
        if not isinstance(held, tuple) or not {note.pitch - shift for note in notes} <= {*held}:
            return False
    return True


def explain_voices(document: Document, section: Section, part: str) -> list[Row]:
    """Return a row for every note of one of the voices that are led together."""
    song, voice = document.song, VOICES[part] - 1
    again = play_again(document, section, part)
    notes = cells(song, {part}).get((section.name, part), ())
    sung = {note.start // SLOT: note.pitch - section.shift for note in notes}

    def fits(line: Line) -> bool:
        heard = [layout[voice] for layout in line.values if isinstance(layout, tuple)]
        return heard == [sung.get(slot) for slot in line.about.slots]

    where, line = again.find(section, "layout", fits)
    how, source = said(section, where, again.same)
    rows = []
    for note in notes:
        name, slot = note_name(song, section, note.pitch), note.start // SLOT
        if line is not None and slot in line.about.slots:
            drawn = decided(line.sampler, line.about, line.events, line.about.slots.index(slot))
            rows.append(row_of(song, section, note, name, how, f"voices led together, {source}", None, drawn))
        else:
            why = "passes between two notes" if line is not None else source
            rows.append(row_of(song, section, note, name, "planned" if line is not None else how, why))
    return rows
