"""The strokes of a few bars: the pattern as it is remembered, struck at every change of chord."""

from __future__ import annotations

from typing import NamedTuple

from engine.chain.sampler import Sampler, Step
from engine.chain.watch import About, Stage, watcher
from engine.models.beats import beat_names, beat_slots, mask, onsets
from engine.models.guitar import Bar, GuitarModel, pattern_steps
from engine.parts.rhythm.pattern import Pattern, always, between
from engine.parts.rhythm.reading import PART
from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.meter import Meter


class Span(NamedTuple):
    """Bars to draw in one piece, and all that their strokes depend on, so that equal ones are drawn once.

    changes: of each bar the slots, as bits, where the chord changes. drums: for each bar a code of every slot,
    0 nothing, 1 kick, 2 snare. stop: slot of the last bar from which the chord rings, or -1. phase: the pattern's
    bar at the first bar. room: of each bar the slots, as bits, where the voice leaves room and the guitar takes it.
    """

    changes: tuple[int, ...]
    drums: tuple[tuple[int, ...], ...]
    stop: int
    phase: int
    room: tuple[int, ...]


class Stroke(NamedTuple):
    """A stroke: slot, and whether it rings."""

    slot: int
    open: bool


def draw_strokes(
    plan: Plan, section: Section, model: GuitarModel, pattern: Pattern, span: Span, bars: list[Bar], own: bool
) -> tuple[Stroke, ...]:
    """Return the strokes of a span and its ``bars``: the pattern as remembered, struck at every chord change."""
    chance = plan.own if own else plan.shared
    slots, count, stop = plan.meter.slots, len(pattern.slots), span.stop
    rings = pattern.texture not in ("mute", "scratch")
    sampler = Sampler(bar_steps_of(plan, model, bars))
    if watcher():
        sampler.about = _told(plan, model, bars)
    struck = onsets(sampler.draw(chance(section, PART, "strokes")), slots)
    found = []
    for slot in struck:
        bar, at = divmod(slot, slots)
        number = (bar + span.phase) % count
        # A stroke that the pattern does not have is a change of chord, an extra mute, or a push with the kick.
        new = at not in pattern.slots[number]
        ring = at in pattern.open[number] or span.changes[bar] >> at & 1 or at == stop
        if new and not ring:
            ring = rings or (span.room[bar] >> at & 1 and span.drums[bar][at] == 1)
        found.append(Stroke(slot, bool(ring)))
    return tuple(found)


def _told(plan: Plan, model: GuitarModel, bars: list[Bar]) -> About:
    """Return what strokes are drawn from: the pattern as it is remembered, then with room for answers; rules last."""
    answering = [bar._replace(must=0, barred=0) for bar in bars]
    plain = [bar._replace(room=0) for bar in answering]
    stages = tuple(
        Stage(rule, [step.weights for step in bar_steps_of(plan, model, some)])
        for rule, some in (("model", plain), ("answers", answering))
    )
    count, slots = len(bars), plan.meter.slots
    return About("beat", beat_slots(count, slots), beat_names(count, slots), stages, (), "changes and texture")


def bars_of(pattern: Pattern, span: Span, meter: Meter) -> list[Bar]:
    """Return what the strokes of each bar of a span depend on."""
    coarse, riffs, slots = between(pattern.texture, meter), [mask(bar) for bar in pattern.slots], meter.slots
    struck = always(pattern.texture, meter)
    bars = []
    for bar, drums in enumerate(span.drums):
        riff = riffs[(bar + span.phase) % len(riffs)]
        stop = span.stop if bar == len(span.drums) - 1 else -1
        must = struck if stop < 0 else struck & ((1 << stop) - 1) | 1 << stop
        if pattern.texture != "skank":  # whose chords come off the beat
            must |= span.changes[bar]
        barred = coarse | (mask(range(stop + 1, slots)) if stop >= 0 else 0)
        bars.append(Bar(riff, drums, must, barred, span.room[bar]))
    return bars


def bar_steps_of(plan: Plan, model: GuitarModel, bars: list[Bar]) -> list[Step]:
    """Return the steps of bars; those of this song are remembered."""
    known = plan.once((PART, "bar steps"), dict[Bar, list[Step]])
    fresh = [bar for bar in dict.fromkeys(bars) if bar not in known]
    if fresh:
        known.update(zip(fresh, pattern_steps(model, plan.meter, fresh), strict=True))
    return [step for bar in bars for step in known[bar]]
