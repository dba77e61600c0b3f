"""Files that are damaged or odd: a band for what can be heard, or one clear line, and never a byte changed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.alone.accompany import accompany
from engine.alone.harmonize import harmonize
from engine.errors import EngineError
from tests.midi_bytes import band, midi, signature, track

WHOLE = band(bars=8, metas=(signature(4, 4),))


def kept(path, data):
    path.write_bytes(data)
    try:
        made = accompany(path, ("guitar", "lead"), "rock", 1)
    except EngineError as error:
        assert "\n" not in str(error)
        return
    size = len(made.data) - len(data)
    assert size > 0
    # Behind the header, whatever its length was.
    body = data[8 + int.from_bytes(data[4:8], "big") :]
    assert made.data[14:].startswith(body[: len(body) - 8])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_flipped_bytes_give_a_band_or_a_line(tmp_path, flips):
    data = bytearray(WHOLE)
    for at, value in flips:
        data[at] = value
    kept(tmp_path / "tune.mid", bytes(data))


NOTES = st.lists(st.tuples(st.integers(0, 64), st.integers(1, 16), st.integers(30, 90)), min_size=3, max_size=40)


@given(NOTES, st.sampled_from([24, 96, 480]), st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 8)]), st.integers(0, 700))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_notes_give_a_band_and_chords_or_a_line(tmp_path, notes, division, meter, late):
    rows = [(late + at * division // 4, max(length * division // 4 - 1, 1), pitch) for at, length, pitch in notes]
    data = midi(track(rows, 0, 0, metas=(signature(*meter),)), division=division)
    kept(tmp_path / "tune.mid", data)
    try:
        made = harmonize(tmp_path / "tune.mid", "half", 2)
    except EngineError as error:
        assert "\n" not in str(error)
        return
    assert sum(span.length for span in made.harmonies[0].chords) == made.heard.bars[-1]
