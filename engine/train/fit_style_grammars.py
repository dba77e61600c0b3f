"""Compile the rules of grammar that packaged styles hold in their own files, so that composing needs no parser."""

from __future__ import annotations

from pathlib import Path

from engine.grammar.load import compiled_own, load_grammar
from engine.models.tables import Table, header
from engine.style import load, names
from engine.train.base import DATE, Fitted, Tell


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "style_grammars": grammars as written, by the SHA-256 of their text and of what they import."""
    texts = {text for name in names() for text in _grammars(name) if "\n" in text}
    tell(f"{len(texts)} grammars of packaged styles")
    head = header(
        corpus="none",
        licence="as the program",
        command="hookline train rock",
        date=DATE,
        about="grammars that packaged styles hold in their own files",
        grammars=dict(sorted((compiled_own(text), load_grammar(text, "").to_data()) for text in texts)),
    )
    return Fitted({"style_grammars": Table(dict(head), {})}, ())


def _grammars(name: str) -> tuple[str, str, str]:
    style = load(name)
    return style.form, style.harmony, style.phrases
