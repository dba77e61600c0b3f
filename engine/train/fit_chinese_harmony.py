"""Fit the harmony of Chinese pop: the rock grammar's rules, weighed by the songs of POP909, in dialects of their own.

POP909 names no verses and choruses: its sung phrases are letters. Here the letter that fills most bars is the chorus,
other sung ones are verses, and phrases without singing are intro, outro or interlude by where they stand. What borrows
chords from what, and how often parts come again, is not told by letters: that is rock's.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from engine.grammar.load import compiled, load_grammar
from engine.models import tables
from engine.models.harmony import MODES
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.chord_lines import Line, Reading, plain
from engine.train.corpora import pop909
from engine.train.corpora.annotated import NO_CHORD
from engine.train.corpora.pop909 import GridSong
from engine.train.dialects import learn, read_examples, song_bits
from engine.train.fit_harmony import NAME, bar_bigram, colours, frozen

DIALECTS = {"major": 8, "minor": 4}
EVERY = 2  # of the songs one in so many: parsing more takes long and changes little
# Whose dialects songs in modes speak that POP909 does not annotate.
_LIKE = {"major": "major", "mixolydian": "major", "minor": "minor", "dorian": "minor"}


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "harmony" of Chinese pop, and how well it predicts phrases of unseen songs."""
    rock = tables.load("rock", "harmony")
    songs = tuple(reading(song) for song in pop909.read(data)[::EVERY])
    prior = load_grammar(NAME, "")
    tell(f"parsing the phrases of {len(songs)} songs")
    examples = read_examples(prior, songs)
    seen = [number for number, song in enumerate(songs) if not held_out(song.work)]
    unseen = [number for number, song in enumerate(songs) if held_out(song.work)]
    _, mixtures = learn(prior, songs, examples, seen, DIALECTS)
    bits = 0.0
    for mode, mixture in mixtures.items():
        own = [number for number in unseen if songs[number].mode == mode]
        rows = song_bits(mixture.grammars, mixture.songs, examples, own)
        best = rows.min(axis=1, keepdims=True)
        bits += float((best[:, 0] - np.log2(np.exp2(best - rows).sum(axis=1))).sum())
    asked = [examples.lines[number].halves for number in examples.of(unseen)]
    bars = sum(map(len, asked)) // 2
    bigram = bar_bigram([examples.lines[number].halves for number in examples.of(seen)], asked)
    score = Score("harmony of Chinese pop", "bar", bars, bits / bars, bigram / bars)
    tell(f"{score.bits:.3f} bits a bar (bigram {score.bigram:.3f}); learning from all songs")
    pooled, mixtures = learn(prior, songs, examples, range(len(songs)), DIALECTS)
    labels = [rule.label for rule in prior.all_rules()]
    weights = [frozen(grammar, mode) for mode in DIALECTS for grammar in mixtures[mode].grammars]
    spoken = np.zeros((len(MODES), len(weights)), np.int32)
    first = dict(zip(DIALECTS, np.cumsum([0, *DIALECTS.values()]).tolist(), strict=False))
    for row, mode in enumerate(MODES):
        like = _LIKE[mode]
        spoken[row, first[like] : first[like] + DIALECTS[like]] = mixtures[like].songs
    entries, arrays = compiled(prior, pooled)
    numerals = rock.header["numerals"]
    head = header(
        corpus="POP909 with phrase structure; what borrows and comes again: RS200, McGill Billboard",
        licence="MIT; CC BY 4.0, CC0",
        command="hookline train chinese-pop",
        date=DATE,
        about="rule weights of harmony by dialect, of Chinese pop",
        labels=labels,
        numerals=numerals,
        borrowers=rock.header["borrowers"],
        **entries,
    )
    found = {
        **arrays,
        "dialects": np.array([[row[label] for label in labels] for row in weights], np.int32),
        "dialect_weights": spoken,
        "borrow": rock.arrays["borrow"],
        "again": rock.arrays["again"],
        "colours": colours(songs, numerals),
    }
    return Fitted({"harmony": Table(dict(head), found)}, (score,))


def reading(song: GridSong) -> Reading:
    """Return the chords of a song phrase by phrase, each phrase with the kind of section it counts as."""
    mode = "minor" if song.minor else "major"
    halves = half_bars(song, mode)
    sung = Counter[str]()
    for letter, _, bars in song.phrases:
        sung[letter] += bars * letter.isupper()
    chorus = max(sung, key=lambda letter: sung[letter], default="")
    lines = []
    for letter, first, bars in song.phrases:
        own = halves[2 * first : 2 * (first + bars)]
        if len(own) == 2 * bars and bars and NO_CHORD not in own:
            lines.append(Line(_kind(letter, chorus, first), own))
    full = tuple(numeral for _, _, numeral in song.chords if numeral != NO_CHORD)
    return Reading("pop909", song.work, mode, tuple(lines), full)


def _kind(letter: str, chorus: str, first: int) -> str:
    if letter.isupper():
        return "chorus" if letter == chorus else "verse"
    return "intro" if first == 0 else "outro" if letter == "o" else "interlude"


def half_bars(song: GridSong, mode: str) -> tuple[str, ...]:
    """Return a plain numeral for every half bar: of the chord that fills most of it, of two the earlier."""
    share: list[Counter[str]] = [Counter() for _ in range(2 * song.bars)]
    for start, beats, numeral in song.chords:
        for beat in range(start, start + beats):
            if beat // 2 < len(share):
                share[beat // 2][plain(numeral, mode)] += 1
    found, last = [], NO_CHORD
    for half in share:
        best = max(half, key=lambda name: half[name], default=NO_CHORD)
        last = last if best == NO_CHORD else best
        found.append(last)
    return tuple(found)
