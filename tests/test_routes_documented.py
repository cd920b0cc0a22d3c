"""The reference misses no route."""

from pathlib import Path

import pytest

from equipoise.server import discovered
from equipoise.translation.dialect import Dialect
from equipoise.translation.routes import Routed
from equipoise.web import PAGES

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "routes.md"


def ways_in(dialect: Dialect) -> tuple[Routed, ...]:
    """What tokens open, and what SDK keys open."""
    return (*dialect.routes, *dialect.doors)


@pytest.mark.parametrize("dialect", discovered(), ids=lambda dialect: dialect.name)
def test_every_route_is_in_the_reference(dialect: Dialect) -> None:
    documented = REFERENCE.read_text()
    missing = [
        f"{route.method} {route.path}"
        for route in ways_in(dialect)
        if f"| {route.method} | `{route.path}` |" not in documented
    ]
    assert missing == []


def test_every_page_is_in_the_reference() -> None:
    documented = REFERENCE.read_text()
    assert [page for page in PAGES if f"| {page.method} | `{page.path}` |" not in documented] == []


def test_the_reference_names_no_route_that_is_not_served() -> None:
    served = {f"| {route.method} | `{route.path}` |" for each in discovered() for route in ways_in(each)}
    served |= {f"| {page.method} | `{page.path}` |" for page in PAGES}
    rows = [
        line for line in REFERENCE.read_text().splitlines() if line.startswith(("| GET", "| P", "| D", "| R"))
    ]
    assert [row for row in rows if not any(row.startswith(route) for route in served)] == []


def test_every_decision_is_in_the_index() -> None:
    docs = REFERENCE.parents[1]
    index = (docs / "README.md").read_text()
    missing = [
        each.name for each in (docs / "decisions").glob("*.md") if f"(decisions/{each.name})" not in index
    ]
    assert missing == []
