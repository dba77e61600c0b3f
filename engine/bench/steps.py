"""Steps back and forward: the text of the file as it was, told as changes to its lines.

So undo brings back the very bytes, whoever wrote them, and a step takes no more room than what it changed.
"""

from __future__ import annotations

from dataclasses import replace

from engine.document import Change, Document, Step
from engine.errors import SongFileError, UsageError
from engine.export.songfile import changes, digest, document_text
from engine.export.songread import read_document


def taken(before: Document, after: Document, did: str) -> Document:
    """Return a document after something was done to it, with the step back.

    did: what was done, in words that ``bench.do`` understands.
    """
    new = replace(after, song=replace(after.song, edits=(*before.song.edits, did)), past=(), future=(), text="")
    text, old = document_text(new), text_of(before)
    return replace(new, past=(*before.past, Step(did, changes(text, old), digest(old))), text=text)


def undo(document: Document) -> Document:
    """Return the document as it was before the last step; raises UsageError where there is none."""
    if not document.past:
        raise UsageError("there is nothing to undo")
    *past, step = document.past
    before = _went(document, step)
    back = Step(step.did, changes(before.text, document.text), digest(document.text))
    return replace(before, past=tuple(past), future=(*document.future, back))


def redo(document: Document) -> Document:
    """Return the document as it was before the last undo; raises UsageError where nothing was undone."""
    if not document.future:
        raise UsageError("there is nothing to do again")
    *future, step = document.future
    after = _went(document, step)
    back = Step(step.did, changes(after.text, text_of(document)), digest(text_of(document)))
    return replace(after, past=(*document.past, back), future=tuple(future))


def text_of(document: Document) -> str:
    """Return a document's text without its history."""
    return document.text or document_text(document)


def _went(document: Document, step: Step) -> Document:
    text = _patched(text_of(document), step.changes)
    if digest(text) != step.digest:
        raise SongFileError(
            f'the step "{step.did}" does not fit the file: it was changed by other means',
            "take the history out of the file to go on from what it is",
        )
    return replace(read_document(text.encode()), source=document.source)


def _patched(text: str, rows: tuple[Change, ...]) -> str:
    lines = text.split("\n")
    for first, count, new in reversed(rows):
        lines[first : first + count] = new
    return "\n".join(lines)
