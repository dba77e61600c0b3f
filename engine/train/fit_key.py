"""Fit of the key: profiles of major and minor by softmax regression over the 24 keys, on POP909's annotated songs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.learn.chords import MIN
from engine.learn.key import CHANNELS, SCALE, key_features, key_scores
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.pop909_midi import SOURCE, aligned
from engine.train.fit_chord_hmm import Chorded, chorded, state_of

Floats = NDArray[np.float64]
_PENALTY = 0.02


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit the profiles; the score is the bits a song's key takes on songs held out, against all keys alike."""
    songs = [item for song in aligned(data) if (item := chorded(song)) is not None]
    late = [item for item in songs if held_out(item.song)]
    model = weigh([item for item in songs if not held_out(item.song)])
    features, keys = _examples(late)
    scores = key_scores(features, model.arrays["weights"] / SCALE) + model.arrays["bias"][:, None] / SCALE
    flat = scores.reshape(len(keys), 24)
    flat -= flat.max(axis=1, keepdims=True)
    logs = flat - np.log(np.exp(flat).sum(axis=1, keepdims=True))
    tell(f"keys of {np.mean(flat.argmax(axis=1) == keys):.3f} of the songs held out are right")
    bits = -float(np.log2(np.e) * logs[np.arange(len(keys)), keys].mean())
    return Fitted({"key": weigh(songs)}, (Score("key", "song", len(keys), bits, float(np.log2(24))),))


def weigh(songs: list[Chorded]) -> Table:
    """Return the profiles of songs, in thousandths."""
    from scipy.optimize import minimize

    features, keys = _examples(songs)
    shape = (2, len(CHANNELS), 12)
    turns = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
    turned = features[:, :, turns]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights, bias = flat[:-2].reshape(shape), flat[-2:]
        scores = (np.einsum("sctd,mcd->smt", turned, weights) + bias[:, None]).reshape(len(keys), 24)
        scores -= scores.max(axis=1, keepdims=True)
        like = np.exp(scores)
        like /= like.sum(axis=1, keepdims=True)
        here = np.arange(len(keys))
        value = -float(np.log(np.maximum(like[here, keys], 1e-12)).mean())
        like[here, keys] -= 1
        like = like.reshape(len(keys), 2, 12) / len(keys)
        slope = np.einsum("sctd,smt->mcd", turned, like).ravel() + _PENALTY * flat[:-2]
        return value + _PENALTY / 2 * float(flat[:-2] @ flat[:-2]), np.append(slope, like.sum(axis=(0, 2)))

    done = minimize(loss, np.zeros(2 * len(CHANNELS) * 12 + 2), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return Table(
        dict(
            header(
                **SOURCE,
                command="hookline train listen",
                date=DATE,
                about="profiles of major and minor keys over what sounds and over roots of chords",
                channels=list(CHANNELS),
            )
        ),
        {
            "weights": np.round(done.x[:-2].reshape(shape) * SCALE).astype(np.int32),
            "bias": np.round(done.x[-2:] * SCALE).astype(np.int32),
        },
    )


def _examples(songs: list[Chorded]) -> tuple[Floats, NDArray[np.int64]]:
    features = np.array([key_features(item.seen, item.states) for item in songs])
    states = np.array([state_of(item.key) for item in songs])
    return features, (states % 4 == MIN) * 12 + states // 4
