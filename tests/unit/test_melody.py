"""The voice: what it may sing, and what comes back."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

import engine.style
from engine.parts import melody
from engine.parts.melody.register import register
from engine.plan.plan import Plan
from engine.song import ChordSpan, Note, Phrase, Section
from engine.theory.chord import parse_numeral
from engine.theory.key import Key
from engine.theory.meter import Meter

SEEDS = range(12)
BAR = 1920


def phrase(label: str, change: str, number: int, sung: tuple[int, int] = (0, 22)) -> Phrase:
    return Phrase(number * 32, 32, label, change, (number * 32 + sung[0], number * 32 + sung[1]))


def section(kind: str, numerals: str, phrases: tuple[Phrase, ...], tonic: int = 4) -> Section:
    chords = tuple(ChordSpan(i * BAR, BAR, parse_numeral(n, tonic), n) for i, n in enumerate(numerals.split()))
    return Section(f"{kind}/1", kind, kind, 0, len(chords), 3, "", ("melody",), chords, phrases)


VERSE = section(
    "verse", "I IV I bVII I IV V V", (phrase("a", "", 0), phrase("a", "", 1), phrase("b", "", 2), phrase("a", "end", 3))
)
CHORUS = section(
    "chorus",
    "vi IV I V " * 2,
    (phrase("a", "", 0, (-2, 20)), phrase("b", "", 1), phrase("a", "", 2, (-2, 20)), phrase("b", "vary", 3)),
)


def plan(seed: int, **changes: object) -> Plan:
    made = Plan(engine.style.load("rock"), seed, Key(4, "major"), 126, Meter(), (VERSE, CHORUS))
    return replace(made, **changes)  # type: ignore[arg-type]


def sung(seed: int, where: Section = VERSE) -> tuple[Note, ...]:
    return melody.play(plan(seed), where)


def within(notes: tuple[Note, ...], first_bar: int, end_bar: int) -> list[tuple[int, int]]:
    return [(n.start - first_bar * BAR, n.pitch) for n in notes if first_bar * BAR <= n.start < end_bar * BAR]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_note_overlaps_the_next(seed: int) -> None:
    notes = sung(seed)
    assert all(a.start + a.length <= b.start for a, b in itertools.pairwise(notes))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_voice_stays_in_its_register(seed: int) -> None:
    low, high, *_ = register(plan(seed), VERSE)
    assert all(low <= n.pitch <= high for n in sung(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_voice_sings_only_in_its_windows(seed: int) -> None:
    slots = [n.start // 120 for n in sung(seed, CHORUS)]
    windows = [p.sung for p in CHORUS.phrases]
    assert all(any(first <= slot < end for first, end in windows) for slot in slots)


def test_most_notes_lie_in_the_scale_or_the_chord_and_a_few_are_bent() -> None:
    outside = [
        (note.pitch - 4) % 12 not in Key(4, "major").scale
        and note.pitch % 12 not in VERSE.chord_at(note.start).chord.pitch_classes
        for seed in SEEDS
        for note in sung(seed)
    ]
    assert 0 < sum(outside) < 0.2 * len(outside)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_long_note_lies_a_semitone_above_its_chord(seed: int) -> None:
    notes = sung(seed)
    for note, after in itertools.pairwise(notes):
        if note.length >= 480 and after.start - note.start >= 480 and after.start // 3840 == note.start // 3840:
            chord = VERSE.chord_at(note.start).chord.pitch_classes
            assert note.pitch % 12 in chord or (note.pitch - 1) % 12 not in chord


@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_note_of_a_section_rests_on_its_chord(seed: int) -> None:
    last = sung(seed)[-1]
    assert last.pitch % 12 in VERSE.chord_at(last.start).chord.pitch_classes


@pytest.mark.parametrize("seed", SEEDS)
def test_no_leap_within_a_line_exceeds_an_octave(seed: int) -> None:
    for phrase in CHORUS.phrases:
        pitches = [n.pitch for n in sung(seed, CHORUS) if phrase.sung[0] <= n.start // 120 < phrase.sung[1]]
        assert all(abs(a - b) <= 12 for a, b in itertools.pairwise(pitches))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phrase_used_again_over_the_same_chords_is_the_same(seed: int) -> None:
    notes = sung(seed, CHORUS)
    assert within(notes, 0, 2) == within(notes, 4, 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phrase_used_again_over_other_chords_keeps_its_rhythm(seed: int) -> None:
    notes = sung(seed)
    assert [start for start, _ in within(notes, 0, 2)] == [start for start, _ in within(notes, 2, 4)]


def test_different_seeds_sing_different_lines() -> None:
    assert len({sung(seed) for seed in SEEDS}) == len(SEEDS)


def test_a_new_take_of_the_chorus_leaves_the_verse_as_it_was() -> None:
    again = plan(3, takes={"chorus/melody": 1})
    assert melody.play(again, VERSE) == sung(3)
    assert melody.play(again, CHORUS) != sung(3, CHORUS)


def test_a_section_without_windows_is_silent() -> None:
    assert melody.play(plan(1), replace(VERSE, material="bridge", phrases=(Phrase(0, 128, "a", "", (0, 0)),))) == ()


def test_a_new_take_of_one_verse_leaves_the_other_verses_as_they_were() -> None:
    verses = tuple(replace(VERSE, name=f"verse/{k}", start_bar=8 * (k - 1)) for k in (1, 2, 3))
    before = [melody.play(plan(5, sections=verses), verse) for verse in verses]
    for k in (1, 2, 3):
        again = plan(5, sections=verses, takes={f"verse/{k}/melody": 1})
        after = [melody.play(again, verse) for verse in verses]
        assert [a == b for a, b in zip(after, before, strict=True)] == [n != k for n in (1, 2, 3)]


def test_a_third_verse_has_lines_of_the_first_two() -> None:
    verses = tuple(replace(VERSE, name=f"verse/{k}", start_bar=8 * (k - 1)) for k in (1, 2, 3))
    one, two, three = ([(n.start, n.pitch) for n in melody.play(plan(5, sections=verses), verse)] for verse in verses)
    assert set(three) <= set(one) | set(two)
