"""ABC notation (abcnotation.com standard 2.1): the melody with its chords, bar after bar.

Repeats are written out: ABC has no sign for a round of four. An accidental is written wherever a reader may hold
another view of how far the one before it reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.notation import sheet
from engine.notation.bars import Piece, Value, written
from engine.notation.leadsheet import BARS_A_LINE, melody
from engine.notation.musicxml import staves
from engine.notation.sheet import Measure, Symbol
from engine.notation.spelling import Tone
from engine.notation.voice import signature
from engine.song import Song
from engine.theory.key import Key
from engine.theory.meter import Meter

_SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
_MODES = {"major": "", "minor": "m", "dorian": "dor", "phrygian": "phr", "lydian": "lyd", "mixolydian": "mix"}


def abc(song: Song) -> str:
    """Return the song's melody and chords as an ABC tune."""
    meter, words = song.meter, sheet.feel(song)
    beat, count = ("3/8", song.tempo * 2 // 3) if meter.beat == 6 else ("1/4", song.tempo)
    lines = [
        "%abc-2.1",
        "X:1",
        f"T:{sheet.title(song)}",
        f"C:Hookline {song.version}, seed {song.request.seed}",
        f"M:{meter}",
        "L:1/16",
        f"Q:{beat}={count}" + (f' "{words}"' if words else ""),
        f"K:{_key(song.key)}",
    ]
    staff, chords, keys = staves(song, melody(song))[0], sheet.symbols(song), sheet.keys(song)
    line: list[str] = []
    key = song.key
    for measure in sheet.straight(song):
        bar = measure.bar
        if line and (measure.title or len(line) == BARS_A_LINE):
            lines.append(" ".join(line))
            line = []
        if measure.title:
            lines.append(f"P:{measure.title}")
        text = _bar(staff.bars[bar][0], chords[bar], keys[bar], meter)
        if keys[bar] != key:
            key = keys[bar]
            text = f"[K:{_key(key)}] {text}"
        line.append(f"{text} {_rule(measure)}")
    return "\n".join((*lines, " ".join(line))) + "\n"


def _bar(pieces: tuple[Piece, ...], symbols: Sequence[Symbol], key: Key, meter: Meter) -> str:
    names = {symbol.slot: symbol.chord.symbol(symbol.key) for symbol in symbols}
    texts, altered = [], set[str]()
    values = written(pieces, meter) or (Value(0, meter.slots, (), "", (), 0, ()),)
    for value in values:
        # A chord is named by the note it stands over: what lasts longer is parted there.
        stop = value.start + value.length
        cuts = [value.start, *(slot for slot in sorted(names) if value.start < slot < stop), stop]
        for n, (start, end) in enumerate(pairwise(cuts)):
            symbol = f'"{names[start]}"' if start in names else ""
            tie = "-" if value.tones and (value.tied & 2 or n + 2 < len(cuts)) else ""
            notes = "".join(_note(tone, key.sharps, altered) for tone in value.tones) or "z"
            if len(value.tones) > 1:
                notes = f"[{notes}]"
            texts.append(f"{symbol}{notes}{end - start if end - start > 1 else ''}{tie}")
        if not value.beams or value.beams[0] == "end":
            texts.append(" ")
    return "".join(texts).strip()


def _note(tone: Tone, sharps: int, altered: set[str]) -> str:
    step, octave = tone.step, tone.octave
    sign = ""
    if tone.alter != signature(step, sharps) or step in altered:
        sign = _SIGNS[tone.alter]
        altered.add(step)
    return sign + (step.lower() + "'" * (octave - 5) if octave > 4 else step + "," * (4 - octave))


def _key(key: Key) -> str:
    return key.spell(key.tonic) + _MODES[key.mode]


def _rule(measure: Measure) -> str:
    return {"double": "||", "final": "|]"}.get(measure.rule, "|")
