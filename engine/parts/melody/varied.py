"""A variation of what a section sings: some of its notes stay, the others are drawn again.

What stays are the notes that hold a line up: strong, long, first and last ones go last (the reductions of Lerdahl and
Jackendoff, A Generative Theory of Tonal Music, 1983). A line that comes again over its chords is varied alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from engine.errors import RuleConflict
from engine.parts.melody import around, room_of, sung_phrases
from engine.parts.melody.asked import ANY
from engine.parts.melody.singer import Singer
from engine.parts.melody.wished import wished
from engine.plan.bounds import Bounds
from engine.plan.plan import Plan
from engine.plan.wishes import Wishes
from engine.song import Note, Phrase, Section
from engine.stream import Stream
from engine.theory.meter import SLOT, Meter

RHYTHM, CONTOUR = KEEPS = ("rhythm", "contour")

# What a line is known by: its notes as (slot from its start, MIDI number, ticks), and the chords under them.
_Key = tuple[tuple[tuple[int, int, int], ...], tuple[tuple[int, str], ...]]


class Sung(NamedTuple):
    """A varied line: slots from its start, MIDI numbers, ticks."""

    onsets: tuple[int, ...]
    pitches: tuple[int, ...]
    lengths: tuple[int, ...]


class Varying(NamedTuple):
    """How sections are varied.

    free: which notes of each line are drawn again, by its key. keep: one of KEEPS. number: of the variation.
    known: lines that have been varied.
    """

    free: Mapping[_Key, frozenset[int]]
    keep: str
    number: int
    known: dict[_Key, Sung]


def lines_of(section: Section, notes: Sequence[Note]) -> dict[Phrase, list[Note]]:
    """Return what each phrase of a section sings, in order; a note that lies in none belongs to the last begun."""
    found: dict[Phrase, list[Note]] = {phrase: [] for phrase in section.phrases}
    for note in notes:
        slot = note.start // SLOT
        home = next((p for p in section.phrases if p.sung[0] <= slot < p.sung[1]), None)
        begun = [phrase for phrase in section.phrases if phrase.start <= slot] or section.phrases[:1]
        found[home or begun[-1]].append(note)
    return {phrase: line for phrase, line in found.items() if line}


def key_of(section: Section, phrase: Phrase, line: Sequence[Note]) -> _Key:
    """Return what a line is known by."""
    start = phrase.start * SLOT
    rows = tuple((note.start // SLOT - phrase.start, note.pitch, note.length) for note in line)
    chords = tuple((note.start - start, section.chord_at(max(note.start, 0)).numeral) for note in line)
    return rows, chords


def freed(lines: Mapping[_Key, None], share: int, meter: Meter, stream: Stream) -> dict[_Key, frozenset[int]]:
    """Return which notes of lines are drawn again: a share (percent) of all, one at the least.

    The same notes, and more, for a larger share.
    """
    order = []
    for number, (rows, _) in enumerate(lines):
        words = stream.at(number).words(len(rows))
        for i, ((slot, _, length), word) in enumerate(zip(rows, words, strict=True)):
            weight = 2 * meter.weight(slot) + min(length // SLOT, 8) // 2
            order.append((weight + 2 * (i == 0) + 4 * (i + 1 == len(rows)), word, number, i))
    many = max((share * len(order) + 50) // 100, 1)
    chosen = {(number, i) for _, _, number, i in sorted(order)[:many]}
    return {key: frozenset(i for i in range(len(key[0])) if (number, i) in chosen) for number, key in enumerate(lines)}


def varied(plan: Plan, name: str, old: Sequence[Note], wishes: Wishes, how: Varying) -> tuple[Plan, tuple[Note, ...]]:
    """Return a section's plan and its line, varied within wishes; old: what it sings, in the song's key.

    Raises UsageError for wishes that collide, RuleConflict where they leave no line of the contour that is kept.
    """
    section = next(s for s in plan.sections if s.name == name)
    lines = lines_of(section, old)
    windows = {phrase: (line[0].start // SLOT, line[-1].start // SLOT + 1) for phrase, line in lines.items()}
    phrases = tuple(p._replace(sung=windows.get(p, (p.start, p.start))) for p in section.phrases)
    sections = tuple(replace(s, phrases=phrases) if s.name == name else s for s in plan.sections)
    plan = replace(plan, sections=sections, _memo={})
    if how.keep == RHYTHM:
        wishes = replace(wishes, rhythm=tuple((note.start // SLOT, note.length // SLOT) for note in old))
    plan = wished(plan, name, wishes)
    bounds = plan.bounds[name]
    by_start = {phrase.start: line for phrase, line in lines.items()}
    try:
        return _sung(plan, name, _loose(bounds, by_start, section, how), by_start, how)
    except RuleConflict:
        # What is wished for comes before what would stay.
        every = {key: frozenset(range(len(key[0]))) for key in how.free}
        return _sung(plan, name, _loose(bounds, by_start, section, how._replace(free=every)), by_start, how)


def _loose(bounds: Bounds, lines: Mapping[int, Sequence[Note]], section: Section, how: Varying) -> Bounds:
    """Return bounds in which what is not drawn again stays, as far as the wishes allow."""
    left, notes, lengths = bounds.open.copy(), set(bounds.notes), dict(bounds.lengths)
    shun, numbers, many, turns = {}, {}, {}, {}
    for phrase in section.phrases:
        line = lines.get(phrase.start, ())
        if not line:
            continue
        free = how.free[key_of(section, phrase, line)]
        for i, note in enumerate(line):
            slot = note.start // SLOT
            if i in free:
                shun[slot] = note.pitch
            elif left[slot - bounds.low, note.pitch]:
                left[slot - bounds.low] = False
                left[slot - bounds.low, note.pitch] = True
                notes.add(slot)
                numbers[slot] = i
                lengths[slot] = note.length // SLOT
        if how.keep == CONTOUR:
            many[phrase.start] = len(line)
            ups = [(b.pitch > a.pitch) - (b.pitch < a.pitch) for a, b in pairwise(line)]
            turns[phrase.start] = (ANY, *ups)
    if how.keep == RHYTHM:
        return replace(bounds, open=left, shun=shun)
    return replace(
        bounds,
        open=left,
        notes=frozenset(notes),
        many=many,
        turns=turns,
        numbers=numbers,
        shun=shun,
        lengths=lengths,
    )


def _sung(
    plan: Plan, name: str, bounds: Bounds, lines: Mapping[int, Sequence[Note]], how: Varying
) -> tuple[Plan, tuple[Note, ...]]:
    plan = replace(plan, bounds={**plan.bounds, name: bounds}, _memo={})
    section = next(s for s in plan.sections if s.name == name)
    singer = Singer(plan, section, around(plan, section))
    phrases, known = sung_phrases(section), dict(how.known)
    for number, phrase in enumerate(phrases):
        room, last = room_of(plan, section, phrases, number), number + 1 == len(phrases)
        key = key_of(section, phrase, lines.get(phrase.start, ()))
        same = known.get(key)
        if same and _fits(bounds, phrase, same):
            slots = [phrase.start + onset for onset in same.onsets]
            singer.take(phrase, slots, [pitch - singer.bottom for pitch in same.pitches], room)
            continue
        before = len(singer.notes)
        stream = plan.shared(section, "melody", f"vary/{how.number}/{number}")
        singer.sing(phrase, None, "", room, last, stream)
        new = singer.notes[before:]
        known[key] = Sung(
            tuple(note.start // SLOT - phrase.start for note in new),
            tuple(note.pitch for note in new),
            tuple(note.length for note in new),
        )
    how.known.update(known)
    return plan, tuple(singer.notes)


def _fits(bounds: Bounds, phrase: Phrase, line: Sung) -> bool:
    slots = [phrase.start + onset for onset in line.onsets]
    if not all(phrase.sung[0] <= slot < phrase.sung[1] for slot in slots):
        return False
    on = bounds.onsets(phrase).on
    return on <= set(slots) and bounds.keep(phrase, slots, line.pitches)
