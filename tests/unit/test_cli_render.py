"""``hookline render``, and ``compose`` to a sound file."""

from __future__ import annotations

import json
import sys

import pytest
import soundfile
from fakes import small_song

from engine import api
from engine.request import make_request


@pytest.fixture(autouse=True)
def small(monkeypatch, run):
    """A folder that holds a small song; ``compose`` gives it too."""
    monkeypatch.setattr(api, "compose", lambda **options: small_song(request=make_request(**options)))
    api.save(small_song(), "song.song.json", "song.mid")


@pytest.mark.parametrize("source", ["song.song.json", "song.mid"])
def test_a_song_becomes_sound(run, tmp_path, source):
    code, out, err = run("render", source, "-o", "a.wav", "-o", "a.mp3")
    assert (code, out) == (0, b"")
    assert "a.wav: 8.1 s, -14.0 LUFS, true peak -1." in err
    assert soundfile.info(tmp_path / "a.wav").samplerate == 44_100
    assert (tmp_path / "a.mp3").stat().st_size > 50_000


def test_compose_writes_sound_straight_away(run, tmp_path):
    assert run("compose", "--seed", "7", "-o", "a.flac", "-o", "a.mid")[0] == 0
    assert soundfile.info(tmp_path / "a.flac").duration > 8
    assert (tmp_path / "a.mid").is_file()


def test_a_loop_of_a_bar_is_two_seconds(run, tmp_path):
    code, out, _ = run("render", "song.song.json", "-o", "a.wav", "--loop", "2-2", "--json")
    assert code == 0
    assert [(row["path"], row["samples"]) for row in json.loads(out)] == [("a.wav", 2 * 44_100)]
    assert soundfile.info(tmp_path / "a.wav").frames == 2 * 44_100


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("song.song.json", "-o", "a.aiff"), 2, "a.aiff"),
        (("song.song.json", "-o", "no/where.wav"), 1, "no/where.wav"),
        (("none.song.json", "-o", "a.wav"), 1, "none.song.json"),
        (("none.mid", "-o", "a.wav"), 1, "none.mid"),
        (("song.song.json", "-o", "a.wav", "--soundfont", "none.sf2"), 1, "none.sf2"),
        (("song.song.json", "-o", "a.wav", "--soundfont", "song.mid"), 1, "no SoundFont"),
        (("song.song.json", "-o", "a.wav", "--lufs", "3"), 2, "--lufs 3"),
        (("song.song.json", "-o", "a.wav", "--loop", "4"), 2, "--loop"),
        (("song.song.json", "-o", "a.wav", "--loop", "3-9"), 2, "bars 1 to 4"),
        (("song.song.json", "-o", "a.wav", "--loop", "1-2", "--click"), 2, "--click"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_and_a_hint(run, tmp_path, words, code, told):
    before = sorted(tmp_path.iterdir())
    found, out, err = run("render", *words)
    assert (found, out) == (code, b"")
    lines = err.strip().splitlines()
    assert lines[0].startswith("error: ")
    assert told in lines[0]
    assert len(lines) <= 2
    assert sorted(tmp_path.iterdir()) == before


def test_a_missing_library_is_told(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    code, _, err = run("render", "song.song.json", "-o", "a.wav")
    assert code == 1
    assert "hookline[audio]" in err
    assert run("compose", "--seed", "7", "-o", "a.wav")[0] == 1


def test_what_cannot_be_reached_is_told(run):
    assert "as loud as it gets" in run("render", "song.song.json", "-o", "a.wav", "--lufs", "-6")[2]


def test_progress_is_for_terminals(run, monkeypatch):
    from engine.cli import render

    assert render.meter() is None
    shown: list[str] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "write", shown.append)
    tell = render.meter()
    assert tell is not None
    for share in (0.0, 0.001, 0.5, 1.0):
        tell(share)
    assert shown == ["\rrendering 0 %", "\rrendering 50 %", "\r\x1b[K"]
