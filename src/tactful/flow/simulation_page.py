"""Draws a simulation as one page: curves as pictures in the page itself, the numbers beside them, and no script."""

from __future__ import annotations

from html import escape
from math import floor, log10
from pathlib import Path
from typing import Final

from tactful.flow.simulating import Lived, Series, Simulated

NAME: Final = "simulation.html"
WIDTH, HEIGHT = 440, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 12, 30
_POINTS: Final = 180
"""Most points of a curve: more cannot be seen."""
_LOOKS: Final = (
    ("#0072b2", "#56b4e9", ""),
    ("#d55e00", "#ff9d5c", "7 4"),
    ("#007a5a", "#35d0a5", "2 4"),
    ("#a3427a", "#e59ac4", "10 3 2 3"),
    ("#8a6d00", "#f0e442", "4 2"),
    ("#555555", "#bbbbbb", "1 3"),
    ("#111111", "#f2f2f2", "12 5"),
    ("#7a4b00", "#e69f00", "3 6"),
)
"""Colour by day and by night, told apart by those who see few colours too, and by their dashes."""
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1a1a1a;--quiet:#5a5a5a;--paper:#fff;--line:#d9d9d9}
@media (prefers-color-scheme:dark){:root{--ink:#ececec;--quiet:#a8a8a8;--paper:#161616;--line:#3a3a3a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 16px 48px;max-width:1040px;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.45rem;line-height:1.25;margin:0 0 8px}h2{font-size:1.05rem;margin:0 0 6px}
p{margin:0 0 10px;max-width:72ch}.quiet{color:var(--quiet);font-size:.92rem}
.plots{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:26px 28px;margin:26px 0}
figure{margin:0;min-width:0}svg{display:block;width:100%;height:auto}
svg text{fill:var(--quiet);font-size:12.5px}svg .grid{stroke:var(--line);stroke-width:1}
svg .zero{stroke:var(--quiet);stroke-width:1}svg .curve{fill:none;stroke-width:1.9;stroke-linejoin:round}
svg .l0{stroke-width:3}
ul.legend{list-style:none;margin:18px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:6px 22px}
ul.legend svg{display:inline-block;width:34px;height:10px;vertical-align:middle;margin-right:8px}
.scroll{overflow-x:auto;margin:14px 0}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px 6px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left}th{font-weight:600;color:var(--quiet);font-size:.88rem}
tr:first-child td{font-weight:600}details{margin:8px 0 0}summary{cursor:pointer;color:var(--quiet);font-size:.92rem}
details table{font-size:.88rem}dl{margin:18px 0 0}dt{font-weight:600}dd{margin:0 0 8px;color:var(--quiet)}
@media (max-width:720px){.plots{grid-template-columns:minmax(0,1fr)}body{padding:16px 14px 40px}h1{font-size:1.25rem}
.scroll>table{font-size:.86rem}th,td{padding-right:10px}td:first-child,th:first-child{position:sticky;left:0;
background:var(--paper)}}
"""


def write_page(found: Simulated, *, root: Path, page: Path | None) -> Path:
    """Writes the page where it was asked for, else into the project's output, else here; returns where."""
    place = page or (root / "out" / NAME if (root / "tactful.yaml").is_file() else root / NAME)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(draw(found), "utf-8")
    return place


def draw(found: Simulated) -> str:
    """The page as HTML: complete in itself, light and dark, readable without a picture being seen."""
    names = [series.name for series in found.lived[0].series]
    parts = [
        f"<h1>{escape(found.title)}</h1>",
        *(f'<p class="quiet">{escape(note)}</p>' for note in found.notes),
        _totals(found, names),
        _legend(found),
        '<div class="plots">',
        *(_figure(found, place) for place in range(len(names))),
        "</div>",
        "<dl>",
        *(f"<dt>{escape(one.policy)}</dt><dd>{escape(_says(one))}</dd>" for one in found.lived),
        "</dl>",
    ]
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(found.title)}</title><style>{_STYLE}{_colours()}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>\n"


def _says(one: Lived) -> str:
    return f"{one.says[:1].upper()}{one.says[1:]}.{' ' + one.note if one.note else ''}"


def _colours() -> str:
    day = "".join(f".l{n}{{stroke:{colour}}}" for n, (colour, _, _) in enumerate(_LOOKS))
    night = "".join(f".l{n}{{stroke:{colour}}}" for n, (_, colour, _) in enumerate(_LOOKS))
    return f"{day}@media (prefers-color-scheme:dark){{{night}}}"


def _look(number: int) -> str:
    dash = _LOOKS[number % len(_LOOKS)][2]
    return f'class="curve l{number % len(_LOOKS)}"' + (f' stroke-dasharray="{dash}"' if dash else "")


def _totals(found: Simulated, names: list[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(
        f"<tr><td>{escape(one.policy)}</td>" + "".join(f"<td>{said(s.total)}</td>" for s in one.series) + "</tr>"
        for one in found.lived
    )
    return (
        f'<div class="scroll"><table><thead><tr><th>policy</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _legend(found: Simulated) -> str:
    items = "".join(
        f'<li><svg viewBox="0 0 34 10" aria-hidden="true"><path {_look(number)} d="M0 5H34"/></svg>'
        f"{escape(one.policy)}</li>"
        for number, one in enumerate(found.lived)
    )
    return f'<ul class="legend">{items}</ul>'


def _figure(found: Simulated, place: int) -> str:
    """A picture of one number, and under it the same in a table."""
    of = [one.series[place] for one in found.lived]
    title = f"{of[0].name}, summed up" if of[0].sums else f"{of[0].name} at the end of each day"
    curves = [_running(series) for series in of]
    low, high = min(0.0, *(min(c, default=0.0) for c in curves)), max(0.0, *(max(c, default=0.0) for c in curves))
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    days = len(found.labels)
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for tick in ticks:
        y = _y(tick, low=low, high=high)
        kind = "zero" if tick == 0 else "grid"
        parts.append(f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
    for at, anchor in _labelled(days):
        x = _x(at, days=days)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 9}" text-anchor="{anchor}">{escape(found.labels[at])}</text>')
    last_first = reversed(list(enumerate(curves)))
    parts += [f'<path {_look(number)} d="{_path(curve, low=low, high=high)}"/>' for number, curve in last_first]
    heading = escape(title[:1].upper() + title[1:])
    return f"<figure><h2>{heading}</h2>{''.join(parts)}</svg>{_numbers(found, curves)}</figure>"


def _labelled(days: int) -> tuple[tuple[int, str], ...]:
    """The days that are named under a picture, and where their names are anchored; none twice."""
    if days == 1:
        return ((0, "middle"),)
    ends = ((0, "start"), (days - 1, "end"))
    return ends if days == 2 else (ends[0], ((days - 1) // 2, "middle"), ends[1])


def _running(series: Series) -> list[float]:
    if not series.sums:
        return list(series.days)
    total, found = 0.0, []
    for day in series.days:
        total += day
        found.append(total)
    return found


def _x(at: float, *, days: int) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * (at / (days - 1) if days > 1 else 0.5)


def _y(value: float, *, low: float, high: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)


def _path(curve: list[float], *, low: float, high: float) -> str:
    days = len(curve)
    step = max(1, -(-days // _POINTS))
    at = sorted({*range(0, days, step), days - 1})
    if days == 1:
        y = _y(curve[0], low=low, high=high)
        return f"M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"
    points = (f"{_x(n, days=days):.1f} {_y(curve[n], low=low, high=high):.1f}" for n in at)
    return "M" + "L".join(points)


def _numbers(found: Simulated, curves: list[list[float]]) -> str:
    """A table of at most twelve days."""
    days = len(found.labels)
    at = sorted({round((days - 1) * n / min(11, max(1, days - 1))) for n in range(min(12, days))})
    head = "".join(f"<th>{escape(one.policy)}</th>" for one in found.lived)
    rows = "".join(
        f"<tr><td>{escape(found.labels[n])}</td>" + "".join(f"<td>{said(curve[n])}</td>" for curve in curves) + "</tr>"
        for n in at
    )
    table = f"<table><thead><tr><th>up to</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<details><summary>The same in numbers</summary><div class="scroll">{table}</div></details>'


def _ticks(low: float, high: float) -> list[float]:
    """Four or so round numbers from at most `low` to at least `high`, 0 among them.

    >>> _ticks(-30.0, 260.0)
    [-100.0, 0.0, 100.0, 200.0, 300.0]
    """
    reach = max(high - low, 1e-9)
    size = 10.0 ** floor(log10(reach / 3))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if reach / (size * factor) <= 4)
    first, last = floor(low / step), -floor(-high / step)
    return [step * n for n in range(first, last + 1)] if last > first else [0.0, step]


def said(value: float) -> str:
    """A number for a table.

    >>> said(1234.5), said(12.345), said(-0.001)
    ('1,234', '12.35', '0')
    """
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    found = f"{value:,.2f}"
    return "0" if float(found) == 0 else found


def short(value: float) -> str:
    """A number for an axis.

    >>> short(250_000.0), short(-1_500.0), short(0.5)
    ('250k', '-1.5k', '0.5')
    """
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
