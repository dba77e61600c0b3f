"""Fit the harmony of blues rock: the rock grammar's rules, weighed by the songs on twelve bars of RS200 and Billboard.

They are few, so the weights start from rock's of the same mode, which count as so many uses of every symbol, and a mode
has one dialect. What borrows chords from what, and how often parts come again, is rock's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.grammar.load import compiled, load_grammar
from engine.grammar.model import Grammar
from engine.models import tables
from engine.models.harmony import MODES
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.chord_lines import Reading, read_songs, reading
from engine.train.dialects import Examples, read_examples, refitted, song_bits
from engine.train.fit_harmony import NAME, bar_bigram, colours, frozen
from engine.train.genres import songs_of

GENRE = "blues-rock"
_ROUNDS, _STRENGTH = 3, 40.0  # uses that rock's weights count as


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "harmony" of blues rock, and how well it predicts sections of its unseen songs."""
    rock = tables.load("rock", "harmony")
    own = tuple(reading(song) for song in songs_of(data, GENRE))
    works = frozenset(song.work for song in own)
    # Its own songs first, then the rest of the corpora, whose harmony it starts from.
    songs = (*own, *(song for song in read_songs(data) if song.work not in works))
    prior = load_grammar(NAME, "")
    tell(f"parsing the sections of {len(songs)} songs, {len(own)} of them on twelve bars")
    examples = read_examples(prior, songs)
    seen = [number for number, song in enumerate(songs) if not held_out(song.work)]
    unseen = [number for number, song in enumerate(own) if held_out(song.work)]
    _, usual, blue = _weighed(prior, songs, examples, seen, len(own))
    lines = [examples.lines[number].halves for number in examples.of(unseen)]
    bars = sum(map(len, lines)) // 2
    bigram = bar_bigram([examples.lines[number].halves for number in examples.of(seen)], lines) / bars
    bits, before = (_bits(grammars, songs, examples, unseen) / bars for grammars in (blue, usual))
    tell(f"{bits:.3f} bits a bar of {len(unseen)} unseen songs (rock's weights {before:.3f}); learning from all songs")
    pooled, _, blue = _weighed(prior, songs, examples, range(len(songs)), len(own))
    labels = [rule.label for rule in prior.all_rules()]
    weights = [frozen(blue[mode], mode) for mode in MODES]
    entries, arrays = compiled(prior, pooled)
    numerals = rock.header["numerals"]
    head = header(
        corpus="RS200, McGill Billboard",
        licence="CC BY 4.0, CC0",
        command="hookline train blues-rock",
        date=DATE,
        about=f"rule weights of harmony by mode, of {len(own)} songs on twelve bars",
        labels=labels,
        numerals=numerals,
        borrowers=rock.header["borrowers"],
        **entries,
    )
    found = {
        **arrays,
        "dialects": np.array([[row[label] for label in labels] for row in weights], np.int32),
        "dialect_weights": np.eye(len(MODES), dtype=np.int32),
        "borrow": rock.arrays["borrow"],
        "again": rock.arrays["again"],
        "colours": colours(own, numerals),
    }
    return Fitted({"harmony": Table(dict(head), found)}, (Score("harmony of blues rock", "bar", bars, bits, bigram),))


def _weighed(
    prior: Grammar, songs: Sequence[Reading], examples: Examples, numbers: Sequence[int], own: int
) -> tuple[Grammar, Mapping[str, Grammar], Mapping[str, Grammar]]:
    """Return the grammar of all songs, that of each mode, and that of the first ``own`` songs in each mode."""
    pooled = refitted(prior, prior, examples, numbers, 4, 20.0)
    modes, blue = {}, {}
    for mode in MODES:
        here = [number for number in numbers if songs[number].mode == mode]
        modes[mode] = refitted(pooled, pooled, examples, here, _ROUNDS, 10.0)
        # A blues has the same three chords in any mode, so all its songs count in each.
        blue[mode] = refitted(modes[mode], modes[mode], examples, [n for n in numbers if n < own], _ROUNDS, _STRENGTH)
    return pooled, modes, blue


def _bits(
    grammars: Mapping[str, Grammar], songs: Sequence[Reading], examples: Examples, numbers: Sequence[int]
) -> float:
    found = 0.0
    for mode in MODES:
        if own := [number for number in numbers if songs[number].mode == mode]:
            found += float(song_bits((grammars[mode],), (1,), examples, own).sum())
    return found
