"""Why the drummer strikes what he strikes: feet and fills of the groove, hands and voices of the part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.document import Document, cells
from engine.explain.decision import Decision, decided
from engine.explain.played import Played, play_again
from engine.explain.rows import Row, row_of
from engine.explain.trace import Line
from engine.plan.accents import NAMES
from engine.plan.groove import BUILD, ENDING, PLAIN
from engine.song import GHOST, BarGroove, Note, Section
from engine.theory.gm import KIT
from engine.theory.meter import SLOT, Meter

PART = "drums"
_DRUMS = {number: name for name, number in KIT.items()}
_BACK = ("snare", "stick")
_STATES = {BUILD: "gathering", ENDING: "the song's last hit", PLAIN: "the figure of its metre"}


_ROUNDS = (4, 8, 2, 1)  # bars that a groove goes round


class _Bar(NamedTuple):
    """A bar as the file has it.

    until: the slot from which it is a fill, or its end. feet: kick and backbeat of each slot. strokes, voices: slots
    and drums of the fill. hands: slots before it where a hand plays beside them; a crash on 1 may hide one.
    """

    number: int
    groove: BarGroove
    notes: tuple[Note, ...]
    until: int
    feet: tuple[str, ...]
    strokes: tuple[int, ...]
    voices: tuple[str, ...]
    hands: frozenset[int]

    def footed(self, line: Line) -> bool:
        """Return whether a line of feet is this bar's, before its fill."""
        return line.values[: self.until] == self.feet[: self.until]

    def filled(self, line: Line) -> bool:
        """Return whether a line is this bar's fill."""
        return line.about.slots[0] == self.until and line.values == self.feet[self.until :]

    def voiced(self, line: Line) -> bool:
        """Return whether a line has the drums of this bar's fill."""
        return line.about.slots == self.strokes and line.values == self.voices

    def handed(self, line: Line) -> bool:
        """Return whether a line of hands is this bar's, before its fill."""
        struck = {slot for slot, name in enumerate(line.values) if name != "nothing"}
        return {s for s in struck if s < self.until and not (self.groove.crash and s == 0)} == self.hands


def explain_drums(document: Document, section: Section) -> list[Row]:
    """Return a row for every stroke of a section."""
    song = document.song
    again = play_again(document, section, PART)
    notes = cells(song, {PART}).get((section.name, PART), ())
    bars = [_bar(number, groove, notes, song.meter) for number, groove in enumerate(section.groove)]
    plain = [bar for bar in bars if bar.groove.state not in _STATES]
    feet, hands = (_round(again, section, what, plain) for what in ("feet", "hands"))
    rows: list[Row] = []
    for bar in bars:
        source = f"bar {section.start_bar + bar.number + 1}"
        if bar.groove.state in _STATES:
            source += f", {_STATES[bar.groove.state]}"
        elif bar.groove.fill >= 0:
            source += f", a fill from beat {1 + bar.groove.fill / song.meter.beat:g}"
        fill = again.find(section, "fill", bar.filled)[1]
        voices = again.find(section, "voice", bar.voiced)[1]
        for note in bar.notes:
            slot = note.start // SLOT - bar.number * song.meter.slots
            name = _DRUMS.get(note.pitch, str(note.pitch))
            place = voice = None
            marks = bar.groove.crash and slot == 0 and name.startswith("crash")
            if slot >= bar.until and not marks:
                place, voice = _at(fill, slot), _at(voices, slot) if name != "kick" else None
            elif name != "pedal" and not marks:
                place = _at((hands if _beside(name, note.stress) else feet).get(bar.number), slot)
            how = "drawn" if place else "planned"
            rows.append(row_of(song, section, note, name, how, source, place, voice, -1))
    return rows


def _bar(number: int, groove: BarGroove, notes: Sequence[Note], meter: Meter) -> _Bar:
    here = tuple(note for note in notes if note.start // meter.bar == number)
    until = groove.fill if groove.fill >= 0 else meter.slots
    feet = tuple(NAMES[(groove.kick >> s & 1) + 2 * (groove.snare >> s & 1)] for s in range(meter.slots))
    named = [(note.start // SLOT - number * meter.slots, _DRUMS.get(note.pitch, ""), note.stress) for note in here]
    strokes = tuple(slot for slot in range(until, meter.slots) if groove.snare >> slot & 1)
    voices = tuple(name for slot, name, _ in named if slot in strokes and name not in ("kick", "crash"))
    hands = {s for s, name, stress in named if s < until and _beside(name, stress)} - ({0} if groove.crash else set())
    return _Bar(number, groove, here, until, feet, strokes, voices, frozenset(hands))


def _round(again: Played, section: Section, what: str, bars: Sequence[_Bar]) -> dict[int, Line]:
    """Return the lines of the bars of a section, by their numbers: a groove goes round a few lines drawn in a row."""
    best: tuple[int, dict[int, Line]] = (0, {})
    for trace in again.ordered(section):
        lines = [line for line in trace.lines if line.about.what == what]
        for size in _ROUNDS:
            for first in range(len(lines) - size + 1):
                drawn = {bar.number: lines[first + bar.number % size] for bar in bars}
                fits = _Bar.footed if what == "feet" else _Bar.handed
                kept = {bar.number: drawn[bar.number] for bar in bars if fits(bar, drawn[bar.number])}
                if len(kept) > best[0]:
                    best = len(kept), kept
    return best[1]


def _beside(name: str, stress: int) -> bool:
    """Return whether a hand beside the backbeat plays a stroke: a cymbal, a ghost note, time on a tom."""
    return stress == GHOST if name in _BACK else name not in ("kick", "pedal")


def _at(line: Line | None, slot: int) -> Decision | None:
    if line is None or slot not in line.about.slots:
        return None
    return decided(line.sampler, line.about, line.events, line.about.slots.index(slot))
