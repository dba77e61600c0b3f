"""Dialects of harmony: mixtures of grammars, each with its own weights, that the songs of a mode speak.

Started from clusters of chord histograms and the pace of chords (k-means), settled by classification EM (Celeux and
Govaert 1992), the weights of each by inside-outside with those of the whole mode as prior.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log2
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.grammar.expect import Expect, refit
from engine.grammar.model import BAR, Grammar
from engine.models.harmony import MODES
from engine.train.chord_lines import Line, Reading

DIALECTS = {"major": 12, "mixolydian": 4, "minor": 4, "dorian": 2}
# Lengths that fill most of the corpora; longer sections take long to parse and repeat the shorter ones.
LENGTHS = (*range(1, 9), 10, 12, 14, 16)
# Songs of RS200 count so often: there are as many again of Billboard that are no rock.
RS200_TIMES = 5
_PACE = 0.35  # of an octave of chords a bar, beside the roots of shares

_POOLED_ROUNDS, _MODE_ROUNDS, _DIALECT_ROUNDS, _MOVES = 4, 3, 2, 2
_MODE_STRENGTH, _DIALECT_STRENGTH = 10.0, 6.0


class Examples(NamedTuple):
    """Sections to learn from: packed derivations, the half bars themselves, and the song of each by number.

    times: how often each song counts. met: sections there were, those that no derivation reaches included.
    """

    expect: Expect
    lines: tuple[Line, ...]
    owners: tuple[int, ...]
    times: tuple[int, ...]
    met: int

    def of(self, songs: Iterable[int]) -> tuple[int, ...]:
        """Return the numbers of the examples of these songs."""
        wanted = frozenset(songs)
        return tuple(number for number, owner in enumerate(self.owners) if owner in wanted)

    def to_learn(self, songs: Iterable[int]) -> tuple[int, ...]:
        """Return the same, those that count several times as often as they count."""
        return tuple(number for number in self.of(songs) for _ in range(self.times[self.owners[number]]))


class Mixture(NamedTuple):
    """A mode's dialects: their grammars and how many songs speak each."""

    grammars: tuple[Grammar, ...]
    songs: tuple[int, ...]


def read_examples(grammar: Grammar, songs: Sequence[Reading]) -> Examples:
    """Return the distinct sections of every song that have a usual length, parsed."""
    rows = [
        (number, line)
        for number, song in enumerate(songs)
        for line in dict.fromkeys(song.lines)
        if len(line.halves) // 2 in LENGTHS
    ]
    expect = Expect(grammar, [(_start(line.kind), [(chord, BAR // 2) for chord in line.halves]) for _, line in rows])
    kept = [number for number, parsed in enumerate(expect.parsed) if parsed]
    times = tuple(map(times_of, songs))
    return Examples(
        expect.only(kept), tuple(rows[n][1] for n in kept), tuple(rows[n][0] for n in kept), times, len(rows)
    )


def learn(
    prior: Grammar,
    songs: Sequence[Reading],
    examples: Examples,
    numbers: Iterable[int],
    dialects: Mapping[str, int] = MappingProxyType(DIALECTS),
) -> tuple[Grammar, dict[str, Mixture]]:
    """Return the grammar of all songs and, by mode, the dialects of its songs. dialects: how many of each mode."""
    chosen = tuple(numbers)
    pooled = refitted(prior, prior, examples, chosen, _POOLED_ROUNDS, 20.0)
    mixtures = {}
    for mode in (mode for mode in MODES if mode in dialects):
        own = tuple(n for n in chosen if songs[n].mode == mode)
        of_mode = refitted(pooled, pooled, examples, own, _MODE_ROUNDS, _MODE_STRENGTH)
        mixtures[mode] = _mixture(of_mode, songs, examples, own, dialects[mode])
    return pooled, mixtures


def refitted(
    start: Grammar, prior: Grammar, examples: Examples, songs: Iterable[int], rounds: int, strength: float
) -> Grammar:
    """Return a grammar whose weights have been moved towards songs; the prior's count as ``strength`` uses a symbol."""
    expect = examples.expect.only(examples.to_learn(songs))
    for _ in range(rounds):
        start = refit(start, prior, expect.counts(start), strength, prior)
    return start


def _mixture(of_mode: Grammar, songs: Sequence[Reading], examples: Examples, own: Sequence[int], count: int) -> Mixture:
    groups = _clusters([songs[n] for n in own], count)
    grammars: list[Grammar] = []
    for move in range(_MOVES + 1):
        members = [[n for n, group in zip(own, groups, strict=True) if group == k] for k in range(count)]
        grammars = [
            refitted(of_mode, of_mode, examples, group, _DIALECT_ROUNDS, _DIALECT_STRENGTH) for group in members
        ]
        if move < _MOVES:
            chances = song_bits(grammars, [len(group) for group in members], examples, own)
            groups = np.argmin(chances, axis=1).tolist()
    return Mixture(tuple(grammars), tuple(sum(examples.times[n] for n in group) for group in members))


def _clusters(songs: Sequence[Reading], count: int) -> list[int]:
    from sklearn.cluster import KMeans

    names = sorted({chord for song in songs for line in song.lines for chord in line.halves})
    rows = []
    for song in songs:
        found = Counter(chord for line in song.lines for chord in line.halves)
        row = np.array([found[name] for name in names], float)
        # The root of a share (Hellinger) lets rare chords speak, which tell dialects apart.
        # How fast the chords move tells dialects apart as well.
        rows.append(np.append(np.sqrt(row / max(row.sum(), 1)), _PACE * np.log2(_pace(song))))
    return [int(k) for k in KMeans(count, n_init=4, random_state=0).fit_predict(np.array(rows))]


def _pace(song: Reading) -> float:
    """Return the chords a bar, at least one in eight bars."""
    moves = sum(1 + sum(a != b for a, b in pairwise(line.halves)) for line in song.lines)
    return max(2 * moves / max(sum(len(line.halves) for line in song.lines), 1), 0.125)


def song_bits(grammars: Sequence[Grammar], songs: Sequence[int], examples: Examples, own: Sequence[int]) -> np.ndarray:
    """Return the bits each song's sections take in each dialect, its share among songs counted; (songs, dialects)."""
    rows = examples.of(own)
    place = {song: k for k, song in enumerate(own)}
    expect = examples.expect.only(rows)
    found = np.zeros((len(own), len(grammars)))
    for k, grammar in enumerate(grammars):
        found[:, k] = -log2((songs[k] + 1) / (sum(songs) + len(songs)))
        for row, bits in zip(rows, expect.bits(grammar), strict=True):
            found[place[examples.owners[row]], k] += 1e4 if bits is None else bits
    return found


def times_of(song: Reading) -> int:
    """Return how often a song counts."""
    return RS200_TIMES if song.corpus == "rs200" else 1


def _start(kind: str) -> str:
    # A real outro's last bar is whatever it is; ours comes home, and is learnt as what stands before.
    return "Coda" if kind == "outro" else kind.capitalize()
