from __future__ import annotations

from dataclasses import replace

from bands import BAND, band_plan, band_section, rock

from engine.models.lead_tones import fitness
from engine.parts import lead
from engine.parts.lead.answers import gaps
from engine.parts.lead.quote import echo, figure, placed, quoted, spread
from engine.plan.hook import HookLine
from engine.theory.chord import parse_symbol
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

INTRO = band_section("intro", bars=4, players=BAND)
VERSE = band_section("verse", sung=(0, 44))
SOLO = band_section("solo", players=BAND, energy=4)
INTERLUDE = band_section("interlude", bars=4, players=BAND)
OUTRO = band_section("outro", bars=4, players=BAND)


def test_same_seed_same_riff() -> None:
    assert lead.play(band_plan(INTRO, OUTRO), INTRO) == lead.play(band_plan(INTRO, OUTRO), INTRO)


def test_riff_recurs_after_two_bars() -> None:
    section = band_section("intro", players=BAND, numerals="i")
    notes = lead.play(band_plan(section, OUTRO), section)
    first, second = ([(n.start - at, n.pitch) for n in notes if at <= n.start < at + 1920] for at in (0, 4 * 1920))
    assert first == second


def test_second_time_of_the_riff_has_another_ending() -> None:
    section = band_section("intro", players=BAND, numerals="i")
    notes = lead.play(band_plan(section, OUTRO), section)
    rhythms = [{n.start - at for n in notes if at <= n.start < at + 2 * 1920} for at in (0, 2 * 1920)]
    assert rhythms[0] == rhythms[1]


def test_riff_returns_in_the_interlude() -> None:
    plan = band_plan(INTRO, VERSE, INTERLUDE, OUTRO)
    rhythms = [{n.start for n in lead.play(plan, plan.sections[at]) if n.start < 2 * 1920} for at in (0, 2)]
    assert rhythms[0] == rhythms[1]


def test_new_take_of_the_intro_leaves_the_riff_elsewhere() -> None:
    before = band_plan(INTRO, INTERLUDE, OUTRO)
    after = band_plan(INTRO, INTERLUDE, OUTRO, takes={"intro/lead": 1})
    assert lead.play(before, before.sections[0]) != lead.play(after, after.sections[0])
    assert lead.play(before, before.sections[1]) == lead.play(after, after.sections[1])


def test_gaps_leave_a_breath() -> None:
    plan = band_plan(VERSE, OUTRO)
    assert gaps(plan, VERSE, 128) == [(45, 63), (109, 127)]


def test_gaps_mind_the_next_singer() -> None:
    early = band_section("chorus", sung=(-4, 40))
    plan = band_plan(VERSE, early, OUTRO)
    assert gaps(plan, plan.sections[0], 128) == [(45, 63), (109, 123)]


def test_answers_only_speak_in_gaps() -> None:
    plan = band_plan(VERSE, OUTRO, style=rock(lead_answer=100))
    notes = lead.play(plan, VERSE)
    assert notes and all(n.start >= 45 * SLOT and n.start + n.length <= 127 * SLOT for n in notes)
    assert not any(n.start + n.length > 63 * SLOT and n.start < 109 * SLOT for n in notes)


def test_answers_can_be_switched_off() -> None:
    assert lead.play(band_plan(VERSE, OUTRO, style=rock(lead_answer=0)), VERSE) == ()


def test_solo_peaks_once_near_three_quarters() -> None:
    for seed in range(8):
        notes = lead.play(band_plan(SOLO, OUTRO, seed=seed), SOLO)
        top = max(note.pitch for note in notes)
        assert next(n.start // 1920 for n in notes if n.pitch == top) in (6, 7)
        assert sum(n.pitch == top for n in notes) == 1


def test_solo_ends_on_a_chord_tone() -> None:
    for seed in range(8):
        last = lead.play(band_plan(SOLO, OUTRO, seed=seed), SOLO)[-1]
        assert last.pitch % 12 in SOLO.chords[-1].chord.pitch_classes


def test_bridge_without_a_voice_gets_a_solo() -> None:
    section = band_section("bridge", players=BAND)
    assert len({n.start // 1920 for n in lead.play(band_plan(section, OUTRO), section)}) == 8


def test_final_note_is_the_root_held() -> None:
    plan = band_plan(VERSE, OUTRO)
    last = lead.play(plan, plan.sections[1])[-1]
    assert (last.start, last.length, last.pitch % 12) == (3 * 1920, 1440, OUTRO.chords[3].chord.root)


def test_half_step_against_the_chord_is_wrong_where_it_lasts() -> None:
    over = fitness((64, 65, 67), parse_symbol("Em"), Key(4, "phrygian"), True, False, 50)
    assert over[0] == 0 and over[1] == -1


def test_home_notes_are_chord_tones() -> None:
    costs = fitness(tuple(range(52, 76)), parse_symbol("Am"), Key(9, "minor"), True, True, 50)
    assert {pitch % 12 for pitch, cost in zip(range(52, 76), costs, strict=True) if cost >= 0} == {9, 0, 4}


def test_plays_in_three_four_and_six_eight() -> None:
    for meter in (Meter(3, 4), Meter(6, 8), Meter(7, 8)):
        section = band_section("solo", meter=meter, players=BAND)
        assert lead.play(band_plan(section, meter=meter), section)


HOOK = HookLine("chorus/1", (-2, 0, 4, 8, 16, 20, 24), (2, 4, 4, 8, 4, 4, 8), (64, 67, 67, 71, 69, 67, 64), 1)


def test_figure_is_the_head_of_the_hook() -> None:
    far = HOOK._replace(onsets=tuple(slot + 32 for slot in HOOK.onsets))
    for hook in (HOOK, far):
        found = figure(band_plan(INTRO, OUTRO, theme=hook))
        assert found is not None and (found.onsets, found.bars) == (HOOK.onsets, 2)


def test_figure_is_put_where_the_guitar_plays() -> None:
    found = figure(band_plan(INTRO, OUTRO, theme=HOOK))
    assert found is not None
    assert placed(found, 72, 90).pitches == tuple(pitch + 12 for pitch in HOOK.pitches)


def test_pick_up_of_a_figure_leads_back_to_its_start() -> None:
    found = figure(band_plan(INTRO, OUTRO, theme=HOOK))
    assert found is not None
    assert spread(found, 2, 16)[30] == 64


def test_riff_of_the_hook_keeps_most_of_its_onsets() -> None:
    kept = 0
    for seed in range(20):
        plan = band_plan(INTRO, OUTRO, seed=seed, theme=HOOK, style=rock(lead_quote=100))
        if "riff" in quoted(plan):
            starts = {note.start // SLOT for note in lead.play(plan, plan.sections[0]) if note.start < 2 * 1920}
            kept += len(starts & {30, 0, 4, 8, 16, 20, 24}) >= 5
    assert kept >= 15


def test_quotation_can_be_switched_off() -> None:
    assert quoted(band_plan(INTRO, OUTRO, theme=HOOK, style=rock(lead_quote=0))) == frozenset()


def test_a_gap_echoes_the_hook_in_its_place_in_the_bar() -> None:
    chorus = band_section("chorus", sung=(0, 20))
    for seed in range(40):
        plan = band_plan(INTRO, chorus, OUTRO, seed=seed, theme=HOOK)
        found = echo(plan, plan.sections[1], 21, 63, 60, 77)
        if "echo" in quoted(plan):
            assert {slot: pitch % 12 for slot, pitch in found.items()} == {
                30: 64 % 12, 32: 67 % 12, 36: 67 % 12, 40: 71 % 12, 48: 69 % 12, 52: 67 % 12, 56: 64 % 12,
            }  # fmt: skip
            assert echo(plan, plan.sections[1], 21, 36, 60, 77) == {}
            return
        assert found == {}
    raise AssertionError("no song echoes its hook")


def test_songs_quote_in_different_places() -> None:
    found = {quoted(band_plan(INTRO, VERSE, SOLO, OUTRO, seed=seed, theme=HOOK)) for seed in range(30)}
    assert len(found) >= 4


def test_lifted_chorus_has_a_second_voice_that_ends_on_chord_tones() -> None:
    lifted = replace(band_section("chorus", sung=(0, 44)), change="lift")
    plan = band_plan(INTRO, lifted, OUTRO)
    notes = lead.play(plan, plan.sections[1])
    assert any(note.start < 44 * SLOT for note in notes)
    for note in notes:
        if note.length >= 8 * SLOT:
            assert note.pitch % 12 in lifted.chord_at(note.start).chord.pitch_classes
