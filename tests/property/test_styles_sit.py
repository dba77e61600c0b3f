"""Each style's tempo, groove and chords sit where its sources say; no two of those claims are about instruments."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from statistics import mean, median

import pytest

from engine.pipeline import compose
from engine.request import make_request
from engine.song import GHOST, Song
from engine.style import load, names
from engine.theory.gm import KIT

SEEDS = 5


@lru_cache
def songs(style: str) -> tuple[Song, ...]:
    return tuple(compose(make_request(style=style, seed=seed, feel=0)) for seed in range(SEEDS))


def spans(style: str):
    return [(span, song) for song in songs(style) for section in song.sections for span in section.chords]


def share(style: str, wanted) -> float:
    """Return the share of time that chords have of which ``wanted`` is true."""
    found = spans(style)
    return sum(s.length for s, song in found if wanted(s, song)) / sum(s.length for s, _ in found)


def root(*degrees: int):
    return lambda span, song: (span.chord.root - song.key.tonic) % 12 in degrees


def per_bar(style: str, count) -> float:
    return mean(sum(map(count, song.part("drums").notes)) / song.bars for song in songs(style))


@pytest.mark.parametrize("name", names())
def test_tempo_and_length_are_the_styles(name):
    style = load(name)
    assert all(style.tempo[0] <= song.tempo <= style.tempo[2] for song in songs(name))
    assert abs(median(song.tempo for song in songs(name)) - style.tempo[1]) <= (style.tempo[2] - style.tempo[0]) / 3
    assert all(120 <= song.seconds <= 300 for song in songs(name))
    assert style.sources


def test_metal_is_on_power_chords_of_the_flat_side():
    assert share("metal", lambda span, _: span.chord.quality == "5") > 0.95
    assert share("metal", root(1, 8, 10)) > 0.12
    assert sum(note.mark == "mute" for song in songs("metal") for note in song.part("rhythm").notes) > 0
    assert min(note.pitch for song in songs("metal") for note in song.part("rhythm").notes) < 40


def test_blues_is_in_twelve_bars_of_three_chords():
    for song in songs("blues-rock"):
        verses = [section for section in song.sections if section.kind == "verse"]
        assert all(section.bars % 12 == 0 for section in verses)
        for section in verses:
            bars = [(section.chord_at(bar * song.meter.bar).chord.root - song.key.tonic) % 12 for bar in range(12)]
            assert bars[0] == 0 and bars[4] == 5 and bars[8] in (2, 7, 8), bars
    assert load("blues-rock").feel.swing == 66
    assert share("blues-rock", root(0, 5, 7)) > 0.8
    assert share("blues-rock", lambda span, _: span.chord.quality in ("7", "min7")) > 0.8


def test_funk_stays_on_one_chord_with_ghost_notes_and_sevenths():
    assert share("funk", root(0)) > 0.5
    assert share("funk", lambda span, _: span.chord.quality in ("7", "min7", "min9", "9")) > 0.3
    ghosts = {name: per_bar(name, lambda note: note.stress == GHOST) for name in ("funk", "rock", "pop")}
    assert ghosts["funk"] > 2 * max(ghosts["rock"], ghosts["pop"])


def test_pop_goes_round_without_the_flat_seventh_and_has_prechoruses():
    assert share("pop", root(0, 5, 7, 8, 9, 3)) > 0.75
    with_rise = mean(any(section.kind == "prechorus" for section in song.sections) for song in songs("pop"))
    assert with_rise > mean(
        any(section.kind == "prechorus" for section in song.sections) for song in songs("folk-rock")
    )


def test_pop_goes_round_in_four_chords():
    for song in songs("pop"):
        for section in song.sections:
            if section.kind in ("verse", "chorus") and section.bars % 8 == 0:
                bars = [section.chord_at(bar * song.meter.bar).numeral for bar in range(8)]
                assert len(set(bars[:4])) >= 2, (song.request.seed, section.name, bars)


def test_metal_has_the_snare_on_its_backbeat_and_two_feet_on_the_kick():
    assert per_bar("metal", lambda note: note.pitch == KIT["kick"]) > 1.3 * per_bar(
        "rock", lambda note: note.pitch == KIT["kick"]
    )


def test_chorales_and_pentatonic_songs_have_no_drums():
    for style in ("chorale", "chinese-pentatonic"):
        assert not any(song.part("drums").notes for song in songs(style))


def test_chinese_pop_has_the_degrees_of_pop909():
    major = [song for song in songs("chinese-pop") if not song.key.minor]
    degrees = Counter((n.pitch - song.key.tonic) % 12 for song in major for n in song.part("melody").notes)
    # POP909 in major: 88 in 100 sung notes are of the five tones.
    assert sum(degrees[d] for d in (0, 2, 4, 7, 9)) / degrees.total() > 0.8
    assert share("chinese-pop", lambda s, song: not song.key.minor and root(0, 2, 4, 5, 7, 9)(s, song)) > 0.9 * share(
        "chinese-pop", lambda s, song: not song.key.minor
    )


def test_chinese_pentatonic_sings_five_tones():
    def sung(song):
        degrees = Counter((note.pitch - song.key.tonic) % 12 for note in song.part("melody").notes)
        return sum(count for _, count in degrees.most_common(5)) / degrees.total()

    assert mean(map(sung, songs("chinese-pentatonic"))) > 0.95


def test_ballads_are_slow_and_thin_and_punk_is_neither():
    def strokes(name):
        return mean(len(song.part("drums").notes) / song.seconds for song in songs(name))

    assert strokes("ballad") < strokes("rock") < strokes("punk")
    assert max(song.tempo for song in songs("ballad")) < min(song.tempo for song in songs("punk"))


def test_folk_rock_is_plain():
    plain = share("folk-rock", lambda span, _: span.chord.quality in ("maj", "min"))
    assert plain > 0.85
    assert share("folk-rock", root(0, 5, 7, 10)) > 0.75
    assert per_bar("folk-rock", lambda note: note.pitch == KIT["kick"]) < per_bar(
        "indie", lambda n: n.pitch == KIT["kick"]
    )


def test_indie_colours_its_chords():
    coloured = share("indie", lambda span, _: span.chord.quality not in ("maj", "min", "5"))
    assert coloured > share("rock", lambda span, _: span.chord.quality not in ("maj", "min", "5"))
