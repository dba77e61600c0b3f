"""The song's riff: two bars that open it, come back in interludes and close it.

Some songs make it of their hook. Its second time has another ending, and the last of a section turns towards what
follows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.models.beats import Beat, beat_sampler, beats, grid, onsets
from engine.models.lead import TRUST, lead_model
from engine.parts.lead.lines import PART, Hint, Line, density, draw_pitches, reach
from engine.parts.lead.quote import RIFFS, Figure, figure, placed, quoted, spread
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.song import Section
from engine.stream import Stream
from engine.theory.chord import Chord

Riff = tuple[tuple[int, int], ...]  # (slot, pitch)

_TILT = (100, 0, -150, -200, -250)  # cost of an onset by energy 1..5; negative: more notes
_BEAT = 0b0101  # of a beat's four slots: the beat and its half
_BARE = 400  # cost of leaving either bare, in two beats of the bar
# Heights in percent of the range: arch, fall, two waves, a pedal with high notes, a climb.
_CONTOURS = (
    (0, 40, 80, 100, 80, 40, 20, 0),
    (100, 80, 60, 40, 80, 50, 25, 0),
    (0, 60, 20, 70, 0, 60, 40, 0),
    (40, 0, 60, 100, 40, 0, 30, 20),
    (0, 0, 90, 0, 0, 0, 100, 60),
    (0, 20, 30, 50, 60, 80, 100, 70),
)
_SHAPED = 70  # cost of every semitone away from the shape: a riff is one for its shape
_SAID = 4  # trust in the notes of a quotation
_LONG, _LOUD = 12, 4  # bars and energy from which a riff rises
_LOOSE = 2  # trust in notes that turn to another end


def riff_lines(plan: Plan, section: Section, end: int, tag: bool = False) -> list[Line]:
    """Return the song's riff, over the section's chords, up to the slot ``end``.

    tag: the last two bars quote the hook.
    """
    slots = plan.meter.slots
    retaken = any(plan.takes.get(f"{place}/{PART}", 0) for place in (section.material, section.name))
    riff = plan.once((PART, "riff", section.name if retaken else ""), lambda: draw_riff(plan, section, retaken))
    chords = chord_slots(section, plan.meter)
    lines = []
    # A long loud section takes it an octave up half way.
    style = plan.style.parts[PART]
    higher = 12 if max((pitch for _, pitch in riff), default=style.high) + 12 <= style.high else 0
    rise = end if end < _LONG * slots or section.energy < _LOUD else (end // slots // 2 + 3) // 4 * 4 * slots
    for number, start in enumerate(range(0, end, 2 * slots)):
        up = higher if start >= rise else 0
        said = tuple((slot, pitch + up) for slot, pitch in riff)
        stop = min(start + 2 * slots, end)
        here = chords[start:stop]
        last = stop == end and section.bars > 2
        if last and tag:
            notes = quotation(plan, section, here)
        else:
            other = number % 2 == 1 and not last
            notes = plan.once(
                (PART, "riff", said, here, other, section.name if last else ""),
                partial(fit_riff, plan, section, said, here, last, other),
            )
        lines.append(Line(tuple((start + slot, pitch) for slot, pitch in notes), stop))
    return lines


def compass(plan: Plan) -> tuple[int, int]:
    """Return the lowest and highest pitch of riffs: low on the neck, an octave and a half."""
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 2, style.high - 15))
    return low, min(low + 17, style.high)


def draw_riff(plan: Plan, section: Section, retaken: bool) -> Riff:
    """Return (slot, pitch) of the song's riff of two bars, found over the first bars of the first section with it."""
    first = section if retaken else next((other for other in plan.sections if other.kind in RIFFS), section)

    def chance(decision: str) -> Stream:
        return plan.shared(section, PART, decision) if retaken else plan.song(PART, decision)

    slots = plan.meter.slots
    bars = min(2, first.bars)
    low, high = compass(plan)
    chords = chord_slots(first, plan.meter)[: bars * slots]
    said = figure(plan) if "riff" in quoted(plan) else None
    if said is not None:
        return say(plan, placed(said, low, high), chords, bars, chance)
    model, positions = lead_model(plan.style.models), grid(plan.meter)
    tilt = _TILT[first.energy - 1] + density(plan)
    # Most riffs keep to eighths.
    sixteenths = plan.style.rules["lead.sixteenths"] if not plan.eighths else 0
    fine = 0 if chance("riff grid").below(100) < sixteenths else 0b1010
    groups = beats(slots)
    # Two beats of the bar move, so that it is a figure and not a signal.
    moving = {chance("riff beat").below(len(groups)), len(groups) - 1 - chance("riff late beat").below(2)}
    steps = []
    context: tuple[tuple[int, ...], ...]
    for number, group in enumerate(groups):
        full = (1 << len(group)) - 1
        wanted = ((1, 512),) if group[0] == 0 else ()
        if number in moving:
            wanted = (*wanted, (_BEAT & full, _BARE))
        context = tuple((positions[slot],) for slot in group)
        steps.append(Beat(model.free, context, tilt, wanted, 0, fine, group is groups[-1]))
    bar = onsets(beat_sampler(steps).draw(chance("riff rhythm")), slots)
    steps = []
    # The second bar answers the first: alike, and not the same.
    for group in groups:
        context = tuple((int(slot in bar), 2, positions[slot]) for slot in group)
        steps.append(Beat(model.rhythm, context, -50, (), 0, fine, group is groups[-1]))
    second = onsets(beat_sampler(steps).draw(chance("riff answer")), slots)
    struck = [*bar, *(slots + slot for slot in second)] if bars > 1 else bar
    pitches = reach(plan, low, high)
    shape = chance("riff shape").pick(_CONTOURS)
    # Over an octave or less: what a hand has under it.
    span = min(pitches[-1] - pitches[0], 9 + chance("riff span").below(7))
    targets = [shape[slot * len(shape) // (bars * slots)] * span // 100 for slot in struck]
    hints = [
        Hint(target=pitches[0] + target, home=slot == struck[0], pull=_SHAPED)
        for slot, target in zip(struck, targets, strict=True)
    ]
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance("riff pitch"))
    return tuple(zip(struck, tones, strict=True))


def say(plan: Plan, said: Figure, chords: tuple[Chord, ...], bars: int, chance: Callable[[str], Stream]) -> Riff:
    """Return a line of so many bars that says a figure over chords: nearly its rhythm, nearly its notes."""
    slots, model, positions = plan.meter.slots, lead_model(plan.style.models), grid(plan.meter)
    notes, fine = spread(said, bars, slots), 0b1010 if plan.eighths else 0
    steps = []
    for bar in range(bars):
        for group in beats(slots):
            context = tuple((int(bar * slots + slot in notes), 4, positions[slot]) for slot in group)
            steps.append(Beat(model.rhythm, context, 0, (), 0, fine, group[-1] == slots - 1, False))
    struck = onsets(beat_sampler(steps).draw(chance("quote rhythm")), slots)
    pitches = reach(plan, *compass(plan), tuple(notes.values()))
    hints = [Hint(notes.get(slot, -1), _SAID, notes.get(slot, -1), pull=_SHAPED) for slot in struck]
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance("quote pitch"))
    return tuple(zip(struck, tones, strict=True))


def quotation(plan: Plan, section: Section, chords: tuple[Chord, ...]) -> Riff:
    """Return the hook over the given chords, as the riff would end with it."""
    said = figure(plan)
    if said is None:
        return ()
    bars = -(-len(chords) // plan.meter.slots)

    def chance(decision: str) -> Stream:
        return plan.own(section, PART, decision)

    full = (*chords, *chords[-1:] * (bars * plan.meter.slots - len(chords)))
    found = say(plan, placed(said, *compass(plan)), full, bars, chance)
    return tuple((slot, pitch) for slot, pitch in found if slot < len(chords))


def fit_riff(
    plan: Plan, section: Section, riff: Riff, chords: tuple[Chord, ...], last: bool, other: bool = False
) -> Riff:
    """Return the riff over other chords; ``other`` has an ending of its own, ``last`` turns towards what follows."""
    slots = plan.meter.slots
    kept = [(slot, pitch) for slot, pitch in riff if slot < len(chords)]
    if not kept:
        return ()
    heights = [pitch for _, pitch in riff]
    pitches = reach(plan, min(heights), max(heights), tuple(heights))
    turn = len(chords) - slots // 2 if last else len(chords) - slots if other else len(chords)
    hints = [Hint(memory=pitch, trust=TRUST if slot < turn else _LOOSE) for slot, pitch in kept]
    chance = plan.own(section, PART, "riff end") if last else plan.song(PART, "riff other" if other else "riff fit")
    struck = [slot for slot, _ in kept]
    model = lead_model(plan.style.models)
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance)
    return tuple(zip(struck, tones, strict=True))
