"""Rules of styles that name a way of playing: where they are set, it is heard."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.pipeline import compose
from engine.request import make_request
from engine.style.load import load_file
from engine.theory.gm import KIT

ONLY = "guitar.hold: 0, guitar.arpeggio: 0, guitar.mute: 0, guitar.power: 0, guitar.strum: 0"


@pytest.fixture
def song_with(tmp_path):
    def made(rules, more="", seed=1):
        path = tmp_path / "mine.yaml"
        path.write_text(f"extends: rock\nabout: mine\nrules: {{{rules}}}\n{more}", encoding="utf-8")
        return compose(make_request(seed=seed), load_file(path))

    return made


def bars_of(song, part, *kinds):
    """Return the slots struck in each bar of sections of some kinds, but for the first and last two of a section."""
    found = []
    for section in song.sections:
        if section.kind in kinds and part in section.players:
            for bar in range(section.start_bar + 1, section.start_bar + section.bars - 2):
                groove = section.groove[bar - section.start_bar]
                if groove.fill < 0 and groove.state < 100:
                    notes = [note for note in song.part(part).notes if note.start // song.meter.bar == bar]
                    found.append([(note.start % song.meter.bar // 120, note.pitch) for note in notes])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_snare_never_leaves_its_backbeat(song_with, seed):
    for bar in bars_of(song_with("drums.two_and_four: 100", seed=seed), "drums", "verse", "chorus"):
        struck = {slot for slot, pitch in bar if pitch in (KIT["snare"], KIT["stick"])}
        assert {4, 12} <= struck or 8 in struck


def test_the_kick_is_on_all_four_beats(song_with):
    for bar in bars_of(song_with("drums.four: 100"), "drums", "chorus"):
        assert {0, 4, 8, 12} <= {slot for slot, pitch in bar if pitch == KIT["kick"]}


def test_two_feet_run(song_with):
    kicks = [
        sum(pitch == KIT["kick"] for _, pitch in bar)
        for bar in bars_of(song_with("drums.double_kick: 100, drums.one_groove: 0"), "drums", "chorus")
    ]
    assert min(kicks) >= 8


def test_a_skank_is_off_every_beat(song_with):
    for bar in bars_of(song_with(f"guitar.skank: 1000, {ONLY}"), "rhythm", "verse", "chorus"):
        assert {slot for slot, _ in bar} == {2, 6, 10, 14}


def test_a_boogie_has_the_fifth_and_the_sixth(song_with):
    song = song_with(f"guitar.boogie: 1000, {ONLY}, harmony.power: 0")
    upper = {}
    for bar in bars_of(song, "rhythm", "verse"):
        for slot in range(0, 16, 2):
            low, high = sorted(pitch for at, pitch in bar if at == slot)
            upper.setdefault(slot // 4 % 2, set()).add(high - low)
    assert upper == {0: {7}, 1: {9}}


def test_scratches_are_choked_more_often_than_not_at_all(song_with):
    notes = song_with(f"guitar.scratch: 1000, guitar.notes: 140, {ONLY}").part("rhythm").notes
    muted = sum(note.mark == "mute" for note in notes)
    assert 0.1 < muted / len(notes) < 0.7


def test_a_bass_walks_in_beats(song_with):
    slots = Counter(note.start % 1920 // 120 for note in song_with("bass.walk: 100, bass.kick: 100").part("bass").notes)
    assert sum(slots[slot] for slot in (0, 4, 8, 12)) > 0.6 * slots.total()


def test_riffs_leave_the_tonic_and_the_bass_goes_with_the_guitar(song_with):
    song = song_with(
        "guitar.riff: 100, harmony.power: 100", "modes: {phrygian: 1}\ngrammars: {weights: {harmony.verse-one: 9000}}\n"
    )
    tonic = song.key.tonic
    roots = Counter()
    for section in song.sections:
        for span in section.chords:
            if span.chord.root == tonic:
                start = section.start_bar * 1920 + span.start
                low = {}
                for part in ("rhythm", "bass"):
                    for note in song.part(part).notes:
                        if start <= note.start < start + span.length and note.mark != "mute":
                            low.setdefault(note.start, {}).setdefault(part, note.pitch % 12)
                roots.update((pair.get("rhythm", tonic) - tonic) % 12 for pair in low.values())
    assert roots.total() - roots[0] > 0.1 * roots.total()
    assert roots[1] > 0  # the flat second


def test_nothing_is_played_between_shuffled_eighths(song_with):
    song = song_with("drums.ghost: 400, bass.notes: 100", "feel: {swing: 66}\n")
    for part in ("drums", "bass"):
        fills = {
            section.start_bar + number
            for section in song.sections
            for number, groove in enumerate(section.groove)
            if groove.fill >= 0 or groove.state >= 100
        }
        odd = [note for note in song.part(part).notes if note.start % 240 and note.start // 1920 not in fills]
        assert not odd, (part, odd[:3])


def test_a_voice_keeps_to_eighths(song_with):
    notes = song_with("melody.sixteenths: 0").part("melody").notes
    assert sum(note.start % 240 > 0 for note in notes) < 0.12 * len(notes)


def test_voices_do_not_cross_and_seldom_go_in_parallels():
    faults = moves = 0
    for seed in range(3):
        song = compose(make_request(style="chorale", seed=seed))
        lines = []
        for name in ("melody", "lead", "rhythm", "bass"):
            notes = song.part(name).notes
            lines.append(
                {beat: n.pitch for n in notes for beat in range(-(-n.start // 480), -(-(n.start + n.length) // 480))}
            )
        for beat in range(song.bars * 4 - 1):
            for upper in range(4):
                for lower in range(upper + 1, 4):
                    pair = [(lines[upper].get(at), lines[lower].get(at)) for at in (beat, beat + 1)]
                    (a, b), (c, d) = pair
                    if None in (a, b, c, d) or a == c or b == d:
                        continue
                    moves += 1
                    faults += (a - b) % 12 == (c - d) % 12 and (a - b) % 12 in (0, 7)
    assert moves > 300
    assert faults < 0.01 * moves
