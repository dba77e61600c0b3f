"""Are the chords of a genre's unseen songs told better by a grammar fitted to its other songs than by rock's?

python benchmarks/genres.py ../shared/data [--genres funk pop ...] [--folds 1 2]

Bits a bar on each fifth of a genre's songs, told by the rest of the corpora: by the weights of all songs of the mode,
and by those moved towards the genre's songs, where the former count as so many uses of every symbol. Takes some three
minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.grammar.load import load_grammar
from engine.grammar.model import Grammar
from engine.models.harmony import MODES
from engine.train.chord_lines import read_songs
from engine.train.dialects import read_examples, refitted, song_bits
from engine.train.fit_harmony import NAME
from engine.train.genres import GENRES, songs_of

STRENGTHS = (10, 40, 100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of corpora")
    parser.add_argument("--genres", nargs="+", default=list(GENRES))
    parser.add_argument("--folds", nargs="+", type=int, default=[1, 2], help="which fifths to ask, 0 to 4")
    options = parser.parse_args()
    prior, songs = load_grammar(NAME, ""), read_songs(options.data)
    members = {genre: {song.work for song in songs_of(options.data, genre)} for genre in options.genres}
    examples = read_examples(prior, songs)
    print(f"| | rock's weights | {' | '.join(map(str, STRENGTHS))} |\n|{'---|' * (len(STRENGTHS) + 2)}")
    found: dict[str, list[list[float]]] = defaultdict(list)
    for fold in options.folds:
        seen = [number for number, song in enumerate(songs) if _fold(song.work) != fold]
        pooled = refitted(prior, prior, examples, seen, 4, 20.0)
        totals: dict[str, list[float]] = {genre: [0.0] * (2 + len(STRENGTHS)) for genre in members}
        for mode in MODES:
            here = [number for number in seen if songs[number].mode == mode]
            rock = refitted(pooled, pooled, examples, here, 3, 10.0)
            for genre, works in members.items():
                asked = [n for n, s in enumerate(songs) if s.mode == mode and s.work in works and _fold(s.work) == fold]
                own = [number for number in here if songs[number].work in works]
                if not asked:
                    continue
                fits: list[Grammar] = [rock]
                fits += [refitted(rock, rock, examples, own, 3, strength) if own else rock for strength in STRENGTHS]
                for place, grammar in enumerate(fits):
                    totals[genre][place] += float(song_bits((grammar,), (1,), examples, asked).sum())
                totals[genre][-1] += sum(len(examples.lines[n].halves) for n in examples.of(asked)) / 2
        for genre, row in totals.items():
            found[genre].append([bits / max(row[-1], 1) for bits in row[:-1]])
    for genre, rows in found.items():
        cells = (", ".join(f"{row[place]:.3f}" for row in rows) for place in range(1 + len(STRENGTHS)))
        print(f"| {genre} | {' | '.join(cells)} |")
    return 0


def _fold(work: str) -> int:
    return int(hashlib.sha1(work.encode()).hexdigest()[:8], 16) % 5


if __name__ == "__main__":
    sys.exit(main())
