"""What the charts over time share: their size, and an axis of time in UTC."""

from typing import Any

Document = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH, HEIGHT = 560, 240  # pixels of what is plotted

# A title above its axis instead of along it: labels may be as wide as they like.
ABOVE = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": -36, "titleY": -8}
_CLOCK = {
    **dict.fromkeys(("milliseconds", "seconds"), "%H:%M:%S"),
    **dict.fromkeys(("minutes", "hours"), "%H:%M"),
    **dict.fromkeys(("day", "date", "week"), "%-d %b"),
    "month": "%B",
    "quarter": "%B",
    "year": "%Y",
}
TIME = {
    "field": "at",
    "type": "temporal",
    "scale": {"type": "utc"},
    "axis": {"tickCount": 8, "labelOverlap": True, "format": _CLOCK},
    "title": "time (UTC)",
}
MOMENT = {**TIME, "axis": {"format": "%Y-%m-%d %H:%M:%S", "tickCount": 2, "labelOverlap": True}}
