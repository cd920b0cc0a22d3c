"""What a metric knows of itself."""

from equipoise.domain.metric.state import Measure, facets
from tests.domain.builders import BORN_AT, a_definition, a_metric


def test_a_metric_is_found_by_its_tags_its_events_and_its_maintainer() -> None:
    ratio = a_definition(denominator=Measure(event="visit"))
    found = facets(a_metric(tags=("shop",), maintainer="ann", definition=ratio))
    assert found.links == (
        ("tag", "shop"),
        ("event", "purchase"),
        ("event", "visit"),
        ("maintainer", "ann"),
    )
    assert (found.name, found.status, found.created_at) == ("Purchases", "", BORN_AT)


def test_an_event_on_both_sides_of_a_ratio_is_one_link() -> None:
    ratio = a_definition(denominator=Measure(event="purchase"))
    assert facets(a_metric(definition=ratio)).links == (("event", "purchase"),)


def test_an_archived_metric_is_found_as_archived() -> None:
    assert facets(a_metric(archived_at=BORN_AT)).archived
