"""Fit of chords for a melody: a softmax over triads above the tonic, moves by counting, and the key of a melody."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.harmonize import (
    FEATURES,
    KEY_WINDOWS,
    PER,
    PLACES,
    STATES,
    TURNS,
    UNIT,
    Stretches,
    features,
    key_features,
    stretches,
)
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.tunes import UNKNOWN, Tune, tunes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST = 25_000  # stretches of a mode that a softmax is fitted to
_PENALTY, _KEY_PENALTY = 2e-4, 1e-3
_ROUNDS = 60
_ROCK = 3.0  # songs of the others that one of RS200 is worth where keys are told: rock's are hardest to tell, and ours
# Emissions see the neighbours as well, so that evidence comes more than once: being common and moves count for less.
_PRIOR, _MOVES = 0.45, 0.45
_STIR = 0.25  # bits that staying costs on a bar line: the likeliest path moves less than songs do
_ON_LINES = np.array([name != "inside" for name in PLACES])[:, None, None]
_ROWS, _PLACES = 5.0, 20.0  # uses that the row of a rarer context is worth to one of its own


class Seen(NamedTuple):
    """A tune as the model sees it: stretches, their features, and the triad most of each has (or UNKNOWN)."""

    found: Stretches
    rows: Ints
    states: Ints
    place: Ints


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit the tables; scores are bits that a triad takes, the one before it known, against a bigram of triads."""
    known = tuple(tunes(data))
    early, late = ([tune for tune in known if held_out(tune.work) is out] for out in (False, True))
    tell(f"{len(known)} melodies with chords")
    scores = []
    for per in PER:
        bits = plain = 0.0
        count = 0
        for minor in (False, True):
            before = [seen(tune, per) for tune in early if tune.minor is minor]
            weights, counts = softmax(before), _moves(before)
            bigram, moves = np.log2(_rows(counts.sum(axis=0))), _MOVES * np.log(_places(counts))
            prior = _PRIOR * np.log(_usual(before))
            for one in (seen(tune, per) for tune in late if tune.minor is minor):
                at = np.flatnonzero((one.states[1:] >= 0) & (one.states[:-1] >= 0)) + 1
                last, here = one.states[at - 1], one.states[at]
                like = _like(one.rows[at] / UNIT @ weights - prior + moves[one.place[at], last])
                bits -= float(np.log2(like[np.arange(len(at)), here]).sum())
                plain -= float(bigram[last, here].sum())
                count += len(at)
        scores.append(Score(f"chords of a melody, by {per}", per, count, bits / count, plain / count))
    return Fitted({"harmonize": model(known)}, tuple(scores))


def model(known: tuple[Tune, ...] | list[Tune]) -> Table:
    """Return the table of melodies with chords."""
    weights, prior, moves = [], [], []
    for per in PER:
        for minor in (False, True):
            found = [seen(tune, per) for tune in known if tune.minor is minor]
            weights.append(softmax(found) / np.log(2))
            prior.append(-_PRIOR * np.log2(_usual(found)))
            moves.append(-_MOVES * np.log2(_places(_moves(found))) + _STIR * np.eye(STATES) * _ON_LINES)
    arrays = {"weights": weights, "prior": prior, "moves": moves, "key": keys(known) / np.log(2)}
    return Table(
        dict(
            header(
                corpus="RS200; POP909 with phrase structure; OpenEWLD",
                licence="CC BY 4.0 (RS200); MIT (POP909, OpenEWLD)",
                command="hookline train rock",
                date=DATE,
                about="triads under a melody: weights of a softmax, how common they are, moves; and keys of melodies",
                per=list(PER),
                places=list(PLACES),
            )
        ),
        {name: np.rint(np.array(value) * UNIT).astype(np.int32) for name, value in arrays.items()},
    )


def seen(tune: Tune, per: str) -> Seen:
    """Return a tune with the triad that most of each stretch has."""
    found = stretches(tune.notes, tune.bars, np.full(len(tune.bars) - 1, tune.meter.beat), per)
    states = np.full(len(found.bar), UNKNOWN)
    for number, (first, end) in enumerate(zip(found.starts, found.starts[1:], strict=False)):
        heard = tune.states[first:end][tune.states[first:end] >= 0]
        if len(heard):
            states[number] = int(np.bincount(heard).argmax())
    return Seen(found, features(tune.notes, found, tune.tonic), states, found.places)


def softmax(found: list[Seen]) -> Floats:
    """Return the weights of a softmax over states, shape (FEATURES, STATES), in nats."""
    from scipy.optimize import minimize

    rows = np.concatenate([one.rows for one in found])
    states = np.concatenate([one.states for one in found])
    kept = np.flatnonzero(states >= 0)
    kept = kept[:: max(1, -(-len(kept) // _MOST))]
    seen_rows, truth, here = (rows[kept] / UNIT).astype(np.float32), states[kept], np.arange(len(kept))

    def loss(flat: Floats) -> tuple[float, Floats]:
        like = _like(seen_rows @ flat.reshape(FEATURES, STATES).astype(np.float32))
        value = -float(np.log(np.maximum(like[here, truth], 1e-12)).mean())
        like[here, truth] -= 1
        slope = (seen_rows.T @ like).astype(float).ravel() / len(truth)
        return value + 0.5 * _PENALTY * float(flat @ flat), slope + _PENALTY * flat

    done = minimize(loss, np.zeros(FEATURES * STATES), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS})
    weights: Floats = done.x.reshape(FEATURES, STATES)
    return weights


def _usual(found: list[Seen]) -> Floats:
    states = np.concatenate([one.states[one.states >= 0] for one in found])
    usual: Floats = (np.bincount(states, minlength=STATES) + 1.0) / (len(states) + STATES)
    return usual


def _like(scores: NDArray[Any]) -> NDArray[Any]:
    like: NDArray[Any] = np.exp(scores - scores.max(axis=1, keepdims=True))
    like /= like.sum(axis=1, keepdims=True)
    return like


def _moves(found: list[Seen]) -> Floats:
    """Return how often a triad follows another, by place: shape (PLACES, STATES, STATES)."""
    counts = np.zeros((len(PLACES), STATES, STATES))
    for one in found:
        before, after, place = one.states[:-1], one.states[1:], one.place[1:]
        known = (before >= 0) & (after >= 0)
        np.add.at(counts, (place[known], before[known], after[known]), 1)
    return counts


def _rows(counts: Floats) -> Floats:
    """Return the chances of triads after each: those of all triads where one is rare."""
    usual = (counts.sum(axis=0) + 1) / (counts.sum() + STATES)
    smooth: Floats = (counts + _ROWS * usual) / (counts.sum(axis=1, keepdims=True) + _ROWS)
    return smooth


def _places(counts: Floats) -> Floats:
    usual = _rows(counts.sum(axis=0))
    smooth: Floats = (counts + _PLACES * usual) / (counts.sum(axis=2, keepdims=True) + _PLACES)
    return smooth


def keys(known: tuple[Tune, ...] | list[Tune]) -> Floats:
    """Return the weights of a softmax over the 24 keys of a melody, (2, windows * 12 + 1), in nats, the bias last."""
    from scipy.optimize import minimize

    rows = np.array([key_features(tune.notes, tune.bars)[:, TURNS].transpose(1, 0, 2) for tune in known]) / UNIT
    turned = rows.reshape(len(known), 12, -1)
    truth, here = np.array([12 * tune.minor + tune.tonic for tune in known]), np.arange(len(known))
    width = 12 * len(KEY_WINDOWS)
    weigh = np.array([_ROCK if tune.corpus == "rs200" else 1.0 for tune in known])
    weigh /= weigh.sum()

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(2, width + 1)
        like = _like(np.concatenate([turned @ weights[mode, :-1] + weights[mode, -1] for mode in (0, 1)], axis=1))
        value = -float(weigh @ np.log(np.maximum(like[here, truth], 1e-12)))
        like[here, truth] -= 1
        like *= weigh[:, None]
        slope = np.zeros((2, width + 1))
        for mode in (0, 1):
            part = like[:, 12 * mode : 12 * mode + 12]
            slope[mode, :-1] = np.einsum("nt,ntf->f", part, turned)
            slope[mode, -1] = part.sum()
        return value + 0.5 * _KEY_PENALTY * float(flat @ flat), slope.ravel() + _KEY_PENALTY * flat

    done = minimize(loss, np.zeros(2 * (width + 1)), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Floats = done.x.reshape(2, width + 1)
    return weights
