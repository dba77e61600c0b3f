"""The receipt of a song: what it takes to make the same song again.

Every file we write carries it. Only what was asked for is stated; the rest follows from the seed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError, SongFileError
from engine.song import Request, Song, Steering
from engine.theory.key import Key

PREFIX = "hookline "
KNOBS = ("energy", "complexity", "catchy", "mood")


def receipt(song: Song) -> dict[str, Any]:
    """Return version, style, hash of the style, seed and the options that were given."""
    request = song.request
    facts: dict[str, Any] = {
        "version": song.version,
        "style": request.style,
        "style_hash": song.style_hash,
        "seed": request.seed,
        "key": None if request.key is None else str(request.key),
        "tempo": request.tempo,
        "form": None if request.form is None else " ".join(request.form),
        "chords": dict(request.chords),
        "length": request.length,
        "feel": None if request.feel == 100 else request.feel,
        "bridge_melody": request.bridge_melody or None,
        "takes": dict(request.takes),
        "hook": request.hook,
        "loop_bars": request.loop_bars,
        **{name: getattr(request.steering, name) for name in KNOBS},
        "temperature": dict(request.steering.temperature),
        "edits": list(song.edits),
    }
    return {name: value for name, value in facts.items() if value not in (None, {}, [])}


def receipt_text(song: Song) -> str:
    """Return the receipt on one line of ASCII."""
    return PREFIX + json.dumps(receipt(song), separators=(",", ":"))


def parse_receipt(text: str) -> dict[str, Any]:
    """Return the receipt of a line that ``receipt_text`` made; raises SongFileError."""
    try:
        facts = json.loads(text.removeprefix(PREFIX))
        request_of(facts)
    except (ValueError, RecursionError) as error:
        raise SongFileError(f"the receipt cannot be read: {error}") from error
    return dict(facts)


def request_of(facts: object) -> Request:
    """Return the request of a receipt; raises SongFileError naming the first fact that is wrong."""
    if not isinstance(facts, dict):
        raise SongFileError("the receipt is no mapping of facts")
    try:
        return Request(
            style=_fact(facts, "style", str),
            seed=_fact(facts, "seed", int),
            key=Key.parse(_fact(facts, "key", str)) if "key" in facts else None,
            tempo=_fact(facts, "tempo", int) if "tempo" in facts else None,
            form=tuple(_fact(facts, "form", str).split()) if "form" in facts else None,
            chords=_pairs(facts, "chords", str),
            length=_fact(facts, "length", int) if "length" in facts else None,
            feel=_fact(facts, "feel", int) if "feel" in facts else 100,
            bridge_melody=_fact(facts, "bridge_melody", bool) if "bridge_melody" in facts else False,
            takes=_pairs(facts, "takes", int),
            hook=_fact(facts, "hook", int) if "hook" in facts else None,
            steering=Steering(
                **{name: _fact(facts, name, int) for name in KNOBS if name in facts},
                temperature=_pairs(facts, "temperature", int),
            ),
            loop_bars=_fact(facts, "loop_bars", int) if "loop_bars" in facts else None,
        )
    except SongFileError:
        raise
    except EngineError as error:
        raise SongFileError(f"the receipt cannot be used: {error}", error.hint) from error


def edits_of(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what was done to the song after it was composed; raises SongFileError."""
    edits = _fact(facts, "edits", list) if "edits" in facts else []
    for edit in edits:
        if not isinstance(edit, str):
            raise SongFileError(f'the receipt\'s "edits" hold {json.dumps(edit)[:40]}, expected text')
    return tuple(edits)


def _fact(facts: Mapping[str, Any], name: str, kind: type) -> Any:
    value = facts.get(name)
    if type(value) is not kind:  # exactly: True is no number
        raise SongFileError(f'the receipt\'s "{name}" is {json.dumps(value)[:40]}, expected {kind.__name__}')
    return value


def _pairs(facts: Mapping[str, Any], name: str, kind: type) -> tuple[tuple[str, Any], ...]:
    pairs = _fact(facts, name, dict) if name in facts else {}
    return tuple((key, _fact(pairs, key, kind)) for key in pairs)
