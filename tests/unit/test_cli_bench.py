"""The commands of the bench, in process, on one song."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from engine import bench
from engine.export.midi import midi
from engine.pipeline import compose
from engine.request import make_request


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    document = bench.document(compose(make_request(seed=3, form="I V C V C B C")))
    bench.save(document, folder / "first.song.json")
    after = bench.set_tempo(bench.set_tempo(bench.lock(document, "chorus/melody"), 90), 95)
    bench.save(bench.undo(after), folder / "song.song.json")
    bench.save(bench.mute(document, "bass"), folder / "other.song.json")
    (folder / "song.mid").write_bytes(midi(document.song))
    return folder


@pytest.fixture
def run(run, tmp_path, folder):
    """Run the program in a folder with songs; gives (exit code, standard output, standard error)."""
    for path in folder.iterdir():
        shutil.copy(path, tmp_path)

    def told(*words):
        code, out, err = run(*words)
        return code, out.decode(), err

    return told


def test_a_reroll_tells_what_is_new_and_writes_it(run):
    code, out, err = run("reroll", "first.song.json", "chorus/melody")
    assert (code, out) == (0, "")
    assert "reroll chorus/melody=1\n  chorus melody: new\n" in err
    assert bench.load("first.song.json").takes == (("chorus/melody", 1),)


def test_a_reroll_for_programs(run):
    _, out, _ = run("reroll", "first.song.json", "verse/bass", "--take", "4", "--json")
    facts = json.loads(out)
    assert facts["did"] == ["reroll verse/bass=4"]
    assert facts["takes"] == {"verse/bass": 4}
    assert facts["undo"] == ["reroll verse/bass=4"]


def test_several_takes_are_ranked_and_the_song_stays(run):
    kept = Path("first.song.json").read_bytes()
    code, out, err = run("reroll", "first.song.json", "chorus/melody", "--takes", "3", "--json")
    assert code == 0
    scores = [row["score"] for row in json.loads(out)]
    assert scores == sorted(scores, reverse=True)
    assert err.startswith("1. first.1.song.json: reroll chorus/melody=")
    assert "hook score" in err
    assert all(Path(f"first.{number}.song.json").is_file() for number in (1, 2, 3))
    assert Path("first.song.json").read_bytes() == kept


def test_a_song_file_named_as_output_leaves_the_first(run):
    kept = Path("first.song.json").read_bytes()
    run("edit", "first.song.json", "--tempo", "150", "-o", "new.song.json", "-o", "new.mid")
    assert Path("first.song.json").read_bytes() == kept
    assert bench.load("new.song.json").song.tempo == 150
    assert Path("new.mid").read_bytes() == midi(bench.load("new.song.json").song)


def test_clashes_of_what_is_locked_are_told(run):
    run("lock", "first.song.json", "verse/1/melody")
    _, out, err = run("edit", "first.song.json", "--chords", "verse=C#m", "--json")
    assert json.loads(out)["clashes"]
    assert re.search(r"clash: verse/1 melody, bar \d+ beat [13]: \S+ over C#m", err)


def test_explanations_for_programs(run):
    _, out, _ = run("explain", "first.song.json", "chorus/melody", "--bars", "1-2", "--json")
    told = json.loads(out)
    assert (told["section"], told["bars"]) == ("chorus/1", [1, 2])
    assert all(note["pitch"]["drawn"] == note["note"] for note in told["notes"])
    assert json.loads(run("tree", "first.song.json", "--json")[1])["form"]["rules"]
    assert json.loads(run("novelty", "first.song.json", "--json")[1])["notes"] <= 11


@pytest.mark.parametrize("bars", ["x", "3-", "-1", "1-2-3"])
def test_bars_that_are_none_are_refused(run, bars):
    code, _, err = run("explain", "first.song.json", "chorus/melody", "--bars", bars)
    assert code == 2
    assert "--bars" in err


def test_a_tree_is_drawn_as_svg(run):
    code, out, _ = run("tree", "first.song.json", "-o", "tree.svg")
    assert (code, out) == (0, "")
    assert Path("tree.svg").read_text().startswith("<svg")
    assert run("tree", "first.song.json", "-o", "tree.pdf")[0] == 2


def test_undo_of_all_is_the_first_file(run):
    kept = Path("first.song.json").read_bytes()
    run("reroll", "first.song.json", "bass")
    run("edit", "first.song.json", "--remove", "bridge", "--repeat", "chorus/1")
    run("undo", "first.song.json", "--all")
    assert Path("first.song.json").read_bytes() == kept
    code, _, err = run("redo", "first.song.json", "-n", "2")
    assert code == 0
    assert "done again: reroll bass=1\n" in err


def test_a_midi_file_opens_as_its_song(run):
    run("edit", "first.song.json", "--energy", "verse=5", "-o", "x.mid")
    assert run("open", "x.mid", "-o", "again.song.json")[0] == 0
    assert Path("again.song.json").read_bytes() == Path("first.song.json").read_bytes()


def test_a_midi_file_changed_since_is_opened_with_a_word(run):
    data = Path("song.mid").read_bytes()
    Path("song.mid").write_bytes(data[:-30] + bytes([data[-30] ^ 1]) + data[-29:])
    code, out, err = run("open", "song.mid", "-o", "again.song.json", "--json")
    assert code == 0
    assert "note: this song makes another file" in err
    assert json.loads(out)["same"] is False


def test_files_that_differ_are_told_apart(run):
    assert run("diff", "first.song.json", "first.song.json")[:2] == (0, "")
    assert run("diff", "first.song.json", "other.song.json")[1] == "bass: muted\n"


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["reroll", "first.song.json", "cohrus/melody"], 2, 'no place of this song\nhint: did you mean "chorus"?'),
        (
            ["reroll", "song.song.json", "chorus/melody"],
            2,
            "chorus/melody is locked\nhint: free it with: hookline unlock",
        ),
        (["reroll", "first.song.json", "bass", "--takes", "2", "--take", "1"], 2, "--take or --takes"),
        (["reroll", "first.song.json", "bass", "--takes", "99"], 2, "99 takes: expected 1 to 64"),
        (["reroll", "none.song.json", "bass"], 1, "cannot read none.song.json: no such file"),
        (["edit", "first.song.json"], 2, "nothing to edit"),
        (["edit", "first.song.json", "--insert", "solo"], 2, "say where"),
        (["edit", "first.song.json", "--energy", "verse=9"], 2, "energy 9: expected 1 (bare) to 5"),
        (["edit", "first.song.json", "--energy", "verse=x"], 2, '--energy "verse=x": expected 1 to 5'),
        (["edit", "first.song.json", "--chords", "verse=H7"], 2, '"H7" (chord 1) is no chord'),
        (["edit", "first.song.json", "--off", "verse"], 2, '"verse" names no part'),
        (["edit", "first.song.json", "--on", "intro/melody"], 2, "nobody sings in intro/1"),
        (["edit", "first.song.json", "--remove", "verse"], 2, '"verse" is not one section'),
        (["mute", "first.song.json"], 2, "name a place"),
        (["undo", "first.song.json"], 2, "there is nothing to undo"),
        (["undo", "song.song.json", "-n", "9"], 2, "there are 2 steps to undo"),
        (["lock", "song.song.json", "chorus/melody"], 2, "chorus/melody is locked already"),
        (["unlock", "first.song.json"], 2, "nothing to unlock"),
        (["open", "first.song.json", "-o", "x.xyz"], 2, "cannot tell what to write"),
    ],
)
def test_what_cannot_be_has_its_reason_in_a_line(run, words, code, line):
    kept = Path("first.song.json").read_bytes()
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert line in err
    assert Path("first.song.json").read_bytes() == kept
