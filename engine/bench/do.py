"""Edits in words, as files and receipts tell them: "reroll chorus/melody=2", "insert bridge=8 after chorus/2"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.bench import edits, form, locks
from engine.bench.reroll import reroll
from engine.bench.vary import vary
from engine.document import Document
from engine.errors import SongFileError, UsageError, nearest
from engine.plan.wishes import parse_wishes


def do(document: Document, words: str) -> Document:
    """Return the document after an edit in words; raises as the function it calls, UsageError for other words."""
    word, _, rest = words.partition(" ")
    if word not in _KNOWN:
        raise UsageError(f'"{words}" is no edit', nearest(word, _KNOWN))
    return _KNOWN[word](document, rest)


def _reroll(document: Document, rest: str) -> Document:
    place, how = _two(rest, "=")
    number, _, wishes = how.partition(" with ")
    return reroll(document, place, _whole(number), parse_wishes(wishes))


def _vary(document: Document, rest: str) -> Document:
    place, how = _two(rest, "=")
    how, _, wishes = how.partition(" with ")
    found = re.fullmatch(r"([01]|[01]\.[0-9]{1,2}) number ([0-9]{1,9})(?: keep ([a-z]+))?", how)
    if not found:
        raise SongFileError(f'the edit "vary {rest[:40]}" cannot be read')
    return vary(document, place, float(found[1]), found[3] or "", parse_wishes(wishes), int(found[2]))


def _insert(document: Document, rest: str) -> Document:
    what, there = _two(rest, " ")
    kind, _, bars = what.partition("=")
    return form.insert(document, kind, there.removeprefix("after "), _whole(bars) if bars else None)


def _placed(make: Callable[[Document, str, str], Document]) -> Callable[[Document, str], Document]:
    def run(document: Document, rest: str) -> Document:
        name, there = _two(rest, " ")
        return make(document, name, there.removeprefix("after "))

    return run


def _marked(make: Callable[..., Document]) -> Callable[[Document, str], Document]:
    return lambda document, rest: make(document, *([rest] if rest else []))


def _set_chords(document: Document, rest: str) -> Document:
    return edits.set_chords(document, *_two(rest, "="))


def _set_energy(document: Document, rest: str) -> Document:
    place, level = _two(rest, "=")
    return edits.set_energy(document, place, _whole(level))


def _two(text: str, mark: str) -> tuple[str, str]:
    one, found, other = text.partition(mark)
    if not found:
        raise SongFileError(f'the edit "{text[:40]}" cannot be read')
    return one, other


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise SongFileError(f'the edit\'s "{text[:20]}" is no whole number') from error


_KNOWN: Mapping[str, Callable[[Document, str], Document]] = {
    "reroll": _reroll,
    "vary": _vary,
    "lock": _marked(locks.lock),
    "unlock": _marked(locks.unlock),
    "mute": _marked(locks.mute),
    "unmute": _marked(locks.unmute),
    "solo": _marked(locks.solo),
    "unsolo": _marked(locks.unsolo),
    "chords": _set_chords,
    "key": edits.set_key,
    "tempo": lambda document, rest: edits.set_tempo(document, _whole(rest)),
    "energy": _set_energy,
    "on": edits.put_in,
    "off": edits.take_out,
    "insert": _insert,
    "remove": form.remove,
    "repeat": _placed(form.repeat),
    "move": _placed(form.move),
}
