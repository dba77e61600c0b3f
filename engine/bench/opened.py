"""A MIDI file of ours, opened as the song that it was made of."""

from __future__ import annotations

from engine.bench.do import do
from engine.bench.steps import text_of
from engine.document import Document
from engine.export.midi import midi, read_receipt
from engine.export.receipt import edits_of, request_of
from engine.pipeline import compose


def from_midi(data: bytes) -> tuple[Document, bool]:
    """Return the song of a MIDI file, made again from its receipt, with a step back for each edit.

    With it, whether that song makes the very file: another version, style or table makes another, and so does who
    changed the file. Raises SongFileError where there is no receipt, and as composing and editing do.
    """
    facts = read_receipt(data)
    song = compose(request_of(facts))
    document = Document(song, song.request.takes)
    document = Document(song, song.request.takes, text=text_of(document))
    for words in edits_of(facts):
        document = do(document, words)
    return document, midi(document.heard()) == data
