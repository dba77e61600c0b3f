"""Song files: the very same song comes back, and nothing else comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import small_song

from engine import bench
from engine.errors import SongFileError
from engine.export import songread
from engine.export.midi import midi
from engine.export.songfile import document_file, song_file
from engine.export.songread import read_document, read_song_file
from engine.grammar.tree import Node
from engine.pipeline import compose
from engine.request import make_request


def test_a_song_comes_back_as_it_was():
    song = small_song()
    assert read_song_file(song_file(song)) == song


def test_the_derivations_come_back():
    tree = Node("Song", 0, 192, "aaba", (Node("verse", 0, 192, share="V", change="vary"),))
    song = small_song(tree=tree, harmony=(("verse", tree), ("chorus", None)))
    assert read_song_file(song_file(song)) == song


def test_the_text_is_the_same_whatever_it_went_through():
    text = song_file(small_song())
    assert song_file(read_song_file(text)) == text


def test_one_more_note_changes_one_line():
    song = small_song()
    bass = song.parts[3]
    more = bass.__class__(bass.name, bass.notes[:-1], bass.track, bass.program)
    old = song_file(song).splitlines()
    new = song_file(small_song(parts=(*song.parts[:3], more, song.parts[4]))).splitlines()
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1


def test_a_file_of_the_first_format_is_the_same_song():
    old = (Path(__file__).parent / "data" / "format-1.song.json").read_bytes()
    assert read_song_file(old) == small_song()


def test_a_file_of_the_first_format_can_be_worked_on_and_brought_back():
    old = (Path(__file__).parent / "data" / "format-1.song.json").read_bytes()
    after = bench.lock(read_document(old), "verse/bass")
    assert read_document(document_file(after)) == after
    assert document_file(bench.undo(after)) == old


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format=3), "format 3, expected 1 to 2"),
        (lambda c: c.pop("tempo"), '"tempo" is missing'),
        (lambda c: c.update(tempo=True), "tempo: true, expected a whole number from 30 to 300"),
        (lambda c: c.update(tempo=9000), "tempo: 9000, expected"),
        (lambda c: c.update(key="H dur"), 'key: key "H dur"'),
        (lambda c: c.update(meter="4"), "meter: "),
        (
            lambda c: c["parts"][0]["notes"]["verse/1"].append([1, 2]),
            r"parts\[0\].notes.verse/1\[8\]: \[1, 2\], expected a list of 5",
        ),
        (lambda c: c["parts"][0]["notes"]["verse/1"][0].__setitem__(2, 200), "expected a whole number from 0 to 127"),
        (lambda c: c["parts"][0].update(notes="x"), r'parts\[0\].notes: "x", expected a list'),
        (lambda c: c["sections"][0]["chords"][0].__setitem__(2, "H7"), '"H7" is no chord'),
        (lambda c: c["sections"][0].update(kind="coda"), r"sections\[0\].kind: \"coda\", expected one of intro"),
        (lambda c: c["receipt"].update(seed="7"), 'receipt\'s "seed" is "7", expected int'),
        (lambda c: c.update(tree=[1, 2]), "tree: no derivation tree"),
        (lambda c: c.update(receipt=[]), '"version" is missing'),
    ],
)
def test_a_wrong_value_is_named_in_one_line(change, message):
    content = json.loads(song_file(small_song()))
    change(content)
    with pytest.raises(SongFileError, match=message) as caught:
        read_song_file(json.dumps(content).encode(), "x.song.json")
    assert str(caught.value).startswith("x.song.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}', b"1" * 5000]
)
def test_what_is_no_song_file_is_refused(data):
    with pytest.raises(SongFileError):
        read_song_file(data)


SCHEMA = json.loads((Path(songread.__file__).parent / "song.schema.json").read_text(encoding="utf-8"))
MADE = [
    bench.document(small_song()),
    bench.solo(bench.mute(bench.lock(bench.document(small_song()), "verse/bass", "intro"), "lead"), "drums"),
    bench.undo(bench.set_tempo(bench.set_tempo(bench.document(small_song()), 90), 91)),
    bench.document(
        compose(make_request(seed=5, chords={"verse": "Em C"}, length="3:00", mood="dark", hook=2, energy=1))
    ),
    bench.reroll(bench.document(compose(make_request(seed=3))), "verse/bass"),
]


def test_a_midi_file_is_sent_to_open():
    with pytest.raises(SongFileError, match="is MIDI") as caught:
        read_song_file(midi(small_song()), "a.mid")
    assert caught.value.hint == "open one of ours with: hookline open a.mid"


@pytest.mark.parametrize("number", range(len(MADE)))
def test_what_is_written_follows_the_schema(number):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(document_file(MADE[number])), SCHEMA)


@pytest.mark.parametrize("key", ["format", "receipt", "sections", "parts"])
def test_the_schema_asks_for_what_reading_asks_for(key):
    jsonschema = pytest.importorskip("jsonschema")
    content = json.loads(document_file(MADE[0]))
    del content[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)
    with pytest.raises(SongFileError):
        read_document(json.dumps(content).encode())
