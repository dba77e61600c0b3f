from __future__ import annotations

import pytest
from bands import BAND, EVERYBODY, band_plan, band_section, rock

from engine.parts import rhythm
from engine.parts.rhythm.pattern import TEXTURES
from engine.parts.rhythm.reading import answers
from engine.song import Note, Section
from engine.theory.chord import QUALITIES, Chord, parse_symbol
from engine.theory.fretboard import TUNING, power_shapes, shapes
from engine.theory.meter import Meter

VERSE, OUTRO = band_section("verse"), band_section("outro", bars=4)
ONLY = {f"guitar_{name}": 0 for name in TEXTURES}


def played(section: Section, seed: int = 1, **rules: int) -> tuple[Note, ...]:
    return rhythm.play(band_plan(section, OUTRO, seed=seed, style=rock(**rules)), section)


def only(texture: str) -> dict[str, int]:
    return {**ONLY, f"guitar_{texture}": 100}


def test_same_seed_same_strokes() -> None:
    assert played(VERSE) == played(VERSE)


def test_open_g_is_the_open_chord() -> None:
    assert shapes(parse_symbol("G"), 40, 76)[0].pitches == (43, 47, 50, 55, 62, 67)


def test_e_barre_at_the_first_fret_is_f() -> None:
    assert (41, 48, 53, 57, 60, 65) in [shape.pitches for shape in shapes(parse_symbol("F"), 40, 76)]


def test_power_chord_is_root_fifth_and_octave() -> None:
    assert power_shapes(parse_symbol("G5"), 40, 76)[0].pitches == (43, 50, 55)


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_shape_holds_only_tones_of_its_chord(quality: str) -> None:
    for root in range(12):
        chord = Chord(root, quality, root)
        for shape in shapes(chord, 40, 76):
            assert {pitch % 12 for pitch in shape.pitches} <= set(chord.pitch_classes), (chord, shape)


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_shape_can_be_fingered(quality: str) -> None:
    for root in range(12):
        for shape in shapes(Chord(root, quality, root), 40, 76):
            pitches = list(shape.pitches)
            assert len(pitches) <= len(TUNING) and pitches == sorted(set(pitches))


def test_mutes_are_short_and_low() -> None:
    mutes = [n for seed in range(6) for n in played(VERSE, seed, **only("mute")) if n.mark == "mute"]
    assert mutes and all(note.length == 120 for note in mutes)


def test_strums_are_never_muted() -> None:
    assert not [n for seed in range(6) for n in played(VERSE, seed, **only("strum")) if n.mark]


def test_broken_chords_sound_one_string_at_a_time() -> None:
    notes = played(VERSE, **only("arpeggio"))
    assert len({note.start for note in notes}) == len(notes)


def test_held_chords_are_struck_on_beats_alone() -> None:
    assert all(note.start % 480 == 0 for note in played(VERSE, **only("hold")))


def test_every_chord_change_is_struck() -> None:
    for seed in range(6):
        starts = {note.start for note in played(VERSE, seed)}
        assert {span.start for span in VERSE.chords} <= starts


def test_guitar_can_ring_through_the_fill() -> None:
    section = band_section("verse", fill=8)
    notes = played(section, guitar_stop=100)
    assert max(note.start for note in notes) == 7 * 1920 + 960


def test_final_chord_is_held() -> None:
    plan = band_plan(VERSE, OUTRO)
    last = [note for note in rhythm.play(plan, plan.sections[1]) if note.start >= 3 * 1920]
    assert len(last) > 1 and {(note.start, note.length) for note in last} == {(3 * 1920, 1440)}


def test_plays_in_three_four_and_six_eight() -> None:
    for meter in (Meter(3, 4), Meter(6, 8), Meter(7, 8)):
        section = band_section("verse", meter=meter)
        notes = rhythm.play(band_plan(section, meter=meter), section)
        assert {note.start // meter.bar for note in notes} == set(range(8))


def test_sung_sections_have_fewer_strokes_by_their_rule() -> None:
    sung = band_section("verse", players=EVERYBODY)

    def strokes(room: int) -> int:
        return sum(len({n.start for n in played(sung, seed, guitar_room=room, guitar_answer=0)}) for seed in range(12))

    assert strokes(40) < strokes(100)


def test_answers_lie_in_the_gaps_of_the_voice() -> None:
    sung = band_section("verse", players=EVERYBODY, sung=(0, 16))
    room = answers(band_plan(sung, OUTRO, style=rock(guitar_answer=100)), sung)
    windows = [phrase.sung for phrase in sung.phrases]
    for bar, mask in enumerate(room):
        for slot in range(16):
            voiced = any(first <= 16 * bar + slot < last for first, last in windows)
            assert not (voiced and mask >> slot & 1)
    assert any(room)


def test_the_guitar_plays_more_where_it_answers() -> None:
    sung = band_section("verse", players=EVERYBODY, sung=(0, 16))
    counts = []
    for share in (0, 100):
        counts.append(sum(len({n.start for n in played(sung, seed, guitar_answer=share)}) for seed in range(12)))
    assert counts[0] < counts[1]


def test_nobody_is_answered_where_nobody_sings() -> None:
    section = band_section("solo", players=BAND)
    assert not any(answers(band_plan(section, OUTRO), section))
