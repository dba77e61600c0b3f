"""The lead guitar beside a voice: it speaks in the gaps, with a breath on both sides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.models.beats import Beat, beat_sampler, beats, grid, mask, onsets
from engine.models.lead import lead_model
from engine.parts.lead.lines import PART, Hint, Line, density, draw_pitches, reach
from engine.parts.lead.quote import echo
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.song import Section
from engine.stream import Stream

_ODD = 0b1010  # slots of a group between its eighths
_BREATH = 1  # slots of silence on both sides of an answer
_SHORTEST = 6  # slots: the shortest gap worth an answer, without the breaths
_SAID = 4  # trust in the notes of an echo
_TILT = (100, 50, -50, -100, -150)  # cost of an onset by energy 1..5; negative: more notes


def answers(plan: Plan, section: Section, end: int) -> list[Line]:
    """Return the guitar's answers in the gaps that the voice leaves."""
    if not section.phrases:
        return []
    share = plan.style.rules["lead.answer"] * (40, 60, 80, 100, 120)[section.energy - 1] // 100
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    lines = []
    for number, (start, stop) in enumerate(gaps(plan, section, end)):
        label = next((f"{p.label}{p.change}" for p in section.phrases if p.start <= start < p.start + p.length), "")
        # The last gap leads into whatever follows.
        own = stop > end - plan.meter.slots or section.bars < 4
        if own:
            label = f"{label} {number}"
        chance = partial(plan.own if own else plan.shared, section, PART)
        if chance(f"answer {label}").below(100) >= share:
            continue
        line = partial(_answer, plan, section, start, stop, label, chance)
        if own:
            lines.append(line())
        else:
            # Sections of one material answer alike.
            what = (section.material, section.kind, section.energy, take and section.name, section.shift)
            lines.append(plan.once((PART, "answer", what, start, stop, label), line))
    return lines


def _answer(plan: Plan, section: Section, start: int, stop: int, label: str, chance: Callable[[str], Stream]) -> Line:
    """Return the answer in a gap."""
    model, slots = lead_model(plan.style.models), plan.meter.slots
    positions, groups = grid(plan.meter), beats(slots)
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 8, style.high - 17))
    high = min(low + 17, style.high)
    tilt = _TILT[section.energy - 1] + density(plan)
    said = echo(plan, section, start, stop, low, high)
    steps = []
    if plan.eighths:
        start += start % 2
    first = start - start % slots
    free = mask(range(start - first, stop - 1 - first))
    # An answer is at least two notes, the second no later than its middle.
    needed = mask((start - first, (start + stop) // 2 - first))
    for bar in range((stop - 1) // slots - start // slots + 1):
        for group in groups:
            whole, shift = (1 << len(group)) - 1, bar * slots + group[0]
            barred, must = ~(free >> shift) & whole, needed >> shift & whole
            if plan.eighths:
                barred |= _ODD & whole
            if said:
                # What is echoed begins where it begins.
                known = tuple((int(first + bar * slots + at in said), _SAID, positions[at]) for at in group)
                steps.append(Beat(model.rhythm, known, 0, (), 0, barred, False, False))
            else:
                here = tuple((positions[slot],) for slot in group)
                steps.append(Beat(model.free, here, tilt, (), must, barred, False, False))
    struck = [first + slot for slot in onsets(beat_sampler(steps).draw(chance(f"rhythm {label}")), slots)]
    pitches = reach(plan, low, high, tuple(said.values()))
    middle = (pitches[0] + pitches[-1]) // 2
    hints = [
        Hint(said[slot], _SAID, said[slot]) if slot in said else Hint(target=middle, home=slot == struck[-1])
        for slot in struck
    ]
    chords = chord_slots(section, plan.meter)
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance(f"pitch {label}"))
    return Line(tuple(zip(struck, tones, strict=True)), stop)


def gaps(plan: Plan, section: Section, end: int) -> list[tuple[int, int]]:
    """Return (first, last + 1) slots, without the breaths, of the gaps where the voice may not sound."""
    taken = [*(phrase.sung for phrase in section.phrases), *next_voice(plan, section)]
    found, free = [], 0
    for first, after in sorted(taken):
        if min(first, end) - free >= _SHORTEST + 2 * _BREATH:
            found.append((free + _BREATH, min(first, end) - _BREATH))
        free = max(free, after)
    if end - free >= _SHORTEST + 2 * _BREATH:
        found.append((free + _BREATH, end - _BREATH))
    return found


def next_voice(plan: Plan, section: Section) -> list[tuple[int, int]]:
    """Return the first sung window of the section that follows, in this one's slots: a voice may start early."""
    following = plan.following(section)
    if following is None or "melody" not in following.players:
        return []
    length = section.bars * plan.meter.slots
    return [(length + phrase.sung[0], length + phrase.sung[1]) for phrase in following.phrases[:1]]
