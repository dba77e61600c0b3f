"""The rhythm guitar: power chords, palm mutes, strums and broken chords, in shapes that a hand can reach.

Each material has a texture, by its energy, and a pattern of one or two bars drawn against kick and snare. Four
bars at a time are drawn with the pattern as what the player remembers; a chord change is always struck. Shapes
are drawn together, so that the hand moves little.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.chain.costs import weights
from engine.chain.sampler import Sampler, Step
from engine.models.beats import beat_step, beats, grid, onsets
from engine.models.guitar import GAPS, NO_ONE, GuitarModel, guitar_model, pattern_steps, touch_step
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots, next_changes, pieces
from engine.song import ACCENT, NORMAL, SOFT, BarGroove, Note, Section
from engine.theory.chord import Chord
from engine.theory.fretboard import Shape, power_shapes, shapes
from engine.theory.meter import SLOT

PART = "rhythm"

TEXTURES = ("hold", "arpeggio", "mute", "power", "strum")
# Weights of the textures by energy 1..5, and by what a kind of section leans to (percent).
_BY_ENERGY = ((40, 50, 0, 0, 10), (25, 40, 15, 0, 20), (5, 15, 45, 10, 25), (3, 2, 20, 40, 35), (2, 0, 3, 50, 45))
_BY_KIND = {"verse": (100, 130, 150, 60, 80), "chorus": (100, 30, 40, 130, 130), "prechorus": (150, 60, 150, 100, 70)}
_BUSY = (40, 70, 100, 120, 140)
# Cost of a muted note where notes ring, and of a ringing one where they are muted.
_TOUCH = {"hold": -4096, "arpeggio": -4096, "mute": 1100, "power": -700, "strum": -4096}
# Orders of a broken chord, as steps up through the shape.
_ORDERS = ((0, 2, 3, 4, 3, 2), (0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 2, 4), (0, 2, 4, 3), (0, 1, 2, 3, 2, 1))


class Pattern(NamedTuple):
    """What a material's guitar does: texture, bars of struck slots, which are open, bar states, broken-chord order."""

    texture: str
    slots: tuple[tuple[int, ...], ...]
    open: tuple[tuple[int, ...], ...]
    clusters: tuple[int, ...]
    order: tuple[int, ...]


class Span(NamedTuple):
    """Bars to draw in one piece, and all that their strokes depend on; see ``bass.Span``.

    drums: for each bar a code of every slot, 0 nothing, 1 kick, 2 snare. stop: slot of the last bar from which
    the chord rings, or -1. fresh: the chord is not the one before. phase: the pattern's bar at
    the first bar.
    """

    chords: tuple[Chord, ...]
    drums: tuple[tuple[int, ...], ...]
    stop: int
    fresh: bool
    phase: int


class Stroke(NamedTuple):
    """A stroke: slot, and whether it rings."""

    slot: int
    open: bool


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the rhythm guitar of a section, in ticks from its start."""
    model = guitar_model(plan.style.models)
    take = plan.takes.get(f"{section.name}/{PART}", 0)
    pattern = plan.once((PART, section.material, take), lambda: draw_pattern(plan, section, model))
    chords, slots = chord_slots(section, plan.meter), plan.meter.slots
    final = ending_bar(plan, section)
    strokes: list[Stroke] = []
    for first, end in pieces(section.bars, final):
        own = end == section.bars
        span = Span(
            chords[first * slots : end * slots],
            tuple(drum_codes(section, bar, slots) for bar in range(first, end)),
            stop_slot(plan, section) if own else -1,
            not first or chords[first * slots] != chords[first * slots - 1],
            first % len(pattern.slots),
        )
        drawn = plan.once(
            (PART, section.material, take, span, section.name if own else ""),
            lambda span=span, own=own: draw_strokes(plan, section, model, pattern, span, own),  # type: ignore[misc]
        )
        strokes += [Stroke(first * slots + stroke.slot, stroke.open) for stroke in drawn]
    if final >= 0:
        strokes.append(Stroke(final * slots, True))
    held = plan.once(
        (PART, "shapes", section.material, take, chords), lambda: draw_shapes(plan, section, pattern, chords)
    )
    return sounded(plan, section, pattern, strokes, held, final)


def draw_pattern(plan: Plan, section: Section, model: GuitarModel) -> Pattern:
    """Return the pattern of a section's material."""
    first = next((other for other in plan.sections if other.material == section.material), section)
    rules, slots = plan.style.rules, plan.meter.slots
    lean = _BY_KIND.get(first.kind, (100,) * len(TEXTURES))
    shares = [
        base * more * rules[f"guitar.{name}"]
        for name, base, more in zip(TEXTURES, _BY_ENERGY[first.energy - 1], lean, strict=True)
    ]
    texture = plan.shared(section, PART, "texture").pick(TEXTURES, shares if sum(shares) else None)
    length = min(plan.shared(section, PART, "length").pick((1, 2), (1, 1)), first.bars)
    clusters = draw_states(plan, section, model, texture, first.energy, length)
    positions, groups = grid(plan.meter), beats(slots)
    steps = []
    for bar in range(length):
        drums = drum_codes(first, bar, slots)
        for group in groups:
            context = tuple((positions[slot], clusters[bar], drums[slot]) for slot in group)
            must = int(group[0] == 0 and bar == 0)
            barred = 0b1010 if texture == "arpeggio" else 0b1110 if texture == "hold" else 0
            tilt = -128 if texture == "arpeggio" else 256 if texture == "hold" else 0
            steps.append(beat_step(model.free, context, tilt, (), must, barred, group is groups[-1]))
    struck = onsets(Sampler(steps).draw(plan.shared(section, PART, "rhythm")), slots)
    touches = []
    for slot, later in zip(struck, [*struck[1:], struck[0] + length * slots], strict=True):
        bar, at = divmod(slot, slots)
        drum = drum_codes(first, bar, slots)[at]
        touches.append(touch_step(model, later - slot, clusters[bar], positions[at], drum, _TOUCH[texture]))
    touch = Sampler(touches, NO_ONE).draw(plan.shared(section, PART, "touch"))
    bars = range(length)
    return Pattern(
        texture,
        tuple(tuple(slot % slots for slot in struck if slot // slots == bar) for bar in bars),
        tuple(
            tuple(slot % slots for slot, ring in zip(struck, touch, strict=True) if ring and slot // slots == bar)
            for bar in bars
        ),
        clusters,
        plan.shared(section, PART, "order").pick(_ORDERS),
    )


def draw_states(
    plan: Plan, section: Section, model: GuitarModel, texture: str, energy: int, length: int
) -> tuple[int, ...]:
    """Return the bar state of each bar of a pattern, near the density and the muting that are wanted."""
    wanted = plan.style.rules["guitar.notes"] * _BUSY[energy - 1] * 16 // 1000
    near = _near(model, wanted, wanted * 2 // 3 if texture == "mute" else 0)
    first = plan.shared(section, PART, "state").pick(range(len(near)), near)
    if length < 2:
        return (first,)
    # The second bar of a pattern is of the same kind more often than not.
    weighed = [weight + (sum(near) if state == first else 0) for state, weight in enumerate(near)]
    return first, plan.shared(section, PART, "second state").pick(range(len(near)), weighed)


@lru_cache(maxsize=64)
def _near(model: GuitarModel, wanted: int, muted: int) -> tuple[int, ...]:
    # Halved in weight for every bar state 1.5 strokes away, or as many muted ones.
    cost = (np.abs(model.density - wanted) + np.abs(model.muted - muted)) * 256 // 24
    return tuple(np.maximum(model.share * weights(cost) >> 12, 1).tolist())


def draw_strokes(
    plan: Plan, section: Section, model: GuitarModel, pattern: Pattern, span: Span, own: bool
) -> tuple[Stroke, ...]:
    """Return the strokes of a span: the pattern as remembered, struck at every chord change."""
    chance = plan.own if own else plan.shared
    slots = plan.meter.slots
    changes = {slot for slot in range(1, len(span.chords)) if span.chords[slot] != span.chords[slot - 1]}
    changes |= {0} if span.fresh else set()
    coarse = 0b1010 if pattern.texture == "arpeggio" else 0b1110 if pattern.texture == "hold" else 0
    steps: list[Step] = []
    musts = [0] * len(span.drums)
    for slot in changes:
        musts[slot // slots] |= 1 << slot % slots
    for bar, drums in enumerate(span.drums):
        riff = pattern.slots[(bar + span.phase) % len(pattern.slots)]
        stop = span.stop if bar == len(span.drums) - 1 else -1
        must = musts[bar] | (1 << stop if stop >= 0 else 0)
        steps += pattern_steps(model, plan.meter, riff, drums, must, coarse, stop)
    struck = onsets(Sampler(steps).draw(chance(section, PART, "strokes")), slots)
    found = []
    for slot in struck:
        bar, at = divmod(slot, slots)
        number = (bar + span.phase) % len(pattern.slots)
        new = at not in pattern.slots[number]
        # A stroke that the pattern does not have is a change of chord, or an extra mute.
        ring = at in pattern.open[number] or slot in changes or (new and pattern.texture != "mute")
        found.append(Stroke(slot, ring or at == span.stop))
    return tuple(found)


def draw_shapes(plan: Plan, section: Section, pattern: Pattern, chords: tuple[Chord, ...]) -> tuple[Shape, ...]:
    """Return the shape in the hand at every slot, all of a section drawn together."""
    style = plan.style.parts[PART]
    power = pattern.texture in ("mute", "power")
    known = power_shapes if power else shapes
    starts = [slot for slot in range(len(chords)) if not slot or chords[slot] != chords[slot - 1]]
    options = [known(chords[slot], style.low, style.high) for slot in starts]
    steps = [shape_step(before, here, power) for before, here in zip([(), *options[:-1]], options, strict=True)]
    chosen = Sampler(steps).draw(plan.shared(section, PART, "shapes"))
    found: list[Shape] = []
    for shape, here, start, end in zip(chosen, options, starts, [*starts[1:], len(chords)], strict=True):
        found += [here[shape]] * (end - start)
    return tuple(found)


@lru_cache(maxsize=1024)
def shape_step(before: tuple[Shape, ...], here: tuple[Shape, ...], power: bool) -> Step:
    """Return the step of one chord: events are its shapes, states those of the chord before (none: the first)."""
    # High positions and, for power chords, far ones sound thin; open strings ring.
    rest = [24 * shape.fret - 256 * (shape.open and not power) for shape in here]
    moves = [
        [
            64 * abs(shape.fret - old.fret) + 48 * abs(shape.pitches[-1] - old.pitches[-1]) + more
            for shape, more in zip(here, rest, strict=True)
        ]
        for old in before
    ]
    cost = np.array(moves or [rest])
    return Step(weights(cost - cost.min()), np.broadcast_to(np.arange(len(here)), cost.shape))


def sounded(
    plan: Plan, section: Section, pattern: Pattern, strokes: list[Stroke], held: tuple[Shape, ...], final: int
) -> tuple[Note, ...]:
    """Return the notes of strokes: open ones ring to the next stroke or chord, muted ones last a slot."""
    slots = plan.meter.slots
    changes = next_changes(chord_slots(section, plan.meter))
    codes = [drum_codes(section, bar, slots) for bar in range(section.bars)]
    ringing = slots if pattern.texture == "hold" else max(GAPS * 2, slots // 2)
    notes: list[Note] = []
    turn = 0
    for stroke, later in zip(strokes, [*(other.slot for other in strokes[1:]), section.bars * slots], strict=True):
        bar, at = divmod(stroke.slot, slots)
        shape = held[stroke.slot]
        ticks = min(later - stroke.slot, ringing, changes[stroke.slot] - stroke.slot) * SLOT
        drum = codes[bar][at]
        stress = ACCENT if stroke.open and (drum == 2 or at == 0) else NORMAL if stroke.open or drum else SOFT
        if bar == final:
            notes += [Note(stroke.slot * SLOT, ending_length(plan), pitch, ACCENT) for pitch in shape.pitches]
        elif pattern.texture == "arpeggio":
            turn = 0 if at == 0 or held[stroke.slot - 1] != shape else turn + 1
            voice = pattern.order[turn % len(pattern.order)]
            notes.append(Note(stroke.slot * SLOT, ticks, shape.pitches[min(voice, len(shape.pitches) - 1)], NORMAL))
        elif stroke.open:
            notes += [Note(stroke.slot * SLOT, ticks, pitch, stress) for pitch in shape.pitches]
        else:
            notes += [Note(stroke.slot * SLOT, SLOT, pitch, stress, "mute") for pitch in shape.pitches[:2]]
    return tuple(notes)


def stop_slot(plan: Plan, section: Section) -> int:
    """Return the slot of the last bar where the guitar strikes and lets the drums fill, or -1."""
    groove = groove_of(section, section.bars - 1)
    if groove is None or groove.fill < 0 or ending_bar(plan, section) >= 0:
        return -1
    stops = plan.own(section, PART, "stop").below(100) < plan.style.rules["guitar.stop"]
    return groove.fill - groove.fill % 4 if stops else -1


def drum_codes(section: Section, bar: int, slots: int) -> tuple[int, ...]:
    """Return for each slot of a bar 0 nothing, 1 kick, 2 snare."""
    groove = groove_of(section, bar)
    return (0,) * slots if groove is None else _codes(groove.kick, groove.snare, slots)


@lru_cache(maxsize=512)
def _codes(kick: int, snare: int, slots: int) -> tuple[int, ...]:
    return tuple(2 if snare >> slot & 1 else kick >> slot & 1 for slot in range(slots))


def groove_of(section: Section, bar: int) -> BarGroove | None:
    """Return a bar's groove, or None before grooves are planned."""
    return section.groove[bar] if bar < len(section.groove) else None
