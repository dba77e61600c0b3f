"""The chords of a style: how usual each is in what its harmony grammar derives, and how it is coloured."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import log2_cost
from engine.grammar.derive import derive
from engine.grammar.load import load_grammar
from engine.grammar.model import BAR
from engine.models.harmonize import STATES
from engine.models.harmony import COLOURS, model
from engine.stream import Stream
from engine.style.model import Style
from engine.theory.chord import QUALITIES, Chord, parse_numeral
from engine.theory.key import Key

Ints = NDArray[np.int64]

_KINDS, _BARS = ("Verse", "Chorus"), 8
_DRAWS = 3  # sections of each kind that are derived in each dialect
_MODES = {False: ("major", "mixolydian"), True: ("minor", "dorian")}
_HEARD = 10  # a tone is heard over a chord if it takes more than a tenth of what is sung there


@lru_cache(maxsize=16)
def uses(name: str, models: str, weights: tuple[tuple[str, int], ...], minor: bool) -> tuple[int, ...]:
    """Return how often each triad (as ``models.harmonize`` counts them) sounds in sections of a grammar, in beats."""
    learnt = model(models)
    grammar = load_grammar(name, models)
    counts = np.zeros(STATES, np.int64)
    for mode in _MODES[minor]:
        for dialect, weight in enumerate(learnt.dialects[mode]):
            if not weight:
                continue
            spoken = grammar.with_weights(learnt.weights[dialect]).reweigh(dict(weights))
            for kind in _KINDS:
                for draw in range(_DRAWS):
                    stream = Stream.of(0).at("vocabulary", mode, dialect, kind, draw)
                    for leaf, _ in derive(spoken, kind, _BARS * BAR, stream).leaves():
                        counts[_state(leaf.symbol)] += weight * leaf.length
    return tuple(counts.tolist())


def style_costs(style: Style, minor: bool) -> Ints:
    """Return what each triad costs in a style, 1/256 bit, and -1 for those that it does not have."""
    percent = {
        label.partition(".")[2]: value for label, value in style.grammar_weights.items() if label.startswith("harmony.")
    }
    counts = uses(style.harmony, style.models, tuple(sorted(percent.items())), minor)
    most = log2_cost(max(counts))
    return np.array([most - log2_cost(count) if count else -1 for count in counts], np.int64)


def qualities(style: Style, minor: bool, sung: dict[int, Ints], stream: Stream) -> dict[int, str]:
    """Return the quality of each triad of a song, the same wherever it stands: as the style colours it, where the voice
    lets it.

    sung: how much of each pitch class above its root the voice sings over each triad, by state.
    """
    if stream.at("power").below(100) < style.rules["harmony.power"]:
        return dict.fromkeys(sung, "5")
    return {state: _quality(style, minor, state, over, stream.at("colour", state)) for state, over in sung.items()}


def _quality(style: Style, minor: bool, state: int, over: Ints, stream: Stream) -> str:
    root, small = divmod(state, 2)
    plain = Chord(root, ("maj", "min")[small], root).numeral(Key(0))
    known = COLOURS[bool(small)]
    weights = model(style.models).colours.get((_MODES[minor][0], plain))
    if weights is None:
        return known[0]
    percent = style.rules["harmony.colour"]
    scaled = [weights[0] * 100, *(weight * percent for weight in weights[1:])]
    fits = [weight * _fits(quality, known[0], over) for quality, weight in zip(known, scaled, strict=False)]
    return stream.pick(known[: len(fits)], fits) if any(fits) else known[0]


def _fits(quality: str, plain: str, over: Ints) -> bool:
    """Return whether a voice leaves room for a quality: it sings nothing a half step from what the quality adds, and no
    third where that has none."""
    tones, own = set(QUALITIES[quality][0]), set(QUALITIES[plain][0])
    loud = {int(step) for step in np.flatnonzero(over * _HEARD > over.sum())}
    beside = {(tone + step) % 12 for tone in tones - own for step in (1, 11)}
    return not loud & beside and not (quality.startswith("sus") and loud & {3, 4})


def _state(numeral: str) -> int:
    chord = parse_numeral(numeral)
    return 2 * chord.root + (3 in QUALITIES[chord.quality][0])
