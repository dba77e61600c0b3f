"""A line of its own, where nobody sings: a solo, or a bridge.

It has a shape. A motif returns at the head of every four bars, moved to where the line has got; it climbs and thickens
towards one peak at three quarters, which is held; then it goes home and stays. Some solos begin with the hook
or come home to it.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.models.beats import Beat, beat_sampler, beats, grid, onsets
from engine.models.lead import lead_model
from engine.parts.lead.lines import PART, Hint, Line, density, draw_pitches, reach
from engine.parts.lead.quote import figure, placed, quoted, spread
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.song import Section

_ODD = 0b1010  # slots of a group between its eighths
_TILT = (350, 250, 0, -150, -250)  # cost of an onset by energy 1..5; negative: more notes
_BRIDGE = 60  # and in a bridge, which gives room
# Along the way, at equal distances: cost of an onset, and height in percent of the range (straight in between).
_THICKER = (120, 90, 60, 20, -60, -160, -260, 60)
_SHAPE = (15, 30, 25, 45, 40, 70, 100, 75, 40)
_PULL = 64  # cost of every semitone away from the shape
# For each bar of four the bar before in the same four that it takes up, or itself.
_PATTERNS = ((0, 0, 2, 0), (0, 1, 0, 1), (0, 1, 0, 3), (0, 0, 2, 3))
_MOTIF, _SAID = 3, 4  # trust in the rhythm of a bar that comes again, and of the hook
_NOTES = 3  # trust in the notes of either


class _Bar(NamedTuple):
    """What a bar takes up: another bar, or None; and the pitches of the hook by slot of the bar."""

    source: int | None
    said: dict[int, int]


def solo(plan: Plan, section: Section, end: int) -> Line:
    """Return a line over the whole section up to the slot ``end``."""
    slots = plan.meter.slots
    bars = -(-end // slots)
    chords = chord_slots(section, plan.meter)
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 5, style.high - 22))
    pitches = reach(plan, low, min(low + 26, style.high))
    course = _course(plan, section, bars, pitches)
    peak = bars * 3 // 4
    rhythm = _rhythm(plan, section, end, course, peak)
    struck = [(bar, slot) for bar, line in enumerate(rhythm) for slot in line]
    top = (peak, 0) if (peak, 0) in struck else next((at for at in struck if at[0] >= peak), struck[-1])
    there = top[0] * slots + top[1]
    summit = max(pitch for pitch in pitches if pitch % 12 in chords[there].pitch_classes or pitch == pitches[0])
    scale = [pitch for pitch in pitches if (pitch - plan.key.tonic) % 12 in plan.key.scale]
    model = lead_model(plan.style.models)
    found: list[tuple[int, int]] = []
    tunes: list[dict[int, int]] = []

    def height(bar: int, slot: int) -> int:
        where, rest = divmod((bar * slots + slot) * (len(_SHAPE) - 1), bars * slots)
        share = _SHAPE[where] * (bars * slots - rest) + _SHAPE[where + 1] * rest
        return pitches[0] + (summit - pitches[0]) * share // (100 * bars * slots)

    for bar, line in enumerate(rhythm):
        source, said = course[bar]
        known = dict(said)
        if source is not None and not said:
            # The motif, moved along the scale to where the line has got.
            by = (height(bar, 0) - height(source, 0)) * 7 // 12
            known = {slot: _moved(pitch, by, scale) for slot, pitch in tunes[source].items()}
        hints = []
        for slot in line:
            at_top = (bar, slot) == top
            hints.append(
                Hint(
                    memory=known.get(slot, -1),
                    trust=_NOTES,
                    target=height(bar, slot),
                    home=slot == 0 or (bar, slot) == struck[-1],
                    least=summit if at_top else 0,
                    most=summit if at_top else summit - 1,
                    pull=_PULL,
                )
            )
        here = [bar * slots + slot for slot in line]
        stream = plan.shared(section, PART, f"solo pitch {bar}")
        tones = draw_pitches(plan, model, pitches, here, chords, hints, stream, found[-1][1] if found else -1)
        found += zip(here, tones, strict=True)
        tunes.append(dict(zip(line, tones, strict=True)))
    return Line(tuple(found), end)


def _course(plan: Plan, section: Section, bars: int, pitches: tuple[int, ...]) -> list[_Bar]:
    """Return what each bar takes up."""
    slots, stream = plan.meter.slots, plan.shared(section, PART, "solo course")
    said = figure(plan) if section.kind in quoted(plan) else None
    first, notes = 0, dict[int, int]()
    if said is not None and bars >= said.bars:
        # At the start, low, as a theme; or as the way home.
        span = (pitches[-1] - pitches[0]) * 2 // 3
        notes = spread(placed(said, pitches[0], pitches[0] + span), said.bars, slots)
        first = 0 if stream.at("quote").below(100) < 60 else bars - said.bars
    pattern = stream.pick(_PATTERNS[1:3] if notes and not first and said and said.bars == 2 else _PATTERNS)
    found = []
    for bar in range(bars):
        start = bar - bar % 4
        source = start + pattern[bar % 4]
        # The head of every four is the first bar again.
        taken = source if source < bar else 0 if bar == start and bar else None
        own = {slot - (bar - first) * slots: pitch for slot, pitch in notes.items()}
        found.append(_Bar(taken, {slot: pitch for slot, pitch in own.items() if 0 <= slot < slots}))
    return found


def _rhythm(plan: Plan, section: Section, end: int, course: list[_Bar], peak: int) -> list[list[int]]:
    """Return the struck slots of each bar."""
    model, slots = lead_model(plan.style.models), plan.meter.slots
    positions, groups = grid(plan.meter), beats(slots)
    tilt = _TILT[section.energy - 1] + density(plan) + _BRIDGE * (section.kind == "bridge")
    bars, middle = len(course), slots // 2 - slots // 2 % 4
    found: list[list[int]] = []
    for bar, (source, said) in enumerate(course):
        memory: dict[int, int] | list[int] | None = said or (None if source is None else found[source])
        level = _SAID if said else _MOTIF
        last, breathes = bar == bars - 1, bar % 4 == 3
        # Where the voice leaves too little of the last bar, its downbeat is the end.
        half = middle if not last or bar * slots + middle < end else 0
        more = tilt + _THICKER[bar * (len(_THICKER) - 1) // max(bars - 1, 1)]
        steps = []
        for group in groups:
            must = 0
            if (last and group[0] == half) or (bar == peak and group[0] == 0):
                must = 1
            barred = _ODD & ((1 << len(group)) - 1) if plan.eighths else 0
            for slot in group:
                # Every fourth bar breathes in its second half; the peak is held, and so is the last note.
                rests = ((breathes or last) and slot > half) or (bar == peak and 0 < slot < 6)
                if rests or bar * slots + slot >= end:
                    barred |= 1 << slot - group[0]
            context: tuple[tuple[int, ...], ...] = tuple((positions[slot],) for slot in group)
            if memory is not None:
                context = tuple((int(slot in memory), level, positions[slot]) for slot in group)
            table = model.free if memory is None else model.rhythm
            price = more if memory is None else min(more, 0) // 4
            steps.append(Beat(table, context, price, (), must, barred, group is groups[-1]))
        found.append(onsets(beat_sampler(steps).draw(plan.shared(section, PART, f"solo rhythm {bar}")), slots))
    return found


def _moved(pitch: int, by: int, scale: list[int]) -> int:
    """Return the note of a scale so many steps from a pitch, as far as the scale goes."""
    near = min(range(len(scale)), key=lambda k: (abs(scale[k] - pitch), k))
    return scale[min(max(near + by, 0), len(scale) - 1)]
