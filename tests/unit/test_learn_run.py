"""A folder learnt from end to end: songs of our own and made-up bands, good files among bad ones."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from midi_bytes import band, midi, signature, tempo, track

from engine.api import compose
from engine.cli import main
from engine.errors import CorpusError, StyleError
from engine.export import encode
from engine.learn.folder import Source, find_files, in_parts, tunes
from engine.learn.page import page
from engine.learn.report import as_json, report_of, summary
from engine.learn.run import Result, learn
from engine.learn.shards import count_shard, pack_shard, shards_of, unpack_shard
from engine.models.harmony import model
from engine.models.novelty import LONGEST
from engine.models.novelty import load as load_novelty
from engine.plan.setting import tempo_weights
from engine.style import load
from engine.theory.meter import SLOT

ABC = b"X:1\nT:one\nM:4/4\nL:1/8\nK:G\n" + b"GABc dedB|dedB dedB|GABc dedB|c2BA G4|\n" * 4


@pytest.fixture(scope="module", autouse=True)
def hasty() -> Iterator[None]:
    """Tuning on one song: what it finds is tested in test_learn_tune."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.learn.run.TUNED_ON", 1)
        patch.setattr("engine.learn.tune._STEPS", 2)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Six songs in nested folders, a tune book, and files that are no songs."""
    place = tmp_path_factory.mktemp("music")
    (place / "deep" / "er").mkdir(parents=True)
    for seed in range(1, 4):
        (place / "deep" / f"song {seed}.mid").write_bytes(encode(compose(style="punk", seed=seed), "x.mid"))
    for number, micros in enumerate((400_000, 410_000, 420_000)):
        data = band(32 + 8 * number, metas=[signature(4, 4), tempo(micros)])
        (place / "deep" / "er" / f"band{number}.MID").write_bytes(data)
    (place / "book.abc").write_bytes(ABC + b"\n" + ABC.replace(b"X:1", b"X:2").replace(b"GABc", b"BABG"))
    (place / "empty.mid").write_bytes(b"")
    (place / "few.mid").write_bytes(midi(track([(0, 480, 60)])))
    (place / "noise.mid").write_bytes(bytes(range(256)) * 8)
    (place / "again.mid").write_bytes((place / "deep" / "song 1.mid").read_bytes())
    (place / "read me.txt").write_text("no music")
    return place


@pytest.fixture(scope="module")
def learnt(folder, tmp_path_factory) -> Result:
    return learn(find_files(str(folder)), "made up", "mine", tmp_path_factory.mktemp("out") / "mine.yaml")


def contents(result: Result) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in [result.style, *sorted(result.tables.glob("*"))]}


def test_songs_are_composed_with_it_at_once(learnt):
    style = load(str(learnt.style))
    assert style.models == str(learnt.tables.resolve())
    song = compose(style=str(learnt.style), seed=1)
    assert {part.name for part in song.parts} >= {"melody", "bass", "drums"}


def test_what_the_folder_sings_is_not_sung(learnt):
    known = load_novelty(load(str(learnt.style)).models)
    assert "song 2.mid" in " ".join(known.titles)
    for seed in range(1, 4):
        notes = compose(style=str(learnt.style), seed=seed).part("melody").notes
        shared = known.nearest([note.start // SLOT for note in notes], [note.pitch for note in notes])
        assert shared.notes <= LONGEST


def test_every_file_is_told_of(learnt, folder):
    told = {note.file.partition("#")[0] for note in learnt.notes}
    assert told == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in (".mid", ".MID", ".abc")
    }
    skipped = {note.file for note in learnt.notes if note.reason}
    assert skipped == {"empty.mid", "few.mid", "noise.mid", "deep/song 1.mid"}
    assert next(note.reason for note in learnt.notes if note.file == "deep/song 1.mid") == "is the same as again.mid"
    assert learnt.used == 8


def test_good_files_are_used_for_what_they_hold(learnt):
    used = {note.file: note.used for note in learnt.notes if not note.reason}
    assert used["deep/song 2.mid"].keys() >= {"melody", "bass", "drums"}
    assert used["book.abc#2"].keys() == {"melody"}


def test_few_files_leave_most_to_the_parent(learnt):
    shares = {model.name: model.share for model in learnt.models}
    assert 0 < shares["drums: kick and snare"] < 0.7
    assert 0 < shares["harmony"] < 0.5


def test_the_tempo_leans_to_what_was_heard(learnt):
    def mean(style: str) -> float:
        tempos, weights = tempo_weights(load(style))
        return sum(t * w for t, w in zip(tempos, weights, strict=True)) / sum(weights)

    assert mean("rock") < mean(str(learnt.style)) < 160


def test_the_same_files_give_the_same_bytes_in_any_order(learnt, folder, tmp_path):
    files = find_files(str(folder))
    again = learn(tuple(reversed(files)), "made up", "mine", tmp_path / "mine.yaml")
    assert contents(again) == contents(learnt)


def test_several_processes_give_the_same_bytes(learnt, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.learn.shards.SHARD", 4)
    again = learn(find_files(str(folder)), "made up", "mine", tmp_path / "mine.yaml", jobs=2)
    assert contents(again) == contents(learnt)


def test_a_stopped_run_goes_on(learnt, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.learn.shards.SHARD", 4)
    done: list[int] = []

    def stop(gone: int, whole: int) -> None:
        done.append(gone)
        if gone >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(find_files(str(folder)), "made up", "mine", tmp_path / "mine.yaml", step=stop)
    work = tmp_path / ".mine.work"
    shards = sorted(work.glob("*.shard"))
    assert len(shards) == 2
    shards[0].write_bytes(shards[0].read_bytes()[:1000])  # half-written: done again
    (work / "left.part").write_bytes(b"rubbish")
    done.clear()
    again = learn(
        find_files(str(folder)), "made up", "mine", tmp_path / "mine.yaml", step=lambda gone, _: done.append(gone)
    )
    assert done[0] == 4
    assert contents(again) == contents(learnt)
    assert not work.exists()


@pytest.fixture
def copied(learnt, tmp_path) -> Path:
    shutil.copytree(learnt.tables, tmp_path / learnt.tables.name)
    return Path(shutil.copy(learnt.style, tmp_path))


def test_a_style_may_be_moved_with_its_tables(copied, learnt):
    assert load(str(copied)).hash == load(str(learnt.style)).hash


def test_missing_tables_are_refused(copied):
    shutil.rmtree(copied.parent / "mine.tables")
    with pytest.raises(StyleError, match=r"models: no fitted tables in .*mine\.tables"):
        load(str(copied))


def test_other_tables_are_refused(copied):
    table = copied.parent / "mine.tables" / "pitch.npz"
    table.write_bytes(table.read_bytes() + b" ")
    with pytest.raises(StyleError, match="holds other tables than this style was learnt with"):
        load(str(copied))


def test_a_learnt_style_may_be_extended(copied):
    child = copied.with_name("child.yaml")
    child.write_text("extends: mine.yaml\ntempo: [60, 70, 80]\n")
    assert load(str(child)).tempo == (60, 70, 80)
    assert load(str(child)).models == load(str(copied)).models


def test_a_learnt_style_may_be_a_parent(copied, folder, tmp_path):
    files = [source for source in find_files(str(folder)) if "band" in source.name]
    second = learn(files, "bands", "second", tmp_path / "second.yaml", extends=str(copied))
    assert compose(style=str(second.style), seed=2).parts


def test_a_style_with_rules_of_its_own_may_be_a_parent(folder, tmp_path):
    assert load("chorale").grammar_weights["harmony.v"] == 0
    files = [source for source in find_files(str(folder)) if "band0" in source.name]
    mine = load(str(learn(files, "bands", "hymns", tmp_path / "hymns.yaml", extends="chorale").style))
    # What the parent weighs its chords by is in the tables, and is not counted twice.
    assert not any(label.startswith("harmony.") for label in mine.grammar_weights)
    learnt = model(mine.models).weights[0]
    assert learnt["v"] == 0 and learnt["close"] > 0
    assert compose(style=str(tmp_path / "hymns.yaml"), seed=1).parts


def test_nothing_to_learn_from_is_told(tmp_path):
    (tmp_path / "a.mid").write_bytes(b"MThd")
    with pytest.raises(CorpusError, match="none of 1 files could be learnt from"):
        learn(find_files(str(tmp_path)), "", "a", tmp_path / "a.yaml")


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(CorpusError, match="holds no music"):
        find_files(str(tmp_path))


def test_the_report_tells_all(learnt):
    report = report_of(learnt, 2)
    told = json.loads(as_json(report))
    assert told["songs"] == 8 and len(told["files"]) == len(learnt.notes)
    assert {row["measure"] for row in told["distances"]} >= {"tempo", "chord moves", "groove", "melody intervals"}
    html = page(report)
    assert all(note.file in html for note in learnt.notes)
    assert "<svg" in html and "http" not in html.replace("http://www.w3.org", "")
    assert "harmony" in summary(report)


def test_a_tune_book_is_taken_apart():
    book = b"% a book\n" + ABC + b"\n" + ABC
    assert [tune.count(b"X:") for tune in tunes(book)] == [1, 1]


def test_a_tune_book_is_read_in_parts(tmp_path):
    (tmp_path / "book.abc").write_bytes(b"\n".join(ABC.replace(b"X:1", b"X:%d" % k) for k in range(1, 51)))
    parts = list(in_parts(find_files(str(tmp_path))))
    assert [(part.first, part.last) for part in parts] == [(1, 24), (25, 48), (49, 50)]
    assert [len(shard) for shard in shards_of(parts)] == [2, 1]
    shard = count_shard(parts[2:], "rock")
    assert [note.file for note in shard.notes] == ["book.abc#49", "book.abc#50"]


def test_a_file_that_is_gone_is_told():
    shard = count_shard([Source("/no/such.mid", "such.mid", 1, "")], "rock")
    assert [note.reason for note in shard.notes] == ["cannot be read: no such file or directory"]
    assert unpack_shard(pack_shard(shard)) == shard


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "give a folder of music"),
        (["music", "--corpus", "bach"], "give a folder of music"),
        (["music"], "--name"),
        (["music", "-o", "a.txt"], "ends in .yaml"),
        (["music", "-o", "no/a.yaml"], "there is no folder"),
        (["music", "--name", "a", "--jobs", "-1"], "expected 0 or more"),
        (["music", "--name", "a"], "no folder at music"),
    ],
)
def test_wrong_usage_is_told_in_a_line(words, told, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["hookline", "learn", *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code in (1, 2)
    assert told in capsys.readouterr().err


def test_a_fault_of_ours_costs_one_song(folder, monkeypatch):
    from engine.learn import shards

    true = shards.tally

    def faulty(songs, *more):
        if any(len(heard.bars) == 41 for _, heard in songs):
            raise IndexError("out of bounds")
        return true(songs, *more)

    files = [source for source in find_files(str(folder)) if "band" in source.name]
    whole = count_shard([source for source in files if "band1" not in source.name], "rock")
    monkeypatch.setattr(shards, "tally", faulty)
    shard = count_shard(files, "rock")
    assert [bool(note.reason) for note in shard.notes] == [False, True, False]
    assert "a fault of Hookline: IndexError" in shard.notes[1].reason
    assert shard.counts == whole.counts
