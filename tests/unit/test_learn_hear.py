"""The stages of hearing by themselves: Viterbi, triads, colours, keys, forests, bars, sections, markers."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learn import chords as heard
from engine.learn.bars import lay_bars
from engine.learn.chords import NONE, STATES, ChordModel, Frames, frames, viterbi
from engine.learn.colour import colour
from engine.learn.key import find_key, signature
from engine.learn.markers import kind_of
from engine.learn.metre import METERS, Candidates, right
from engine.learn.raw import Unheard
from engine.learn.roles import FEATURES, Forest
from engine.learn.sections import join
from engine.learn.stretches import LOOKS, Stretch, diagonals, similarities
from engine.models.tables import load
from engine.theory.key import Key
from engine.theory.meter import Meter
from engine.train.fit_chord_hmm import state_of, without_thirds
from engine.train.fit_roles import Told as ToldRoles
from engine.train.fit_roles import grow, role_of


def test_viterbi_agrees_with_hmmlearn():
    from hmmlearn.base import BaseHMM

    class Given(BaseHMM):
        """Emissions are given as log chances."""

        def _compute_log_likelihood(self, X):
            return X

    chance = np.random.default_rng(1)
    for states, beats in ((3, 40), (7, 200)):
        # What staying costs is one price for all states; changes may cost what they like.
        moves = chance.dirichlet(np.ones(states), states)
        np.fill_diagonal(moves, 0)
        moves *= 0.3 / moves.sum(axis=1, keepdims=True)
        model = Given(states)
        model.startprob_, model.transmat_ = np.full(states, 1 / states), moves + 0.7 * np.eye(states)
        logs = np.log(chance.dirichlet(np.ones(states), beats))
        changes = np.log(np.maximum(moves, 1e-30))
        ours = viterbi(logs, changes, np.full(beats, np.log(0.7)), np.zeros(beats))
        assert ours.tolist() == model.decode(logs)[1].tolist()


def test_a_dear_change_keeps_the_chord():
    logs = np.log(np.array([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]]))
    moves = np.zeros((2, 2))
    assert viterbi(logs, moves, np.zeros(3), np.full(3, -5.0)).tolist() == [0, 0, 0]
    assert viterbi(logs, moves, np.zeros(3), np.zeros(3)).tolist() == [0, 1, 0]


def beats_of(chords: list[tuple[int, ...]]) -> Frames:
    rows = [(480 * at, 480, pitch, 80, 0, 0) for at, chord in enumerate(chords) for pitch in chord]
    notes = np.array(rows, np.int64).reshape(-1, 6)
    starts = np.arange(len(chords) + 1) * 480
    strength = np.tile([2, 0, 1, 0], len(chords))[: len(chords)]
    return frames(notes, np.zeros(len(notes), np.int64), starts, strength)


@pytest.mark.parametrize("root", [0, 3, 10])
@pytest.mark.parametrize(("third", "family"), [(4, heard.MAJ), (3, heard.MIN)])
def test_plain_triads_are_heard_in_every_key(root, third, family):
    bar = [(36 + root, 48 + root, 48 + root + third, 55 + root)] * 4
    far = [(41 + root, 53 + root, 57 + root, 60 + root)] * 4
    states, sure = ChordModel(load("listen", "chords")).decode(beats_of([*bar, *far, *bar]))
    assert states[:4].tolist() == [root * 4 + family] * 4
    assert states[4:8].tolist() == [(root + 5) % 12 * 4 + heard.MAJ] * 4
    assert sure.min() > 0.5


def test_silence_is_no_chord():
    states, _ = ChordModel(load("listen", "chords")).decode(
        beats_of([(48, 52, 55)] * 4 + [()] * 8 + [(48, 52, 55)] * 4)
    )
    assert (states[5:11] == NONE).all()


def test_frames_hold_what_sounds_in_each_beat():
    seen = beats_of([(48, 52, 55), (50, 53, 57)])
    assert np.flatnonzero(seen.sounding[0]).tolist() == [0, 4, 7]
    assert np.flatnonzero(seen.low[1]).tolist() == [2]
    assert np.allclose((seen.chroma[:, 0] ** 2).sum(axis=1), 1)


def test_power_chords_for_the_fit_keep_their_key():
    chroma = np.sqrt(np.full((1, 10, 12), 1 / 12))
    bare = without_thirds(chroma, np.array([2]))
    assert not bare[0, 0, [5, 6]].any()
    assert bare[0, -1, 5] > 0
    assert np.isclose((bare[0, 0] ** 2).sum(), 1)


def sounds(**share: float) -> list[float]:
    found = [0.0] * 12
    for name, value in share.items():
        found[int(name[1:])] = value
    return found


@pytest.mark.parametrize(
    ("family", "sounding", "quality"),
    [
        ("maj", sounds(p0=5, p4=3, p7=4), "maj"),
        ("maj", sounds(p0=5, p7=4), "5"),
        ("min", sounds(p0=5, p7=4), "5"),
        ("maj", sounds(p0=4, p4=3, p7=3, p10=3), "7"),
        ("maj", sounds(p0=4, p4=3, p7=3, p11=3), "maj7"),
        ("min", sounds(p0=4, p3=3, p7=3, p10=3), "min7"),
        ("sus4", sounds(p0=4, p2=3, p7=3), "sus2"),
        ("dim", sounds(p0=4, p3=3, p6=3, p10=3), "hdim"),
    ],
)
def test_colours_of_triads(family, sounding, quality):
    assert colour(0, family, sounding, sounds(p0=1)).quality == quality


def test_a_bass_that_is_a_chord_tone_is_told():
    assert colour(0, "maj", sounds(p0=5, p4=3, p7=4), sounds(p4=4, p0=1)).bass == 4
    assert colour(0, "maj", sounds(p0=5, p4=3, p7=4), sounds(p2=4)).bass == 0


@pytest.mark.parametrize("up", [0, 5, 11])
@pytest.mark.parametrize(
    ("chords", "key"),
    [
        ([(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)], Key(0, "major")),
        ([(9, 12, 16), (2, 5, 9), (4, 8, 11), (9, 12, 16)], Key(9, "minor")),
        ([(0, 4, 7), (10, 14, 17), (5, 9, 12), (0, 4, 7)], Key(0, "mixolydian")),
    ],
)
def test_keys_of_cadences(up, chords, key):
    seen = beats_of(
        [tuple(48 + up + pitch for pitch in (chord[0] - 12, *chord)) for chord in chords * 4 for _ in range(4)]
    )
    states, _ = ChordModel(load("listen", "chords")).decode(seen)
    found, sure = find_key(seen, states, None, load("listen", "key"))
    assert found == Key((key.tonic + up) % 12, key.mode)
    assert 0 < sure <= 1


def test_signatures_of_keys():
    assert signature(-2, True) == Key(7, "minor")
    assert signature(3, False) == Key(9, "major")
    assert signature(0, False) is None


def test_a_forest_learns_what_its_rows_tell():
    chance = np.random.default_rng(3)
    rows = chance.integers(-3000, 3000, (300, len(FEATURES)))
    roles = (rows[:, 5] > 0).astype(int) + 2 * (rows[:, 9] > 500)
    found = [ToldRoles(f"x/{n}", rows[n::10], roles[n::10]) for n in range(10)]
    forest = Forest(grow(found))
    chances = forest.chances(rows)
    assert np.allclose(chances.sum(axis=1), 1)
    assert np.mean(chances.argmax(axis=1) == roles) > 0.9


@pytest.mark.parametrize(
    ("name", "role"),
    [("Lead Guitar", 1), ("Bass Drum 1", 5), ("Slap Bass", 4), ("MELODY", 0), ("Square Lead", -1), ("Tenor", -1)],
)
def test_names_of_tracks_tell_roles(name, role):
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("symbol", "state"), [("C:maj", 0), ("Bb:min7/b3", 41), ("N", NONE), ("F#:sus4(b7)", 27), ("D/3", 8)]
)
def test_states_of_harte_symbols(symbol, state):
    assert state_of(symbol) == state
    assert state < STATES


def test_bars_of_changing_metres():
    beats = lay_bars(((0, Meter(4, 4)), (3840, Meter(3, 4))), 0, 3840 + 2880)
    assert beats.bars.tolist() == [0, 1920, 3840, 5280, 6720]
    assert beats.strength.tolist() == [2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 0, 2, 0, 0]
    assert beats.bar_of.tolist() == [0] * 4 + [1] * 4 + [2] * 3 + [3] * 3


def test_bars_reach_back_to_an_upbeat():
    assert lay_bars(((0, Meter(4, 4)),), -480, 1920).bars.tolist() == [-1920, 0, 1920]


def test_bars_of_half_the_length_lie_on_the_same_lines():
    found = Candidates(np.array([0, 0, 2, 3]), np.array([0, 8, 0, 12]), np.zeros((4, 1)))
    assert right(found, Meter(2, 4), 0).tolist() == [True, True, False, False]
    assert right(found, Meter(12, 8), 0).tolist() == [False, False, True, False]
    assert METERS[2] == Meter(6, 8)


def test_sections_end_where_what_they_repeat_begins_again():
    stretches = tuple(Stretch(4 * n, 4, label) for n, label in enumerate([0, 1, 0, 1, 2, 2]))
    kinds = (("verse", 0.5),) * 4 + (("chorus", 0.9),) * 2
    found = join(stretches, kinds)
    assert [(part.kind, part.labels, part.first, part.bars) for part in found] == [
        ("verse", (0, 1), 0, 8),
        ("verse", (0, 1), 8, 8),
        ("chorus", (2, 2), 16, 8),
    ]


def test_silent_bars_are_alike_to_each_other_alone():
    looks = np.zeros((len(LOOKS), 3, 4))
    looks[:, 1, 0] = 1
    alike = similarities(looks)
    assert alike[0].tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert diagonals(alike)[0, 3, 3] == 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Verse 1", "verse"),
        ("2nd CHORUS", "chorus"),
        ("pre-chorus", "prechorus"),
        ("Refrain", "chorus"),
        ("Middle 8", "bridge"),
        ("gtr solo", "solo"),
        ("Strophe 2", "verse"),
        ("tempo change", None),
    ],
)
def test_markers_name_sections(text, kind):
    assert kind_of(text) == kind


def test_unheard_is_one_line():
    assert str(Unheard("holds no notes")) == "holds no notes"
