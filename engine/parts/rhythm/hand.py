"""The shapes in the hand: one for every chord, drawn together so that the hand moves little."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.chain.costs import weights
from engine.chain.sampler import Sampler, Step
from engine.chain.watch import About, Stage, watcher
from engine.parts.rhythm.pattern import POWER, Pattern
from engine.parts.rhythm.reading import PART
from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.chord import Chord
from engine.theory.fretboard import TUNING, Shape, power_shapes, shapes


def draw_shapes(plan: Plan, section: Section, pattern: Pattern, chords: tuple[Chord, ...]) -> tuple[Shape, ...]:
    """Return the shape in the hand at every slot, all of a section drawn together."""
    style = plan.style.parts[PART]
    power = pattern.texture in POWER
    known = power_shapes if power else shapes
    starts = [slot for slot in range(len(chords)) if not slot or chords[slot] != chords[slot - 1]]
    options = [known(chords[slot], style.low, style.high, style.tuning or TUNING) for slot in starts]
    steps = [shape_step(before, here, power) for before, here in zip([(), *options[:-1]], options, strict=True)]
    sampler = Sampler(steps)
    if watcher():
        alone = Stage("model", [shape_step((), here, power).weights for here in options])
        names = tuple(tuple(shape.pitches for shape in here) for here in options)
        sampler.about = About("shape", tuple(starts), names, (alone,), (), "way of the hand")
    chosen = sampler.draw(plan.shared(section, PART, "shapes"))
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
