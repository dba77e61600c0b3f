"""The bench: only what was named changes, what is locked stays, and every step can be taken back."""

from __future__ import annotations

import pytest
from rules import hold

from engine import bench
from engine.bench.place import find, take_keys
from engine.document import Document, cells
from engine.errors import SongFileError, UsageError
from engine.export.songfile import document_file
from engine.export.songread import read_document
from engine.pipeline import compose
from engine.request import make_request


@pytest.fixture(scope="module")
def song() -> Document:
    return bench.document(compose(make_request(seed=3, form="I V C V C B C")))


def moved(before: Document, after: Document) -> set[str]:
    """The places whose notes are not what they were."""
    one, other = cells(before.song), cells(after.song)
    return {"/".join(cell) for cell in one.keys() | other.keys() if one.get(cell) != other.get(cell)}


@pytest.mark.parametrize(
    ("address", "places"),
    [
        ("chorus/melody", {"chorus/1/melody", "chorus/2/melody", "chorus/3/melody"}),
        ("verse/1/drums", {"verse/1/drums"}),
        ("chorus/2/melody", {"chorus/2/melody"}),
        ("bridge/bass", {"bridge/1/bass"}),
    ],
)
def test_a_reroll_changes_what_is_named(song, address, places):
    after = bench.reroll(song, address)
    assert moved(song, after) == places
    assert after.song.sections == song.song.sections


def test_a_part_alone_is_named_everywhere(song):
    assert all(place.endswith("/bass") for place in moved(song, bench.reroll(song, "*/bass")))
    assert bench.reroll(song, "*/bass").song == bench.reroll(song, "bass").song


def test_new_chords_take_along_who_reads_them_and_leave_the_drums(song):
    after = bench.reroll(song, "chorus/chords")
    assert moved(song, after) <= {
        f"chorus/{n}/{part}" for n in (1, 2, 3) for part in ("melody", "lead", "rhythm", "bass")
    }
    assert moved(song, after)


def test_locked_places_stay_when_chords_change(song):
    locked = bench.lock(song, "chorus/melody", "chorus/1")
    after = bench.reroll(locked, "chorus/chords")
    assert not any(place.startswith("chorus/1/") or place.endswith("melody") for place in moved(song, after))
    assert after.song.sections[2].chords == song.song.sections[2].chords


def test_what_is_locked_is_not_rerolled(song):
    with pytest.raises(UsageError, match="chorus/melody is locked"):
        bench.reroll(bench.lock(song, "melody"), "chorus/melody")


def test_a_lock_comes_off_again(song):
    assert bench.unlock(bench.lock(song, "melody"), "melody").locks == ()


def test_a_take_can_be_asked_for_and_is_the_same_whenever(song):
    one = bench.reroll(song, "verse/bass", 5)
    other = bench.reroll(bench.reroll(song, "verse/bass", 2), "verse/bass", 5)
    assert one.song.parts == other.song.parts
    assert one.takes == (("verse/bass", 5),)


def test_takes_are_all_different(song):
    found = bench.takes(song, "chorus/rhythm", 4)
    assert len({one.song.part("rhythm").notes for one in found}) == 4


def test_undo_brings_back_the_bytes_and_redo_takes_them_again(song):
    first = document_file(song)
    after = bench.mute(bench.lock(bench.reroll(song, "chorus/melody"), "chorus/melody"), "lead")
    back = bench.undo(bench.undo(bench.undo(after)))
    assert document_file(back) == first
    again = bench.redo(bench.redo(bench.redo(back)))
    assert document_file(again) == document_file(after)


def test_there_is_no_step_before_the_first(song):
    with pytest.raises(UsageError, match="nothing to undo"):
        bench.undo(song)
    with pytest.raises(UsageError, match="nothing to do again"):
        bench.redo(song)


def test_a_document_comes_back_from_its_file(song):
    after = bench.undo(bench.solo(bench.reroll(bench.lock(song, "verse"), "chorus/drums"), "drums"))
    assert read_document(document_file(after)) == after


def test_a_file_changed_by_hand_does_not_undo_into_nonsense(song):
    data = document_file(bench.reroll(song, "chorus/melody")).replace(b'"tempo": ', b'"tempo":  ')
    with pytest.raises(SongFileError, match="changed by other means"):
        bench.undo(read_document(data))


def test_muted_notes_are_kept_but_not_heard(song):
    after = bench.mute(song, "lead", "verse/1/drums")
    heard = after.heard()
    assert not heard.part("lead").notes
    assert after.song.part("lead") == song.song.part("lead")
    lost = set(cells(song.song)) - set(cells(heard))
    assert {cell for cell in lost if cell[1] != "lead"} == {("verse/1", "drums")}


def test_what_is_soloed_is_heard_alone(song):
    heard = bench.solo(song, "bass").heard()
    assert [part.name for part in heard.parts if part.notes] == ["bass"]


def test_a_layer_cannot_be_muted(song):
    with pytest.raises(UsageError, match="makes no sound"):
        bench.mute(song, "chorus/chords")


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("cohrus/melody", 'did you mean "chorus"?'),
        ("chorus/melodi", 'did you mean "melody"?'),
        ("verse/9/bass", "known: 1, 2"),
        ("", "the song has intro/1"),
    ],
)
def test_a_place_that_is_none_has_a_hint(song, address, hint):
    with pytest.raises(UsageError, match="no place of this song") as caught:
        find(address, song.song)
    assert hint in caught.value.hint


def test_another_take_of_a_song_moves_all_materials(song):
    keys = take_keys(find("bass", song.song), "bass")
    assert set(keys) == {"song/bass", "intro/bass", "verse/bass", "chorus/bass", "bridge/bass"}
    assert take_keys(find("verse/2/chords", song.song), "chords") == ("verse/2/harmony",)


@pytest.mark.parametrize(
    "words",
    [
        "chords verse=Em C G D",
        "chords chorus/2=| Am F | C G |",
        "key A minor",
        "key F# major",
        "tempo 151",
        "energy verse/1=5",
        "energy chorus=1",
        "off verse/1/lead",
        "off verse/2/rhythm",
        "on bridge/melody",
        "insert solo=8 after chorus/1",
        "insert chorus after chorus/3",
        "insert verse first",
        "repeat chorus/1 after verse/2",
        "repeat verse/1 first",
        "remove intro/1",
        "remove chorus/3",
        "move bridge/1 after verse/1",
        "move chorus/1 first",
        "reroll verse/2/chords=1",
        "reroll bridge=2",
    ],
)
def test_an_edit_keeps_the_rules_and_comes_back(song, words):
    after = bench.do(song, words)
    assert after.song.edits == (words,)
    assert bench.diff(song, after)
    hold(after.song)
    assert read_document(document_file(after)) == after
    assert bench.undo(after).text == song.text


@pytest.mark.parametrize("level", [1, 5])
def test_energy_neither_brings_in_nor_takes_out_who_is_locked(song, level):
    locked = bench.lock(song, "bass", "drums", "verse/1/lead")
    after = bench.set_energy(locked, "song", level)
    for old, new in zip(song.song.sections, after.song.sections, strict=True):
        assert {"bass", "drums"} & set(old.players) == {"bass", "drums"} & set(new.players)
    assert not any(place.endswith(("bass", "drums")) for place in moved(song, after))


@pytest.mark.parametrize("seed", [3, 4])
def test_the_hook_is_read_off_as_it_was_made(seed):
    from engine.bench.remake import hook_line
    from engine.pipeline import hook_of, plan_of

    made = compose(make_request(seed=seed))
    sung = {name: row for (name, part), row in cells(made).items() if part == "melody"}
    plan = plan_of(made, {})
    hook = hook_of(plan, None)
    assert hook is not None
    assert hook_line(plan, sung) == hook._replace(number=1)


@pytest.mark.parametrize("place", ["song", "melody", "verse/1/melody", "verse/2/melody", "lead", "chorus/1/bass"])
def test_what_is_played_again_at_the_same_take_is_what_it_was(song, place):
    assert bench.reroll(song, place, 0).song.parts == song.song.parts


def test_another_form_keeps_what_it_keeps_byte_for_byte(song):
    after = bench.reroll(song, "form")
    names = [section.name for section in after.song.sections]
    assert names != [section.name for section in song.song.sections]
    one, other = cells(song.song), cells(after.song)
    ends = {song.song.sections[-1].name, names[-1], names[0]}
    kept = [cell for cell in one if cell[0] in names and cell[0] not in ends]
    assert kept
    assert all(one[cell] == other[cell] for cell in kept)
    assert dict(after.takes) == {"song/form": 1}
    assert bench.undo(after).text == song.text


def test_another_form_leaves_out_nothing_that_is_locked(song):
    locked = bench.lock(song, *(f"{section.name}/drums" for section in song.song.sections))
    names = {section.name for section in bench.reroll(locked, "form").song.sections}
    assert names > {section.name for section in song.song.sections}
