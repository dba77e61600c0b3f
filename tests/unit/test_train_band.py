from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.models.bass_views import NONE, NOWHERE
from engine.models.tables import load, pack
from engine.train.backoff import bigram_bits, count, smooth, whole
from engine.train.bass_lines import line_of
from engine.train.corpora.freedoom import BAR, FIFTH, MAJOR, MINOR, Played, band, bands, infer_chords, one_voice, usable
from engine.train.fit_bass import features, fit_lines
from engine.train.fit_guitar import strum_of
from engine.train.lead_lines import lick_of, move_class
from engine.train.riffs import last_slots, onset_memory, pitch_memory

E1, G1, A1 = 28, 31, 33


def made_up_band(song: str = "made up", bars: int = 12) -> dict[tuple[int, int, int], list[Played]]:
    """Em and G power chords in turn, a bass on roots with the kick, a backbeat, and a lead that climbs and falls."""
    voices: dict[tuple[int, int, int], list[Played]] = {(0, 9, 0): [], (1, 0, 34): [], (2, 1, 30): [], (3, 2, 30): []}
    for bar in range(bars):
        at, root = bar * BAR, (40, 43)[bar // 2 % 2]
        voices[0, 9, 0] += [Played(at, 1, 36), Played(at + 4, 1, 38), Played(at + 8, 1, 36), Played(at + 12, 1, 38)]
        # Another song has another rhythm, with a bar of its own in every four.
        turn = (sum(map(ord, song)) * 5 + (bar % 4 == 3) * 3) % 11 if song != "made up" else 0
        inner = [2 + k for k in range(12) if (turn * 37 >> k % 8) & 1 or k in (2, 6)]
        line = (0, *inner, 14) if turn else (0, 4, 8, 14)
        voices[1, 0, 34] += [Played(at + slot, 2, root - 12 + (7 if slot == 14 else 0)) for slot in line]
        for slot in (0, 2, 4, 8, 10):
            voices[2, 1, 30] += [
                Played(at + slot, 2 if slot else 1, root),
                Played(at + slot, 2 if slot else 1, root + 7),
            ]
        voices[3, 2, 30] += [Played(at + 2 * k, 2, root + 24 + step) for k, step in enumerate((0, 3, 5, 7, 5, 3, 2, 0))]
    return voices


def test_power_chord_is_inferred() -> None:
    chords = infer_chords([Played(0, 16, 40), Played(0, 16, 47)], [], 1)
    assert chords.tolist() == [[4, FIFTH], [4, FIFTH]]


def test_triads_are_inferred() -> None:
    minor = [Played(0, 16, pitch) for pitch in (45, 52, 57, 60, 64)]
    major = [Played(16, 16, pitch) for pitch in (43, 50, 55, 59, 67)]
    assert infer_chords(minor + major, [], 2)[:, 1].tolist() == [MINOR, MINOR, MAJOR, MAJOR]


def test_chord_changes_at_the_half_bar() -> None:
    chords = infer_chords([Played(0, 8, 40), Played(0, 8, 47), Played(8, 8, 45), Played(8, 8, 52)], [], 1)
    assert chords[:, 0].tolist() == [4, 9]


def test_other_instruments_count_where_no_guitar_plays() -> None:
    assert infer_chords([], [Played(0, 16, 60), Played(0, 16, 64), Played(0, 16, 67)], 1)[0].tolist() == [0, MAJOR]


def test_silence_has_no_chord() -> None:
    assert infer_chords([], [], 1)[0].tolist() == [-1, -1]


def test_bass_is_one_voice() -> None:
    line = one_voice([Played(0, 8, 40), Played(0, 8, 28), Played(4, 8, 33)])
    assert line == (Played(0, 4, 28), Played(4, 8, 33))


def test_odd_metres_are_left_out() -> None:
    row = {"off_grid": 0.0, "bass_notes": 50, "bass_drum_bars": 8, "time_sigs": ["4/4?"]}
    assert usable(row) and not usable({**row, "time_sigs": ["4/4", "7/8"]}) and not usable({**row, "off_grid": 0.2})


def test_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="freedoom_midi"):
        list(bands(tmp_path))


def test_riff_is_guessed_after_two_bars() -> None:
    onset = np.tile([1, 0, 0, 1, 0, 0, 1, 0] * 2, 4)
    guess, trust = onset_memory(onset)
    assert guess[16:].tolist() == onset[16:].tolist()
    assert guess[:16].tolist() == [2] * 16 and trust[-1] == 5


def test_interval_memory_follows_the_chord() -> None:
    onset, pitch = np.zeros(48, dtype=np.int64), np.zeros(48, dtype=np.int64)
    root = np.repeat([4, 4, 9], 16)
    for bar, low in enumerate((28, 28, 33)):
        for slot, step in ((0, 0), (4, 7)):
            onset[16 * bar + slot], pitch[16 * bar + slot] = 1, low + step
    riff = pitch_memory(onset, pitch - 28, root - 28)
    assert riff.interval[36] == 7 and riff.interval[0] == NONE
    # A fourth up, the short way.
    assert riff.pitch[36] == pitch[20] + 5 - 28 and riff.pitch[0] == NOWHERE


def test_last_slots_are_bits() -> None:
    assert last_slots(np.array([1, 0, 1, 1, 0])).tolist() == [0, 1, 2, 5, 11]


def test_smoothing_falls_back_on_the_general() -> None:
    counts = count([np.array([0, 0, 0])], np.array([1, 1, 1]), (2, 2))
    table = smooth(counts, 1.0)
    assert table.sum(axis=1) == pytest.approx([1, 1])
    # Unseen context: (3 + 0.5) / 4; seen: (3 + 7/8) / 4.
    assert table[1, 1] == pytest.approx(0.875) and table[0, 1] == pytest.approx(3.875 / 4)


def test_bigram_of_a_constant_line() -> None:
    line = np.zeros(7, dtype=np.int64)
    assert bigram_bits([line], [line], 2) == pytest.approx(-np.log2(8 / 9))


def test_whole_rows_sum_to_65536() -> None:
    assert whole(np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0]])).sum(axis=1).tolist() == [65536, 65536]


def test_line_knows_kick_and_move() -> None:
    line = line_of(band("made up", made_up_band()))
    assert line is not None and len(line.onset) == 12 * BAR
    assert line.pitch[:4].tolist() == [0, 0, 0, 7] and line.slots["kick"][0] == 1
    # The last note before the change from E to G knows that the root will rise by three.
    assert line.notes["move"][7] == 3 and line.notes["move"][0] == 0


def test_features_are_one_row_in_eight_bars() -> None:
    line = line_of(band("made up", made_up_band()))
    assert line is not None and features(line)[0].shape == (2, 20)


def test_strum_knows_muted_strokes() -> None:
    found = band("made up", made_up_band())
    strum = strum_of(found, found.guitars[0])
    assert strum is not None and strum.open[:5].tolist() == [0, 0, 1, 0, 1]
    assert strum_of(found, found.guitars[1]) is None


def test_lick_knows_its_moves() -> None:
    found = band("made up", made_up_band())
    lick = lick_of(found, found.guitars[1])
    assert lick is not None and (lick.move[:7] - 12).tolist() == [3, 2, 2, -2, -2, -1, -2]
    assert lick_of(found, found.guitars[0]) is None


def test_move_classes() -> None:
    assert move_class(np.array([-7, -3, -1, 0, 2, 12])).tolist() == [0, 1, 2, 3, 4, 5]


def test_fit_is_the_same_twice_and_beats_the_bigram() -> None:
    songs = [(f"song {k}", line_of(band(f"song {k}", made_up_band(f"song {k}", 8 + k)))) for k in range(14)]
    given = [(song, line) for song, line in songs if line is not None]
    one, two = (fit_lines(given, lambda _: None) for _ in range(2))
    assert [pack(table) for table in one.tables.values()] == [pack(table) for table in two.tables.values()]
    assert one.scores[0].bits < one.scores[0].bigram


@pytest.mark.parametrize("name", ["bass", "bass_rhythm", "bass_pitch", "guitar", "lead"])
def test_packaged_table_states_its_origin(name: str) -> None:
    header = load("rock", name).header
    assert {"corpus", "licence", "command", "date", "about"} <= set(header)


@pytest.mark.parametrize(
    ("name", "array"),
    [("bass", "start"), ("bass", "next"), ("bass", "length"), ("guitar", "share")],
)
def test_packaged_rows_sum_to_65536(name: str, array: str) -> None:
    assert (load("rock", name).arrays[array].sum(axis=-1) == 65536).all()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        *(("guitar", array) for array in ("rhythm", "free", "open")),
        *(("lead", array) for array in ("rhythm", "free", "move")),
    ],
)
def test_packaged_costs_are_those_of_probabilities(name: str, array: str) -> None:
    chances = np.exp2(-load("rock", name).arrays[array] / 256).sum(axis=-1)
    assert chances == pytest.approx(np.ones_like(chances), abs=0.01)
