"""Hidden Markov models in whole numbers: what the fitted bar states are asked at compose time.

Sources: Rabiner, A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition
(Proceedings of the IEEE 77, 1989): forward and backward variables, Viterbi's path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import TOP, row
from engine.chain.sampler import Step

Ints = NDArray[np.int64]

_BITS = 30  # messages stay below 2**30, weights at most 2**16, states at most 64: sums below 2**52


class Hmm(NamedTuple):
    """A hidden Markov model; rows sum to 65,536.

    start: shape (states,). move: shape (states, states), row i weighs the state after i.
    emit: shape (states, symbols).
    """

    start: Ints
    move: Ints
    emit: Ints


def forward(model: Hmm, symbols: Sequence[int]) -> tuple[Ints, list[int]]:
    """Return forward messages, shape (n, states), and the power of two of each.

    Row t times 2**power[t] is the weight of the first t + 1 symbols and each state at t, where a
    product of k model entries counts 65,536**k for certainty.
    """
    rows, powers, power = [], [], 0
    message = model.start
    for t, symbol in enumerate(symbols):
        if t:
            message, shift = _narrow(message @ model.move)
            power += shift
        message, shift = _narrow(message * model.emit[:, symbol])
        power += shift
        rows.append(message)
        powers.append(power)
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(model.start)), powers


def backward(model: Hmm, symbols: Sequence[int]) -> Ints:
    """Return backward messages up to a common factor in each row, shape (n, states)."""
    message = np.full(len(model.start), TOP, dtype=np.int64)
    rows = [message] if symbols else []
    for symbol in reversed(symbols[1:]):
        message, _ = _narrow(message * model.emit[:, symbol])
        message, _ = _narrow(model.move @ message)
        rows.append(message)
    return np.array(rows[::-1], dtype=np.int64).reshape(len(rows), len(model.start))


def posterior(model: Hmm, symbols: Sequence[int]) -> Ints:
    """Return the chance of each state at each place given all symbols: rows of 65,536."""
    both = forward(model, symbols)[0] * backward(model, symbols)
    return row(np.array([_narrow(message)[0] for message in both], dtype=np.int64).reshape(both.shape))


def viterbi(model: Hmm, symbols: Sequence[int]) -> list[int]:
    """Return the likeliest states; of equals, the lowest. Exact: the products are whole numbers of any size."""
    if not symbols:
        return []
    move, emit = model.move.tolist(), model.emit.tolist()
    states = range(len(move))
    best = [start * emit[s][symbols[0]] for s, start in enumerate(model.start.tolist())]
    back: list[list[int]] = []
    for symbol in symbols[1:]:
        source = [max(states, key=lambda i, to=to: best[i] * move[i][to]) for to in states]  # type: ignore[misc]
        best = [best[i] * move[i][to] * emit[to][symbol] for to, i in enumerate(source)]
        back.append(source)
    path = [max(states, key=best.__getitem__)]
    for source in reversed(back):
        path.append(source[path[-1]])
    return path[::-1]


def hidden_steps(model: Hmm, factors: Ints, place: str = "bar") -> tuple[list[Step], int]:
    """Return the steps of a sequence of hidden states for the sampler, and its start state.

    An event is a hidden state. factors: whole numbers of rules, shape (n, states), 0 .. 256.
    """
    states = len(model.start)
    after = np.broadcast_to(np.arange(states, dtype=np.int64), (states + 1, states))
    weights = np.concatenate([model.move, model.start[None]])
    return [Step(weights * factor, after, f"{place} {t + 1}") for t, factor in enumerate(factors)], states


def _narrow(message: Ints) -> tuple[Ints, int]:
    shift = max(int(message.max()).bit_length() - _BITS, 0)
    # Rounded up, so that what is possible stays possible.
    return (message + ((1 << shift) - 1)) >> shift, shift
