"""The JSON Schema of style files, made from the checks that read them: editors complete and explain by it."""

from __future__ import annotations

from typing import Any

from engine.style.checks import record_schema
from engine.style.fields import STYLE


def schema() -> dict[str, Any]:
    """Return the schema, for draft 2020-12. Limits that hang on other values (rising lists) are checked by loading."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hookline style",
        **record_schema(STYLE),
    }
