"""What a marker's text says of a section: "2nd Chorus (half)" is a chorus."""

from __future__ import annotations

import re

# The first that fits holds; words of German, French, Spanish and Italian too.
_WORDS = (
    ("prechorus", r"pre.?cho?r|pre.?refrain|build|channel|\bpre\b"),
    ("chorus", r"cho?rus|\bch\d*\b|refrain|refr|hook|coro|estribillo|ritornello|\bcho\d*\b"),
    ("verse", r"vers|\bv\d+\b|strophe|couplet|estrofa|strofa|\bvrs"),
    ("intro", r"intro|introd|anfang|begin|^start"),
    ("outro", r"outro|coda|ending|\bend\b|schluss|fade|fin\b|\btag\b"),
    ("bridge", r"bridge|\bbr\d*\b|middle ?(8|eight)|\bm8\b|pont|puente"),
    ("solo", r"solo"),
    ("interlude", r"interlude|instr|break|zwischenspiel|\blink\b|riff|interm|\bturn"),
)


def kind_of(text: str) -> str | None:
    """Return the kind of section a marker names, None if it names none."""
    low = text.lower()
    return next((kind for kind, words in _WORDS if re.search(words, low)), None)
