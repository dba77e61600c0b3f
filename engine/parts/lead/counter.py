"""A second voice under the last chorus: few notes, held, above the singer, that move when the singer rests."""

from __future__ import annotations

from engine.models.beats import Beat, beat_sampler, beats, grid, onsets
from engine.models.lead import lead_model
from engine.parts.lead.lines import PART, Hint, Line, draw_pitches, reach
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.song import Section

_HELD, _FREE = 700, 60  # cost of an onset while the voice sings, and while it rests
_CHANGE = 1200  # cost of not moving with the chord
_ABOVE = 16  # semitones of its lowest note above the guitar's
_SPAN = 15
# Heights in percent of the range over four bars: a long fall, a climb, a wave.
_SHAPES = ((100, 80, 60, 30), (20, 45, 70, 100), (40, 80, 100, 50))


def counter(plan: Plan, section: Section, end: int) -> Line:
    """Return a line over the section's chords up to the slot ``end``."""
    model, slots = lead_model(plan.style.models), plan.meter.slots
    positions, groups = grid(plan.meter), beats(slots)
    chords = chord_slots(section, plan.meter)[: max(end, 0)]
    if not chords:
        return Line((), end)
    sung = {slot for phrase in section.phrases for slot in range(*phrase.sung)}
    bars = -(-len(chords) // slots)
    steps = []
    for bar in range(bars):
        for group in groups:
            here = [bar * slots + slot for slot in group]
            moves = sum(
                1 << k for k, at in enumerate(here) if at < len(chords) and (at == 0 or chords[at] != chords[at - 1])
            )
            barred = sum(1 << k for k, at in enumerate(here) if at >= len(chords) or at % 2)
            context = tuple((positions[slot],) for slot in group)
            tilt = _HELD if any(at in sung for at in here) else _FREE
            steps.append(Beat(model.free, context, tilt, ((moves, _CHANGE),), 0, barred, False, False))
    struck = onsets(beat_sampler(steps).draw(plan.own(section, PART, "counter rhythm")), slots)
    if not struck:
        return Line((), end)
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + _ABOVE, style.high - _SPAN))
    pitches = reach(plan, low, min(low + _SPAN, style.high))
    shape = plan.own(section, PART, "counter shape").pick(_SHAPES)
    hints = []
    for slot, later in zip(struck, [*struck[1:], len(chords)], strict=True):
        height = pitches[0] + (pitches[-1] - pitches[0]) * shape[slot // slots % 4] // 100
        hints.append(Hint(target=height, home=later - slot >= slots // 2))
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, plan.own(section, PART, "counter pitch"))
    return Line(tuple(zip(struck, tones, strict=True)), len(chords), True)
