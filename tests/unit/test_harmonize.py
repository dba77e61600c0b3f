"""Chords for a melody: the decoder against textbooks, and melodies whose chords anybody knows."""

from __future__ import annotations

import itertools
import json
import re
import shlex

import numpy as np
import pytest

from engine import api, bench
from engine.alone.harmonized import charted, midi_of, song_of
from engine.alone.vocabulary import qualities, style_costs
from engine.errors import SongFileError, UsageError
from engine.models import tables
from engine.models.harmonize import PER, STATES, UNIT, best, features, find_key, model, stretches
from engine.stream import Stream
from engine.style import load, names
from tests.midi_bytes import midi, signature, tempo, track

ODE = """X:1
T:Ode
M:4/4
L:1/4
K:D
F F G A | A G F E | D D E F | F>E E2 | F F G A | A G F E | D D E F | E>D D2 |
E E F D | E F/G/ F D | E F/G/ F E | D E A,2 | F F G A | A G F E | D D E F | E>D D2 |
"""
MINOR = """X:1
T:Minor
M:4/4
L:1/8
K:Am
E2 | A3 B c2 A2 | B2 G2 E4 | A3 B c2 d2 | e6 e2 | a3 g e2 c2 | d2 B2 G2 B2 | c2 A2 B2 ^G2 | A6 |]
"""
SCALE = (62, 64, 66, 67, 69, 71, 73, 74)


@pytest.fixture
def found(tmp_path):
    """Harmonize a tune in ABC."""

    def make(text=ODE, **more):
        path = tmp_path / "melody.abc"
        path.write_text(text)
        return api.harmonize(path, **{"seed": 1, **more})

    return make


def roots(made, way=0):
    """Return the root above the tonic of every bar."""
    spans = made.harmonies[way].chords
    bars = made.heard.bars.tolist()
    return [
        (next(span for span in reversed(spans) if span.start <= bar).chord.root - made.key.tonic) % 12
        for bar in bars[:-1]
    ]


def test_the_best_way_is_viterbis():
    # Rabiner's urns are all alike; the weather of Jurafsky and Martin (Speech and Language Processing, appendix A):
    # ice creams 3 1 3 come of hot, cold, hot... but for a start that likes hot.
    start, move = np.array([0.8, 0.2]), np.array([[0.6, 0.4], [0.5, 0.5]])
    emit = np.array([[0.2, 0.4, 0.4], [0.5, 0.4, 0.1]])
    symbols = [2, 0, 2]
    spoken = -np.log2(emit[:, symbols].T)
    spoken[0] -= np.log2(start)
    table, moves = (np.rint(part * 1000).astype(np.int64) for part in (spoken, -np.log2(move)[None]))
    ways = best(table, moves, np.zeros(3, np.int64), 8)
    chances = {
        path: start[path[0]] * np.prod(emit[path, symbols]) * np.prod([move[a, b] for a, b in itertools.pairwise(path)])
        for path in itertools.product((0, 1), repeat=3)
    }
    assert [path for _, path in ways] == sorted(chances, key=lambda path: -chances[path])
    assert np.allclose([2 ** (-cost / 1000) for cost, _ in ways], sorted(chances.values(), reverse=True), rtol=0.01)


def test_the_best_way_is_that_of_hmmlearn():
    hmm = pytest.importorskip("hmmlearn.hmm")
    rng = np.random.default_rng(5)
    for _ in range(20):
        start, move, emit = (rng.dirichlet(np.ones(size), rows) for size, rows in ((4, 1), (4, 4), (6, 4)))
        known = hmm.CategoricalHMM(n_components=4)
        known.startprob_, known.transmat_, known.emissionprob_ = start[0], move, emit
        symbols = rng.integers(0, 6, 12)
        spoken = -np.log2(emit[:, symbols].T)
        spoken[0] -= np.log2(start[0])
        ways = best(
            np.rint(spoken * 1e6).astype(np.int64), np.rint(-np.log2(move) * 1e6).astype(np.int64)[None], symbols * 0
        )
        assert list(ways[0][1]) == known.predict(symbols[:, None]).tolist()


def test_ways_are_told_apart_and_come_in_order():
    table = np.array([[0, 5, 9], [3, 0, 4], [0, 2, 2]])
    moves = np.array([np.full((3, 3), 1), np.eye(3, dtype=np.int64) * 3])
    place = np.array([0, 1, 0])
    ways = best(table, moves, place, 40)
    every = {
        path: sum(table[n, s] for n, s in enumerate(path)) + moves[1, path[0], path[1]] + moves[0, path[1], path[2]]
        for path in itertools.product(range(3), repeat=3)
    }
    assert len(ways) == len({path for _, path in ways}) == 27
    assert [cost for cost, _ in ways] == sorted(every.values())
    assert all(every[path] == cost for cost, path in ways)


def test_stretches_are_bars_halves_and_beats():
    notes = np.array([[0, 4, 60], [4, 4, 62], [8, 4, 64], [16, 12, 65], [32, 4, 67]])
    bars, beats = np.array([0, 16, 32, 48]), np.array([4, 4, 4])
    assert stretches(notes, bars, beats, "bar").starts.tolist() == [0, 16, 32, 48]
    assert stretches(notes, bars, beats, "half").starts.tolist() == [0, 8, 16, 24, 32, 40, 48]
    assert len(stretches(notes, bars, beats, "beat").bar) == 12
    three = stretches(notes, np.array([0, 12, 24, 36, 48]), np.full(4, 4), "half")
    assert three.starts.tolist() == [0, 8, 12, 20, 24, 32, 36, 44, 48]


def test_a_line_ends_where_nothing_follows_for_half_a_bar():
    notes = np.array(
        [[0, 4, 60], [4, 4, 62], [8, 4, 64], [12, 4, 65], [16, 12, 67], [32, 4, 67], [36, 4, 65], [40, 8, 64]]
    )
    bars, beats = np.array([0, 16, 32, 48]), np.array([4, 4, 4])
    assert stretches(notes, bars, beats, "bar").close.tolist() == [False, True, True]
    assert stretches(notes, bars, beats, "half").close.tolist() == [False, False, False, True, False, True]


def test_features_tell_what_is_sung_above_the_tonic():
    notes = np.array([[0, 12, 62], [12, 4, 69], [16, 16, 66]])
    found = stretches(notes, np.array([0, 16, 32]), np.array([4, 4]), "bar")
    rows = features(notes, found, 2)
    here = rows[:, :12]
    assert [np.flatnonzero(row).tolist() for row in here] == [[0, 7], [4]]
    assert here[0, 0] ** 2 == pytest.approx(0.75 * UNIT**2, rel=0.02)
    assert rows.dtype == np.int64


def test_the_key_is_told_by_the_melody():
    notes = np.array([[4 * n, 4, pitch] for n, pitch in enumerate([*SCALE, *SCALE[::-1]])])
    bars = np.arange(0, 65, 16)
    assert find_key(notes, bars, tables.SHARED) == (2, False)
    assert find_key(notes, bars, tables.SHARED, {12 + 11})[0] in (2, 11)


def test_a_tune_everybody_knows_gets_chords_everybody_plays(found):
    made = found()
    assert str(made.key) == "D major"
    assert set(roots(made)) <= {0, 5, 7, 9, 2}
    assert {0, 7} <= set(roots(made))
    assert roots(made)[0] == roots(made)[-1] == 0


def test_a_minor_tune_is_minor_and_ends_at_home(found):
    made = found(MINOR)
    assert str(made.key) == "A minor"
    assert made.harmonies[0].chords[-1].numeral.startswith("i")
    assert 7 in roots(made)


@pytest.mark.parametrize("per", PER)
def test_chords_last_as_long_as_asked_for(found, per):
    made = found(per=per)
    step = {"bar": 1920, "half": 960, "beat": 480}[per]
    assert all(span.start % step == 0 for span in made.harmonies[0].chords)
    assert sum(span.length for span in made.harmonies[0].chords) == made.heard.bars[-1]


def test_several_ways_come_likeliest_first_and_differ(found):
    made = found(k=5)
    assert [way.bits for way in made.harmonies] == sorted(way.bits for way in made.harmonies)
    assert len({tuple(way.chords) for way in made.harmonies}) == 5
    assert found().harmonies[0] == made.harmonies[0]


@pytest.mark.parametrize("style", names())
def test_chords_are_those_of_the_style(found, style):
    made = found(style=style)
    allowed = np.flatnonzero(style_costs(load(style), False) >= 0)
    played = {
        2 * ((span.chord.root - made.key.tonic) % 12) + span.numeral.islower() for span in made.harmonies[0].chords
    }
    assert {state // 2 for state in played} <= {int(state) // 2 for state in allowed}


def test_colours_leave_the_voice_its_room():
    over = np.zeros(12, np.int64)
    over[0] = 5
    drawn = {qualities(load("rock"), False, {0: over}, Stream.of(seed))[0] for seed in range(60)}
    assert "maj7" not in drawn
    over[4] = 5
    drawn = {qualities(load("rock"), False, {0: over}, Stream.of(seed))[0] for seed in range(60)}
    assert not any(quality.startswith("sus") for quality in drawn)


def test_the_song_of_a_harmony_is_one_of_ours(found, tmp_path):
    song = song_of(found())
    path = tmp_path / "song.song.json"
    bench.save(bench.document(song), path)
    assert bench.load(path).song.sections == song.sections
    assert [note.pitch for note in song.part("melody").notes][:4] == [66, 66, 67, 69]
    assert bench.reroll(bench.load(path), f"{song.sections[0].name}/rhythm").song != song


def test_a_pick_up_has_a_bar_of_its_own(found):
    song = song_of(found(MINOR))
    assert song.sections[0].players == ("melody",)
    assert song.part("melody").notes[0].start == 1920 - 480
    assert song.part("rhythm").notes[0].start == 1920


def test_a_midi_file_keeps_its_tracks(tmp_path):
    pitches = [66, 66, 67, 69, 69, 67, 66, 64, 62, 62, 64, 66, 66, 64, 64, 64] * 2
    data = midi(
        track(metas=(signature(4, 4), tempo(500_000))),
        track([(n * 96, 90, p) for n, p in enumerate(pitches)]),
        division=96,
    )
    path = tmp_path / "melody.mid"
    path.write_bytes(data)
    made = api.harmonize(path, seed=1)
    whole = midi_of(made, path)
    assert whole[14 : len(data)] == data[14:]
    assert len(made.heard.bars) == 9
    assert "|" in charted(made)


def test_a_signature_of_a_minor_key_is_believed(tmp_path):
    rows = [(n * 480, 460, pitch) for n, pitch in enumerate((60, 64, 62, 59, 57, 60, 64, 67) * 4)]
    path = tmp_path / "melody.mid"
    path.write_bytes(midi(track(rows, metas=(signature(4, 4), (0, 0x59, b"\0\1")))))
    assert str(api.harmonize(path).key) == "A minor"


def test_a_file_that_says_nothing_of_bars_is_in_four(tmp_path):
    path = tmp_path / "melody.mid"
    path.write_bytes(midi(track([(n * 480, 460, SCALE[n * 5 % 8]) for n in range(24)])))
    made = api.harmonize(path)
    assert str(made.heard.meter) == "4/4"
    assert made.heard.bars[0] == 0
    assert made.heard.file_ticks(made.heard.bars)[0] % 1920 == 0


def test_a_few_notes_are_a_melody(found):
    made = found("X:1\nM:4/4\nL:1/4\nK:C\nC E G E | F A G2 |]\n")
    assert len(roots(made)) == 2
    assert roots(made)[0] == 0


def test_the_key_can_be_given(found):
    assert str(found(key="B minor").key) == "B minor"
    assert {span.chord.root for span in found(key="B minor").harmonies[0].chords} <= {1, 2, 4, 6, 7, 9, 11}


@pytest.mark.parametrize(
    "asked, told",
    [({"per": "note"}, 'per "note"'), ({"k": 0}, "k 0"), ({"style": "polka"}, "polka"), ({"key": "H dur"}, "H dur")],
)
def test_what_cannot_be_asked_is_told(found, asked, told):
    with pytest.raises((UsageError, ValueError), match=told):
        found(**asked)


def test_a_file_without_a_melody_is_refused(tmp_path):
    path = tmp_path / "none.mid"
    path.write_bytes(midi(track()))
    with pytest.raises(SongFileError, match=re.escape(str(path))):
        api.harmonize(path)


def test_a_song_has_one_metre_and_a_midi_file_those_it_has(tmp_path):
    change = (2 * 1920, 0x58, bytes((3, 2, 24, 8)))
    path = tmp_path / "melody.mid"
    path.write_bytes(
        midi(track(metas=(signature(4, 4), change)), track([(n * 480, 470, SCALE[n % 8]) for n in range(20)]))
    )
    made = api.harmonize(path)
    assert sum(span.length for span in made.harmonies[0].chords) == made.heard.bars[-1]
    assert midi_of(made, path)
    with pytest.raises(UsageError, match="goes to 3/4 in bar 3"):
        song_of(made)


def test_the_tables_are_whole_and_of_all_kinds():
    for per in PER:
        for minor in (False, True):
            learnt = model(tables.SHARED, minor, per)
            assert learnt.moves.shape == (3, STATES, STATES)
            assert (learnt.moves >= 0).all()


def test_the_example_of_the_help_works(run, tmp_path):
    (tmp_path / "melody.mid").write_bytes(
        midi(track([(n * 480, 460, SCALE[n % 8]) for n in range(32)], metas=(signature(4, 4), tempo(500_000))))
    )
    _, text, _ = run("harmonize", "--help")
    example = re.search(r"Example: hookline (.*?)\n\n", text.decode(), re.S)
    assert example
    code, out, err = run(*shlex.split(" ".join(example[1].split())))
    assert code == 0, err
    assert out.decode().startswith("D major, 4/4, 8 bars, seed 3\n1. the likeliest\n|")
    assert {path.name for path in tmp_path.glob("song.*")} == {
        f"song.{n}.{end}" for n in (1, 2, 3) for end in ("mid", "song.json")
    }


def test_programs_are_told_the_chords(run, tmp_path):
    (tmp_path / "melody.abc").write_text(ODE)
    code, out, _ = run("harmonize", "melody.abc", "--seed", "1", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["key"] == "D major"
    assert told["harmonies"][0]["chords"][0][0] == 0
