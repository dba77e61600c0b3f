"""A song as a file of written music."""

from __future__ import annotations

from engine.errors import UsageError
from engine.notation import sheet
from engine.song import Song

EXTENSIONS = (".musicxml", ".pdf", ".svg", ".abc", ".cho", ".chordpro")


def notated(song: Song, kind: str, *, lead: bool = False, tab: bool = False) -> bytes:
    """Return a song as a file of a kind: "MusicXML", "PDF", "SVG", "ABC" or "ChordPro".

    lead: the lead sheet and not the whole score; ABC has the melody and ChordPro the chords alone. tab: tablature below
    the staves of guitars and bass. Raises UsageError for another kind, ExportError where a library is missing.
    """
    if kind == "MusicXML":
        return xml(song, lead=lead, tab=tab).encode()
    if kind == "ABC":
        from engine.notation.abc import abc

        return abc(song).encode()
    if kind == "ChordPro":
        from engine.notation.chordpro import chordpro

        return chordpro(song).encode()
    if kind not in ("PDF", "SVG"):
        raise UsageError(f"{kind} is no written music", f"end the path in {', '.join(EXTENSIONS)}")
    from engine.notation import engrave

    found = pages(song, lead=lead, tab=tab)
    return engrave.pdf(found) if kind == "PDF" else engrave.one_svg(found).encode()


def xml(song: Song, *, lead: bool = False, tab: bool = False) -> str:
    """Return the score, or the lead sheet, as MusicXML."""
    if lead:
        from engine.notation.leadsheet import lead_sheet

        return lead_sheet(song)
    from engine.notation.musicxml import score

    return score(song, tab)


def pages(song: Song, *, lead: bool = False, tab: bool = False) -> list[str]:
    """Return the pages of the score, or of the lead sheet, as SVG. Raises ExportError."""
    from engine.notation import engrave

    engrave.need_libraries()
    maker = f"Hookline {song.version}, seed {song.request.seed}"
    text = xml(song, lead=lead, tab=tab)
    return engrave.pages(
        text, sheet.title(song), sheet.facts(song), maker, scale=80 if lead else 44 if tab else 55, lines=lead
    )
