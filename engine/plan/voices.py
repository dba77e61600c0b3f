"""Voices: alto, tenor and bass led together under the tune, for styles whose band is a choir.

The parts that sing them (lead, rhythm and bass) read this plan, so that they agree; the tune is sung first, and
``Plan.heard`` has it. All moments of a section are drawn at once: one layout of the chord (``theory.partwriting``) on
every beat that brings a note of the tune or another chord. A voice that then moves by a third may pass through the
note between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.chain.costs import weights
from engine.chain.sampler import Sampler, Step
from engine.chain.watch import About, Stage, watcher
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.song import ACCENT, NORMAL, SOFT, Note, Section
from engine.stream import Stream
from engine.theory.chord import QUALITIES, Chord
from engine.theory.meter import SLOT
from engine.theory.partwriting import NO_ONE, Layout, Ranges, faults, going_on, layouts

RULE = "guitar.voices"
VOICES = {"lead": 1, "rhythm": 2, "bass": 3}  # who sings which voice of a layout
_CLEAN = 256  # how much likelier than a fault the dearest of clean ways is
_PASSING = 55  # percent of thirds that are filled


class _Moment(NamedTuple):
    """A slot on which voices move, the chord from there on, the soprano's pitch, and slots to the next moment."""

    slot: int
    chord: Chord
    soprano: int
    length: int


def voiced(plan: Plan) -> bool:
    """Return whether the song's parts are voices."""
    return plan.song("voices", "whether").below(100) < plan.style.rules[RULE]


def sung(plan: Plan, section: Section, part: str) -> tuple[Note, ...]:
    """Return the voice that a part sings in a section, in ticks from its start."""
    lines = plan.once(("voices", section.name), lambda: _lines(plan, section))
    return lines[VOICES[part] - 1]


def _lines(plan: Plan, section: Section) -> tuple[tuple[Note, ...], ...]:
    moments = _moments(plan, section)
    drawn = _draw(plan, section, moments)
    final = ending_bar(plan, section)
    found: tuple[list[Note], ...] = ([], [], [])
    words = _chance(plan, section, "passing").words(3 * len(moments))
    for number, (moment, layout) in enumerate(zip(moments, drawn, strict=True)):
        after = drawn[number + 1] if number + 1 < len(drawn) else None
        start, ticks = moment.slot * SLOT, moment.length * SLOT
        if final >= 0 and moment.slot >= final * plan.meter.slots:
            ticks = ending_length(plan)
        stress = ACCENT if moment.slot % plan.meter.slots == 0 else NORMAL
        passed = False
        for voice in (3, 2, 1):
            pitch = layout[voice]
            between = _between(plan, moment, layout, after, voice) if not passed else None
            if between is not None and (words[3 * number + voice - 1] * 100) >> 64 < _PASSING:
                passed = True
                half = ticks // 2
                found[voice - 1].append(Note(start, half, pitch, stress))
                found[voice - 1].append(Note(start + half, ticks - half, between, SOFT))
            else:
                found[voice - 1].append(Note(start, ticks, pitch, stress))
    return tuple(map(tuple, found))


def _chance(plan: Plan, section: Section, decision: str) -> Stream:
    # Another take of one voice is its line in another drawing of all.
    takes = [
        plan.takes.get(f"{place}/{part}", 0) for place in ("song", section.material, section.name) for part in VOICES
    ]
    stream = plan.own(section, "voices", decision)
    return stream.at(*takes) if any(takes) else stream


def _moments(plan: Plan, section: Section) -> list[_Moment]:
    chords, beat, slots = chord_slots(section, plan.meter), plan.meter.beat, plan.meter.slots
    tune = {note.start // SLOT: note for note in plan.heard.get(section.name, ())}
    final, end = ending_bar(plan, section), section.bars * slots
    starts = []
    for slot in range(0, end, beat):
        if final >= 0 and slot > final * slots:
            break
        new = slot % slots == 0 or chords[slot] != chords[slot - 1] or slot in tune
        if new:
            starts.append(slot)
    found = []
    for slot, later in zip(starts, [*starts[1:], end], strict=True):
        held = [note for at, note in tune.items() if at <= slot and note.start + note.length > slot * SLOT]
        found.append(_Moment(slot, chords[slot], held[-1].pitch if held else NO_ONE, later - slot))
    return found


def _draw(plan: Plan, section: Section, moments: Sequence[_Moment]) -> list[Layout]:
    parts = plan.style.parts
    alto, tenor, bass = ((parts[name].low, parts[name].high) for name in VOICES)
    ranges, leading = Ranges(alto, tenor, bass), (plan.key.tonic + 11) % 12
    options = [layouts(moment.chord, moment.soprano, ranges, leading) for moment in moments]
    steps = []
    before: tuple[Layout, ...] = ()
    for number, rows in enumerate(options):
        here, own = tuple(layout for layout, _ in rows), np.array([[cost for _, cost in rows]])
        if not before:
            weight = weights(own) * _CLEAN
        else:
            chord = moments[number - 1].chord
            steps4 = QUALITIES[chord.quality][0]
            seventh = (chord.root + steps4[3]) % 12 if len(steps4) > 3 else -1
            cost, wrong = going_on(before, here, leading if chord != moments[number].chord else -1, seventh)
            weight = np.where(wrong, 1, weights(cost + own) * _CLEAN)
        steps.append(Step(weight, np.broadcast_to(np.arange(len(here)), weight.shape)))
        before = here
    sampler = Sampler(steps)
    if watcher():
        alone = Stage("model", [weights(np.array([[cost for _, cost in rows]])) for rows in options])
        names = tuple(tuple(layout[1:] for layout, _ in rows) for rows in options)
        slots = tuple(moment.slot for moment in moments)
        sampler.about = About("layout", slots, names, (alone,), (), "voice leading")
    events = sampler.draw(_chance(plan, section, "layouts"))
    return [rows[event][0] for rows, event in zip(options, events, strict=True)]


def _between(plan: Plan, moment: _Moment, here: Layout, after: Layout | None, voice: int) -> int | None:
    """Return the note of the scale between two of a voice a third apart, if it may pass there, or None."""
    if after is None or moment.length != plan.meter.beat:
        return None
    gap = after[voice] - here[voice]
    if abs(gap) not in (3, 4):
        return None
    scale = {(plan.key.tonic + step) % 12 for step in plan.key.scale}
    inner = [
        pitch
        for pitch in range(min(here[voice], after[voice]) + 1, max(here[voice], after[voice]))
        if pitch % 12 in scale
    ]
    if len(inner) != 1:
        return None
    passing = here._replace(**{("soprano", "alto", "tenor", "bass")[voice]: inner[0]})
    return None if faults(np.array(passing), np.array(after)) else inner[0]
