"""Wishes as words, and what is wrong with some."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from engine.plan.keeping import Frame, can_be_kept, colliding
from engine.plan.wishes import At, Wishes, for_bars, one_voice, parse_wishes, together, wish
from engine.theory.meter import Meter

FRAME = Frame(Meter(), 4, 0, 64, (50, 74), 62, 2, 58)


def names(text: str) -> list[str]:
    return [str(one) for one in colliding(parse_wishes(text), FRAME)]


def test_a_place_is_bar_beat_and_sixteenth():
    assert At(2, 3).slot(Meter()) == 16 + 8
    assert At(1, 2, 3).slot(Meter()) == 6
    assert At(2, 2).slot(Meter(6, 8)) == 12 + 6


@pytest.mark.parametrize("at", [At(1, 5), At(1, 1, 5)])
def test_a_place_that_the_metre_has_not(at):
    with pytest.raises(UsageError, match=r"a bar of 4/4 has 4 beats of 4 sixteenths"):
        at.slot(Meter())


def test_all_wishes_in_words():
    text = "pin 2.3=E4; avoid F#; first A3; last C4; highest E5@3; range A3-E5; contour arch; density 0.6; like 2"
    assert str(parse_wishes(text)) == text


def test_flats_are_read_and_a_pitch_may_be_avoided_in_one_octave():
    assert parse_wishes("avoid Gb G4").avoid == (6, 67)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("pin E4", r'pin "E4": expected BAR.BEAT=NOTE'),
        ("pin 1.1=H4", 'pin 1.1: "H4" is no pitch'),
        ("avoid", "avoid: expected notes"),
        ("first E9", "first: nobody sings E9"),
        ("highest E5@x", 'highest "E5@x": expected NOTE@BAR'),
        ("range E5-A3", "range E5-A3: E5 lies above A3"),
        ("range E5", 'range "E5": expected LOWEST-HIGHEST'),
        ("contour wave", 'contour "wave": unknown'),
        ("density 3", 'density "3": expected 0.01 to 1'),
        ("density nan", 'density "nan": expected 0.01 to 1'),
        ("rhythm 0", 'rhythm "0": expected SLOT:LENGTH'),
        ("like x", 'like "x": expected the number of a take'),
        ("sing E4", '"sing" is no wish'),
        ("first A3; first B3", "first is asked for twice"),
    ],
)
def test_what_cannot_be_read_is_told(words, said):
    with pytest.raises(UsageError, match=said):
        parse_wishes(words)


def test_what_is_asked_twice_alike_is_one_wish():
    assert together((wish("pin", "1.1=A3"), wish("pin", "1=A3"), wish("avoid", "F"))) == Wishes(((At(1), 57),), (5,))


def test_one_voice_sings_one_note_at_a_time():
    assert one_voice([(4, 9), (0, 8), (4, 2)]) == ((0, 4), (4, 9))


def test_a_rhythm_goes_round_and_is_cut():
    assert for_bars(((0, 4), (14, 4)), 2, Meter()) == ((0, 4), (14, 2), (16, 4), (30, 4))
    assert for_bars(((0, 4), (20, 4)), 1, Meter()) == ((0, 4),)
    assert for_bars(((86, 4),), 4, Meter()) == ((22, 4), (54, 4))


@pytest.mark.parametrize(
    ("asked", "few"),
    [
        ("pin 2.3=E4; pin 2.3=F4; first A3", ["pin 2.3=E4", "pin 2.3=F4"]),
        ("pin 2.3=E4; avoid E; contour arch", ["pin 2.3=E4", "avoid E"]),
        ("range A3-E4; first F4; last A3", ["first F4", "range A3-E4"]),
        ("highest E5@3; pin 1.1=E5", ["pin 1.1=E5", "highest E5@3"]),
        ("first A3; pin 1.1=C4", ["pin 1.1=C4", "first A3"]),
        (
            "density 0.05; pin 1.1=C4; pin 2.1=D4; pin 3.1=E4",
            ["pin 1.1=C4", "pin 2.1=D4", "pin 3.1=E4", "density 0.05"],
        ),
        ("contour level; pin 1.1=C4; pin 4.1=C5; density 0.5", ["pin 1.1=C4", "pin 4.1=C5", "contour level"]),
        ("contour rise; first E4; last C4", ["first E4", "last C4", "contour rise"]),
        ("contour arch; first E4; last C4; highest E5; density 0.7", []),
        ("rhythm 0:4 8:4; pin 1.2=E4", ["pin 1.2=E4", "rhythm 0:4 8:4"]),
        ("rhythm 0:4 8:4; density 0.5", ["density 0.5", "rhythm 0:4 8:4"]),
        ("pin 1.1=E2; pin 2.1=C6", ["pin 1.1=E2", "pin 2.1=C6"]),
    ],
)
def test_those_that_collide_are_named_and_no_others(asked, few):
    assert names(asked) == few
    assert can_be_kept(parse_wishes(asked), FRAME) == (not few)
