"""What holds for every song, whatever the style and the seed: the rules that no chance may break."""

from __future__ import annotations

from functools import lru_cache
from statistics import mean

import pytest
from rules import hold

from engine.export.chart import chart
from engine.export.midi import midi
from engine.export.songfile import song_file
from engine.export.songread import read_song_file
from engine.perform import perform
from engine.pipeline import compose
from engine.request import make_request
from engine.song import Song
from engine.style import names

FEW = [(style, seed) for style in names() for seed in range(5)]
MANY = [(style, seed) for style in names() for seed in range(5, 45 if style in ("rock", "punk") else 12)]
PARTS = {"melody", "lead", "rhythm", "bass", "drums"}


@lru_cache(maxsize=64)
def song_of(style: str, seed: int, **options) -> Song:
    return compose(make_request(style=style, seed=seed, **options))


def check(song: Song) -> None:
    """Raise AssertionError for the first rule that a song breaks."""
    bar = song.meter.bar
    assert 120 <= song.seconds <= 300, song.seconds
    assert sum(section.kind == "chorus" for section in song.sections) >= 2
    assert {part.name for part in song.parts} == PARTS
    hold(song)
    busy = set()
    for part in song.parts:
        for note in part.notes:
            busy |= set(range(note.start // bar, (note.start + note.length - 1) // bar + 1))
    assert busy == set(range(song.bars)), f"silent bars {sorted(set(range(song.bars)) - busy)}"
    sung = [section for section in song.sections if section.kind == "bridge"]
    for section in sung:
        first, last = section.start_bar * bar, (section.start_bar + section.bars) * bar
        # Pick-ups into what follows may begin in the last beat.
        assert not [n for n in song.part("melody").notes if first <= n.start < last - bar // 4], "a sung bridge"
    for name, notes in perform(song).items():
        assert all(1 <= note.velocity <= 127 and note.length > 0 and note.start >= 0 for note in notes), name


@pytest.mark.parametrize(("style", "seed"), FEW)
def test_a_song_breaks_no_rule(style, seed):
    check(song_of(style, seed))


@pytest.mark.slow
@pytest.mark.parametrize(("style", "seed"), MANY)
def test_two_hundred_songs_break_no_rule(style, seed):
    check(song_of(style, seed))


@pytest.mark.parametrize(("style", "seed"), FEW[::2])
def test_a_song_file_gives_the_same_song(style, seed):
    song = song_of(style, seed)
    again = read_song_file(song_file(song))
    assert again == song
    assert midi(again) == midi(song)
    assert chart(again) == chart(song)


@pytest.mark.parametrize("part", sorted(PARTS))
def test_another_take_of_a_part_leaves_all_others_as_they_were(part):
    song = song_of("rock", 3)
    again = compose(make_request(style="rock", seed=3, takes={f"chorus/{part}": 1}))
    changed = {one.name for one, other in zip(song.parts, again.parts, strict=True) if one.notes != other.notes}
    assert changed <= {part}
    assert (song.sections, song.key, song.tempo) == (again.sections, again.key, again.tempo)
    before, after = perform(song), perform(again)
    assert all(before[name] == after[name] for name in PARTS - {part})


def test_another_take_is_another_melody():
    song = song_of("rock", 3)
    assert compose(make_request(seed=3, takes={"chorus/melody": 1})).part("melody") != song.part("melody")


def test_options_are_kept():
    song = compose(make_request(seed=5, key="E minor", tempo=148, form="V C V C B C B C", chords={"verse": "Em C G D"}))
    assert (str(song.key), song.tempo) == ("E minor", 148)
    kinds = [section.kind for section in song.sections]
    assert [kind for kind in kinds if kind in ("verse", "chorus", "bridge")] == [
        "verse", "chorus", "verse", "chorus", "bridge", "chorus", "bridge", "chorus",
    ]  # fmt: skip
    verse = next(section for section in song.sections if section.kind == "verse")
    assert [span.chord.symbol(song.key) for span in verse.chords][:4] == ["Em", "C", "G", "D"]


@pytest.mark.parametrize("length", ["2:10", "3:00", "4:00"])
def test_the_length_asked_for_is_met(length):
    minutes, _, seconds = length.partition(":")
    asked = 60 * int(minutes) + int(seconds)
    assert abs(compose(make_request(seed=6, length=length)).seconds - asked) <= 15


def test_a_bridge_is_sung_when_asked():
    song = compose(make_request(seed=2, form="V C V C B C", bridge_melody=True))
    bridge = next(section for section in song.sections if section.kind == "bridge")
    first = bridge.start_bar * song.meter.bar
    assert [n for n in song.part("melody").notes if first <= n.start < first + bridge.bars * song.meter.bar]


def test_feel_0_is_on_the_grid():
    song = compose(make_request(seed=4, feel=0))
    for part in song.parts:
        assert [played[:3] for played in perform(song)[part.name]] == [note[:3] for note in part.notes]


def test_seeds_give_other_songs():
    songs = [song_of(style, seed) for style, seed in FEW]
    assert len({tuple(song.part("melody").notes) for song in songs}) == len(songs)
    assert len({str(song.key) for song in songs}) > 3


def test_punk_is_measurably_not_rock():
    rock, punk = ([song_of(style, seed) for seed in range(5)] for style in ("rock", "punk"))

    def per_bar(songs, part):
        return mean(len(song.part(part).notes) / song.bars for song in songs)

    def power(songs):
        spans = [span for song in songs for section in song.sections for span in section.chords]
        return mean(span.chord.quality == "5" for span in spans)

    assert min(song.tempo for song in punk) > mean(song.tempo for song in rock)
    assert mean(song.seconds for song in punk) < mean(song.seconds for song in rock)
    assert power(punk) > power(rock) + 0.3
    assert per_bar(punk, "bass") > per_bar(rock, "bass")


def test_a_riff_with_room_for_no_note_is_silent():
    # The interlude of this song is so short before the voice's pick-up that the riff's last bar has no note.
    assert compose(make_request(seed=836)).part("lead").notes
