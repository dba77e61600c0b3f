"""What the knobs of steering are to move, measured on a song."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.measure.measures import measure
from engine.measure.melody import entropy
from engine.measure.piece import piece_from_song
from engine.models import tables
from engine.models.hook import Ranking
from engine.perform import perform
from engine.song import ChordSpan, Song
from engine.style import load
from engine.theory.chord import Chord
from engine.theory.meter import SLOT

# The measures of each knob. All rise with it but for those of mood, which fall where they begin with "-".
NAMED: Mapping[str, tuple[str, ...]] = {
    "energy": ("section_energy", "drum_hits_per_bar", "notes_per_bar", "mel_notes_per_bar", "velocity"),
    "complexity": (
        "colour_share", "chord_entropy", "chord_changes_per_bar", "drum_distinct_patterns_per_100_bars",
        "mel_syncopated_frac",
    ),
    "catchy": ("mel_bars_repeated", "sim_verse_verse", "sim_chorus_chorus", "hook_score"),
    "mood": ("minor_share", "lowered_share", "-sung_pitch"),
}  # fmt: skip
_LOWERED = (1, 3, 8, 10)  # degrees of phrygian that major does not have


def steering_measures(song: Song) -> dict[str, float]:
    """Return every measure of ``NAMED`` (without signs), NaN where a song has none.

    section_energy: mean by bars. notes_per_bar: of all pitched parts, chords counted once. velocity: mean as played.
    colour_share: share of time with more than a triad. chord_entropy: bits of the chords by time. hook_score: of the
    first line of the first chorus, see ``models.hook``. minor_share: share of time with minor chords. lowered_share:
    share of sung and bass notes a half step below those of the major scale. sung_pitch: mean MIDI number.
    """
    found = measure(piece_from_song(song))
    bars = [section.bars for section in song.sections]
    spans = [span for section in song.sections for span in section.chords]
    time = np.array([span.length for span in spans])
    third = [(span.chord.root + 3) % 12 in span.chord.pitch_classes for span in spans]
    rich = [len(span.chord.pitch_classes) > 3 or "sus" in span.chord.quality for span in spans]
    notes = {part.name: part.notes for part in song.parts}
    sung = [note.pitch for note in notes.get("melody", ())]
    tonal = [note.pitch for name in ("melody", "bass") for note in notes.get(name, ())]
    loud = [note.velocity for played in perform(song).values() for note in played]
    struck = sum(len({note.start for note in part}) for name, part in notes.items() if name != "drums")
    return found | {
        "section_energy": float(np.average([section.energy for section in song.sections], weights=bars)),
        "notes_per_bar": struck / sum(bars),
        "velocity": _mean(loud),
        "colour_share": float(np.average(rich, weights=time)),
        "chord_entropy": entropy(np.array(list(_time_by_chord(spans).values()), np.int64)),
        "hook_score": _hook_score(song),
        "minor_share": float(np.average(third, weights=time)),
        "lowered_share": _mean([(pitch - song.key.tonic) % 12 in _LOWERED for pitch in tonal]),
        "sung_pitch": _mean(sung),
    }


def _time_by_chord(spans: Sequence[ChordSpan]) -> dict[Chord, int]:
    found: dict[Chord, int] = {}
    for span in spans:
        found[span.chord] = found.get(span.chord, 0) + span.length
    return found


def _hook_score(song: Song) -> float:
    """Return the score of the first line sung in the first chorus, in standard deviations of real lines."""
    notes = next((part.notes for part in song.parts if part.name == "melody"), ())
    chorus = next((section for section in song.sections if section.kind == "chorus"), None)
    phrase = next((line for line in chorus.phrases if line.sung[1] > line.sung[0]), None) if chorus else None
    if chorus is None or phrase is None:
        return np.nan
    first = chorus.start_bar * song.meter.slots
    low, high = (first + slot for slot in phrase.sung)
    line = [note for note in notes if low <= note.start // SLOT < high]
    ranking = Ranking(tables.load(load(song.request.style).models, "hook"))
    centre = round(_mean([note.pitch for note in notes]))
    onsets = [note.start // SLOT - first for note in line]
    score = ranking.score(onsets, [note.pitch for note in line], song.meter.slots, song.key.tonic, centre)
    return score.total / 1000


def _mean(values: list[int] | list[bool]) -> float:
    return float(np.mean(values)) if values else np.nan
