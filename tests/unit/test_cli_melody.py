"""The commands that sing on their own, in process."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from engine import bench
from engine.pipeline import compose
from engine.request import make_request

ARGS = ("melody", "--chords", "| Am | F C | G |", "--seed", "5")


@pytest.fixture
def run(run, tmp_path):
    bench.save(bench.document(compose(make_request(seed=3, form="V C"))), tmp_path / "song.song.json")

    def told(*words):
        code, out, err = run(*words)
        return code, out.decode(), err

    return told


@pytest.mark.parametrize("command", ["melody", "vary"])
def test_the_example_of_the_help_works(run, command):
    _, text, _ = run(command, "--help")
    example = re.search(r"Example: hookline (.*?)\n\n", text, re.S)
    assert example
    code, _, err = run(*shlex.split(" ".join(example[1].split())))
    assert code == 0, err


def test_a_melody_is_printed_a_bar_a_line(run):
    code, out, err = run(*ARGS)
    assert code == 0
    assert re.match(r"  1 \| Am  \| ([1-4][e&a]? [A-G]#?[3-5]  ?)+", out)
    assert len(out.splitlines()) == 3
    assert err == "verse, rock, A minor, 90 bpm, 4/4, 3 bars, 0:08, seed 5, take 0\n"


def test_a_melody_for_programs(run):
    _, out, _ = run(*ARGS, "--first", "A3", "--json")
    facts = json.loads(out)
    assert facts["notes"][0]["name"] == "A3"
    assert facts["receipt"]["edits"] == ["reroll verse/melody=0 with first A3"]


def test_takes_are_written_by_rank(run):
    code, out, _ = run(*ARGS, "--takes", "3", "-o", "x.mid", "--json")
    assert code == 0
    assert [row["outputs"] for row in json.loads(out)] == [["x.1.mid"], ["x.2.mid"], ["x.3.mid"]]
    assert Path("x.3.mid").is_file()


def test_chords_and_rhythm_of_files(run):
    pytest.importorskip("symusic")
    run("melody", "--chords", "Am F C G Am F C G", "--seed", "5", "-o", "tune.mid", "-o", "tune.song.json")
    code, _, err = run(
        "melody", "--chords-from", "tune.mid", "--bars", "2-4", "--seed", "1", "--rhythm-from", "tune.mid"
    )
    assert code == 0
    assert err.startswith("bars 2-4 of tune.mid, A minor: | F | C | G |\n")
    slots = []
    for rhythm in ("tune.mid", "tune.song.json"):
        out = run("melody", "--chords", "Am F C G Am F C G", "--seed", "2", "--rhythm-from", rhythm, "--json")[1]
        slots.append([note["slot"] for note in json.loads(out)["notes"]])
    own = [note.start // 120 for note in bench.load("tune.song.json").song.part("melody").notes]
    assert slots == [own, own]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("melody",), "error: give chords with --chords"),
        (("melody", "--chords", "Am H"), 'error: chords for verse: "H" (chord 2) is no chord'),
        ((*ARGS, "--bars", "1-2"), "error: --bars says which bars"),
        ((*ARGS, "--pin", "E4"), 'error: pin "E4": expected BAR.BEAT=NOTE'),
        ((*ARGS, "--pin", "2.3=E4", "--avoid", "E"), "error: cannot be kept together: pin 2.3=E4 and avoid E\n"),
        ((*ARGS, "--takes", "0"), "error: --takes 0: expected 1 to 64"),
        ((*ARGS, "--rhythm-from", "none.mid"), "error: none.mid cannot be read: No such file"),
        (("reroll", "song.song.json", "bass", "--first", "A3"), "error: bass is no melody"),
        (("vary", "song.song.json", "verse/tuba"), 'error: "verse/tuba" is no place'),
    ],
)
def test_what_is_wrong_is_told_in_a_line(run, words, said):
    code, out, err = run(*words)
    assert code in (1, 2)
    assert out == ""
    assert err.startswith(said)


def test_a_reroll_as_wished(run):
    code, _, err = run("reroll", "song.song.json", "chorus/melody", "--highest", "D5@3")
    assert code == 0
    assert err.startswith("reroll chorus/melody=1 with highest D5@3\n")
    code, _, err = run("undo", "song.song.json")
    assert code == 0


def test_a_variation_tells_what_is_new(run):
    before = Path("song.song.json").read_bytes()
    code, out, _ = run("vary", "song.song.json", "verse/melody", "--amount", "0.3", "--json")
    assert code == 0
    assert json.loads(out)["did"] == ["vary verse/melody=0.3 number 1 keep rhythm"]
    run("undo", "song.song.json")
    assert Path("song.song.json").read_bytes() == before


def test_four_block_chords_are_enough_to_hear(run):
    symusic = pytest.importorskip("symusic")
    score, track = symusic.Score(480), symusic.Track()
    for bar, low in enumerate((45, 41, 48, 43)):
        for step in (0, 3 if low == 45 else 4, 7):
            track.notes.append(symusic.Note(bar * 1920, 1920, low + step, 80))
    score.tracks.append(track)
    score.dump_midi("chords.mid")
    code, out, err = run("melody", "--chords-from", "chords.mid", "--seed", "1")
    assert code == 0
    assert "| Am | F | C | G |" in err
    assert len(out.splitlines()) == 4


def test_a_chorus_is_sung_again_to_a_rhythm(run):
    run("melody", "--chords", "Am F", "--seed", "5", "--density", "0.4", "-o", "riff.song.json")
    riff = [note.start // 120 for note in bench.load("riff.song.json").song.part("melody").notes]
    code, _, err = run("reroll", "song.song.json", "verse/melody", "--rhythm-from", "riff.song.json", "--first", "A3")
    assert code == 0, err
    song = bench.load("song.song.json").song
    sung = [note.start // 120 for note in song.part("melody").notes if note.start < 2 * song.meter.bar]
    assert sung[: len(riff)] == riff
