"""Words into a request: every option checked, with the place of what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from engine.errors import UsageError, nearest
from engine.plan.given import parse_chords
from engine.song import KINDS, Request, Steering
from engine.theory.key import Key

# What a form may be written in, beside the full names.
LETTERS = {
    "I": "intro",
    "V": "verse",
    "P": "prechorus",
    "C": "chorus",
    "B": "bridge",
    "S": "solo",
    "L": "interlude",
    "O": "outro",
}
TEMPO = (40, 300)  # beats a minute
LENGTH = (60, 600)  # seconds
MOST_SECTIONS = 32
MOST_HOOKS = 256
MOST_LOOP = 64  # bars
# Names of moods, from bright to dark, and their numbers.
MOODS = {"bright": 0, "warm": 25, "neutral": 50, "sombre": 75, "dark": 100}
TEMPERATURE = (50, 400)  # percent
_TAKE = re.compile(r"([a-z]+(?:/[0-9]+)?)/([a-z]+)")


def make_request(
    *,
    style: str = "rock",
    seed: int | None = None,
    key: str | None = None,
    tempo: int | None = None,
    form: str | Iterable[str] | None = None,
    chords: Mapping[str, str] | None = None,
    length: int | str | None = None,
    feel: float = 1.0,
    bridge_melody: bool = False,
    takes: Mapping[str, int] | None = None,
    hook: int | None = None,
    energy: float | None = None,
    complexity: float | None = None,
    catchy: float | None = None,
    mood: float | str | None = None,
    temperature: float | str | Mapping[str, float | str] | None = None,
    loop_bars: int | None = None,
) -> Request:
    """Return the checked request; a seed is drawn where none is given.

    form: sections as letters or names, one string or several. chords: by kind of section, see ``plan.given``.
    length: seconds, or "3:00". feel: 0 (on the grid) to 1. takes: numbers by place ("chorus/melody").
    hook: the number of a candidate for the chorus's first line, from 1; the best if None.
    energy, complexity, catchy: 0 to 1, the style itself at 0.5. mood: 0 (bright) to 1 (dark), or a name of MOODS.
    temperature: 0.5 to 4, of all parts or by part. loop_bars: make a loop of one section and so many bars.
    Raises UsageError naming what cannot be.
    """
    if seed is None:
        seed = int.from_bytes(os.urandom(4), "big")
    if tempo is not None and not TEMPO[0] <= tempo <= TEMPO[1]:
        raise UsageError(f"tempo {tempo}: expected {TEMPO[0]} to {TEMPO[1]} beats a minute")
    if not 0 <= feel <= 1:
        raise UsageError(f"feel {feel}: expected 0 (on the grid) to 1 (as people play)")
    if hook is not None and not 1 <= hook <= MOST_HOOKS:
        raise UsageError(f"hook {hook}: expected 1 to {MOST_HOOKS}")
    if abs(seed) >= 1 << 63:
        raise UsageError(f"seed {seed}: expected a whole number of at most 63 bits")
    kinds = None if form is None else parse_form(form)
    if loop_bars is not None:
        if not 1 <= loop_bars <= MOST_LOOP:
            raise UsageError(f"a loop of {loop_bars} bars: expected 1 to {MOST_LOOP}")
        if length is not None or (kinds and len(kinds) > 1):
            raise UsageError("a loop is one section of so many bars", "leave out the length, and name one section")
    return Request(
        style=style,
        seed=seed,
        key=None if key is None else Key.parse(key),
        tempo=tempo,
        form=kinds,
        chords=tuple((_kind(kind), _chords(kind, text)) for kind, text in (chords or {}).items()),
        length=None if length is None else parse_length(length),
        feel=round(feel * 100),
        bridge_melody=bridge_melody,
        takes=tuple((_place(place), _number(place, take)) for place, take in (takes or {}).items()),
        hook=hook,
        steering=Steering(
            _share("energy", energy),
            _share("complexity", complexity),
            _share("catchy", catchy),
            _mood(mood),
            _temperatures(temperature),
        ),
        loop_bars=loop_bars,
    )


def parse_form(form: str | Iterable[str]) -> tuple[str, ...]:
    """Return kinds of sections for letters or names such as "V C V C B C"; raises UsageError.

    >>> parse_form("V C bridge")
    ('verse', 'chorus', 'bridge')
    """
    words = form.replace("-", " ").split() if isinstance(form, str) else list(form)
    if not 1 <= len(words) <= MOST_SECTIONS:
        raise UsageError(f"form of {len(words)} sections: expected 1 to {MOST_SECTIONS}", 'write it like "V C V C B C"')
    kinds = []
    for number, word in enumerate(words, 1):
        kind = LETTERS.get(word.upper(), word.lower())
        if kind not in KINDS:
            letters = ", ".join(f"{letter} {name}" for letter, name in LETTERS.items())
            raise UsageError(f'form: "{word}" (section {number}) is no kind of section', f"write {letters}")
        kinds.append(kind)
    return tuple(kinds)


def parse_length(length: int | str) -> int:
    """Return seconds for "3:00", "180" or 180; raises UsageError outside one to ten minutes.

    >>> parse_length("3:00")
    180
    """
    found = re.fullmatch(r"(?:([0-9]{1,3}):)?([0-9]{1,4})", str(length).strip())
    seconds = int(found[1] or 0) * 60 + int(found[2]) if found else -1
    if not LENGTH[0] <= seconds <= LENGTH[1] or (found and found[1] and int(found[2]) > 59):
        raise UsageError(f'length "{length}": expected 1:00 to 10:00', "write minutes and seconds, such as 3:00")
    return seconds


def _chords(kind: str, text: str) -> str:
    # Asked here as well as when composing, so that what is wrong is told before anything is made.
    parse_chords(text, Key(0), kind)
    return " ".join(text.split())


def _share(name: str, value: float | str | None) -> int | None:
    """Return the percent of a share 0 to 1."""
    if value is None:
        return None
    number = _float(value)
    if number is None or not 0 <= number <= 1:
        raise UsageError(f"{name} {value}: expected 0 to 1", "0.5 is the style as it is")
    return round(number * 100)


def _mood(value: float | str | None) -> int | None:
    if isinstance(value, str) and value.strip().lower() in MOODS:
        return MOODS[value.strip().lower()]
    if isinstance(value, str) and _float(value) is None:
        raise UsageError(f'mood "{value}": expected 0 (bright) to 1 (dark), or a name', f"such as {', '.join(MOODS)}")
    return _share("mood", value)


def _temperatures(value: float | str | Mapping[str, float | str] | None) -> tuple[tuple[str, int], ...]:
    from engine.style.fields import PLAYERS

    if value is None:
        return ()
    found: dict[str, int] = {}
    for part, heat in value.items() if isinstance(value, Mapping) else dict.fromkeys(PLAYERS, value).items():
        if part not in PLAYERS:
            raise UsageError(f'temperature of "{part}": unknown part', nearest(part, PLAYERS))
        number = _float(heat)
        low, high = TEMPERATURE
        if number is None or not low <= number * 100 <= high:
            raise UsageError(f"temperature {heat}: expected {low / 100} to {high // 100}", "1 is as the models say")
        found[part] = round(number * 100)
    return tuple((part, found[part]) for part in PLAYERS if part in found)


def _float(value: float | str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise UsageError(f'chords for "{kind}": no kind of section', nearest(kind, KINDS))
    return kind


def _place(place: str) -> str:
    from engine.style.fields import PLAYERS

    found = _TAKE.fullmatch(place)
    if not found or found[1].partition("/")[0] not in KINDS:
        raise UsageError(f'take "{place}": no place of a song', "write it like chorus/melody or verse/2/drums")
    if found[2] not in PLAYERS:
        raise UsageError(f'take "{place}": unknown part "{found[2]}"', nearest(found[2], PLAYERS))
    return place


def _number(place: str, take: int) -> int:
    if not 0 <= take < 1 << 31:
        raise UsageError(f"take {take} of {place}: expected a whole number from 0")
    return take
