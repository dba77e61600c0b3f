from __future__ import annotations

from bands import band_plan, band_section, rock

from engine.models import bass_tones
from engine.parts import bass
from engine.pipeline import compose
from engine.song import Note, Request
from engine.theory.chord import parse_numeral, parse_symbol
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

VERSE, CHORUS = band_section("verse"), band_section("chorus", energy=5)
OUTRO = band_section("outro", bars=4)


def slots(notes: tuple[Note, ...], bar: int) -> list[int]:
    return [note.start // SLOT % 16 for note in notes if note.start // 1920 == bar]


def share(kind: str, seeds: range, **rules: int) -> float:
    """The share of roots among the notes on a downbeat."""
    found = []
    for seed in seeds:
        section = band_section(kind)
        plan = band_plan(section, OUTRO, seed=seed, style=rock(**rules))
        roots = [span.chord.bass for span in section.chords]
        found += [n.pitch % 12 == roots[n.start // 1920] for n in bass.play(plan, section) if n.start % 1920 == 0]
    return sum(found) / len(found)


def test_same_seed_same_line() -> None:
    assert bass.play(band_plan(VERSE, OUTRO), VERSE) == bass.play(band_plan(VERSE, OUTRO), VERSE)


def test_another_seed_another_line() -> None:
    assert bass.play(band_plan(VERSE, OUTRO, seed=1), VERSE) != bass.play(band_plan(VERSE, OUTRO, seed=2), VERSE)


def test_figure_comes_back_with_its_chord() -> None:
    plan = band_plan(band_section("verse", numerals="i"), OUTRO)
    notes = bass.play(plan, plan.sections[0])
    bars = [tuple((n.start % 1920, n.pitch) for n in notes if n.start // 1920 == bar) for bar in range(6)]
    assert len(set(bars)) <= 4


def test_second_use_of_a_material_differs_in_its_last_bar_alone() -> None:
    first, second = band_section("verse", 1), band_section("verse", 2)
    plan = band_plan(first, CHORUS, second, OUTRO)
    one, two = (bass.play(plan, plan.sections[at]) for at in (0, 2))
    assert [n[:3] for n in one if n.start < 6 * 1920] == [n[:3] for n in two if n.start < 6 * 1920]


def test_take_of_one_section_leaves_the_other() -> None:
    first, second = band_section("verse", 1), band_section("verse", 2)
    before, after = band_plan(first, second, OUTRO), band_plan(first, second, OUTRO, takes={"verse/2/bass": 1})
    assert bass.play(before, before.sections[0]) == bass.play(after, after.sections[0])
    assert bass.play(before, before.sections[1]) != bass.play(after, after.sections[1])


def test_roots_follow_their_rule() -> None:
    assert share("verse", range(12), bass_root=6400) > share("verse", range(12), bass_root=100)


def test_roots_stand_on_downbeats_as_often_as_in_rock() -> None:
    assert 0.62 <= share("verse", range(30)) <= 0.97


def test_kick_is_doubled_more_by_its_rule() -> None:
    def doubled(weight: int) -> int:
        count = 0
        for seed in range(10):
            plan = band_plan(VERSE, OUTRO, seed=seed, style=rock(bass_kick=weight))
            struck = [slots(bass.play(plan, VERSE), bar) for bar in range(8)]
            count += sum(slot in bar for bar in struck for slot in (0, 8, 10))
        return count

    assert doubled(1600) > doubled(100)


def test_low_energy_plays_fewer_notes() -> None:
    def count(energy: int) -> int:
        section = band_section("verse", energy=energy)
        return sum(len(bass.play(band_plan(section, OUTRO, seed=seed), section)) for seed in range(10))

    assert count(1) < count(3) < count(5)


def test_final_bar_is_one_held_root() -> None:
    plan = band_plan(VERSE, OUTRO)
    last = [note for note in bass.play(plan, plan.sections[1]) if note.start >= 3 * 1920]
    assert [(n.start, n.length, n.pitch % 12) for n in last] == [(3 * 1920, 1440, OUTRO.chords[3].chord.root)]


def test_slash_chord_is_played_from_its_bass() -> None:
    section = band_section("verse", numerals="I/V", tonic=0)
    plan = band_plan(section, OUTRO, key=Key(0), style=rock(bass_root=6400))
    assert all(n.pitch % 12 == 7 for n in bass.play(plan, section) if n.start % (4 * 1920) == 0)


def test_allowed_keeps_the_other_third_out() -> None:
    assert bass_tones.allowed(parse_symbol("E"), Key(9, "minor")) == {0, 3 + 1, 7, 5, 8 + 2} - {8}


def test_riff_third_follows_the_chord() -> None:
    assert bass_tones.snap(4, parse_numeral("i", 4), Key(4, "minor")) == 3


def test_tones_forbid_what_is_outside_but_lets_half_steps_lead() -> None:
    chord = parse_symbol("Em")
    assert bass_tones.tones(Key(4, "minor"), chord, None, False, False, 50, 300, 300, 50)[4] == -1
    assert bass_tones.tones(Key(4, "minor"), chord, 9, False, False, 50, 300, 300, 50)[4] == 256


def test_chromatic_steps_can_be_forbidden() -> None:
    assert bass_tones.tones(Key(4, "minor"), parse_symbol("Em"), 9, False, False, 50, 300, 300, 0)[4] == -1


def test_plays_in_three_four_and_six_eight() -> None:
    for meter in (Meter(3, 4), Meter(6, 8), Meter(7, 8)):
        section = band_section("verse", meter=meter)
        notes = bass.play(band_plan(section, meter=meter), section)
        assert {note.start // meter.bar for note in notes} == set(range(8))


def test_the_bass_keeps_to_its_roots_where_its_range_goes_below_the_models():
    song = compose(Request(seed=1, style="metal"))
    bar = song.meter.bar
    starts = {note.start: note.pitch for note in song.part("bass").notes}
    found = [
        (starts[(section.start_bar + number) * bar] - section.shift - section.chord_at(number * bar).chord.root) % 12
        for section in song.sections
        for number in range(section.bars)
        if (section.start_bar + number) * bar in starts
    ]
    assert found.count(0) > len(found) // 2
