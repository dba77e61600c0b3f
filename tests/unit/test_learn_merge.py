from __future__ import annotations

import numpy as np
import pytest

from engine.learn.count_views import count_views
from engine.learn.counts import Counts
from engine.learn.merge import blended, merged, mixed_rows, own_share
from engine.models.mixture import Design, Mixture
from engine.models.viewpoints import Columns, Ints, Space, View
from engine.train import fit_mixture

SPACE = Space(2, {"slot": 4, "last": 2})
DESIGN = Design(long=(View(("slot", "last")), View(("last", "slot"))))


def line(pattern: str, times: int, songs: int = 1) -> tuple[Columns, Ints, Ints]:
    events = np.array([int(letter) for letter in pattern] * times * songs, dtype=np.int64)
    slot = np.arange(len(events)) % 4
    last = np.concatenate([[0], events[:-1]])
    return {"slot": slot, "last": last}, events, np.repeat(np.arange(songs), len(pattern) * times)


@pytest.fixture(scope="module")
def parent() -> Mixture:
    return fit_mixture.fit(SPACE, DESIGN, *line("1000", 40, 6)).mixture


def test_nothing_learnt_is_the_parent(parent):
    columns = line("1000", 4)[0]
    same = merged(parent, Counts(), "m", 16.0)
    assert np.abs(same.rows(columns) - parent.rows(columns)).max() <= 400  # costs are rounded twice
    assert [level.trust.tolist() for chain in same.chains for level in chain.levels] == [
        level.trust.tolist() for chain in parent.chains for level in chain.levels
    ]


def test_much_that_is_learnt_wins(parent):
    counts = Counts()
    columns, events, songs = line("0110", 200, 8)
    count_views(counts, "m", parent, columns, events, songs)
    new = merged(parent, counts, "m", 16.0)
    share = new.running_rows(columns, events, songs * 0)[np.arange(len(events)), events] / 65536
    before = parent.running_rows(columns, events, songs * 0)[np.arange(len(events)), events] / 65536
    assert -np.log2(share).mean() < 0.3 < -np.log2(before).mean()
    assert own_share(parent, counts, "m", 16.0) > 0.9


def test_little_that_is_learnt_moves_little(parent):
    counts = Counts()
    columns, events, songs = line("0110", 1)
    count_views(counts, "m", parent, columns, events, songs)
    asked = line("1000", 4)[0]
    apart = np.abs(merged(parent, counts, "m", 256.0).rows(asked) - parent.rows(asked)).max() / 65536
    assert 0 < apart < 0.1
    assert own_share(parent, counts, "m", 256.0) < 0.05


def test_what_is_learnt_everywhere_bends_what_was_not_met(parent):
    counts = Counts()
    columns, events, songs = line("1111", 100, 4)  # slot 1 after a rest is never met
    count_views(counts, "m", parent, columns, events, songs)
    asked = {"slot": np.array([1]), "last": np.array([0])}
    assert merged(parent, counts, "m", 16.0).rows(asked)[0, 1] > parent.rows(asked)[0, 1]


def test_a_dense_table_is_blended_by_its_counts():
    costs = np.array([[256, 256], [256, 256]])  # even
    found = np.exp2(-blended(costs, np.array([[0, 0], [0, 30]]), 10.0) / 256)
    assert np.allclose(found[0], [0.5, 0.5], atol=0.01)
    assert np.allclose(found[1], [5 / 40, 35 / 40], atol=0.01)


@pytest.mark.parametrize(("own", "strength"), [(4, 16), (16, 16), (400, 16)])
def test_songs_have_the_share_they_are_worth(own, strength):
    rows = mixed_rows(np.zeros((100, 2), dtype=np.int64), np.ones((own, 2), dtype=np.int64), strength)
    assert abs(rows[:, 0].mean() - own / (own + strength)) < 0.02
    assert mixed_rows(rows, rows[:0], strength) is rows
