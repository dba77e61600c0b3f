"""Why the band plays what it plays: draws of whole stretches of bars, found again by what they sound like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from engine import pipeline
from engine.bench.remake import as_sung, plan_for
from engine.chain.watch import watching
from engine.document import Document, cells
from engine.explain.decision import Decision, decided
from engine.explain.edited import last_edit
from engine.explain.rows import LEFT, Row, note_name, row_of
from engine.explain.trace import Line, Trace, traced
from engine.plan.ending import ending_bar
from engine.plan.groove import add_groove
from engine.plan.plan import Plan
from engine.plan.reading import pieces
from engine.song import Note, Section
from engine.theory.meter import SLOT

GROOVE = "groove"


class Played(NamedTuple):
    """A part played again: the plan, and for each section what was drawn there.

    same: whether the section that is explained has the very notes of the file.
    """

    plan: Plan
    traces: dict[str, Trace]
    same: bool

    def find(self, section: Section, what: str, fits: Callable[[Line], bool]) -> tuple[str, Line | None]:
        """Return the section where a line that a section has was drawn (if it may, its own), and the line.

        what: the line draws. fits: whether it is what the section has.
        """
        return next(self.find_all(section, what, fits), ("", None))

    def find_all(self, section: Section, what: str, fits: Callable[[Line], bool]) -> Iterator[tuple[str, Line]]:
        """Yield all such lines, the section's own first."""
        for name in self._ordered(section):
            for line in self.traces[name].lines:
                if line.about.what == what and fits(line):
                    yield name, line

    def ordered(self, section: Section) -> list[Trace]:
        """Return what was drawn for a section, then for others of its material, then for the rest."""
        return [self.traces[name] for name in self._ordered(section)]

    def _ordered(self, section: Section) -> list[str]:
        alike = {other.name for other in self.plan.sections if other.material == section.material}
        return sorted(self.traces, key=lambda name: (name != section.name, name not in alike))


def play_again(document: Document, section: Section, part: str) -> Played:
    """Return a part played again up to a section, as the song stands."""
    song, takes = document.song, dict(document.takes)
    plan = plan_for(song, takes, part, as_sung(song, cells(song, {"melody"})), song.sections)
    wanted = cells(song, {part}).get((section.name, part), ())
    again = _played(plan, section, part, wanted)
    if part == "lead" and not again.same:
        # It goes on quoting the hook as it was before the voice was rolled again.
        first = pipeline.plan_of(song, pipeline.without_voices(takes))
        theme = pipeline.hook_of(first, song.request.hook)
        earlier = _played(replace(plan, theme=theme), section, part, wanted)
        again = earlier if earlier.same else again
    if not again.same and (edit := last_edit(document, section, part)):
        again.traces[f"the edit: {edit.words}"] = edit.trace
    return again


def _played(known: Plan, section: Section, part: str, wanted: tuple[Note, ...]) -> Played:
    plan = replace(known, _memo={})
    traces: dict[str, Trace] = {}
    if part == "drums":
        # The groove is the drummer's, though all read it.
        with pipeline.heated_as(plan.style, part):
            traces[GROOVE] = traced(lambda: add_groove(plan))
    played: tuple[Note, ...] = ()
    for other in plan.sections:
        if part in other.players:
            trace = Trace()
            with watching(trace):
                played = pipeline.play_section(plan, other, part)
            traces[other.name] = trace
        if other.name == section.name:
            break
    return Played(plan, traces, played == wanted)


def explain_bass(document: Document, section: Section) -> list[Row]:
    """Return a row for every note of the bass in a section."""
    return list(_in_pieces(document, section, "bass"))


def _in_pieces(document: Document, section: Section, part: str) -> Iterator[Row]:
    song, notes = document.song, cells(document.song, {part}).get((section.name, part), ())
    again = play_again(document, section, part)
    slots, final = song.meter.slots, ending_bar(again.plan, section)
    told = partial(row_of, song, section)
    for first, end in pieces(section.bars, final):
        here = [note for note in notes if first <= note.start // song.meter.bar < end]
        if not here:
            continue
        onsets = tuple(note.start // SLOT - first * slots for note in here)
        pitches = tuple(note.pitch - section.shift for note in here)
        where, rhythm = again.find(section, "beat", partial(strikes, onsets))
        _, tune = again.find(section, "pitch", partial(_sounds, onsets, pitches))
        how, source = said(section, where if tune else "", again.same)
        bars = bars_told(section, first, end)
        for at, (note, onset) in enumerate(zip(here, onsets, strict=True)):
            pitch = decided(tune.sampler, tune.about, tune.events, at) if tune else None
            yield told(
                note, note_name(song, section, note.pitch), how, f"{bars}, {source}", beat_of(rhythm, onset), pitch
            )
    for note in notes:
        if note.start // song.meter.bar == final:
            yield told(note, note_name(song, section, note.pitch), "planned", "the song's last hit")


def explain_lead(document: Document, section: Section) -> list[Row]:
    """Return a row for every note of the lead guitar in a section."""
    song = document.song
    notes = cells(song, {"lead"}).get((section.name, "lead"), ())
    again = play_again(document, section, "lead")
    line = [(note.start // SLOT, note.pitch - section.shift) for note in notes]
    rows: list[Row] = []
    at = 0
    while at < len(notes):
        where, tune = _begun(again, section, line[at:])
        count = len(tune.events) if tune else 1
        struck = [slot for slot, _ in line[at : at + count]]
        rhythm = _rhythm_of(again, section, struck) if tune else {}
        how, source = said(section, where, again.same)
        if tune is None and notes[at].start // song.meter.bar == ending_bar(again.plan, section):
            how, source = "planned", "the song's last hit"
        for number, note in enumerate(notes[at : at + count]):
            pitch = decided(tune.sampler, tune.about, tune.events, number) if tune else None
            place = rhythm.get(struck[number])
            bar = section.start_bar + struck[0] // song.meter.slots + 1
            name = note_name(song, section, note.pitch)
            rows.append(row_of(song, section, note, name, how, f"from bar {bar}, {source}", place, pitch))
        at += count
    return rows


def _begun(again: Played, section: Section, line: Sequence[tuple[int, int]]) -> tuple[str, Line | None]:
    """Return the longest line of pitches that begins some notes, in any bars, and the section where it was drawn."""
    slots = again.plan.meter.slots

    def fits(found: Line) -> bool:
        first = line[0][0] - found.about.slots[0]
        moved = tuple((slot + first, pitch) for slot, pitch in zip(found.about.slots, found.values, strict=True))
        return first % slots == 0 and tuple(line[: len(moved)]) == moved

    best: tuple[str, Line | None] = "", None
    for name, found in again.find_all(section, "pitch", fits):
        if best[1] is None or len(found.events) > len(best[1].events):
            best = name, found
    return best


def _rhythm_of(again: Played, section: Section, struck: Sequence[int]) -> dict[int, Decision]:
    """Return the draws of the beats that some notes are struck in, by slot: drawn together, or bar by bar."""
    slots = again.plan.meter.slots
    bars = [
        [slot for slot in struck if slot // slots == bar] for bar in dict.fromkeys(slot // slots for slot in struck)
    ]
    for stretches in ([list(struck)], bars):
        found: dict[int, Decision] = {}
        for stretch in stretches:
            for _, line in again.find_all(section, "beat", partial(_strikes_from, stretch, slots)):
                first = stretch[0] - struck_of(line)[0]
                found |= {slot: decision for slot in stretch if (decision := beat_of(line, slot - first))}
                break
        if len(found) == len(struck):
            break
    return found


def _strikes_from(stretch: Sequence[int], slots: int, line: Line) -> bool:
    own = struck_of(line)
    first = stretch[0] - own[0] if own else 1
    return first % slots == 0 and [slot + first for slot in own] == list(stretch)


def strikes(onsets: tuple[int, ...], line: Line) -> bool:
    """Return whether a line of beats strikes just these slots."""
    return struck_of(line) == onsets


def _sounds(onsets: tuple[int, ...], pitches: tuple[int, ...], line: Line) -> bool:
    return line.about.slots == onsets and line.values == pitches


def struck_of(line: Line) -> tuple[int, ...]:
    """Return the slots that a line of beats strikes."""
    return tuple(
        slot + place
        for slot, signs in zip(line.about.slots, line.values, strict=True)
        for place, sign in enumerate(str(signs))
        if sign == "x"
    )


def beat_of(line: Line | None, onset: int) -> Decision | None:
    """Return the draw of the beat that an onset lies in."""
    if line is None:
        return None
    number = max(k for k, slot in enumerate(line.about.slots) if slot <= onset)
    return decided(line.sampler, line.about, line.events, number)


def bars_told(section: Section, first: int, end: int) -> str:
    """Return bars of a section, from 0, as the song counts them: "bars 5-8"."""
    begin, last = section.start_bar + first + 1, section.start_bar + end
    return f"bars {begin}-{last}" if last > begin else f"bar {last}"


def said(section: Section, where: str, same: bool) -> tuple[str, str]:
    """Return how what was drawn for a section ("" for nothing) comes here, and from where in words."""
    if not where:
        return ("planned", "by rules") if same else ("kept", LEFT)
    if where.startswith("the edit"):
        return "drawn", f"by {where}"
    return ("drawn", "new") if where == section.name else ("copied", f"shared with {where}")
