"""Gives the font names that programs ask for by habit the bundled font, where OCCT would print a warning."""

from __future__ import annotations

FONT = "liberation sans"
HABITS = ("arial", "helvetica", "sans", "sans-serif", "sansserif")


def install() -> None:
    """Makes build123d's font manager know these names from its start, which is at the first text."""
    from build123d.text import FontManager
    from OCP.TCollection import TCollection_AsciiString

    plain = FontManager.__init__

    def with_habits(self: FontManager) -> None:
        plain(self)
        for name in HABITS:
            # The names have substitutes of OCCT's own, which are not here and to which nothing can be added.
            self.manager.RemoveFontAlias(TCollection_AsciiString(name), TCollection_AsciiString(""))
            self.manager.AddFontAlias(TCollection_AsciiString(name), TCollection_AsciiString(FONT))

    FontManager.__init__ = with_habits
