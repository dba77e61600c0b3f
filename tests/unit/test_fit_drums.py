"""Reading and fitting drums: the grid, the planes of a bar, copying, and honest probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.models.dense import weigh
from engine.models.drums import CLOSED, EXTRAS, GHOST, HANDS, load_drums
from engine.models.strokes import NONE, PEDALS, UNKNOWN
from engine.plan.accents import Place, context_of, looks_of
from engine.train.corpora import gmd, machine_patterns
from engine.train.corpora.gmd import CRASH, FLOOR, HAT, KICK, OPEN, PEDAL, SNARE, Take
from engine.train.drum_bars import FEATURES, bars_of, features, sets
from engine.train.drum_songs import feet_columns, song_of, sounding
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


def song(drums):
    bars = sounding(bars_of(drums))
    return song_of(drums, bars, kind=0, fills=0.1, crashes=0.2)


def test_silent_bars_are_left_out():
    assert len(sounding(bars_of(take((0, KICK, 90), (40, KICK, 90)))).foot) == 2


def test_a_song_that_repeats_its_bar_is_mechanical_and_one_that_never_does_is_loose():
    extra = [(16 * bar + 1 + 2 * (bar * 5 % 7) + k, KICK, 90) for bar in range(16) for k in (0, 4 - bar % 3)]
    traits, other = song(rock(16)).traits, song(rock(16, extra)).traits
    assert (traits.period, traits.vary) == (0, 0) and other.vary > 0


def test_a_groove_of_two_bars_answers_the_bar_before_last():
    two = song(rock(16, [(32 * bar + s, KICK, 90) for bar in range(8) for s in (3, 6, 7, 10, 11, 14)]))
    assert (two.traits.period, two.traits.vary) == (1, 0) and two.traits.near > 0
    columns = feet_columns(two, np.zeros(16, np.int64))
    assert columns["old"][16 * 2 :].tolist() == two.bars.foot.ravel()[:-32].tolist()
    # Until it comes again a bar answers the one before.
    assert columns["old"][16:32].tolist() == two.bars.foot[0].tolist() and set(columns["old"][:16]) == {NONE}


def test_a_fill_says_nothing_about_how_a_song_varies():
    filled = song(rock(16, [(16 * 7 + s, SNARE, 120) for s in range(16)]))
    assert filled.traits.vary == 0 and not filled.usual[7] and not filled.usual[8] and filled.usual.sum() == 14


def test_typed_velocities_tell_nothing_of_ghosts_and_feet():
    typed = rock(8)._replace(style="band")
    assert (song(typed).traits.ghosts, song(typed).traits.pedal) == (UNKNOWN, UNKNOWN)
    assert song(rock(8)).traits.ghosts == 0


def test_a_pedalled_hat_on_two_and_four_is_known():
    pedal = [(16 * bar + s, PEDAL, 60) for bar in range(8) for s in (4, 12)]
    assert PEDALS[song(rock(8, pedal)).traits.pedal] == (4, 12)


def test_agreement_ends_with_the_first_other_stroke():
    columns = feet_columns(song(rock(4, [(16 * 2 + 6, KICK, 90)])), np.zeros(4, np.int64))
    assert columns["same"].reshape(4, 16)[2].tolist() == [1] * 7 + [0] * 9


def test_columns_know_nothing_later():
    whole = song(rock(8, [(16 * 6 + 5, KICK, 90)]))
    changed = whole._replace(bars=whole.bars._replace(foot=whole.bars.foot.copy()))
    changed.bars.foot[7] = 3
    state = np.zeros(8, np.int64)
    before, after = feet_columns(whole, state), feet_columns(changed, state)
    assert all((before[name][: 7 * 16] == after[name][: 7 * 16]).all() for name in before)


def test_the_sampler_asks_as_the_mixture_answers():
    drums, model = (
        song(rock(4, [(16 * bar + s, KICK, 90) for bar, s in ((0, 3), (1, 10), (2, 6), (3, 7))])),
        load_drums("rock"),
    )
    rows = model.feet.rows(feet_columns(drums, np.zeros(4, np.int64)))
    line = drums.bars.foot.ravel().tolist()
    for bar in range(1, 4):
        costs, after = looks_of(model, context_of(Place(drums.traits, 0, 1), line[: 16 * bar]))
        found = weigh(costs)
        at = 16 + line[16 * bar - 2] * 4 + line[16 * bar - 1]
        for slot in range(16):
            assert found[slot, at].tolist() == rows[16 * bar + slot].tolist(), (bar, slot)
            at = int(after[slot, at, line[16 * bar + slot]])


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
