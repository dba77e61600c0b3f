"""The groove: bar by bar, the accents that drums, bass and guitars share.

A section goes round the bars of its figure (``plan.figures``). Fills lead on, build-ups gather, an intro or a bridge
may give room, crashes mark what arrives, and the last bar is one hit.
"""

from __future__ import annotations

from dataclasses import replace

from engine.models.drums import load_drums
from engine.plan.accents import Accents, draw_fill, mask
from engine.plan.ending import ending_bar
from engine.plan.figures import beats, traits
from engine.plan.metres import figure_of, fill_from
from engine.plan.plan import Plan
from engine.plan.turns import PART, bare, build, build_bar, crash, fills
from engine.song import BarGroove, Section
from engine.theory.meter import Meter

# Bar states beside those of the fitted model.
BUILD = 100  # the kick on every beat, the snare gathering
ENDING = 101  # one hit on the downbeat
PLAIN = 102  # a bar in another metre than 4/4


def add_groove(plan: Plan) -> Plan:
    """Return the plan with a groove in every section, one BarGroove a bar."""
    sections = tuple(replace(section, groove=_groove(plan, i)) for i, section in enumerate(plan.sections))
    return replace(plan, sections=sections)


def accents(plan: Plan, section: Section, bar: int) -> tuple[tuple[int, int], ...]:
    """Return (slot, weight) of what stands out in a bar: kick 2, snare 3, both 4, a crash 5; fills included."""
    groove = section.groove[bar]
    found = []
    for slot in range(plan.meter.slots):
        kick, snare = groove.kick >> slot & 1, groove.snare >> slot & 1
        weight = 5 if groove.crash and slot == 0 else (0, 2, 3, 4)[kick + 2 * snare]
        if weight:
            found.append((slot, weight))
    return tuple(found)


def _groove(plan: Plan, number: int) -> tuple[BarGroove, ...]:
    section = plan.sections[number]
    if plan.meter.slots != 16:
        return _plain_groove(plan, number)
    drums = load_drums(plan.style.models)
    last = ending_bar(plan, section)
    playing = last if last >= 0 else section.bars
    turns = fills(plan, number, playing, traits(plan).fills)
    gathering = build(plan, number, playing)
    round_ = beats(plan, section)
    snareless = bare(plan, number, playing)
    often = (drums.crash * traits(plan).crashes // 100).tolist()
    bars = []
    for bar in range(playing):
        state, kick, snare = round_[bar % len(round_)]
        first = turns.get(bar, -1)
        if bar < snareless:
            kick, snare = kick & mask((0, 8)), 0
        if bar >= playing - gathering:
            (kick, snare), first, state = build_bar(playing - bar), 0, BUILD
        elif first >= 0:
            kept = mask(range(first))
            stroke = draw_fill(drums, first, Accents(kick, snare), plan.own(section, PART, f"fill {bar}"))
            kick, snare = kick & kept | stroke.kick, snare & kept | stroke.snare
        after = bar - 1 in turns
        bars.append(BarGroove(state, kick, snare, first, crash(plan, number, bar, after, often[after])))
    if last >= 0:
        bars.append(BarGroove(ENDING, 1, 0, -1, True))
    return tuple(bars)


def _plain_groove(plan: Plan, number: int) -> tuple[BarGroove, ...]:
    """Return the groove of a section in another metre than 4/4: one figure, its fills and its crashes."""
    section, meter = plan.sections[number], plan.meter
    figure = figure_of(plan, section)
    plain = Accents(mask(figure.kick), mask(figure.snare))
    last = ending_bar(plan, section)
    playing = last if last >= 0 else section.bars
    turns = fills(plan, number, playing, 100)
    snareless = bare(plan, number, playing)
    often = (load_drums(plan.style.models).crash).tolist()
    bars = []
    for bar in range(playing):
        first, hits = -1, plain
        if bar < snareless:
            hits = Accents(hits.kick & mask((0, meter.slots // 2)), 0)
        if bar in turns:
            first = fill_from(meter, turns[bar])
            kept = mask(range(first))
            ways = range(first, meter.slots, 2), _running(first, meter)
            strokes = plan.own(section, PART, f"fill {bar}").pick(ways)
            hits = Accents(hits.kick & kept, hits.snare & kept | mask(strokes))
        after = bar - 1 in turns
        bars.append(BarGroove(PLAIN, hits.kick, hits.snare, first, crash(plan, number, bar, after, often[after])))
    if last >= 0:
        bars.append(BarGroove(ENDING, 1, 0, -1, True))
    return tuple(bars)


def _running(first: int, meter: Meter) -> list[int]:
    """Return the slots of a fill that gathers: eighths, and all sixteenths of its last beat."""
    return [slot for slot in range(first, meter.slots) if slot % 2 == 0 or slot >= meter.slots - meter.beat]
