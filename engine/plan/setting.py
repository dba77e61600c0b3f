"""The key and the tempo of a song, drawn from its style."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.stream import Stream
from engine.style.model import Style
from engine.theory.key import Key

_FINE = 1000  # of a weight, so that lines between small weights do not become steps


def draw_key(style: Style, stream: Stream) -> Key:
    """Return a tonic and a mode by the style's weights."""
    tonic = stream.at("tonic").pick(tuple(style.keys), tuple(style.keys.values()))
    mode = stream.at("mode").pick(tuple(style.modes), tuple(style.modes.values()))
    return Key(tonic, mode)


def draw_tempo(style: Style, stream: Stream) -> int:
    """Return beats a minute: most often the style's common tempo, ever less so towards its bounds."""
    return stream.pick(*tempo_weights(style))


def tempo_weights(style: Style) -> tuple[Sequence[int], Sequence[int]]:
    """Return the tempi that a style may have, and the weight of each."""
    if style.tempos:
        return _between(style.tempos)
    low, common, high = style.tempo
    tempos = range(low, high + 1)
    # A triangle, in whole numbers: each side rises evenly to the same height at the common tempo.
    height = max(common - low, 1) * max(high - common, 1)
    weights = [
        height * (t - low + 1) // (common - low + 1) if t <= common else height * (high - t + 1) // (high - common + 1)
        for t in tempos
    ]
    return tempos, [max(weight, 1) for weight in weights]


def _between(pairs: tuple[tuple[int, int], ...]) -> tuple[list[int], list[int]]:
    # Every tempo from the first pair to the last, its weight on the line between the pairs about it.
    found = {pairs[-1][0]: _FINE * pairs[-1][1]}
    for (low, one), (high, other) in pairwise(pairs):
        for tempo in range(low, high):
            found[tempo] = _FINE * (one * (high - tempo) + other * (tempo - low)) // (high - low)
    tempos = sorted(found)
    return tempos, [found[tempo] for tempo in tempos]
