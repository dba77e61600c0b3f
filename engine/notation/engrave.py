"""Engraved pages: MusicXML laid out by Verovio, as SVG or PDF, with no system package.

Verovio brings its fonts (Leipzig and Liberation, SIL Open Font License 1.1) as web fonts in its style sheets; a browser
reads those in the SVG, and for the PDF they are unpacked and the pages drawn by resvg.
"""

from __future__ import annotations

import base64
import io
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from engine.errors import ExportError

WIDTH, HEIGHT = 2100, 2970  # tenths of a millimetre: A4
_MARGIN, _TOP = 130, 250
_DPI = 200
_FONTS = ("Leipzig", "Liberation")
_TEMPO = re.compile(r'<direction placement="above"><direction-type><metronome.*?</direction>')


def need_libraries() -> None:
    """Raise ExportError where a library that engraving needs is not installed."""
    try:
        import brotli  # noqa: F401
        import fontTools.ttLib  # noqa: F401
        import PIL.Image  # noqa: F401
        import resvg_py  # noqa: F401
        import verovio  # noqa: F401
    except (ImportError, OSError) as error:
        raise ExportError(
            f"sheets need libraries that are missing: {error}", 'pip install "hookline[notation]"'
        ) from error


def pages(xml: str, title: str, line: str, maker: str, *, scale: int = 80, lines: bool = True) -> list[str]:
    """Return a MusicXML document as SVG pages of A4, each complete.

    title, line, maker: the head of the first page: its name, what stands below it, and on the right who made it.
    scale: percent of size. lines: whether lines are broken where the document says so. Raises ExportError.
    """
    need_libraries()
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    tool = verovio.toolkit()
    tool.setOptions(
        {
            "pageWidth": WIDTH * 100 // scale,
            "pageHeight": (HEIGHT - _TOP) * 100 // scale,
            "pageMarginLeft": _MARGIN * 100 // scale,
            "pageMarginRight": _MARGIN * 100 // scale,
            "pageMarginTop": 0,
            "pageMarginBottom": _MARGIN * 100 // scale,
            "scale": scale,
            "header": "none",
            "footer": "none",
            "breaks": "line" if lines else "auto",
            "xmlIdSeed": 1,
            "fontTextLiberation": True,
            "minLastJustification": 0.5,
            "mnumInterval": 0,
            "justifyVertically": lines,
        }
    )
    # Verovio sets the tempo upon the time signature: the head of the page tells it.
    if not tool.loadData(_TEMPO.sub("", xml, count=1)):
        raise ExportError("the score cannot be engraved")
    count = tool.getPageCount()
    return [_page(tool.renderToSVG(n), n, count, (title, line, maker)) for n in range(1, count + 1)]


def one_svg(found: Sequence[str]) -> str:
    """Return pages as one SVG, each below the one before."""
    if len(found) == 1:
        return found[0]
    body = "".join(
        page.replace("<svg ", f'<svg y="{n * HEIGHT}" ', 1).replace('width="210mm" height="297mm"', _SIZE)
        for n, page in enumerate(found)
    )
    high = len(found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="{297 * high}mm"'
        f' viewBox="0 0 {WIDTH} {HEIGHT * high}">{body}</svg>\n'
    )


_SIZE = f'width="{WIDTH}" height="{HEIGHT}"'


def png(page: str, width: int, fonts: Sequence[str]) -> bytes:
    """Return a page as a PNG image so many pixels wide; fonts: paths from ``font_files``."""
    import resvg_py

    options: dict[str, Any] = {
        "font_files": list(fonts),
        "skip_system_fonts": True,
        "serif_family": "Liberation Serif",
        "dpi": 96.0,
    }
    return bytes(resvg_py.svg_to_bytes(svg_string=page, width=width, background="white", **options))


def pdf(found: Sequence[str]) -> bytes:
    """Return pages as a PDF, drawn at 200 dots an inch."""
    with font_files() as fonts:
        return _pdf([_grey(png(page, WIDTH * _DPI // 254, fonts)) for page in found])


@contextmanager
def font_files() -> Iterator[list[str]]:
    """Yield paths of Verovio's fonts as TrueType files, which live as long as the context."""
    import verovio
    from fontTools.ttLib import TTFont

    data = Path(verovio.__file__).parent / "data"
    with tempfile.TemporaryDirectory(prefix="hookline-") as folder:
        paths = []
        for name in _FONTS:
            for n, packed in enumerate(re.findall(r"base64,([A-Za-z0-9+/=]+)", (data / f"{name}.css").read_text())):
                font = TTFont(io.BytesIO(base64.b64decode(packed)), recalcTimestamp=False)
                font.flavor = None
                paths.append(str(Path(folder, f"{name}{n}.ttf")))
                font.save(paths[-1])
        yield paths


def _page(svg: str, number: int, count: int, head: tuple[str, str, str]) -> str:
    """Return Verovio's page below a head of our own; its own titles are cut off by other programs."""
    title, line, maker = (escape(text) for text in head)
    inner = svg[svg.index("<svg") :].replace("<svg ", f'<svg y="{_TOP}" ', 1)
    inner = re.sub(r'width="[\d.]+px" height="[\d.]+px"', f'width="{WIDTH}" height="{HEIGHT - _TOP}"', inner, count=1)
    if "viewBox" not in inner[: inner.index(">")]:
        wide, high = (float(x) for x in re.findall(r'(?:width|height)="([\d.]+)px"', svg)[:2])
        inner = inner.replace("<svg ", f'<svg viewBox="0 0 {wide:g} {high:g}" ', 1)
    if number == 1:
        texts = _text(WIDTH // 2, 130, "middle", 72, title, "bold") + _text(_MARGIN, 195, "start", 36, line)
        texts += _text(WIDTH - _MARGIN, 195, "end", 36, maker)
    else:
        texts = _text(_MARGIN, 130, "start", 34, title)
    if count > 1:
        texts += _text(WIDTH - _MARGIN, 130, "end", 34, f"{number} / {count}")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="210mm" height="297mm" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>{texts}{inner}</svg>\n'
    )


def _text(x: int, y: int, anchor: str, size: int, words: str, weight: str = "normal") -> str:
    family = "font-family=\"'Liberation Serif', 'Times New Roman', Times, serif\""
    place = f'x="{x}" y="{y}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" font-weight="{weight}" {family}>{words}</text>'


def _grey(image: bytes) -> tuple[int, int, bytes]:
    from PIL import Image

    grey = Image.open(io.BytesIO(image)).convert("L")
    return grey.width, grey.height, grey.tobytes()


def _pdf(images: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Return a PDF 1.4 with one grey image a page of A4; no date in it, so that it comes out the same again."""
    first = 3  # object numbers: 1 catalogue, 2 pages, then page, contents, image of each
    kids = " ".join(f"{first + 3 * n} 0 R" for n in range(len(images)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(images)}/Kids[{kids}]>>".encode()]
    paint = b"q 595.276 0 0 841.89 0 0 cm /I Do Q"
    for n, (width, height, grey) in enumerate(images):
        page, data = first + 3 * n, zlib.compress(grey, 9)
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents {page + 1} 0 R"
            f"/Resources<</XObject<</I {page + 2} 0 R>>>>>>".encode(),
            b"<</Length %d>>stream\n%s\nendstream" % (len(paint), paint),
            f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8"
            f"/Filter/FlateDecode/Length {len(data)}>>stream\n".encode()
            + data
            + b"\nendstream",
        ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
