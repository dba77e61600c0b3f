from __future__ import annotations

import json

import pytest

from engine.export.midi import midi
from tests.fakes import small_song


@pytest.fixture
def run(run):
    def evaluate(*words):
        code, out, err = run("evaluate", *words)
        return code, out.decode(), err

    return evaluate


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(midi(small_song()))
    return path


def test_a_song_is_measured_beside_real_rock(run, song):
    code, out, _ = run(song)
    assert not code
    assert "mel_range" in out and "over 1 songs" in out


def test_a_folder_is_all_its_songs(run, song):
    assert json.loads(run(song.parent, "--json")[1])["songs"] == 1


def test_songs_are_measured_as_they_are(run, song):
    code, _, err = run(song, "--count", 3)
    assert code == 2 and "SONGS are measured as they are" in err


def test_the_report_for_programs_says_what_was_measured(run, song):
    report = json.loads(run(song, "--json")[1])
    assert (report["paths"], report["against"], report["missing"]) == ([str(song)], None, [])
    assert report["measures_inside"] <= report["measures_counted"] == sum(row["counted"] for row in report["measures"])
    assert "copy_longest_run" in report["unmeasured"]


def test_a_composed_set_is_named_by_style_and_seeds(run):
    report = json.loads(run("--style", "punk", "--count", 1, "--seed", 4, "--json")[1])
    assert [report[name] for name in ("style", "count", "seed", "songs")] == ["punk", 1, 4, 1]


def test_quartiles_may_come_from_a_file(run, song, tmp_path):
    path = tmp_path / "reference.json"
    path.write_text('{"groups": [{"name": "g", "about": "x", "measures": {"CC": [1, 3, 5]}}]}')
    report = json.loads(run(song, "--against", path, "--json")[1])
    assert [row["measure"] for row in report["measures"]] == ["CC"]


def test_what_is_no_song_is_refused(run, tmp_path):
    code, _, err = run(tmp_path / "notes.txt")
    assert code == 2 and "is no song" in err


def test_no_songs_are_no_evaluation(run):
    assert run("--count", 0)[0] == 2
