"""The colours of charts, light and dark. Arms are told apart by all kinds of eyes: Okabe and Ito's palette,
lightened for the dark. source: Okabe & Ito 2008, Color Universal Design
"""

from collections.abc import Mapping
from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif"


def _theme(
    paper: str, ink: str, faint: str, line: str, accent: str, naive: str, arms: list[str]
) -> dict[str, Any]:
    axis = {
        "labelColor": ink,
        "titleColor": ink,
        "gridColor": line,
        "domainColor": faint,
        "tickColor": faint,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    }
    return {
        "background": paper,
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "color": ink,
            "subtitleColor": ink,
            "anchor": "start",
            "fontSize": 15,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "axis": axis,
        "axisY": {"grid": True},
        "header": {"labelColor": ink, "titleColor": ink, "labelFontSize": 13},
        "legend": {"labelColor": ink, "titleColor": ink, "orient": "bottom", "symbolStrokeWidth": 3},
        "range": {"category": arms},
        "style": {
            "zero": {"stroke": ink, "strokeWidth": 1, "strokeDash": [4, 3]},
            "interval": {"stroke": accent, "strokeWidth": 3},
            "naive": {"stroke": naive, "strokeWidth": 9, "opacity": 0.55},
            "estimate": {"fill": accent, "stroke": paper, "strokeWidth": 1.5, "size": 90, "opacity": 1},
            "beyond": {"fill": accent, "stroke": accent, "size": 70, "opacity": 1},
            "absent": {"fill": ink, "fontStyle": "italic", "fontSize": 12, "align": "left", "dx": 6},
            "band": {"fill": accent, "opacity": 0.30},
            "naive-band": {"fill": naive, "opacity": 0.55},
            "estimate-line": {"stroke": accent, "strokeWidth": 2.5},
            "count": {"strokeWidth": 2.5},
            "named": {"fontSize": 13, "fontWeight": 600, "align": "left", "baseline": "middle", "dx": 8},
            "figure": {"fill": ink, "fontSize": 13, "fontWeight": 600, "baseline": "bottom", "dy": -9},
        },
    }


THEMES = {
    "light": _theme(
        paper="#ffffff",
        ink="#1f2430",
        faint="#8a92a3",
        line="#e6e8ee",
        accent="#005a8f",
        naive="#e69f00",
        arms=["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#444444"],
    ),
    "dark": _theme(
        paper="#14171f",
        ink="#e8eaf0",
        faint="#7b8396",
        line="#2a2f3b",
        accent="#6cc1f5",
        naive="#b97f00",
        arms=["#56b4e9", "#ff8f4d", "#2fd0a0", "#f0a3cd", "#f0e442", "#cccccc"],
    ),
}


def themed(document: dict[str, Any], theme: str = "light") -> dict[str, Any]:
    """The document with the colours of a theme: one that stands on its own. theme: light or dark"""
    config = dict(THEMES[theme])
    styles = config.pop("style")
    return {**_styled(document, styles), "config": config}


def _styled(part: Any, styles: Mapping[str, dict[str, Any]]) -> Any:
    """With every mark's style spelled out: Vega-Lite's own styles give way to its defaults."""
    if isinstance(part, list):
        return [_styled(each, styles) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: {**each, **styles.get(each.get("style", ""), {})}
        if _is_mark(name, each)
        else _styled(each, styles)
        for name, each in part.items()
        if name != "values"
    } | ({"values": part["values"]} if "values" in part else {})


def _is_mark(name: str, part: Any) -> bool:
    return name == "mark" and isinstance(part, dict)
