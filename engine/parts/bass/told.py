"""What the chains of a bass line are made of, for whoever watches: the same steps, with rule after rule let in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from engine.chain.watch import About, Stage, View
from engine.models.bass import BassModel, Hand, Ints, Spot, Weighed
from engine.models.bass_views import LOWEST, NONE, NOWHERE, PITCH, PITCHES, RHYTHM
from engine.models.beats import PAST, bar_steps, beat_names, beat_slots, grid
from engine.models.viewpoints import Space
from engine.parts.bass.figure import UNKNOWN, Bar, pitch_steps, rhythm_steps
from engine.plan.plan import Plan

# In this order they are let in; until then they weigh as much as what they are for.
_RULES = ("bass.colour", "bass.root", "bass.approach")
_PLAIN = (0,) * 12


def rhythm_told(plan: Plan, model: BassModel, hand: Hand, bars: Sequence[Bar]) -> About:
    """Return what the rhythm of bars is drawn from."""
    riffed = [bar._replace(must=0, fill=-1) for bar in bars]
    alone = [bar._replace(riff=None, trust=0) for bar in riffed]
    stages = [
        Stage(rule, [step.weights for step in rhythm_steps(plan, model, hand, some)])
        for rule, some in (("model", alone), ("riff", riffed))
    ]
    slots, names = beat_slots(len(bars), plan.meter.slots), beat_names(len(bars), plan.meter.slots)
    return About("beat", slots, names, tuple(stages), _rhythm_views(plan, model, hand, riffed), "changes and fills")


def pitches_told(
    plan: Plan, model: BassModel, hand: Hand, struck: Sequence[int], spots: Callable[[Plan], list[Spot]]
) -> About:
    """Return what the pitches of notes are drawn from; ``spots`` gives them as the rules of a plan's style ask."""
    found = spots(plan)
    free = [spot._replace(memory=NONE, was=NOWHERE, trust=0, sure=0, tones=_PLAIN) for spot in found]
    ways = [("model", free), ("riff", [spot._replace(tones=_PLAIN) for spot in found])]
    for known in range(len(_RULES)):
        # 100 percent is a rule that says nothing.
        rules = {**plan.style.rules, **dict.fromkeys(_RULES[known:], 100)}
        ways.append(
            (_RULES[known - 1] if known else "chord", spots(replace(plan, style=replace(plan.style, rules=rules))))
        )
    stages = tuple(Stage(rule, [step.weights for step in pitch_steps(plan, model, hand, some)]) for rule, some in ways)
    names = (tuple(range(LOWEST + hand.low, LOWEST + hand.high + 1)),) * len(found)
    return About("pitch", tuple(struck), names, stages, _pitch_views(model, hand, found), _RULES[-1])


def _pitch_views(model: BassModel, hand: Hand, spots: Sequence[Spot]) -> tuple[View, ...]:
    # Places are (notes, the pitch before), the last of these none.
    before = np.append(np.arange(hand.low, hand.high + 1), PITCHES)
    columns = {name: np.array([getattr(spot, name) for spot in spots])[:, None] for name in Spot._fields[:-1]}
    interval = np.where(before < PITCHES, (before + LOWEST - columns["root"]) % 12, NONE)
    columns |= {"last": before[None], "before": interval, "centre": np.array([[hand.centre]])}
    columns |= {name: np.array([[value]]) for name, value in hand.manner._asdict().items()}
    columns["cluster"] = np.array([[hand.state]])
    pitches = np.arange(hand.low, hand.high + 1)
    found = []
    for view, costs in model.pitch:
        target = PITCH.target(view.target)
        classes = target.table[columns[target.column] if target.column else 0][..., pitches]
        rows = costs[_key(PITCH, view.columns, columns)]
        shape = (len(spots), len(before))
        said = np.take_along_axis(
            np.broadcast_to(rows, (*shape, rows.shape[-1])), np.broadcast_to(classes, (*shape, len(pitches))), axis=-1
        )
        found.append(View(f"{view.target} after {', '.join(view.columns)}", list(said)))
    return tuple(found)


def _rhythm_views(plan: Plan, model: BassModel, hand: Hand, bars: Sequence[Bar]) -> tuple[View, ...]:
    slots, found = np.arange(plan.meter.slots), []
    for bar in bars:
        known = bar.riff is not None
        row = (
            np.array(grid(plan.meter)), bar.kick >> slots & 1, (bar.riff or 0) >> slots & 1 if known else UNKNOWN,
            bar.trust if known else 0, bar.turn, bar.new >> slots & 1,
        )  # fmt: skip
        found.append([np.broadcast_to(values, slots.shape) for values in row])
    names = ("slot", "kick", "riff", "trust", "turn", "new")
    columns = {name: np.concatenate(parts)[:, None] for name, *parts in zip(names, *found, strict=True)}
    columns |= {"past": np.arange(PAST)[None], "cluster": np.array([[hand.state]])}
    columns["steady"] = np.array([[hand.manner.steady]])
    return tuple(_beaten(plan, view, columns) for view in model.rhythm)


def _beaten(plan: Plan, view: Weighed, columns: dict[str, Ints]) -> View:
    """Return what a view says of whole beats, from how much less it would have an onset on each slot."""
    apart = np.broadcast_to(view.costs[_key(RHYTHM, view.view.columns, columns)], (len(columns["slot"]), PAST))
    costs = np.stack([np.maximum(-apart, 0), np.maximum(apart, 0)], axis=-1)
    steps = [step for bar in bar_steps(costs, plan.meter, full=False) for step in bar]
    said = [np.rint(-256 * np.log2(step.weights / 65536)).astype(np.int64) for step in steps]
    return View(f"beat after {', '.join(view.view.columns)}", said)


def _key(space: Space, names: Sequence[str], columns: dict[str, Ints]) -> Ints:
    key: Ints = np.zeros((1, 1), dtype=np.int64)
    for name in names:
        key = key * space.sizes[name] + columns[name]
    return key
