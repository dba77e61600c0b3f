"""Whole renderings: a small song as the band plays it, and scores made by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from fakes import small_song
from scipy.signal import resample_poly
from sounds import RATE, clicks, decibels, keys_score, notes

import engine
from engine.audio import SOUNDS, is_sound
from engine.audio.encode import KINDS
from engine.audio.loudness import Meter, integrated
from engine.audio.render import render, stem_paths
from engine.audio.score import Score, Track, song_score
from engine.errors import AudioError, ExportError, UsageError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small song with its stems; gives the folder and what was told of the rendering."""
    folder = tmp_path_factory.mktemp("sound")
    (told,) = render(song_score(small_song()), [str(folder / "song.wav")], stems=True)
    return folder, told


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0].T


def loudness(sound: np.ndarray) -> float:
    meter = Meter()
    meter.hear(sound[:, : sound.shape[1] // 63 * 63])
    return integrated(meter.energies)


def true_peak(sound: np.ndarray) -> float:
    return 20 * np.log10(max(np.abs(resample_poly(side, 8, 1)).max() for side in sound))


def test_the_loudness_is_the_target_and_what_was_told(made):
    folder, told = made
    assert loudness(read(folder / "song.wav")) == pytest.approx(-14, abs=0.2)
    assert told.lufs == pytest.approx(-14, abs=0.2)


def test_pyloudnorm_agrees(made):
    sound = read(made[0] / "song.wav").T.astype(np.float64)
    assert pyloudnorm.Meter(RATE).integrated_loudness(sound) == pytest.approx(-14, abs=0.5)


def test_no_peak_passes_the_ceiling(made):
    folder, told = made
    sound = read(folder / "song.wav")
    assert true_peak(sound) < -1
    assert told.true_peak < -1
    assert np.abs(sound).max() < 0.9


def test_other_formats_hold_the_same_sound(made, tmp_path):
    outputs = [tmp_path / f"song{suffix}" for suffix in (".mp3", ".ogg", ".flac")]
    render(song_score(small_song()), list(map(str, outputs)))
    for path in outputs:
        sound = read(path)
        assert true_peak(sound) < -1
        assert loudness(sound) == pytest.approx(-14, abs=0.5)
        assert abs(sound.shape[1] - made[1].samples) < 3000  # an MP3 has padding


def test_the_stems_add_up_to_the_mix(made):
    folder, _ = made
    stems = [read(folder / f"song-{name}.wav") for name in ("melody", "lead", "rhythm", "bass", "drums")]
    mix = read(folder / "song-mix.wav")
    assert {stem.shape for stem in stems} == {mix.shape}
    assert decibels(sum(stems) - mix) - decibels(mix) < -60


def test_stems_have_the_length_of_the_master(made):
    folder, told = made
    assert read(folder / "song-mix.wav").shape[1] == read(folder / "song.wav").shape[1] == told.samples


@pytest.mark.parametrize("name", ["song", "song-melody", "song-bass", "song-rhythm", "song-lead"])
def test_nothing_clicks(made, name):
    sound = read(made[0] / f"{name}.wav")
    assert clicks(sound[0]) == clicks(sound[1]) == 0


def test_the_start_is_trimmed_and_the_end_fades(made):
    folder, told = made
    sound = np.abs(read(folder / "song.wav")).max(axis=0)
    assert np.flatnonzero(sound > 0.01)[0] < 0.06 * RATE
    assert told.samples > 8 * RATE  # four bars at 120, and the tail
    assert sound[-1] < 1e-3
    assert decibels(sound[-RATE // 50 :]) < decibels(sound) - 40


def test_every_part_is_heard(made):
    for name in ("melody", "lead", "rhythm", "bass", "drums"):
        assert decibels(read(made[0] / f"song-{name}.wav")) > -60


def test_the_second_guitar_plays_on_the_other_side(made):
    left, right = read(made[0] / "song-rhythm.wav")
    assert abs(decibels(left) - decibels(right)) < 3
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.7


def test_the_same_song_gives_the_same_bytes(made, tmp_path):
    outputs = [str(tmp_path / f"song{suffix}") for suffix in (".wav", ".flac", ".mp3")]
    render(song_score(small_song()), outputs)
    assert (tmp_path / "song.wav").read_bytes() == (made[0] / "song.wav").read_bytes()
    before = [Path(path).read_bytes() for path in outputs]
    render(song_score(small_song()), outputs)
    assert [Path(path).read_bytes() for path in outputs] == before


def test_a_loop_has_exactly_its_samples(tmp_path):
    for tempo, bars in ((97, (2, 3)), (233, (4, 4))):
        score = song_score(small_song(tempo=tempo))
        (told,) = render(score, [str(tmp_path / "loop.wav")], loop=bars)
        wanted = score.bars[bars[1]] - score.bars[bars[0] - 1]
        assert read(tmp_path / "loop.wav").shape[1] == told.samples == wanted
        assert abs(wanted - (bars[1] - bars[0] + 1) * 240 / tempo * RATE) < 1


def test_a_loops_tail_is_at_its_start(tmp_path):
    # One note at the end of the second bar: what rings on is heard where the loop begins.
    rows = notes((3.7, 4.0, 60, 110))
    score = Score((Track("strings", "keys", 0, 48, rows),), (0, 2 * RATE, 4 * RATE), (0,))
    render(score, [str(tmp_path / "loop.wav")], loop=(1, 2))
    sound = read(tmp_path / "loop.wav")
    assert decibels(sound[:, : RATE // 4]) > decibels(sound[:, 2 * RATE : 3 * RATE]) + 20
    twice = np.concatenate((sound, sound), axis=1)
    assert clicks(twice[0]) == clicks(sound[0])


def test_a_count_in_is_a_bar_of_clicks_and_then_the_song(made, tmp_path):
    render(song_score(small_song()), [str(tmp_path / "song.wav")], click=True, stems=True)
    click = np.abs(read(tmp_path / "song-click.wav")).max(axis=0)
    loud = np.flatnonzero(click > 0.2 * click.max())
    beats = [loud[0], *(b for a, b in pairwise(loud) if b - a > RATE // 4)]
    assert len(beats) == 4
    assert np.diff(beats) == pytest.approx(RATE / 2, abs=100)
    bass, alone = read(tmp_path / "song-bass.wav"), read(made[0] / "song-bass.wav")
    late = [int(np.flatnonzero(np.abs(each[0]) > 0.01)[0]) for each in (bass, alone)]
    assert late[0] - late[1] == pytest.approx(2 * RATE, abs=RATE // 50)


def test_a_song_of_one_bar(tmp_path):
    (told,) = render(keys_score(1), [str(tmp_path / "one.wav")])
    assert told.samples > RATE
    assert told.lufs == pytest.approx(-14, abs=0.5)


def test_silence_before_the_first_note_is_cut_and_told(tmp_path):
    rows = notes((5.0, 5.5, 60, 100))
    score = Score((Track("organ", "keys", 0, 16, rows),), (0, 8 * RATE), (0,))
    (told,) = render(score, [str(tmp_path / "late.wav")])
    assert told.skipped == pytest.approx(4.99)
    assert told.samples < 4 * RATE


def test_progress_only_goes_up_and_ends(tmp_path):
    shares: list[float] = []
    render(keys_score(3), [str(tmp_path / "a.wav"), str(tmp_path / "a.mp3")], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_part_moved_by_a_controller_fades(tmp_path):
    track = keys_score(4).tracks[0]._replace(levels=((0, 1.0), (4 * RATE, 0.01)))
    render(keys_score(4)._replace(tracks=(track,)), [str(tmp_path / "a.wav")], stems=True)
    sound = read(tmp_path / "a-mix.wav")
    assert decibels(sound[:, 5 * RATE : 6 * RATE]) < decibels(sound[:, RATE : 2 * RATE]) - 30


def test_a_deafening_file_is_written_without_clipping(tmp_path):
    rows = notes(*((0.1 * n, 0.1 * n + 0.5, key, 127) for n in range(3) for key in range(40, 90, 2)))
    tracks = tuple(Track(f"organ {n}", "keys", 0, 16, rows, 127) for n in range(6))
    render(Score(tracks, (0, 2 * RATE), (0,)), [str(tmp_path / "a.wav")], stems=True)
    assert np.abs(read(tmp_path / "a-mix.wav")).max() < 1
    assert true_peak(read(tmp_path / "a.wav")) < -1


def test_all_or_none_is_written(tmp_path):
    with pytest.raises(ExportError, match="missing"):
        engine.save(small_song(), tmp_path / "a.mid", tmp_path / "a.wav", tmp_path / "missing" / "b.wav")
    with pytest.raises(ExportError, match="missing"):
        engine.save(small_song(), tmp_path / "missing" / "a.mid", tmp_path / "a.wav")
    assert not list(tmp_path.iterdir())


def test_saving_writes_sound_beside_the_rest(tmp_path):
    engine.save(small_song(), tmp_path / "a.mid", tmp_path / "a.flac")
    assert sorted(os.listdir(tmp_path)) == ["a.flac", "a.mid"]
    assert (tmp_path / "a.flac").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "song.wav").mkdir()
    with pytest.raises(ExportError, match="folder"):
        render(keys_score(1), [str(tmp_path / "song.wav")])


def test_an_unknown_format_is_refused_before_any_work(tmp_path):
    with pytest.raises(UsageError, match=r"song\.aiff"):
        render(keys_score(1), [str(tmp_path / "song.aiff")])


def test_a_missing_font_is_told(tmp_path):
    with pytest.raises(AudioError, match="none"):
        render(keys_score(1), [str(tmp_path / "a.wav")], soundfont=tmp_path / "none.sf2")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bars", [(0, 1), (3, 5), (2, 1)])
def test_a_loop_of_bars_that_are_not_there_is_refused(tmp_path, bars):
    with pytest.raises(UsageError, match="bars 1 to 4"):
        render(keys_score(4), [str(tmp_path / "a.wav")], loop=bars)


def test_stems_are_named_after_the_output():
    assert stem_paths("x/song.mp3", ["Lead Guitar", "…"]) == [
        "x/song-lead-guitar.wav",
        "x/song-part.wav",
        "x/song-mix.wav",
    ]
    assert stem_paths("song.flac", ["bass"]) == ["song-bass.flac", "song-mix.flac"]


def test_the_formats_are_those_told():
    assert tuple(KINDS) == SOUNDS
    assert is_sound("A.WAV")
    assert not is_sound("a.mid")


@pytest.mark.slow
def test_a_thousand_bars_need_little_more_memory_than_a_hundred(tmp_path):
    code = (
        "import resource, sys\n"
        "from sounds import keys_score\n"
        "from engine.audio.render import render\n"
        "(told,) = render(keys_score(int(sys.argv[1]), 300), [sys.argv[2]])\n"
        "print(told.samples, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    root = Path(__file__).resolve().parent.parent.parent
    paths = os.pathsep.join((str(root), str(root / "tests")))

    def measured(bars):
        words = [sys.executable, "-c", code, str(bars), str(tmp_path / "long.flac")]
        done = subprocess.run(
            words, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": paths}
        )
        return map(int, done.stdout.split())

    (_, few), (samples, many) = measured(100), measured(1000)
    assert samples > 799 * RATE
    assert many - few < 100  # megabytes; the sound itself is 280
