"""The reference misses no route."""

from pathlib import Path

import pytest

from equipoise.server import discovered
from equipoise.translation.dialect import Dialect

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "routes.md"


@pytest.mark.parametrize("dialect", discovered(), ids=lambda dialect: dialect.name)
def test_every_route_is_in_the_reference(dialect: Dialect) -> None:
    documented = REFERENCE.read_text()
    missing = [
        f"{route.method} {route.path}"
        for route in dialect.routes
        if f"| {route.method} | `{route.path}` |" not in documented
    ]
    assert missing == []


def test_the_reference_names_no_route_that_is_not_served() -> None:
    served = {f"| {route.method} | `{route.path}` |" for each in discovered() for route in each.routes}
    rows = [line for line in REFERENCE.read_text().splitlines() if line.startswith(("| GET", "| P", "| D"))]
    assert [row for row in rows if not any(row.startswith(route) for route in served)] == []
