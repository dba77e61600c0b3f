"""What an edit drew: the step that gave a part its notes, done again while somebody watches."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from engine.bench.do import do
from engine.bench.steps import undo
from engine.document import Document, cells
from engine.errors import EngineError
from engine.explain.trace import Trace, traced
from engine.song import Section


class Edited(NamedTuple):
    """An edit in words, what it drew, and the song before it."""

    words: str
    trace: Trace
    before: Document


def last_edit(document: Document, section: Section, part: str) -> Edited | None:
    """Return the last edit that changed the notes of a part of a section; None where none did, or it is gone."""
    now = cells(document.song, {part}).get((section.name, part))
    after = document
    while after.past:
        try:
            before = undo(after)
            if cells(before.song, {part}).get((section.name, part)) != now:
                words = after.past[-1].did
                return Edited(words, traced(partial(do, before, words)), before)
        except EngineError:
            # A history that does not fit its file any more tells nothing.
            return None
        after = before
    return None
