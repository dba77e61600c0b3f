"""Are the measures right? Real songs against the published quartiles, and spoilt real songs in the two-sample test.

    python benchmarks/controls.py ../shared/data

Every control is made from the songs of RS200: split in halves at random; the melody moved by two bars; its bars
shuffled; its notes put on the beat; its pitches drawn from a bigram of all melodies, or evenly from the scale.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.measure.bass import bass_measures
from engine.measure.copying import Melodies
from engine.measure.drums import drum_measures
from engine.measure.measures import measure
from engine.measure.piece import PITCH, START, Ints, Piece, notes_table
from engine.measure.real import band_pieces, groove_pieces, rs200_pieces
from engine.measure.reference import load_reference
from engine.measure.report import compare, table
from engine.measure.twosample import SONG_FEATURES, two_sample

_HALVINGS = 10
Chance = np.random.Generator  # noqa: TID251 - spoils real songs, composes none


def main() -> None:
    data = Path(sys.argv[1])
    groups = load_reference()
    songs = rs200_pieces(data)
    melodies = Melodies(songs)
    rows = [{**measure(song), "copy_longest_run": float(melodies.longest_run(song))} for song in songs]
    bands = [{**bass_measures(piece), **drum_measures(piece)} for piece in band_pieces(data)]
    takes = [drum_measures(piece) for piece in groove_pieces(data)]
    for group, measured in zip(groups, (rows, bands, takes), strict=True):
        print(table(compare(measured, [group]), [group], [], len(measured)) + "\n")

    chance = np.random.default_rng(1)  # noqa: TID251
    halves = []
    for _ in range(_HALVINGS):
        order = chance.permutation(len(rows))
        one, two = ([rows[i] for i in side] for side in np.array_split(order, 2))
        halves.append(two_sample("halves", "", one, two, SONG_FEATURES).auc)
    print(f"{'real against real':28}{np.mean(halves):.3f} +- {np.std(halves):.3f}")
    controls: dict[str, Callable[[Piece], Piece]] = {
        "melody moved by two bars": moved,
        "bars shuffled": lambda piece: shuffled(piece, chance),
        "on-the-beat rhythm": on_the_beat,
        "bigram melody": lambda piece: bigram(piece, following(songs), chance),
        "notes from the scale": lambda piece: from_scale(piece, chance),
    }
    for name, spoil in controls.items():
        verdict = two_sample(name, "", [measure(spoil(song)) for song in songs], rows, SONG_FEATURES)
        told = ", ".join(f"{feature.name} {feature.weight:+.2f}" for feature in verdict.features[:3])
        print(f"{name:28}{verdict.auc:.3f}   {told}")


def moved(piece: Piece) -> Piece:
    """Return the piece with its melody two bars later, the end coming round to the beginning."""
    notes = piece.melody.copy()
    notes[:, START] = (notes[:, START] + 2 * piece.width) % piece.end
    return _with(piece, notes)


def shuffled(piece: Piece, chance: Chance) -> Piece:
    """Return the piece with the bars of its melody in another order."""
    notes = piece.melody.copy()
    place = piece.place_of(notes[:, START])
    notes[:, START] = piece.starts[chance.permutation(piece.bars)[piece.bar_of(notes[:, START])]] + place
    return _with(piece, notes)


def on_the_beat(piece: Piece) -> Piece:
    """Return the piece with every note of its melody on the nearest beat; of two on one, one stays."""
    notes = piece.melody.copy()
    notes[:, START] = np.rint(notes[:, START] / piece.meter.beat).astype(int) * piece.meter.beat
    return _with(piece, notes[notes[:, START] < piece.end])


def following(songs: list[Piece]) -> dict[int, list[int]]:
    """Return, for every pitch above the tonic, all pitches that came next in the songs."""
    found: dict[int, list[int]] = defaultdict(list)
    for song in songs:
        for now, after in pairwise((song.melody[:, PITCH] - song.tonic).tolist()):
            found[now].append(after)
    return found


def bigram(piece: Piece, after: dict[int, list[int]], chance: Chance) -> Piece:
    """Return the piece with the rhythm it has and pitches drawn from a bigram."""
    notes = piece.melody.copy()
    pitch = int(notes[0, PITCH]) - piece.tonic
    for row in notes:
        row[PITCH] = pitch + piece.tonic
        choices = after.get(pitch) or [pitch]
        pitch = choices[int(chance.integers(len(choices)))]
    return _with(piece, notes)


def from_scale(piece: Piece, chance: Chance) -> Piece:
    """Return the piece with the rhythm it has and pitches drawn evenly from its scale and range."""
    notes = piece.melody.copy()
    degrees = np.bincount((notes[:, PITCH] - piece.tonic) % 12, minlength=12)
    scale = (0, 2, 3, 5, 7, 8, 10) if degrees[3] > degrees[4] else (0, 2, 4, 5, 7, 9, 11)
    low, high = np.percentile(notes[:, PITCH], (2, 98)).astype(int).tolist()
    notes[:, PITCH] = chance.choice([p for p in range(low, high + 1) if (p - piece.tonic) % 12 in scale], len(notes))
    return _with(piece, notes)


def _with(piece: Piece, notes: Ints) -> Piece:
    return replace(piece, melody=notes_table((a, length, pitch) for a, length, pitch in notes.tolist()))


if __name__ == "__main__":
    main()
