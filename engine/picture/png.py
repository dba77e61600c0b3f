"""Pictures in dots: SVG through resvg with the package's own typeface, and plain squares without."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import ExportError

FONTS = tuple(sorted((Path(__file__).parent / "font").glob("*.ttf")))


def need_resvg() -> None:
    """Raise ExportError where resvg is not installed."""
    try:
        import resvg_py  # noqa: F401
    except ImportError as error:
        raise ExportError(f"PNG needs a library that is missing: {error}", 'pip install "hookline[picture]"') from error


def png(svg: str) -> bytes:
    """Return an SVG as PNG, twice as many dots as points; raises ExportError where resvg is not installed."""
    need_resvg()
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=2,
            font_files=[str(path) for path in FONTS],
            skip_system_fonts=True,
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )


def dots(colours: NDArray[np.uint8]) -> bytes:
    """Return PNG of an image of shape (height, width, 3), one dot a value."""
    height, width, _ = colours.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), colours.reshape(height, -1)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
