"""The pattern of a material: its texture, the slots it strikes, and what rings."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.chain.costs import weights
from engine.chain.sampler import Sampler
from engine.models.beats import beat_step, beats, bits, grid, mask, onsets
from engine.models.guitar import GAPS, NO_ONE, GuitarModel, touch_step
from engine.parts.rhythm.reading import PART, drum_codes
from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.meter import Meter

TEXTURES = ("hold", "arpeggio", "mute", "power", "strum", "boogie", "scratch", "skank")
POWER = ("mute", "power", "boogie")  # played in power chords
# Weights of the textures by energy 1..5, and by what a kind of section leans to (percent).
_BY_ENERGY = (
    (40, 50, 0, 0, 10, 10, 20, 20),
    (25, 40, 15, 0, 20, 30, 50, 50),
    (5, 15, 45, 10, 25, 60, 60, 60),
    (3, 2, 20, 40, 35, 60, 60, 60),
    (2, 0, 3, 50, 45, 30, 40, 40),
)
_BY_KIND = {
    "verse": (100, 130, 150, 60, 80, 100, 100, 100),
    "chorus": (100, 30, 40, 130, 130, 100, 100, 100),
    "prechorus": (150, 60, 150, 100, 70, 100, 100, 100),
}
_BUSY = (40, 70, 100, 120, 140)
_FULL = 4  # the energy from which the guitar makes no room for the voice
# Cost of a muted note where notes ring, and of a ringing one where they are muted.
_TOUCH = {
    "hold": -4096, "arpeggio": -4096, "mute": 1100, "power": -700, "strum": -4096, "boogie": -4096, "scratch": 300,
    "skank": -4096,
}  # fmt: skip
_ALWAYS = {"boogie": (0, 1), "skank": (1,)}  # halves of a beat
_MUTED = {"mute": 4, "scratch": 2}  # of six strokes
# Orders of a broken chord, as steps up through the shape.
_ORDERS = ((0, 2, 3, 4, 3, 2), (0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 2, 4), (0, 2, 4, 3), (0, 1, 2, 3, 2, 1))


class Pattern(NamedTuple):
    """What a material's guitar does: texture, bars of struck slots, which are open, bar states, broken-chord order."""

    texture: str
    slots: tuple[tuple[int, ...], ...]
    open: tuple[tuple[int, ...], ...]
    clusters: tuple[int, ...]
    order: tuple[int, ...]


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
            must = bits(always(texture, plan.meter) or int(bar == 0), group)
            barred = bits(between(texture, plan.meter), group)
            tilt = -128 if texture == "arpeggio" else 256 if texture == "hold" else 0
            steps.append(beat_step(model.free, context, tilt, (), must, barred, group is groups[-1]))
    struck = onsets(Sampler(steps).draw(plan.shared(section, PART, "rhythm")), slots)
    touches = []
    for slot, later in zip(struck, [*struck[1:], struck[0] + length * slots], strict=True):
        bar, at = divmod(slot, slots)
        drum = drum_codes(first, bar, slots)[at]
        # A stroke that is to last is no mute, but in the texture of mutes.
        muting = _TOUCH["strum"] if texture == "power" and later - slot >= GAPS else _TOUCH[texture]
        touches.append(touch_step(model, later - slot, clusters[bar], positions[at], drum, muting))
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


@lru_cache(maxsize=64)
def between(texture: str, meter: Meter) -> int:
    """Return the slots of a bar, as bits, that a texture leaves alone: broken chords go in eighths, held by beats."""
    if texture in _ALWAYS:
        return mask(range(meter.slots)) & ~always(texture, meter)
    step = {"arpeggio": 2, "hold": meter.beat}.get(texture, 1)
    return mask(slot for slot in range(meter.slots) if slot % step)


@lru_cache(maxsize=64)
def always(texture: str, meter: Meter) -> int:
    """Return the slots of a bar, as bits, that a texture always strikes: of every beat itself or its second half."""
    places = {0: 0, 1: 4 if meter.compound else 2}
    struck = {places[half] for half in _ALWAYS.get(texture, ())}
    return mask(slot for slot in range(meter.slots) if slot % meter.beat in struck)


def draw_states(
    plan: Plan, section: Section, model: GuitarModel, texture: str, energy: int, length: int
) -> tuple[int, ...]:
    """Return the bar state of each bar of a pattern, near the density and the muting that are wanted."""
    wanted = plan.style.rules["guitar.notes"] * _BUSY[energy - 1] * 16 // 1000
    if "melody" in section.players and energy < _FULL:
        wanted = wanted * plan.style.rules["guitar.room"] // 100
    near = _near(model, wanted, wanted * _MUTED.get(texture, 0) // 6)
    first = plan.shared(section, PART, "state").pick(range(len(near)), near)
    if length < 2:
        return (first,)
    # The second bar of a pattern is of the same kind more often than not.
    weighed = [weight + (sum(near) if state == first else 0) for state, weight in enumerate(near)]
    return first, plan.shared(section, PART, "second state").pick(range(len(near)), weighed)


@lru_cache(maxsize=64)
def _near(model: GuitarModel, wanted: int, muted: int) -> tuple[int, ...]:
    # Halved in weight for every 0.9 strokes that a bar state is away, or as many muted ones.
    cost = (np.abs(model.density - wanted) + np.abs(model.muted - muted)) * 256 // 14
    return tuple(np.maximum(model.share * weights(cost) >> 12, 1).tolist())
