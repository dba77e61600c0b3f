"""Fits a mixture: counts its long-term chains and learns its weights by gradient descent.

Weights must be learnt from predictions that the counts do not know the answer of, so every song is
predicted from the counts of all the others: its own contribution is taken out of every row.
The weights are those of a conditional logit (softmax) model, found by Adam on the log-loss in bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.models.backoff import TRUST, Backoff, Level
from engine.models.hidden import TRUSTS as SURE
from engine.models.memory import STATES, Codes, running
from engine.models.mixture import ONE, Design, Mixture
from engine.models.recall import TRUSTS
from engine.models.viewpoints import Columns, Ints, Space, View
from engine.train.fit_recall import fit_recall

Floats = NDArray[np.float32]


class Settings(NamedTuple):
    """How counts are smoothed and weights learnt.

    power: a context that a song holds n times counts n**power (songs repeat themselves, and a riff played
    forty times is hardly forty times the evidence). discount and lean: taken off each count, and the weight of the
    shorter context. ridge: pull of the weights to where they began. epochs, rate, batch, least (steps): of the descent.
    """

    power: float = 0.85
    discount: float = 0.8
    lean: float = 4.0
    ridge: float = 40.0
    epochs: int = 10
    rate: float = 0.02
    batch: int = 512
    least: int = 400


class Fit(NamedTuple):
    """The mixture, and its bits an event on the songs it was fitted on (each predicted from the others' counts)."""

    mixture: Mixture
    bits: float


def fit(
    space: Space,
    design: Design,
    columns: Columns,
    events: Ints,
    songs: Ints,
    settings: Settings = Settings(),  # noqa: B008 -- immutable
) -> Fit:
    """Return a mixture fitted to songs.

    columns: each (places,), what is known before each event. events, songs: (places,), the event and the number of
    its song. A column of the design that is missing raises KeyError with its name.
    """
    chains, costs, trusts = [], [], []
    for view in design.long:
        chain, own, trust = count_chain(space, view, columns, events, songs, settings)
        chains.append(chain)
        costs.append(own)
        trusts.append(trust)
    hidden = []
    for cause in design.hidden:
        from engine.train.fit_expert import fit_expert  # slow to import

        expert, whole, trust = fit_expert(space, cause, columns, events, songs)
        hidden.append(expert)
        costs.append((whole / ONE).astype(np.float32))
        trusts.append(trust)
    codes = [running(space, view, columns, events, songs) for view in design.short]
    picks = [columns[name] for name in design.selectors]
    sizes = [chain.trusts for chain in chains] + [SURE] * len(hidden)
    if not design.recall:
        layout = Layout.of(space, design, sizes)
        weights, bits = learn(layout, costs, trusts, picks, codes, events, settings)
        return Fit(_freeze(space, design, layout, chains, weights)._replace(hidden=tuple(hidden)), bits)
    low = Design(design.long, (), design.selectors, hidden=design.hidden)
    layout = Layout.of(space, low, sizes)
    weights, _ = learn(layout, costs, trusts, picks, [], events, settings)
    ground = _freeze(space, low, layout, chains, weights)._replace(hidden=tuple(hidden))
    base = spread(layout, weights, costs, trusts, picks)
    recalls = [fit_recall(space, likeness, columns, events, songs, base) for likeness in design.recall]
    level = np.rint(base * ONE).astype(np.int64)
    looks = [recall.look(space, columns, events, songs, level) for recall in recalls]
    layout = Layout.of(space, design, [TRUSTS] * (len(recalls) + 1))
    costs = [base, *((own / ONE).astype(np.float32) for own, _ in looks)]
    trusts = [looks[0][1], *(trust for _, trust in looks)]
    weights, bits = learn(layout, costs, trusts, picks, codes, events, settings)
    return Fit(_freeze(space, design, layout, [], weights)._replace(ground=ground, recalls=tuple(recalls)), bits)


def spread(layout: Layout, weights: Floats, costs: list[Floats], trusts: list[Ints], picks: list[Ints]) -> Floats:
    """Return what the weighed chains say together: costs in bits, shape (places, events)."""
    total = np.zeros_like(costs[0])
    for number, (own, trust) in enumerate(zip(costs, trusts, strict=True)):
        weight = weights[layout.trust[number] + trust]
        for start, pick in zip(layout.select, picks, strict=True):
            weight = weight + weights[start + pick * len(costs) + number]
        total += weight[:, None] * own
    total -= total.min(axis=1, keepdims=True)
    found: Floats = total + np.log2(np.exp2(-total).sum(axis=1, keepdims=True))
    return found


class Layout(NamedTuple):
    """Where each weight stands in the one vector of weights."""

    trust: tuple[int, ...]  # offset of each chain's trust weights
    select: tuple[int, ...]  # offset of each selector's table (values x chains)
    worth: tuple[int, ...]  # offset of each memory's states
    sizes: tuple[int, ...]  # of trust, then of select
    total: int

    @classmethod
    def of(cls, space: Space, design: Design, trusts: list[int]) -> Layout:
        """Return the layout for chains with that many classes of trust each."""
        picks = [space.sizes[name] * len(trusts) for name in design.selectors]
        sizes = [*trusts, *picks, *([STATES] * len(design.short))]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int).tolist()
        chains, selectors = len(trusts), len(picks)
        return cls(
            tuple(starts[:chains]),
            tuple(starts[chains : chains + selectors]),
            tuple(starts[chains + selectors : -1]),
            tuple(sizes[: chains + selectors]),
            starts[-1],
        )


def count_chain(
    space: Space, view: View, columns: Columns, events: Ints, songs: Ints, settings: Settings
) -> tuple[Backoff, Floats, Ints]:
    """Return the chain of a view counted on all songs, and each song's rows from the others' counts.

    The rows: (costs in bits, shape (places, events); trust, shape (places,)).
    """
    count = len(events)
    classes = space.classes(view.target, columns, count)
    width = space.target(view.target).classes
    happened = classes[np.arange(count), events]
    own = np.full((count, width), 1 / width, dtype=np.float32)
    own_trust = np.zeros(count, dtype=np.int64)
    shorter = np.full((1, width), 1 / width, dtype=np.float32)
    above = np.zeros(1, dtype=np.int64)
    levels = []
    for length in range(len(view.columns) + 1):
        keys, inverse = np.unique(space.keys(view.columns[:length], columns, count), return_inverse=True)
        pairs, pair = np.unique(songs * len(keys) + inverse, return_inverse=True)
        context = pairs % len(keys)
        part = np.zeros((len(pairs), width), dtype=np.float32)
        np.add.at(part, (pair, happened), 1)
        part **= settings.power
        whole = np.zeros((len(keys), width), dtype=np.float32)
        np.add.at(whole, context, part)
        knowing = np.bincount(context, minlength=len(keys))
        if length:
            shorter = shorter[np.searchsorted(above, keys // space.sizes[view.columns[length - 1]])]
        shorter = _smooth(whole, shorter, settings)
        trust = _trust(knowing)
        levels.append(
            Level(
                keys, np.rint(np.minimum(-256 * np.log2(np.maximum(shorter, 2.0**-100)), 32000)).astype(np.int16), trust
            )
        )
        above = keys
        others = np.maximum(whole[inverse] - part[pair], 0)
        others[others < 1e-3] = 0
        known = knowing[inverse] > 1
        own = np.where(known[:, None], _smooth(others, own, settings), own)
        own_trust = np.where(known, length * TRUST + _trust(knowing[inverse] - 1), own_trust)
    costs = np.take_along_axis(-np.log2(np.maximum(own, 2.0**-100)), classes, axis=1)
    return Backoff(view, tuple(levels)), costs, own_trust


def learn(
    layout: Layout,
    costs: list[Floats],
    trusts: list[Ints],
    picks: list[Ints],
    codes: list[Codes],
    events: Ints,
    settings: Settings,
) -> tuple[Floats, float]:
    """Return the weights that predict best, and the bits an event they reach on average over the last epoch."""
    places, choices = (costs[0] if costs else codes[0]).shape
    start = np.zeros(layout.total, dtype=np.float32)
    for offset, size in zip(layout.trust, layout.sizes, strict=False):
        start[offset : offset + size] = 1 / max(len(costs), 1)
    weights, mean = start.copy(), start * 0
    first, second, step = start * 0, start * 0, 0
    epochs = max(settings.epochs, -(-settings.least * settings.batch // places))
    steps = epochs * -(-places // settings.batch)
    averaged, bits = 0, 0.0
    # Whatever the order of places, the same shuffle every time: a fixed congruential walk.
    order = (np.arange(places, dtype=np.int64) * _coprime(places)) % places
    for epoch in range(epochs):
        spent = 0.0
        for begin in range(0, places, settings.batch):
            rows = order[begin : begin + settings.batch]
            features = _features(layout, costs, trusts, picks, codes, rows)
            score = -(features @ weights).reshape(len(rows), choices)
            score -= score.max(axis=1, keepdims=True)
            chance = np.exp2(score)
            chance /= chance.sum(axis=1, keepdims=True)
            right = chance[np.arange(len(rows)), events[rows]]
            spent -= float(np.log2(np.maximum(right, 1e-30)).sum())
            chance[np.arange(len(rows)), events[rows]] -= 1
            slope = -(features.T @ chance.ravel()) / len(rows) + settings.ridge / places * (weights - start)
            step += 1
            first = 0.9 * first + 0.1 * slope
            second = 0.999 * second + 0.001 * slope * slope
            rate = settings.rate * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            weights = (weights - rate * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
            if epoch == epochs - 1:
                averaged += 1
                mean += (weights - mean) / averaged
        bits = spent / places
    return (mean if averaged else weights), bits


def _features(
    layout: Layout, costs: list[Floats], trusts: list[Ints], picks: list[Ints], codes: list[Codes], rows: Ints
) -> sparse.csr_array:
    choices = (costs[0] if costs else codes[0]).shape[1]
    where: list[NDArray[np.int32]] = []
    values: list[Floats] = []
    shape = (len(rows), choices)
    for number, (own, trust) in enumerate(zip(costs, trusts, strict=True)):
        value = own[rows]
        at = [layout.trust[number] + trust[rows]]
        at += [start + pick[rows] * len(costs) + number for start, pick in zip(layout.select, picks, strict=True)]
        for place in at:
            where.append(np.broadcast_to(place[:, None].astype(np.int32), shape))
            values.append(value)
    one = np.ones(shape, dtype=np.float32)
    for start, code in zip(layout.worth, codes, strict=True):
        where.append(code[rows].astype(np.int32) + start)
        values.append(one)
    indices = np.stack(where, axis=-1).reshape(-1)
    data = np.stack(values, axis=-1).reshape(-1)
    count = shape[0] * shape[1]
    starts = np.arange(count + 1, dtype=np.int32) * len(where)
    return sparse.csr_array((data, indices, starts), shape=(count, layout.total))


def _freeze(space: Space, design: Design, layout: Layout, chains: list[Backoff], weights: Floats) -> Mixture:
    parts = len(layout.trust)
    scaled = np.clip(np.rint(weights * ONE), -32000, 32000).astype(np.int64)
    sizes = layout.sizes
    trust = tuple(scaled[at : at + size] for at, size in zip(layout.trust, sizes, strict=False))
    select = tuple(
        scaled[at : at + size].reshape(-1, parts) for at, size in zip(layout.select, sizes[parts:], strict=True)
    )
    worth = tuple(scaled[at : at + STATES] for at in layout.worth)
    return Mixture(space, design, tuple(chains), trust, select, worth)


def _smooth(counts: Floats, shorter: Floats, settings: Settings) -> Floats:
    kept = np.maximum(counts - settings.discount, 0)
    total = counts.sum(axis=1, keepdims=True)
    spare = total - kept.sum(axis=1, keepdims=True) + settings.lean
    found: Floats = ((kept + spare * shorter) / (total + settings.lean)).astype(np.float32)
    return found


def _trust(songs: Ints) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.minimum(np.log2(np.maximum(songs, 1)), TRUST - 1).astype(np.uint8)
    return found


def _coprime(count: int) -> int:
    step = max(int(count * 0.6180339887) | 1, 1)
    while np.gcd(step, count) != 1:
        step += 2
    return step
