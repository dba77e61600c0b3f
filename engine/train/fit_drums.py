"""Fit the drums: bar states over clusters, what feet and hands play in each, and fills.

Bars of Groove MIDI are clustered by what they are like (k-means); a hidden Markov model over the clusters of
each take gives bar states, and each bar its likeliest state; slots are counted by state. Drum machine
patterns add grooves and breaks that the recordings lack; they have no neighbours, so they count for
slots and fills alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP, row
from engine.models.drums import FLOOR, GHOST, HANDS, KICK
from engine.models.tables import Table, header
from engine.train import drum_slots as slot_models
from engine.train.backoff import bigram_bits, bits, count, smooth
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import gmd, machine_patterns
from engine.train.corpora.gmd import Take
from engine.train.drum_bars import FEATURES, Bars, bars_of, features

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

GENRES = ("rock", "punk", "pop", "soul", "country")
MACHINE_GENRES = ("Rock", "Pop", "Disco", "Rnb", "Rhythm&Blues", "Slow", "Ballad", "Twist")
FILL_GENRES = (*GENRES, "funk", "blues")
CLUSTERS, STATES = 12, 14
RARE = 250  # hand symbols met more seldom are not drawn


class _States(NamedTuple):
    """Clusters and the hidden states over them."""

    clusters: Any
    hidden: Any

    def clusters_of(self, bars: Bars) -> Ints:
        return np.asarray(self.clusters.predict(features(bars)), dtype=np.int64)

    def of(self, bars: Bars) -> Ints:
        return np.asarray(self.hidden.predict(self.clusters_of(bars)[:, None]), dtype=np.int64)


class _Fit(NamedTuple):
    states: _States
    model: slot_models.Model
    columns: Ints
    profile: Floats
    fill: Floats
    voice: Floats


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "drums" and its scores: bar clusters, slots, fill rhythm and fill voices."""
    from threadpoolctl import threadpool_limits

    tell("drums: reading Groove MIDI and drum machine patterns")
    takes = [t for t in gmd.read(data, tuple(sorted({*GENRES, *FILL_GENRES}))) if not t.triplet and t.bars]
    machine = list(machine_patterns.read(data, MACHINE_GENRES))
    # One thread: sums in one order give the same clusters every time.
    with threadpool_limits(1):
        tell("drums: fitting without the validation takes")
        known = _fit([t for t in takes if not held_out(t.name)], [t for t in machine if not held_out(t.name)])
        scores = _measure(known, takes)
        for score in scores:
            tell(f"drums: {score.model}: {score.bits:.3f} bits a {score.unit} (bigram {score.bigram:.3f})")
        tell("drums: fitting on all")
        final = _fit(takes, machine)
    return Fitted({"drums": _table(final)}, scores)


def _fit(takes: list[Take], machine: list[Take]) -> _Fit:
    beats = [bars_of(t) for t in takes if t.style.split("/")[0] in GENRES]
    states = _fit_states(beats)
    symbols, columns = slot_models.vocabulary(beats, RARE)
    patterns = [bars_of(t) for t in machine if not t.fill]
    everything = beats + patterns
    slots = [slot_models.slots_of(b, columns) for b in everything]
    hidden = [states.of(b) for b in everything]
    size = len(symbols) + 1
    foot, hand = slot_models.slot_tables(slots, hidden, STATES, size)
    keep_foot, keep_hand = _keep(slots, hidden, size)
    start, move = states.hidden.startprob_, states.hidden.transmat_
    model = slot_models.Model(start, move, foot, hand, keep_foot, keep_hand, symbols)
    lines = np.concatenate([features(b) for b in beats])
    where = np.concatenate(hidden[: len(beats)])
    profile = np.stack(
        [lines[where == s].mean(axis=0) if (where == s).any() else lines.mean(axis=0) for s in range(STATES)]
    )
    fills = _fills(takes + machine)
    return _Fit(states, model, columns, profile, *_fit_fills(fills))


def _fit_states(beats: list[Bars]) -> _States:
    from hmmlearn.hmm import CategoricalHMM
    from sklearn.cluster import KMeans

    clusters = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.concatenate([features(b) for b in beats]))
    lines = [clusters.predict(features(b)) for b in beats]
    # Each state starts out as one cluster and moves as the clusters' bigram does; training takes it from there.
    own = np.arange(STATES) % CLUSTERS
    pairs = np.ones((CLUSTERS, CLUSTERS))
    for line in lines:
        np.add.at(pairs, (line[:-1], line[1:]), 1)
    noise = np.random.RandomState(0).rand(STATES, STATES)
    hidden = CategoricalHMM(
        STATES, n_features=CLUSTERS, n_iter=80, tol=0.5, random_state=0, implementation="scaling", init_params="",
        startprob_prior=1.1, transmat_prior=1.05, emissionprob_prior=1.1,
    )  # fmt: skip
    hidden.startprob_ = np.full(STATES, 1 / STATES)
    hidden.transmat_ = _normal(pairs[own][:, own] * (1 + noise / 2))
    hidden.emissionprob_ = _normal(0.02 + 0.8 * (own[:, None] == np.arange(CLUSTERS)) + noise[:, :CLUSTERS] / 50)
    hidden.fit(np.concatenate(lines)[:, None], [len(line) for line in lines])
    return _States(clusters, hidden)


def _keep(slots: list[slot_models.Slots], hidden: list[Ints], size: int) -> tuple[Floats, Floats]:
    """Return the copying weights: each half of the takes is judged by tables of the other half."""
    halves = [range(0, len(slots), 2), range(1, len(slots), 2)]
    feet: list[Floats] = []
    hands: list[Floats] = []
    order: list[int] = []
    where = np.arange(16)
    for other, half in (halves, halves[::-1]):
        tables = slot_models.slot_tables([slots[i] for i in other], [hidden[i] for i in other], STATES, size)
        for i in half:
            s, state = slots[i], hidden[i][:, None]
            feet.append(tables[0][where, state, s.foot2, s.foot1, s.foot])
            hands.append(tables[1][where, state, s.foot, s.hand1, s.hand])
            order.append(i)
    return (
        slot_models.keep_weights(feet, [slots[i].foot for i in order]),
        slot_models.keep_weights(hands, [slots[i].hand for i in order]),
    )


# A fill is one bar: rhythm (kick 1, hand 2) by slot, and the voice of every hand stroke.
_Fill = tuple[Ints, list[tuple[int, int, int, int, int]]]


def _fills(takes: list[Take]) -> list[tuple[str, _Fill]]:
    found = []
    for take in takes:
        if take.fill:
            bars = bars_of(take)
            extra = HANDS[bars.hand][..., 2]
            for foot, other in zip(bars.foot, extra, strict=True):
                hand = ((foot & 2) > 0) | (other >= GHOST)
                if hand.sum() >= 4:
                    found.append((take.name, ((foot & KICK) + 2 * hand, _voices(hand, other))))
    return found


def _voices(hand: NDArray[np.bool_], extra: Ints) -> list[tuple[int, int, int, int, int]]:
    """Return (quarter, gap class, voice two before, voice before, voice) of every stroke; see Drums.voice."""
    rows, last, before, two = [], -9, 4, 4
    for slot in np.flatnonzero(hand).tolist():
        voice = max(int(extra[slot]) - GHOST, 0)
        rows.append((slot // 4, min(max(slot - last, 1), 3) - 1, two, before, voice))
        last, before, two = slot, voice, before
    return rows


def _fill_contexts(fills: Sequence[_Fill]) -> tuple[list[Ints], Ints, list[Ints], Ints]:
    rhythm = np.stack([f[0] for f in fills])
    padded = np.concatenate([np.zeros((len(rhythm), 2), np.int64), rhythm], axis=1)
    place = np.broadcast_to(np.arange(16), rhythm.shape).ravel()
    voices = np.array([r for f in fills for r in f[1]], np.int64)
    contexts = [place, padded[:, :-2].ravel(), padded[:, 1:-1].ravel()]
    return contexts, rhythm.ravel(), list(voices[:, :4].T), voices[:, 4]


def _fit_fills(fills: list[tuple[str, _Fill]]) -> tuple[Floats, Floats]:
    where, rhythm, voicing, voice = _fill_contexts([f for _, f in fills])
    # The symbol before matters more than the one before it: general contexts come first.
    strokes = smooth(count([where[0], where[2], where[1]], rhythm, (16, 4, 4, 4)), 4.0).transpose(0, 2, 1, 3)
    turn = [voicing[3], voicing[1], voicing[0], voicing[2]]
    voices = smooth(count(turn, voice, (5, 3, 4, 5, 4)), 4.0).transpose(2, 1, 3, 0, 4)
    return strokes, voices


def _measure(fitted: _Fit, takes: list[Take]) -> tuple[Score, ...]:
    beats = [bars_of(t) for t in takes if t.style.split("/")[0] in GENRES]
    train = [b for b in beats if not held_out(b.name)]
    test = [b for b in beats if held_out(b.name) and b.core]
    clusters = [fitted.states.clusters_of(b) for b in train]
    unseen = [fitted.states.clusters_of(b) for b in test]
    bars = sum(map(len, unseen))
    loss = -fitted.states.hidden.score(np.concatenate(unseen)[:, None], [len(line) for line in unseen]) / np.log(2)
    slots = [slot_models.slots_of(b, fitted.columns) for b in test]
    heard = [slot_models.slots_of(b, fitted.columns).sets.ravel() for b in train]
    lines = [s.sets.ravel() for s in slots]
    plain = bigram_bits(heard, lines, 32)
    size = sum(map(len, lines))
    fills = [f for name, f in _fills(takes) if held_out(name)]
    before = [f for name, f in _fills(takes) if not held_out(name)]
    where, rhythm, voicing, voice = _fill_contexts(fills)
    strokes = bits(fitted.fill[where[0], where[1], where[2], rhythm])
    voices = bits(fitted.voice[voicing[0], voicing[1], voicing[2], voicing[3], voice])
    spoken, unheard = ([np.array([r[4] for r in f[1]]) for f in part] for part in (before, fills))
    return (
        Score("drum bar states", "bar", bars, float(loss) / bars, bigram_bits(clusters, unseen, CLUSTERS)),
        Score("drum slots without memory", "slot", size, slot_models.set_bits(fitted.model, slots, False), plain),
        Score("drum slots", "slot", size, slot_models.set_bits(fitted.model, slots), plain),
        Score("drum fill rhythm", "slot", len(rhythm), strokes,
              bigram_bits([f[0] for f in before], [f[0] for f in fills], 4)),
        Score("drum fill voices", "stroke", len(voice), voices, bigram_bits(spoken, unheard, FLOOR)),
    )  # fmt: skip


def _table(final: _Fit) -> Table:
    hidden, model = final.states.hidden, final.model
    # The column of rare symbols is not drawn.
    arrays = {
        "start": _rows(hidden.startprob_), "move": _rows(hidden.transmat_), "emit": _rows(hidden.emissionprob_),
        "foot": _rows(model.foot), "hand": _rows(model.hand[..., :-1, :-1]), "fill": _rows(final.fill),
        "voice": _rows(final.voice), "keep_foot": _rows(model.keep_foot), "keep_hand": _rows(model.keep_hand),
        "symbols": model.symbols.astype(np.int16), "profile": np.rint(100 * final.profile).astype(np.int16),
    }  # fmt: skip
    about = "bar states, feet, hands, copying and fills of rock drumming; see engine/models/drums.py"
    return Table(
        dict(header(corpus=f"{gmd.CORPUS}; {machine_patterns.CORPUS}",
                    licence=f"{gmd.LICENCE}; {machine_patterns.LICENCE}",
                    command="hookline train rock", date=DATE, about=about, features=list(FEATURES))),
        arrays,
    )  # fmt: skip


def _rows(chances: Floats) -> NDArray[Any]:
    """Return rows that sum to 65,536 as the narrowest type that holds them."""
    found = row(np.rint(chances / chances.sum(axis=-1, keepdims=True) * TOP * 16).astype(np.int64))
    return found.astype(np.uint16 if found.max() < TOP else np.int32)


def _normal(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
