"""Why the voice sings what it sings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from engine import pipeline
from engine.bench.remake import as_sung, plan_for
from engine.document import Document, cells
from engine.explain.decision import Decision, decided, waited
from engine.explain.edited import last_edit
from engine.explain.rows import LEFT, Row, note_name, row_of
from engine.explain.trace import Line, Sung, Trace, rhythm_of, traced
from engine.models.pitch import lean
from engine.parts.melody import hook_section, sung_phrases
from engine.parts.melody.lines import Taken
from engine.plan.plan import Plan
from engine.song import Note, Phrase, Section, Song
from engine.theory.meter import SLOT

PART = "melody"
# How a line that comes again is changed, in words.
_CHANGES = {
    "": "",
    "vary": "nearly the same",
    "end": "with another ending",
    "answer": "answered",
    "moved": "its rhythm over other chords",
    "again": "with other words",
}


class _Made(NamedTuple):
    """How a line of the file came about."""

    how: str
    source: str
    rhythm: Line | None = None
    tune: Line | None = None


class _Written(NamedTuple):
    """A line as the file has it, in the song's key."""

    number: int
    phrase: Phrase
    notes: tuple[Note, ...]

    @property
    def sung(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Its slots and MIDI numbers."""
        return tuple(note.start // SLOT for note in self.notes), tuple(note.pitch for note in self.notes)


def explain_voice(document: Document, section: Section) -> list[Row]:
    """Return a row for every note that the voice sings in a section."""
    song = document.song
    notes = cells(song, {PART}).get((section.name, PART), ())
    lines = _lines(section, notes)
    plan, trace = _played(document, section, lines)
    rows = [row for line in lines for row in _rows(song, section, line, _made(plan, trace, section, line))]
    told = {row.note.start for row in rows}
    rows += [
        row_of(song, section, note, note_name(song, section, note.pitch), "kept", "outside the lines planned now")
        for note in notes
        if note.start not in told
    ]
    return sorted(rows, key=lambda row: row.note.start)


def _lines(section: Section, notes: Sequence[Note]) -> list[_Written]:
    found = []
    for number, phrase in enumerate(sung_phrases(section), 1):
        first, last = phrase.sung
        line = [note for note in notes if first <= note.start // SLOT < last]
        if line:
            written = tuple(note._replace(pitch=note.pitch - section.shift) for note in line)
            found.append(_Written(number, phrase, written))
    return found


def _played(document: Document, section: Section, lines: Sequence[_Written]) -> tuple[Plan, Trace]:
    """Return the plan over which the section's voice was sung, and what is drawn there.

    A part that was rolled again was sung around the others as they stand; a new song was sung from its beginning. Of
    both the one that makes more lines of the file.
    """
    song, takes = document.song, dict(document.takes)
    sung = as_sung(song, cells(song, {PART}))
    alike = [s for s in song.sections if (s.material, s.kind) == (section.material, section.kind)]
    found: list[tuple[int, Plan, Trace]] = []
    for around, again in ((sung, alike), ({}, list(song.sections))):
        plan = replace(plan_for(song, takes, PART, around, again), _memo={})
        trace = traced(partial(_play, plan, section, song.request.hook))
        found.append((len(lines) - len(_missing(trace, section, lines)), plan, trace))
        if found[-1][0] == len(lines):
            return plan, trace
    _, plan, trace = max(found, key=lambda one: one[0])
    # Variations and wishes are known to the edit alone that asked for them, and what they left to what was before.
    if edit := last_edit(document, section, PART):
        trace.add(edit.trace, edit.words)
        missing = _missing(trace, section, lines)
        earlier = next((other for other in edit.before.song.sections if other.name == section.name), None)
        if missing and earlier:
            trace.add(_played(edit.before, earlier, missing)[1])
    return plan, trace


def _missing(trace: Trace, section: Section, lines: Sequence[_Written]) -> list[_Written]:
    """Return the lines of a section that nobody was seen to sing."""
    made = {_what(sung.taken) for sung in trace.sung if sung.taken.section == section.name}
    return [line for line in lines if (line.phrase.start, *line.sung) not in made]


def _play(plan: Plan, section: Section, number: int | None) -> None:
    # The hook is drawn before all else, and the plan has it already.
    pipeline.hook_of(replace(plan, hook=None, _memo={}), number)
    pipeline.play_section(plan, pipeline.as_written(section), PART)


def _what(taken: Taken) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    return taken.phrase.start, taken.onsets, taken.pitches


def _made(plan: Plan, trace: Trace, section: Section, line: _Written) -> _Made:
    """Return how a line of a section came about."""
    onsets, pitches = line.sung
    phrase, what = line.phrase, (line.phrase.start, onsets, pitches)
    own = [sung for sung in trace.sung if sung.taken.section == section.name and _what(sung.taken) == what]
    if not own:
        tune = trace.hook(onsets, pitches)
        if tune is not None and phrase is sung_phrases(section)[0]:
            return _Made("hook", _ranked(plan), rhythm_of(trace.lines, phrase.sung, onsets), tune)
        same = _line(plan, trace, tuple(onset - phrase.start for onset in onsets), pitches)
        return same._replace(how="copied") if same else _Made("kept", LEFT)
    sung = own[0]
    by = f", by the edit: {sung.edit}" if sung.edit else ""
    if sung.taken.like is None:
        return _Made("drawn", f"new{by}", sung.rhythm, sung.tune)
    before = _before(plan, trace, sung)
    change = _CHANGES.get(sung.taken.change, sung.taken.change)
    words = f"{before.source}{f', {change}' if change else ''}{by}"
    if sung.tune is None:
        return _Made("copied", words, sung.rhythm or before.rhythm, before.tune)
    return _Made("varied", words, sung.rhythm or before.rhythm, sung.tune)


def _ranked(plan: Plan) -> str:
    number, count = plan.hook.number if plan.hook else 1, plan.style.rules["melody.hooks"]
    return (
        f"number {number} of {count} lines drawn, the best by rank"
        if number <= count
        else f"number {number}, asked for"
    )


def _before(plan: Plan, trace: Trace, sung: Sung) -> _Made:
    """Return the line that another comes from, and where it was drawn."""
    assert sung.taken.like is not None
    return _line(plan, trace, *sung.taken.like, but=sung) or _Made("", "a line sung before")


def _line(
    plan: Plan, trace: Trace, onsets: tuple[int, ...], pitches: tuple[int, ...], but: Sung | None = None
) -> _Made | None:
    """Return the line that has these slots (from its phrase) and pitches, and where it was drawn."""
    for other in trace.sung:
        taken, start = other.taken, other.taken.phrase.start
        same = tuple(onset - start for onset in taken.onsets) == onsets and taken.pitches == pitches
        if same and other is not but and (other.tune is not None or taken.like is None):
            return _Made("", f"{_named(plan, taken.section, start)} of {taken.section}", other.rhythm, other.tune)
    lead = hook_section(plan)
    phrase = sung_phrases(lead)[0] if lead else None
    if lead is None or phrase is None:
        return None
    tune = trace.hook(tuple(onset + phrase.start for onset in onsets), pitches)
    if tune is None:
        return None
    return _Made("", f"line 1 of {lead.name}, the hook", rhythm_of(trace.lines, phrase.sung, tune.about.slots), tune)


def _named(plan: Plan, name: str, start: int) -> str:
    """Return "line 2" for the phrase of a section that starts at a slot; "a line" if it has none there now."""
    starts = [phrase.start for section in plan.sections if section.name == name for phrase in sung_phrases(section)]
    return f"line {1 + starts.index(start)}" if start in starts else "a line"


def _rows(song: Song, section: Section, line: _Written, made: _Made) -> Iterator[Row]:
    onsets, _ = line.sung
    waits = [*(later - one for one, later in pairwise(onsets)), 16]
    source = f"line {line.number} ({line.phrase.label}), {made.how}: {made.source}"
    for at, (note, wait) in enumerate(zip(line.notes, waits, strict=True)):
        heard = note._replace(pitch=note.pitch + section.shift)
        name = note_name(song, section, heard.pitch)
        pitch = decided(made.tune.sampler, made.tune.about, made.tune.events, at) if made.tune else None
        yield row_of(song, section, heard, name, made.how, source, _placed(made, onsets, at), pitch, lean(wait))


def _placed(made: _Made, onsets: Sequence[int], at: int) -> Decision | None:
    """Return the draw that put a note of a line where it is.

    None for the first and the last of a line, which are planned, and where a rhythm was taken over in part.
    """
    if made.rhythm is None or not 0 < at < len(onsets) - 1:
        return None
    first = onsets[-1] - len(made.rhythm.events)
    step = onsets[at] - first
    if not (0 <= step < len(made.rhythm.events) and made.rhythm.events[step]):
        return None
    return waited(made.rhythm.sampler, made.rhythm.about, made.rhythm.events, step, first)
