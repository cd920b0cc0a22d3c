"""Who came: units seen so far, by arm, each line named where it ends."""

from equipoise.analysis.axes import ABOVE, HEIGHT, SCHEMA, TIME, WIDTH, Document
from equipoise.analysis.results import Results
from equipoise.analysis.scales import spread

NAME_ROOM = 170  # pixels that an arm's name may take
NAME_GAP = 0.075  # of the height, between two names


def exposures(results: Results) -> Document:
    """Units seen so far, by arm, as time went by."""
    names = results.arm_names
    so_far: dict[str, int] = {}
    rows = []
    for each in sorted(results.exposed, key=lambda each: each.at):
        so_far[each.arm] = so_far.get(each.arm, 0) + each.units
        end = (each.at + results.bucket) // 1_000
        rows.append({"at": end, "arm": names.get(each.arm, each.arm), "units": so_far[each.arm]})
    order = [arm.name for arm in results.arms]
    arm = {"field": "arm", "type": "nominal", "scale": {"domain": order}, "legend": None}
    y = {"field": "units", "type": "quantitative", "title": "units", "axis": {"format": ",~r", **ABOVE}}
    told = ", ".join(f"{each.name}: {each.units:,}" for each in results.arms)
    return {
        "$schema": SCHEMA,
        "title": {"text": "Units seen so far", "subtitle": "By arm, at the first time each was seen."},
        "description": f"Units seen so far by arm. {told or 'None yet'}.",
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "line", "style": "count", "point": len(rows) <= len(order)},
                "encoding": {"x": TIME, "y": y, "color": arm, "strokeDash": arm},
            },
            {
                "data": {"values": _ends(rows)},
                "mark": {"type": "text", "style": "named", "limit": NAME_ROOM},
                "encoding": {"x": TIME, "y": y, "color": arm, "text": {"field": "arm", "type": "nominal"}},
            },
        ],
    }


def _ends(rows: list[Document]) -> list[Document]:
    """Where each arm's line ends, far enough apart for their names."""
    last = list({row["arm"]: row for row in rows}.values())
    gap = NAME_GAP * max((row["units"] for row in last), default=0)
    placed = spread([row["units"] for row in last], gap)
    return [{**row, "units": units} for row, units in zip(last, placed, strict=True)]
