"""Charts as SVG text: points with their error, one colour and shape per signer, the standing with its usual pace.

Presentation attributes only, so that the strictest content security policy shows it and the downloaded file looks the
same. No traffic lights: no colour means good or bad.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

WIDTH: Final = 360
_LEFT, _RIGHT, _ROW, _TITLE, _FONT = 54, 12, 26, 34, 16
_INK, _QUIET, _LINE = "#1c2733", "#47545f", "#c9d2da"
_COLOURS: Final = ("#1f4e79", "#8a3b12", "#5b3a8c", "#0b6170", "#7a1f5c", "#3d4750")
_SHAPES: Final[tuple[str, ...]] = ("circle", "square", "triangle", "diamond", "cross", "bar")
_ILLEGAL: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAYS_A_YEAR: Final = 365.25


@dataclass(frozen=True)
class Dot:
    """One result: a day, a value, how far its error reaches to both sides (None if unknown), and who signed it.

    Attributes:
        firm: Drawn filled; hollow otherwise.
        care: The step to this result is to be taken with care: its line is dashed.
    """

    on: date
    value: float
    error: float | None
    maker: int
    firm: bool
    care: bool = False


@dataclass(frozen=True)
class Panel:
    """One small chart.

    Attributes:
        pace: Draw a fan of this much a year to both sides of the first dot, or None.
        least_span: The axis covers at least this much.
    """

    title: str
    height: int
    dots: tuple[Dot, ...]
    pace: float | None = None
    least_span: float = 0.0


@dataclass(frozen=True)
class Words:
    """What stands in a chart, in the reader's language; ``month`` and ``number`` write the axes."""

    title: str
    description: str
    makers: tuple[str, ...]
    notes: tuple[str, ...]
    month: Callable[[date], str]
    number: Callable[[float], str]


def build_chart(panels: Sequence[Panel], words: Words, *, name: str) -> str:
    """One ``<svg>`` element with title and description for those who do not see it.

    Args:
        panels: At least one dot each. All share one time axis.
        name: Makes the element's ids unique on a page; letters and digits.
    """
    rows = len(words.makers) + len(words.notes)
    height = sum(panel.height + _TITLE + _ROW for panel in panels) + rows * _ROW + 8
    root = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "role": "img", "class": "chart",
        "width": str(WIDTH), "height": str(height), "aria-labelledby": f"{name}-title {name}-desc",
        "font-family": "system-ui, sans-serif", "font-size": str(_FONT), "fill": _INK})
    SubElement(root, "title", {"id": f"{name}-title"}).text = _legal(words.title)
    SubElement(root, "desc", {"id": f"{name}-desc"}).text = _legal(words.description)
    SubElement(root, "rect", {"width": str(WIDTH), "height": str(height), "fill": "#ffffff"})
    days = [dot.on.toordinal() for panel in panels for dot in panel.dots]
    first, last = min(days), max(days)
    top = 0.0
    for panel in panels:
        _panel(root, panel, words, top, first, last)
        top += panel.height + _TITLE + _ROW
    _legend(root, words, top)
    return tostring(root, encoding="unicode")


def look_of(maker: int) -> tuple[str, str]:
    """Colour and shape of a signer; 36 signers differ."""
    return (_COLOURS[(maker + maker // len(_SHAPES)) % len(_COLOURS)], _SHAPES[maker % len(_SHAPES)])


def ticks_of(low: float, high: float, count: int = 4) -> tuple[float, ...]:
    """Round numbers between two others, about ``count`` of them."""
    rough = (high - low) / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    start = math.ceil(low / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(start, math.floor(high / step + 1e-9) + 1))


def _panel(root: Element, panel: Panel, words: Words, top: float, first: int, last: int) -> None:
    plot_top, bottom = top + _TITLE, top + _TITLE + panel.height
    low, high = _range(panel, first, last)

    def x_of(day: int) -> float:
        share = (day - first) / (last - first) if last > first else 0.5
        return _LEFT + 14 + share * (WIDTH - _LEFT - _RIGHT - 28)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * panel.height

    _text(root, 0, top + _FONT + 2, panel.title, weight="bold")
    for tick in ticks_of(low, high):
        _line(root, _LEFT, y_of(tick), WIDTH - _RIGHT, y_of(tick), _LINE)
        _text(root, _LEFT - 6, y_of(tick) + 5, words.number(tick), anchor="end", fill=_QUIET)
    _line(root, _LEFT, plot_top, _LEFT, bottom, _QUIET)
    _line(root, _LEFT, bottom, WIDTH - _RIGHT, bottom, _QUIET)
    _months(root, words, bottom + _FONT + 3, first, last)
    if panel.pace is not None:
        _fan(root, panel.dots[0], panel.pace, x_of, y_of, last)
    places = [(x_of(dot.on.toordinal()), y_of(dot.value), dot) for dot in panel.dots]
    for (x1, y1, _), (x2, y2, other) in zip(places, places[1:], strict=False):
        _line(root, x1, y1, x2, y2, _QUIET, dashed=other.care)
    for x, y, dot in places:
        colour, shape = look_of(dot.maker)
        if dot.error is not None:
            up, down = y_of(dot.value + dot.error), y_of(dot.value - dot.error)
            for x1, y1, x2, y2 in ((x, up, x, down), (x - 5, up, x + 5, up), (x - 5, down, x + 5, down)):
                _line(root, x1, y1, x2, y2, colour, width=2)
        _mark(root, x, y, colour, shape, filled=dot.firm)


def _range(panel: Panel, first: int, last: int) -> tuple[float, float]:
    lows = [dot.value - (dot.error or 0) for dot in panel.dots]
    highs = [dot.value + (dot.error or 0) for dot in panel.dots]
    if panel.pace is not None:
        start = panel.dots[0]
        reach = panel.pace * (last - start.on.toordinal()) / _DAYS_A_YEAR
        lows, highs = [*lows, start.value - reach], [*highs, start.value + reach]
    low, high = min(lows), max(highs)
    missing = max(panel.least_span, abs(high) * 1e-6, 1e-6) - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
    margin = (high - low) * 0.1
    return low - margin, high + margin


def _fan(root: Element, start: Dot, pace: float, x_of: Callable[[int], float], y_of: Callable[[float], float],
         last: int) -> None:
    reach = pace * (last - start.on.toordinal()) / _DAYS_A_YEAR
    x1, x2 = x_of(start.on.toordinal()), x_of(last)
    corners = ((x1, y_of(start.value)), (x2, y_of(start.value + reach)), (x2, y_of(start.value - reach)))
    SubElement(root, "polygon", {"points": " ".join(f"{x:.1f},{y:.1f}" for x, y in corners), "fill": _COLOURS[0],
                                 "fill-opacity": "0.15"})
    _line(root, x1, y_of(start.value), x2, y_of(start.value), _COLOURS[0], dashed=True)


def _months(root: Element, words: Words, y: float, first: int, last: int) -> None:
    if first == last:
        _text(root, (_LEFT + WIDTH - _RIGHT) / 2, y, words.month(date.fromordinal(first)), anchor="middle", fill=_QUIET)
        return
    _text(root, _LEFT, y, words.month(date.fromordinal(first)), fill=_QUIET)
    _text(root, WIDTH - _RIGHT, y, words.month(date.fromordinal(last)), anchor="end", fill=_QUIET)


def _legend(root: Element, words: Words, top: float) -> None:
    for number, maker in enumerate(words.makers):
        y = top + number * _ROW
        _mark(root, 12, y + 12, *look_of(number), filled=True)
        _text(root, 28, y + 18, maker)
    for number, note in enumerate(words.notes, start=len(words.makers)):
        _text(root, 0, top + number * _ROW + 18, note, fill=_QUIET)


def _mark(root: Element, x: float, y: float, colour: str, shape: str, *, filled: bool) -> None:
    style = {"fill": colour if filled else "#ffffff", "stroke": colour, "stroke-width": "2"}
    if shape == "circle":
        SubElement(root, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "6.5", **style})
        return
    outlines: dict[str, tuple[tuple[float, float], ...]] = {
        "square": ((-6, -6), (6, -6), (6, 6), (-6, 6)), "triangle": ((0, -8), (7.5, 6), (-7.5, 6)),
        "diamond": ((0, -8), (8, 0), (0, 8), (-8, 0)), "bar": ((-9, -3.5), (9, -3.5), (9, 3.5), (-9, 3.5)),
        "cross": ((-3, -8), (3, -8), (3, -3), (8, -3), (8, 3), (3, 3), (3, 8), (-3, 8), (-3, 3), (-8, 3), (-8, -3),
                  (-3, -3)),
    }
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in outlines[shape])
    SubElement(root, "polygon", {"points": points, **style})


def _line(root: Element, x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1,
          dashed: bool = False) -> None:
    attributes = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}", "stroke": colour,
                  "stroke-width": str(width)}
    SubElement(root, "line", attributes | ({"stroke-dasharray": "5 4"} if dashed else {}))


def _text(root: Element, x: float, y: float, said: str, *, anchor: str = "start", fill: str = _INK,
          weight: str = "normal") -> None:
    SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "fill": fill,
                              "font-weight": weight}).text = _legal(said)


def _legal(said: str) -> str:
    """``said`` without characters that XML cannot hold."""
    return _ILLEGAL.sub("", said)
