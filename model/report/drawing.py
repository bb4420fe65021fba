"""How the report's plots look, and how a drawing becomes SVG that can stand in a page.

Black, one blue and greys, told apart by shape as well, so that they survive a grey printer and every kind of colour
vision. Texts stay texts (svg.fonttype none): the page gives them its own font, and they can be searched and copied.
"""

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

INK, BLUE, PALE, FAINT = "#000000", "#0072B2", "#767676", "#d4d4d4"
WIDE, HALF = 7.0, 3.4  # inches: the page's measure, and half of it
ROW = 0.27  # inches of a row in a plot with names at the left
LONGEST = 30  # signs of a label

STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that the room for texts is the same everywhere
    "font.size": 8.5,
    "text.parse_math": False,  # a CRM's values hold dollar signs that mean dollars
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.labelsize": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.6,
    "figure.constrained_layout.use": True,
}


def drawn(draw: Callable[[list[Axes]], None], *, width: float, height: float, says: str, panels: int = 1) -> str:
    """Draw on empty axes of a figure (inches) and return it as an SVG element; `says` is read to who cannot see it."""
    # No pyplot: it would keep every figure, and look for a screen.
    # Salted by its words, a plot has the same bytes each time, and no id of another plot on the page.
    with mpl.rc_context(STYLE | {"svg.hashsalt": says}), warnings.catch_warnings():
        # Room is measured with a font that lacks some scripts; the browser that shows the texts has them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(width, height))
        axes = figure.subplots(1, panels, squeeze=False, sharey=True)
        draw(list(axes[0]))
        kept = io.StringIO()
        figure.savefig(
            kept, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _element(kept.getvalue(), says)


def name_rows(plot: Axes, words: list[str]) -> None:
    """Write names at the left, the first at the top, a row each."""
    plot.set_yticks(range(len(words)), [short(word) for word in words])
    plot.set_ylim(len(words) - 0.5, -0.5)
    plot.tick_params(axis="y", length=0)
    plot.grid(visible=False, axis="y")


def in_per_cent(plot: Axes, *, x: str, y: str, both: bool = True) -> None:
    """Name both axes and mark them in per cent; only the horizontal one when not `both`."""
    plot.set(xlabel=x, ylabel=y)
    plot.xaxis.set_major_formatter(PercentFormatter(1))
    if both:
        plot.yaxis.set_major_formatter(PercentFormatter(1))


def short(text: str, longest: int = LONGEST) -> str:
    """Make a label of a text of any length and signs: one line that fits."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _element(text: str, says: str) -> str:
    """Keep the element alone: no prolog, no metadata, no style that would reach the page, no id that comes twice."""
    body = text[text.index("<svg") :].strip()
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    label = escape(says, quote=True)
    return body.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
