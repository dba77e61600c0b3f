"""Whole files heard: made-up bands whose answer is known, and songs of our own."""

from __future__ import annotations

import numpy as np
import pytest
from midi_bytes import band, midi, signature, track

from engine.api import compose
from engine.export import encode
from engine.learn.listen import Skipped, listen, listen_bytes, listen_each
from engine.learn.raw import Unheard
from engine.learn.song import PITCH, START, Heard
from engine.theory.meter import Meter


def heard(data: bytes, name: str = "x.mid") -> Heard:
    (song,) = listen_bytes(data, name)
    assert isinstance(song, Heard), song
    return song


@pytest.fixture(scope="module")
def ours() -> tuple[object, Heard]:
    song = compose(seed=3)
    return song, heard(encode(song, "song.mid"))


def test_chords_of_a_band_are_heard():
    song = heard(band(metas=[signature(4, 4)]))
    assert [span.chord.symbol(song.key) for span in song.chords[:4] if span.chord] == ["Am", "F", "C", "G"]
    assert [span.length for span in song.chords[:4]] == [1920] * 4
    assert song.key.tonic in (9, 0)


def test_roles_of_a_band_are_heard():
    song = heard(band(metas=[signature(4, 4)]))
    assert [track.role for track in song.tracks][1:] == ["rhythm", "bass", "drums"]
    assert song.tracks[0].role not in ("bass", "drums", "rhythm")


def test_drums_off_their_channel_are_known_and_told():
    song = heard(band(drum_channel=5))
    assert song.tracks[3].role == "drums"
    assert any("off the drum channel" in problem for problem in song.problems)


@pytest.mark.parametrize("beats", [4, 3])
@pytest.mark.parametrize("shift", [0, 360, 840])
def test_bar_lines_are_found_without_a_signature(beats, shift):
    song = heard(band(beats=beats, shift=shift))
    assert song.meter == Meter(beats, 4)
    assert song.bars_by == "heard"
    bass = song.played("bass")[0].notes
    assert bass[0, START] == 0
    assert any("no time signature" in problem for problem in song.problems)


def test_a_signature_is_believed_where_it_fits():
    song = heard(band(metas=[signature(4, 4)]))
    assert (song.bars_by, song.meters[0].meter, len(song.bars) - 1) == ("file", Meter(4, 4), 32)


def test_an_anacrusis_lies_before_the_first_bar():
    notes = [(480 * n, 460, 60 + n % 5) for n in range(3, 64)]
    song = heard(midi(track(notes, metas=[signature(4, 4)])))
    assert song.anacrusis == 480
    assert song.bars[0] == 0
    assert song.tracks[0].notes[0, START] == -480


def test_phrases_that_come_again_share_a_label():
    song = heard(band(bars=48, metas=[signature(4, 4)]))
    at = {bar: phrase.label for phrase in song.phrases for bar in range(phrase.first, phrase.first + phrase.bars)}
    assert at[2] == at[18] == at[34]
    assert at[10] == at[26] == at[42]


def test_markers_of_the_file_are_believed():
    marks = [(1920 * bar, 0x06, text) for bar, text in ((0, b"Intro"), (4, b"Verse 1"), (20, b"CHORUS"))]
    song = heard(band(metas=[signature(4, 4), *marks]))
    kinds = {section.first: section.kind for section in song.sections}
    assert (kinds[0], kinds[4], kinds[20]) == ("intro", "verse", "chorus")
    assert song.sections_by == "file"


def test_sections_cover_every_bar_once(ours):
    song = ours[1]
    bars = [bar for section in song.sections for bar in range(section.first, section.first + section.bars)]
    assert bars == list(range(len(song.bars) - 1))
    phrased = [bar for phrase in song.phrases for bar in range(phrase.first, phrase.first + phrase.bars)]
    assert phrased == bars


def test_the_key_and_the_tempo_of_our_own_song_are_heard(ours):
    made, song = ours
    assert song.key.tonic == made.key.tonic
    assert song.tempo == pytest.approx(made.tempo, rel=0.01)


def test_the_chords_of_our_own_song_are_heard(ours):
    made, song = ours
    right = total = 0
    for section in made.sections:
        for span in section.chords:
            middle = section.start_bar * made.meter.bar + span.start + span.length // 2
            mine = next((other for other in song.chords if other.start <= middle < other.start + other.length), None)
            right += span.length * (mine is not None and mine.chord is not None and mine.chord.root == span.chord.root)
            total += span.length
    assert right / total > 0.75


def test_nothing_of_a_heard_song_can_be_changed(ours):
    with pytest.raises(ValueError, match="read-only"):
        ours[1].tracks[0].notes[0, PITCH] = 1


def test_the_same_file_is_heard_the_same_twice():
    one, two = heard(band()), heard(band())
    assert one.chords == two.chords
    assert one.sections == two.sections
    assert all(np.array_equal(a.notes, b.notes) for a, b in zip(one.tracks, two.tracks, strict=True))


def test_drums_alone_are_heard():
    song = heard(midi(track([(480 * n, 60, 36 + 2 * (n % 2)) for n in range(64)], 9)))
    assert [track.role for track in song.tracks] == ["drums"]
    assert all(span.chord is None for span in song.chords)


def test_a_lead_sheet_keeps_its_chords_and_bars():
    abc = "X:1\nT:t\nM:3/4\nL:1/4\nK:G\n" + '"Em"E G B|"Am"A c e|"D7"d c A|"G"G2 z|' * 4 + "\n"
    song = heard(abc.encode(), "tune.abc")
    assert (song.meter, song.bars_by, song.chords_by) == (Meter(3, 4), "file", "file")
    assert [span.chord.symbol(song.key) for span in song.chords[:4] if span.chord] == ["Em", "Am", "D7", "G"]
    assert [track.role for track in song.tracks] in (["melody"], ["lead"])


def test_too_few_notes_are_no_song():
    (skipped,) = listen_bytes(midi(track([(0, 480, 60)])), "x.mid")
    assert skipped == Skipped("x.mid", "holds 1 notes, too few for a song")


def test_a_file_is_listened_to_by_its_path(tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(band())
    assert listen(path).name == "song.mid"
    assert isinstance(next(listen_each(path)), Heard)


def test_a_missing_file_has_its_reason(tmp_path):
    with pytest.raises(Unheard, match="No such file"):
        listen(tmp_path / "none.mid")
    (skipped,) = listen_each(tmp_path / "none.mid")
    assert isinstance(skipped, Skipped)


def test_a_track_with_a_tuned_instrument_is_no_drummer():
    # Low, short and always the same: as a bass drum would be, but that it is a tuba.
    thumps = [(480 * n, 100, 36 if n % 2 else 38) for n in range(128)]
    song = heard(midi(track(metas=[signature(4, 4)]), track(thumps, 0, 58), track(thumps, 1, 52)))
    assert all(one.role != "drums" for one in song.tracks)
