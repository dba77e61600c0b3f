"""The key and the tempo of a song, drawn from its style."""

from __future__ import annotations

from engine.stream import Stream
from engine.style.model import Style
from engine.theory.key import Key


def draw_key(style: Style, stream: Stream) -> Key:
    """Return a tonic and a mode by the style's weights."""
    tonic = stream.at("tonic").pick(tuple(style.keys), tuple(style.keys.values()))
    mode = stream.at("mode").pick(tuple(style.modes), tuple(style.modes.values()))
    return Key(tonic, mode)


def draw_tempo(style: Style, stream: Stream) -> int:
    """Return beats a minute: most often the style's common tempo, ever less so towards its bounds."""
    low, common, high = style.tempo
    tempos = range(low, high + 1)
    # A triangle, in whole numbers: each side rises evenly to the same height at the common tempo.
    height = max(common - low, 1) * max(high - common, 1)
    weights = [
        height * (t - low + 1) // (common - low + 1) if t <= common else height * (high - t + 1) // (high - common + 1)
        for t in tempos
    ]
    return stream.pick(tempos, [max(weight, 1) for weight in weights])
