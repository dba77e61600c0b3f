"""What songs lack is told, and so is what could not be measured for it."""

from __future__ import annotations

import io

import pytest

from engine.export.midi import midi
from engine.measure.gaps import gaps_of, told_gaps
from engine.measure.measures import measure
from engine.measure.midi import piece_from_midi
from engine.measure.piece import Piece, Span, even_bars
from engine.measure.reference import Group
from engine.measure.report import compare
from engine.theory.meter import Meter
from tests.fakes import small_song

mido = pytest.importorskip("mido")


def without(tmp_path, *types, rename=None, marker=None):
    """The small song's MIDI file without some kinds of message."""
    file = mido.MidiFile(file=io.BytesIO(midi(small_song())))
    for track in file.tracks:
        kept, waited = [], 0
        for message in track:
            if message.type in types:
                waited += message.time
                continue
            new = message.copy(time=message.time + waited)
            if new.type == "track_name" and new.name == "Melody" and rename:
                new.name = rename
            if new.type == "marker" and marker:
                new.text = marker
            kept.append(new)
            waited = 0
        track[:] = kept
    path = tmp_path / "song.mid"
    file.save(path)
    return path


def test_a_file_of_ours_lacks_nothing(tmp_path):
    piece = piece_from_midi(without(tmp_path))
    assert gaps_of([piece], [], []).missing == ()
    assert piece.estimated == ()


def test_without_markers_there_are_no_sections(tmp_path):
    piece = piece_from_midi(without(tmp_path, "marker"))
    group = Group("g", "x", {"n_verse": (1, 2, 3), "mel_range": (1, 2, 3)})
    gaps = gaps_of([piece, piece], compare([measure(piece)] * 2, [group]), [group])
    assert [(gap.what, gap.songs) for gap in gaps.missing] == [("sections", 2)]
    assert gaps.unmeasured == ("n_verse",)
    assert told_gaps(gaps) == [
        "no sections in 2 of 2 songs (looked for: markers such as Verse 1)",
        "not measured in any song: n_verse",
    ]


def test_without_chord_texts_chords_are_estimated(tmp_path):
    piece = piece_from_midi(without(tmp_path, "text", "key_signature"))
    assert piece.estimated == ("tonic", "chords")
    assert piece.chords
    assert [gap.what for gap in gaps_of([piece], [], []).estimated] == ["chords", "tonic"]


@pytest.mark.parametrize("name", ["Lead Vocals", "VOX", "Singer"])
def test_a_voice_has_many_names(tmp_path, name):
    assert len(piece_from_midi(without(tmp_path, rename=name)).melody) == 8


def test_a_nameless_voice_is_no_melody(tmp_path):
    piece = piece_from_midi(without(tmp_path, rename="Track 2"))
    assert [gap.what for gap in gaps_of([piece], [], []).missing] == ["melody"]


@pytest.mark.parametrize(
    ("marker", "kind"),
    [
        ("Guitar Solo", "solo"),
        ("PRE-CHORUS 2", "prechorus"),
        ("2nd Verse", "verse"),
        ("Refrain", "chorus"),
        ("A", "other"),
    ],
)
def test_markers_are_read_as_people_write_them(tmp_path, marker, kind):
    assert {span.kind for span in piece_from_midi(without(tmp_path, marker=marker)).sections} == {kind}


def test_nothing_missing_is_nothing_told():
    piece = Piece("x", 0, Meter(), even_bars(1, 16), (Span("verse", 0, 1),))
    gaps = gaps_of([], [], [])
    assert told_gaps(gaps) == [] and gaps_of([piece], [], []).missing[0].what == "melody"
