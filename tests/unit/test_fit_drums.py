"""Reading and fitting drums: the grid, the planes of a bar, copying, and honest probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.models.drums import CLOSED, EXTRAS, GHOST, HANDS, NO_BAR
from engine.train import drum_slots
from engine.train.corpora import gmd, machine_patterns
from engine.train.corpora.gmd import CRASH, FLOOR, HAT, KICK, OPEN, SNARE, Take
from engine.train.drum_bars import FEATURES, bars_of, features, sets
from engine.train.fit_feel import _touch


def take(*hits, name="a", fill=False):
    rows = sorted((slot, 0, pad, velocity) for slot, pad, velocity in hits)
    return Take(name, "rock", fill, 120, False, 0, np.array(rows, np.int64))


def rock(bars=4, extra=()):
    hits = [(16 * b + s, HAT, 80) for b in range(bars) for s in range(0, 16, 2)]
    hits += [(16 * b + s, KICK, 100) for b in range(bars) for s in (0, 8)]
    hits += [(16 * b + s, SNARE, 110) for b in range(bars) for s in (4, 12)]
    return take(*hits, *extra)


def test_times_snap_to_the_nearest_sixteenth():
    slots, late, middle = gmd.quantise(np.array([5, 117, 250, 366]))
    assert slots.tolist() == [0, 1, 2, 3]
    assert late.tolist() == [5, -3, 10, 6]
    assert middle == 5


def test_a_take_that_lies_behind_the_click_is_put_back_on_it():
    slots, _, middle = gmd.quantise(np.arange(16) * 120 + 55)
    assert slots.tolist() == list(range(16)) and middle == 55


def test_triplets_are_told_from_sixteenths():
    assert gmd.on_triplets(np.array([0, 160, 320, 480, 640, 800]))
    assert not gmd.on_triplets(np.array([0, 120, 240, 360, 480, 600]))


def test_a_missing_corpus_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"info\.csv"):
        gmd.read(tmp_path, ("rock",))
    with pytest.raises(CorpusError, match=r"patterns\.jsonl"):
        machine_patterns.read(tmp_path, ("Rock",))


def test_a_pattern_is_read_step_by_step(tmp_path):
    folder = tmp_path / machine_patterns.FOLDER
    folder.mkdir()
    tracks = '{"BD":"x.......x.......","CB":"x..............."}'
    row = f'{{"title":"Rock1","book":"x","time_sig":"4/4","steps":16,"tracks":{tracks}}}'
    (folder / "patterns.jsonl").write_text(row, encoding="utf-8")
    (found,) = machine_patterns.read(tmp_path, ("Rock",))
    assert found.hits.tolist() == [[0, 0, KICK, 90], [8, 0, KICK, 90]]


def test_soft_snares_are_ghosts_and_loud_ones_speak():
    bars = bars_of(take((0, KICK, 90), (3, SNARE, 30), (4, SNARE, 110)))
    assert bars.foot[0, [0, 3, 4]].tolist() == [1, 0, 2]
    assert HANDS[bars.hand[0, 3]].tolist() == [0, 0, GHOST]


def test_sets_say_what_sounds():
    bars = bars_of(take((0, KICK, 90), (0, CRASH, 90), (2, SNARE, 20), (2, OPEN, 80), (5, FLOOR, 90)))
    assert sets(bars.foot, bars.hand)[0, [0, 1, 2, 5]].tolist() == [9, 0, 6, 16]


def test_features_count_the_backbeat():
    found = features(bars_of(rock()))
    assert found.shape == (4, len(FEATURES))
    assert (found[:, FEATURES.index("backbeat")] == 2).all()
    assert (found[:, FEATURES.index("closed")] == 2).all()


def test_agreement_counts_from_the_last_difference():
    symbols = np.zeros((3, 16), np.int64)
    symbols[1, 4] = 1
    source, classes = drum_slots.agreement(symbols, 1)
    assert (source[0] == -1).all() and (classes[0] == NO_BAR).all()
    # Bar 2 differs from bar 1 at slot 4: right after it nothing has agreed, seven slots on class 3.
    assert classes[1, 5] == 0 and classes[1, 6] == 1 and classes[1, 12] == 3
    assert source[2, 4] == 1


def test_copying_is_learnt_where_bars_repeat():
    lines = [np.tile(np.arange(16) % 3, (8, 1)) for _ in range(3)]
    weights = drum_slots.keep_weights([np.full((8, 16), 1 / 3)] * 3, lines)
    assert np.allclose(weights.sum(axis=2), 1)
    assert weights[4, 4, 0] < 0.2
    assert (weights[NO_BAR, :, 1] == 0).all()


def test_a_model_that_knows_nothing_pays_for_every_slot():
    bars = [bars_of(rock())]
    symbols, columns = drum_slots.vocabulary(bars, 1)
    slots = [drum_slots.slots_of(b, columns) for b in bars]
    size = len(symbols) + 1
    even = np.zeros((6, 6, 3))
    even[..., 0] = 1
    model = drum_slots.Model(
        np.ones(1), np.ones((1, 1)), np.full((16, 1, 4, 4, 4), 1 / 4),
        np.full((16, 1, 4, size, size), 1 / size), even, even, symbols,
    )  # fmt: skip
    # Silence: one foot and one hand symbol of 4 * 3, and a 32nd of the rare ones: p = 1/12 + 4/12/32.
    silence = -np.log2(1 / 12 + 1 / 3 / 32)
    assert size == 3
    assert drum_slots.set_bits(model, slots, memory=False) == pytest.approx(silence, abs=0.01)


def test_chances_of_all_sets_sum_to_one():
    bars = [bars_of(rock(extra=((7, SNARE, 20), (13, KICK, 90))))]
    symbols, columns = drum_slots.vocabulary(bars, 1)
    slots = drum_slots.slots_of(bars[0], columns)
    foot, hand = drum_slots.slot_tables([slots], [np.zeros(4, np.int64)], 1, len(symbols) + 1)
    assert np.allclose(foot.sum(axis=-1), 1) and np.allclose(hand.sum(axis=-1), 1)
    keep = np.full((6, 6, 3), 1 / 3)
    keep[NO_BAR, :, 1] = keep[:, NO_BAR, 2] = 0
    keep /= keep.sum(axis=2, keepdims=True)
    mixed = drum_slots._remember(foot[np.arange(16), :, slots.foot2, slots.foot1], keep, slots.foot)
    assert np.allclose(mixed.sum(axis=-1), 1)


def test_a_better_model_pays_less():
    train = [bars_of(rock(8)) for _ in range(4)]
    symbols, columns = drum_slots.vocabulary(train, 1)
    slots = [drum_slots.slots_of(b, columns) for b in train]
    foot, hand = drum_slots.slot_tables(slots, [np.zeros(8, np.int64)] * 4, 1, len(symbols) + 1)
    even = np.zeros((6, 6, 3))
    even[..., 0] = 1
    model = drum_slots.Model(np.ones(1), np.ones((1, 1)), foot, hand, even, even, symbols)
    assert drum_slots.set_bits(model, slots, memory=False) < 0.6


def test_codes_of_hands_are_their_numbers():
    assert HANDS[(CLOSED * 2 + 0) * EXTRAS + GHOST].tolist() == [CLOSED, 0, GHOST]


def test_touch_is_measured_against_like_strokes_nearby():
    slots = np.arange(0, 32, 4)
    apart = _touch(slots, np.zeros(8, np.int64), np.array([80.0, 80, 80, 96, 80, 80, 80, 80]))
    assert apart[3] > 10 and abs(apart[0]) < 5
    assert np.isnan(_touch(np.array([0, 50]), np.zeros(2, np.int64), np.array([80.0, 90]))).all()


def test_groove_midi_is_read_where_it_is(corpora):
    takes = gmd.read(corpora, ("punk",))
    assert len(takes) > 20 and all(t.hits[:, gmd.VELOCITY].max() <= 127 for t in takes)
    assert [t.name for t in takes] == sorted(t.name for t in takes)
