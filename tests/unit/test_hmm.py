"""Hidden Markov models against published numbers."""

import numpy as np
import pytest

from engine.chain.costs import TOP
from engine.chain.sampler import Sampler
from engine.models.hmm import Hmm, backward, forward, hidden_steps, posterior, viterbi
from engine.stream import Stream


def rows(*values):
    """Probabilities with few decimals as whole numbers of 65,536, exact to 1/65,536."""
    found = np.rint(np.array(values) * TOP).astype(np.int64)
    found[..., 0] += TOP - found.sum(axis=-1)
    return found


# Russell and Norvig, Artificial Intelligence: A Modern Approach, chapter 15: rain and umbrella.
UMBRELLA = Hmm(rows(0.5, 0.5), rows((0.7, 0.3), (0.3, 0.7)), rows((0.9, 0.1), (0.2, 0.8)))
SEEN = [0, 0, 1, 0, 0]
# Healthy or fevered; normal, cold, dizzy: the worked example of Wikipedia's "Viterbi algorithm".
FEVER = Hmm(rows(0.6, 0.4), rows((0.7, 0.3), (0.4, 0.6)), rows((0.5, 0.4, 0.1), (0.1, 0.3, 0.6)))


def likelihood(messages, powers, t):
    """The forward message at t as probabilities: 2 (t + 1) entries were multiplied."""
    return messages[t] * 2.0 ** powers[t] / float(TOP) ** (2 * (t + 1))


def test_forward_filters_rain_as_in_the_textbook():
    messages, _ = forward(UMBRELLA, [0, 0])
    assert messages[0] / messages[0].sum() == pytest.approx([0.818, 0.182], abs=5e-4)
    assert messages[1] / messages[1].sum() == pytest.approx([0.883, 0.117], abs=5e-4)


def test_posterior_smooths_rain_as_in_the_textbook():
    # AIMA: P(R1 | u1, u2) = 0.883; with the fifth-day sequence 0.8673 0.8204 0.3075 0.8204 0.8673.
    assert posterior(UMBRELLA, [0, 0])[0] / TOP == pytest.approx([0.883, 0.117], abs=5e-4)
    assert posterior(UMBRELLA, SEEN)[:, 0] / TOP == pytest.approx([0.8673, 0.8204, 0.3075, 0.8204, 0.8673], abs=1e-4)


def test_viterbi_finds_the_published_path():
    assert viterbi(FEVER, [0, 1, 2]) == [0, 0, 1]


def test_forward_total_is_the_likelihood():
    messages, powers = forward(FEVER, [0, 1, 2])
    # Sum over the eight paths, by hand: 0.03628.
    assert likelihood(messages, powers, 2).sum() == pytest.approx(0.03628, rel=1e-3)


def test_forward_and_backward_agree_at_every_place():
    messages, _ = forward(UMBRELLA, SEEN)
    totals = (messages.astype(float) * backward(UMBRELLA, SEEN)).sum(axis=1)
    shares = posterior(UMBRELLA, SEEN)
    assert (totals > 0).all()
    assert (shares.sum(axis=1) == TOP).all()


def test_long_sequences_do_not_overflow():
    messages, powers = forward(UMBRELLA, [0, 1] * 500)
    assert (messages >= 0).all() and messages[-1].max() > 0
    assert powers[-1] > 1000


def test_hidden_states_are_drawn_as_the_chain_says():
    steps, start = hidden_steps(FEVER, np.ones((2, 2), np.int64))
    drawn = [tuple(Sampler(steps, start).draw(Stream.of(seed))) for seed in range(2000)]
    # P(healthy, healthy) = 0.6 * 0.7; five standard deviations are 0.055.
    assert drawn.count((0, 0)) / 2000 == pytest.approx(0.42, abs=0.055)


def test_a_factor_of_nought_forbids_a_state():
    steps, start = hidden_steps(FEVER, np.array([[1, 1], [0, 1], [1, 1]]))
    sampler = Sampler(steps, start)
    assert all(sampler.draw(Stream.of(seed))[1] == 1 for seed in range(50))


def test_no_symbols_give_no_path():
    assert viterbi(FEVER, []) == []
    assert posterior(FEVER, []).shape == (0, 2)
