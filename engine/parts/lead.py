"""The lead guitar: the song's riff, answers between the singer's phrases, and the solo.

The riff is one for the whole song: it opens it, and comes back in interludes and at the end. Where somebody sings,
the guitar speaks only in the gaps, with a breath on both sides. Where nobody does, solos and bridges get a line
with a shape: motifs that return higher, a peak at three quarters, and the way home.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.chain.costs import log2_cost
from engine.chain.sampler import Sampler
from engine.models.beats import beat_step, beats, grid, mask, onsets
from engine.models.lead import TRUST, LeadModel, lead_model, lick_step, start_state
from engine.models.lead_tones import fitness, register
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import bar_weights, chord_slots
from engine.song import ACCENT, NORMAL, SOFT, Note, Section
from engine.stream import Stream
from engine.theory.chord import QUALITIES, Chord
from engine.theory.meter import SLOT

PART = "lead"

_RIFFS = ("intro", "interlude", "outro")
_BREATH = 1  # slots of silence on both sides of an answer
_SHORTEST = 6  # slots: the shortest gap worth an answer, without the breaths
# Cost of an onset (negative: more notes) of riffs, answers and solos by energy 1..5.
_TILT = {"riff": (150, 50, -100, -150, -200), "answer": (100, 50, -50, -100, -150), "solo": (350, 250, 0, -150, -250)}
# A solo's height in percent of its range, at equal distances: the way up, the peak, the way home.
_SHAPE = (25, 40, 35, 55, 50, 75, 100, 45)
# Heights of a riff in percent of its range: arch, fall, two waves, a pedal with high notes, a climb.
_CONTOURS = (
    (0, 40, 80, 100, 80, 40, 20, 0),
    (100, 80, 60, 40, 80, 50, 25, 0),
    (0, 60, 20, 70, 0, 60, 40, 0),
    (40, 0, 60, 100, 40, 0, 30, 20),
    (0, 0, 90, 0, 0, 0, 100, 60),
    (0, 20, 30, 50, 60, 80, 100, 70),
)
_PULL = 36  # cost of a semitone away from the shape


class Line(NamedTuple):
    """Notes as (slot, pitch) pairs, and where the last one has to stop."""

    notes: tuple[tuple[int, int], ...]
    end: int


class Hint(NamedTuple):
    """What a note should do: the pitch remembered (-1 none) and the trust in it, the height aimed at (-1 none).

    home: it has to be a tone of the chord. least: no lower than this. most: no higher.
    """

    memory: int = -1
    trust: int = TRUST
    target: int = -1
    home: bool = False
    least: int = 0
    most: int = 127


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the lead guitar of a section, in ticks from its start."""
    final = ending_bar(plan, section)
    end = (final if final >= 0 else section.bars) * plan.meter.slots
    end = min([end, *(first for first, after in next_voice(plan, section) if first < after)])
    sung = "melody" in section.players
    lines: list[Line] = []
    if section.kind in _RIFFS and not sung:
        lines = riff_lines(plan, section, end)
    elif sung:
        lines = answers(plan, section, end)
    elif section.energy > 1 and end > 0:
        lines = [solo(plan, section, end)]
    notes = sounded(plan, lines)
    if final >= 0:
        chord = chord_slots(section, plan.meter)[final * plan.meter.slots]
        style = plan.style.parts[PART]
        before = notes[-1].pitch if notes else (style.low + style.high) // 2
        inside = [pitch for pitch in range(style.low, style.high + 1) if pitch % 12 == chord.root]
        pitch = min(inside, key=lambda near: (abs(near - before), near)) if inside else style.low
        notes = (*notes, Note(final * plan.meter.bar, ending_length(plan), pitch, ACCENT))
    return notes


def riff_lines(plan: Plan, section: Section, end: int) -> list[Line]:
    """Return the song's riff, over the section's chords, up to the slot ``end``."""
    slots = plan.meter.slots
    retaken = any(plan.takes.get(f"{place}/{PART}", 0) for place in (section.material, section.name))
    riff = plan.once((PART, "riff", section.name if retaken else ""), lambda: draw_riff(plan, section, retaken))
    chords = chord_slots(section, plan.meter)
    lines = []
    for start in range(0, end, 2 * slots):
        stop = min(start + 2 * slots, end)
        here = chords[start:stop]
        last = stop == end and section.bars > 2
        notes = plan.once(
            (PART, "riff", riff, here, section.name if last else ""),
            lambda here=here, last=last: fit_riff(plan, section, riff, here, last),  # type: ignore[misc]
        )
        lines.append(Line(tuple((start + slot, pitch) for slot, pitch in notes), stop))
    return lines


def draw_riff(plan: Plan, section: Section, retaken: bool) -> tuple[tuple[int, int], ...]:
    """Return (slot, pitch) of the song's riff of two bars, found over the first bars of the first section with it."""
    first = section if retaken else next((other for other in plan.sections if other.kind in _RIFFS), section)

    def chance(decision: str) -> Stream:
        return plan.shared(section, PART, decision) if retaken else plan.song(PART, decision)

    slots = plan.meter.slots
    bars = min(2, first.bars)
    model, positions = lead_model(plan.style.models), grid(plan.meter)
    tilt = _TILT["riff"][first.energy - 1] + density(plan)
    # Most riffs keep to eighths.
    fine = 0 if chance("riff grid").below(100) < plan.style.rules["lead.sixteenths"] else 0b1010
    groups = beats(slots)
    steps = []
    context: tuple[tuple[int, ...], ...]
    for group in groups:
        wanted = ((1, 512),) if group[0] == 0 else ()
        context = tuple((positions[slot],) for slot in group)
        steps.append(beat_step(model.free, context, tilt, wanted, 0, fine, group is groups[-1]))
    bar = onsets(Sampler(steps).draw(chance("riff rhythm")), slots)
    steps = []
    # The second bar answers the first: alike, and not the same.
    for group in groups:
        context = tuple((int(slot in bar), 2, positions[slot]) for slot in group)
        steps.append(beat_step(model.rhythm, context, 0, (), 0, fine, group is groups[-1]))
    second = onsets(Sampler(steps).draw(chance("riff answer")), slots)
    struck = [*bar, *(slots + slot for slot in second)] if bars > 1 else bar
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 2, style.high - 15))
    chords = chord_slots(first, plan.meter)[: bars * slots]
    pitches = register(plan.key, chords, low, min(low + 17, style.high))
    shape = chance("riff shape").pick(_CONTOURS)
    targets = [shape[slot * len(shape) // (bars * slots)] * (pitches[-1] - pitches[0]) // 100 for slot in struck]
    hints = [
        Hint(target=pitches[0] + target, home=slot in (struck[0], struck[-1]))
        for slot, target in zip(struck, targets, strict=True)
    ]
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance("riff pitch"))
    return tuple(zip(struck, tones, strict=True))


def fit_riff(
    plan: Plan, section: Section, riff: tuple[tuple[int, int], ...], chords: tuple[Chord, ...], last: bool
) -> tuple[tuple[int, int], ...]:
    """Return the riff over other chords; the last of a section turns its end towards what follows."""
    slots = plan.meter.slots
    kept = [(slot, pitch) for slot, pitch in riff if slot < len(chords)]
    if not kept:
        return ()
    heights = [pitch for _, pitch in riff]
    pitches = register(plan.key, chords, min(heights), max(heights), tuple(heights))
    turn = len(chords) - slots // 2 if last else len(chords)
    hints = [Hint(memory=pitch, trust=TRUST if slot < turn else 2) for slot, pitch in kept]
    chance = plan.own(section, PART, "riff end") if last else plan.song(PART, "riff fit")
    struck = [slot for slot, _ in kept]
    model = lead_model(plan.style.models)
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance)
    return tuple(zip(struck, tones, strict=True))


def answers(plan: Plan, section: Section, end: int) -> list[Line]:
    """Return the guitar's answers in the gaps that the voice leaves."""
    if not section.phrases:
        return []
    model, slots = lead_model(plan.style.models), plan.meter.slots
    positions, groups = grid(plan.meter), beats(slots)
    chords = chord_slots(section, plan.meter)
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 8, style.high - 17))
    tilt = _TILT["answer"][section.energy - 1] + density(plan)
    contexts = [tuple((positions[slot],) for slot in group) for group in groups]
    lines = []
    for number, (start, stop) in enumerate(gaps(plan, section, end)):
        label = next((f"{p.label}{p.change}" for p in section.phrases if p.start <= start < p.start + p.length), "")
        chance = plan.shared
        if stop > end - slots or section.bars < 4:
            # The last gap leads into whatever follows.
            label, chance = f"{label} {number}", plan.own
        share = plan.style.rules["lead.answer"] * (40, 60, 80, 100, 120)[section.energy - 1] // 100
        if chance(section, PART, f"answer {label}").below(100) >= share:
            continue
        steps = []
        first = start - start % slots
        free = mask(range(start - first, stop - 1 - first))
        # An answer is at least two notes, the second no later than its middle.
        needed = mask((start - first, (start + stop) // 2 - first))
        for bar in range((stop - 1) // slots - start // slots + 1):
            for group, context in zip(groups, contexts, strict=True):
                whole, shift = (1 << len(group)) - 1, bar * slots + group[0]
                barred, must = ~(free >> shift) & whole, needed >> shift & whole
                steps.append(beat_step(model.free, context, tilt, (), must, barred, False, False))
        struck = [first + slot for slot in onsets(Sampler(steps).draw(chance(section, PART, f"rhythm {label}")), slots)]
        pitches = register(plan.key, chords[start:stop], low, min(low + 17, style.high))
        middle = (pitches[0] + pitches[-1]) // 2
        hints = [Hint(target=middle, home=slot == struck[-1]) for slot in struck]
        tones = draw_pitches(plan, model, pitches, struck, chords, hints, chance(section, PART, f"pitch {label}"))
        lines.append(Line(tuple(zip(struck, tones, strict=True)), stop))
    return lines


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
    names = [other.name for other in plan.sections]
    place = names.index(section.name) + 1 if section.name in names else len(names)
    if place == len(names) or "melody" not in plan.sections[place].players:
        return []
    length = section.bars * plan.meter.slots
    return [(length + phrase.sung[0], length + phrase.sung[1]) for phrase in plan.sections[place].phrases[:1]]


def solo(plan: Plan, section: Section, end: int) -> Line:
    """Return a line over the whole section: two motifs of a bar, sequences of them, a peak and a close."""
    model, slots = lead_model(plan.style.models), plan.meter.slots
    positions, groups = grid(plan.meter), beats(slots)
    bars = -(-end // slots)
    tilt = _TILT["solo"][section.energy - 1] + density(plan)
    chords = chord_slots(section, plan.meter)
    style = plan.style.parts[PART]
    low = max(style.low, min(style.low + 5, style.high - 22))
    pitches = register(plan.key, chords, low, min(low + 26, style.high))
    rhythm: list[list[int]] = []

    def at_rest(bar: int, slot: int) -> bool:
        # Every fourth bar breathes in its second half.
        return (bar % 4 == 3 and slot > slots // 2) or bar * slots + slot >= end

    for bar in range(bars):
        # a a b a', and again a a b c: what returns is remembered.
        memory = rhythm[bar - (1 if bar % 4 == 1 else 4 if bar >= 4 else 3)] if bar % 4 in (1, 3) or bar >= 4 else None
        steps = []
        for group in groups:
            context: tuple[tuple[int, ...], ...] = tuple((positions[slot],) for slot in group)
            if memory is not None:
                context = tuple((int(slot in memory), 3, positions[slot]) for slot in group)
            barred = sum(1 << slot - group[0] for slot in group if at_rest(bar, slot))
            table = model.free if memory is None else model.rhythm
            must = int(bar == bars - 1 and group[0] == slots // 2 - slots // 2 % 4)
            steps.append(beat_step(table, context, 0 if memory else tilt, (), must, barred, group is groups[-1]))
        rhythm.append(onsets(Sampler(steps).draw(plan.shared(section, PART, f"solo rhythm {bar}")), slots))
    struck = [bar * slots + slot for bar, line in enumerate(rhythm) for slot in line]
    peak = next((slot for slot in struck if slot >= (bars * 3 // 4) * slots), struck[-1])
    summit = max(pitch for pitch in pitches if pitch % 12 in chords[peak].pitch_classes or pitch == pitches[0])
    hints = []
    for slot in struck:
        where = slot * (len(_SHAPE) - 1) // max(end - 1, 1)
        target = pitches[0] + (summit - pitches[0]) * _SHAPE[where] // 100
        home = slot == struck[-1] or slot % slots == 0
        least = summit if slot == peak else 0
        hints.append(Hint(target=target, home=home, least=least, most=summit if slot == peak else summit - 1))
    tones = draw_pitches(plan, model, pitches, struck, chords, hints, plan.shared(section, PART, "solo pitch"))
    return Line(tuple(zip(struck, tones, strict=True)), end)


def draw_pitches(
    plan: Plan,
    model: LeadModel,
    pitches: tuple[int, ...],
    struck: list[int],
    chords: tuple[Chord, ...],
    hints: list[Hint],
    stream: Stream,
) -> list[int]:
    """Return a pitch for every struck slot, all drawn together."""
    slots, metres = plan.meter.slots, bar_weights(plan.meter)
    passing = 10000 // plan.style.rules["lead.passing"]
    steps = []
    for slot, later, hint in zip(struck, [*struck[1:], struck[-1] + slots], hints, strict=True):
        chord, metre = chords[slot], 4 - metres[slot % slots]
        strong = metre <= 2 or later - slot >= 4
        rules = fitness(pitches, chord, plan.key, strong, hint.home, passing)
        if hint.least > pitches[0] or hint.most < pitches[-1]:
            rules = tuple(
                cost if hint.least <= pitch <= hint.most else -1 for pitch, cost in zip(pitches, rules, strict=True)
            )
        if max(rules) < 0:
            rules = fitness(pitches, chord, plan.key, False, False, passing)
        step = QUALITIES[chord.quality][0]
        quality = 0 if 4 in step else 1 if 3 in step else 2
        steps.append(
            lick_step(model, pitches, chord.root, quality, metre, rules, hint.memory, hint.trust, hint.target, _PULL)
        )
    events = Sampler(steps, start_state(pitches)).draw(stream)
    return [pitches[event] for event in events]


def density(plan: Plan) -> int:
    """Return the cost of an onset by which a style asks for more notes or fewer."""
    return log2_cost(100) - log2_cost(plan.style.rules["lead.notes"])


def sounded(plan: Plan, lines: list[Line]) -> tuple[Note, ...]:
    """Return the notes of lines: each until the next, or half a bar."""
    notes = []
    slots, metres = plan.meter.slots, bar_weights(plan.meter)
    half = max(slots // 2, 1)
    # Little room may leave a line without a note.
    for line in (line for line in lines if line.notes):
        starts = [slot for slot, _ in line.notes]
        for (slot, pitch), later in zip(line.notes, [*starts[1:], line.end], strict=True):
            weight = metres[slot % slots]
            stress = ACCENT if weight >= 3 else NORMAL if weight else SOFT
            notes.append(Note(slot * SLOT, min(later - slot, half) * SLOT, pitch, stress))
    return tuple(notes)
