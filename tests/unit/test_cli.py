"""The command line in process, with a song made by hand: words in, words out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import small_song

from engine import __version__, api
from engine.errors import ExportError
from engine.export.midi import midi, read_receipt
from engine.export.songread import read_song_file
from engine.request import make_request
from engine.style import names


@pytest.fixture(autouse=True)
def composed(monkeypatch):
    """Compose a song made by hand."""
    monkeypatch.setattr(api, "compose", lambda **options: small_song(request=make_request(**options)))


def test_help_names_every_command(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in (b"compose", b"chart", b"styles", b"grammars", b"train"):
        assert command in out


@pytest.mark.parametrize("words", [[], ["styles"], ["grammars"]])
def test_no_command_shows_help(run, words):
    _, out, err = run(*words)
    assert "Usage: hookline" in out.decode() + err


def test_the_version_is_told(run):
    assert run("--version") == (0, f"hookline {__version__}\n".encode(), "")


def test_without_outputs_the_chart_is_the_result(run):
    code, out, err = run("compose", "--seed", "7")
    assert code == 0
    assert out.startswith(b"rock, E minor, 120 bpm")
    assert b"BD |O---" in out
    assert "seed 7" in err


def test_the_drawn_seed_is_printed(run):
    _, _, err = run("compose", "-o", "x.mid")
    with open("x.mid", "rb") as file:
        assert f"seed {read_receipt(file.read())['seed']}" in err


def test_the_summary_lists_sections_with_chords(run):
    _, _, err = run("compose", "--seed", "7")
    assert "  Verse 1   2 bars  Em | D . A/E ." in err


def test_several_outputs_by_extension(run):
    code, out, _ = run("compose", "--seed", "7", "-o", "a.mid", "-o", "a.song.json", "-o", "a.txt")
    assert (code, out) == (0, b"")
    song = read_song_file(Path("a.song.json").read_bytes())
    assert song.request.seed == 7
    assert Path("a.mid").read_bytes() == midi(song)
    assert Path("a.txt").read_text().startswith("rock, E minor")


def test_a_dash_is_midi_on_standard_output(run):
    code, out, err = run("compose", "--seed", "7", "-o", "-")
    assert code == 0
    assert out.startswith(b"MThd")
    assert "seed 7" in err


def test_json_is_one_document_on_standard_output(run):
    code, out, _ = run("compose", "--seed", "7", "--json", "-o", "a.mid")
    facts = json.loads(out)
    assert code == 0
    assert (facts["seed"], facts["key"], facts["bars"], facts["outputs"]) == (7, "E minor", 4, ["a.mid"])
    assert facts["sections"][1]["chords"][2] == {"start": 2880, "length": 960, "chord": "A/E", "numeral": "IV/I"}
    assert facts["notes"]["melody"] == 8


def test_options_reach_the_request(run):
    words = ["--key", "F# minor", "--tempo", "148", "--form", "V C", "--chords", "verse=Em C G D", "--length", "3:00"]
    more = [
        "--feel",
        "0.5",
        "--bridge-melody",
        "--take",
        "chorus/melody=2",
        "--style",
        "punk",
        "--seed",
        "-3",
        "--hook",
        "5",
    ]
    run("compose", *words, *more, "-o", "a.mid")
    assert read_receipt(Path("a.mid").read_bytes()) | {"version": "", "style_hash": ""} == {
        "version": "",
        "style": "punk",
        "style_hash": "",
        "seed": -3,
        "key": "F# minor",
        "tempo": 148,
        "form": "verse chorus",
        "chords": {"verse": "Em C G D"},
        "length": 180,
        "feel": 50,
        "bridge_melody": True,
        "hook": 5,
        "takes": {"chorus/melody": 2},
    }


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["compose", "--tempo", "9999"], "error: tempo 9999: expected 40 to 300"),
        (["compose", "--tempo", "fast"], "fast"),
        (["compose", "--chords", "verse=H7 ??"], 'error: chords for verse: "H7" (chord 1) is no chord'),
        (["compose", "--chords", "Em"], 'error: --chords "Em": expected NAME=VALUE'),
        (["compose", "--chords", "verse=Em", "--chords", "verse=D"], "error: --chords verse is given twice"),
        (["compose", "--take", "chorus/bass=x"], 'error: --take chorus/bass: "x" is no whole number'),
        (["compose", "-o", "x.docx"], "error: cannot tell what to write to x.docx"),
        (["compose", "-o", "-", "--json"], "error: standard output holds one result"),
        (["compose", "--nope"], "--nope"),
        (["nope"], "nope"),
        (["styles", "show", "rok"], 'error: unknown style "rok"\nhint: did you mean "rock"?'),
        (["train", "rock"], "--data"),
    ],
)
def test_wrong_usage_exits_2_with_the_reason(run, words, line):
    code, out, err = run(*words)
    assert (code, out) == (2, b"")
    assert line in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["compose", "-o", "missing/x.mid"], "error: cannot write missing/x.mid: no such file or directory\nhint: "),
        (["styles", "check", "missing.yaml"], "error: cannot read the style missing.yaml: no such file"),
        (["grammars", "check", "missing.grammar"], "missing.grammar"),
        (["chart", "missing.song.json"], "error: cannot read missing.song.json: no such file"),
        (["train", "rock", "--data", "missing"], "error: no folder of corpora at missing"),
    ],
)
def test_a_failure_exits_1_with_the_reason(run, words, line):
    code, out, err = run(*words)
    assert (code, out) == (1, b"")
    assert line in err
    assert "Traceback" not in err


def test_an_output_that_fails_leaves_the_others_untouched(run):
    with open("old.mid", "wb") as file:
        file.write(b"old")
    code, _, _ = run("compose", "-o", "old.mid", "-o", "missing/x.mid")
    assert code == 1
    assert Path("old.mid").read_bytes() == b"old"


def test_a_song_file_is_charted(run):
    run("compose", "--seed", "7", "-o", "a.song.json", "-o", "a.txt")
    code, out, _ = run("chart", "a.song.json")
    assert code == 0
    assert out.decode().strip() == Path("a.txt").read_text().strip()


def test_styles_are_listed_for_people_and_for_programs(run):
    assert run("styles", "list")[1].startswith(b"ballad ")
    assert [style["name"] for style in json.loads(run("styles", "list", "--json")[1])] == list(names())


def test_a_style_that_is_shown_is_good(run):
    code, out, _ = run("styles", "show", "punk", "--resolved")
    with open("mine.yaml", "wb") as file:
        file.write(out)
    assert code == 0
    assert run("styles", "check", "mine.yaml")[0] == 0


def test_a_bad_grammar_is_told_with_line_and_caret(run):
    with open("bad.grammar", "w") as file:
        file.write("start Song\nSong -> Verze\n")
    code, _, err = run("grammars", "check", "bad.grammar")
    assert code == 1
    assert "bad.grammar:2:9" in err
    assert "^" in err


def test_an_error_of_an_output_is_no_traceback(run, monkeypatch):
    monkeypatch.setattr(api, "compose", lambda **_: (_ for _ in ()).throw(ExportError("no", "try")))
    assert run("compose")[::2] == (1, "error: no\nhint: try\n")


def test_hooks_are_listed_best_first_and_no_song_is_made(run):
    code, out, err = run("compose", "--seed", "7", "--hooks", "5")
    numbers, scores = zip(*(line.split()[:2] for line in out.decode().splitlines()[1:]), strict=True)
    assert (code, sorted(numbers), err) == (0, ["1", "2", "3", "4", "5"], "seed 7\n")
    assert list(map(float, scores)) == sorted(map(float, scores), reverse=True)


@pytest.mark.parametrize("words", [["--hooks", "0"], ["--hooks", "3", "-o", "a.mid"]])
def test_hooks_that_cannot_be_listed_are_refused(run, words):
    code, _, err = run("compose", *words)
    assert code == 2
    assert err.startswith("error: --hooks")


def test_the_summary_tells_what_the_melody_is_nearest_to(run):
    assert "the melody shares" in run("compose", "--seed", "7")[2]


def test_a_chart_for_programs_is_the_summary_of_compose(run):
    _, told, _ = run("compose", "--seed", "7", "--json", "-o", "x.song.json")
    _, out, _ = run("chart", "x.song.json", "--json")
    assert {**json.loads(out), "outputs": ["x.song.json"]} == json.loads(told)
