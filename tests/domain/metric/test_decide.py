"""What may be asked of a metric, and what it answers."""

from typing import Any

import pytest

from equipoise.domain.clauses import Clause
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.limits import URLS_PER_METRIC_MAX
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.commands import Create, Define
from equipoise.domain.metric.events import Defined
from equipoise.domain.metric.state import GROUP, Measure, UrlMatch, Winsor
from tests.domain.builders import LATER, a_definition, a_metric, after, events_of

HOME = UrlMatch("exact", "https://example.com/")


def a_measure(**fields: Any) -> Measure:
    return Measure(event="purchase", **fields)


def test_a_metric_is_born_whole() -> None:
    assert after(METRIC, None, Create(a_metric())) == a_metric(revision=1, touched_at=LATER)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_metric(id="x", key="", name="", version=2, definition=a_definition(units=()))
    with pytest.raises(Invalid) as refusal:
        events_of(METRIC, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    assert places == {"id", "key", "name", "version", "units"}


@pytest.mark.parametrize(
    "definition",
    [
        a_definition(kind="click", measure=Measure(), selector=".buy", urls=(HOME,)),
        a_definition(kind="pageview", measure=Measure(), urls=(HOME,)),
        a_definition(kind="trace", measure=Measure(), query="service = 'cart'"),
        a_definition(analysis="percentile", percentile=99),
        a_definition(denominator=Measure(event="visit")),
        a_definition(measure=a_measure(winsor=Winsor(lower=1.0, upper=99.5))),
        a_definition(measure=a_measure(winsor=Winsor(upper=99.0))),
        a_definition(measure=a_measure(window=(None, 86_400_000))),
        a_definition(measure=a_measure(filters=Clause("", "plan", "in", ("pro",)))),
        a_definition(measure=a_measure(filters=Clause("", "", "and", ()), filter_kind=GROUP)),
        a_definition(urls=(UrlMatch("regex", "(unclosed"),)),
        a_definition(missing=None),
    ],
)
def test_every_sound_meaning_can_be_born(definition: Any) -> None:
    assert after(METRIC, None, Create(a_metric(definition=definition))).definition == definition


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kind": "funnel"}, "kind: must be one of"),
        ({"measure": Measure()}, "measure.event"),
        ({"kind": "click", "urls": (HOME,)}, "selector"),
        ({"kind": "click", "selector": ".buy"}, "urls"),
        ({"kind": "pageview"}, "urls"),
        ({"kind": "trace"}, "query"),
        ({"analysis": "median"}, "analysis"),
        ({"analysis": "percentile"}, "percentile: must be 1 to 99"),
        ({"analysis": "percentile", "percentile": 100}, "percentile: must be 1 to 99"),
        ({"percentile": 50}, "only where analysis is percentile"),
        ({"measure": a_measure(aggregation="max")}, "measure.aggregation"),
        ({"measure": a_measure(winsor=Winsor(lower=50.0, upper=50.0))}, "winsor"),
        ({"measure": a_measure(winsor=Winsor(upper=101.0))}, "winsor"),
        ({"measure": a_measure(winsor=Winsor(lower=-0.1))}, "winsor"),
        ({"measure": a_measure(winsor=Winsor(lower=float("nan")))}, "winsor"),
        ({"measure": a_measure(window=(5, 5))}, "window"),
        ({"measure": a_measure(filters=Clause("", "plan", "resembles", ()))}, "filters.op"),
        ({"denominator": Measure()}, "denominator.event"),
        ({"units": ()}, "units"),
        ({"units": ("user", "")}, "units"),
        ({"units": ("user", "user")}, "units: each stands once"),
        ({"urls": (UrlMatch("glob", "*"),)}, "urls.kind"),
        ({"urls": (UrlMatch("exact", ""),)}, "urls.pattern"),
        ({"missing": float("inf")}, "missing"),
        ({"source": ""}, "source"),
    ],
)
def test_a_meaning_that_is_not_sound_is_invalid(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        events_of(METRIC, a_metric(), Define(a_definition(**fields)))


def test_there_are_so_many_urls_and_no_more() -> None:
    with pytest.raises(Exceeded, match="URLS_PER_METRIC_MAX"):
        events_of(METRIC, a_metric(), Define(a_definition(urls=(HOME,) * (URLS_PER_METRIC_MAX + 1))))


def test_a_new_meaning_is_a_new_version() -> None:
    wanted = a_definition(higher=False)
    assert events_of(METRIC, a_metric(), Define(wanted)) == (Defined(wanted, 2, LATER),)
    now = after(METRIC, a_metric(), Define(wanted))
    assert (now.definition, now.version, now.changed_at) == (wanted, 2, LATER)


def test_the_same_meaning_is_no_new_version() -> None:
    assert events_of(METRIC, a_metric(), Define(a_definition())) == ()


def test_a_bound_said_as_a_whole_number_is_the_same_bound() -> None:
    now = a_metric(definition=a_definition(measure=a_measure(winsor=Winsor(upper=99.0))))
    again = a_definition(measure=a_measure(winsor=Winsor(upper=99)))
    assert events_of(METRIC, now, Define(again)) == ()


def test_a_filter_on_one_is_not_a_filter_on_true() -> None:
    def on(value: object) -> Any:
        return a_definition(measure=a_measure(filters=Clause("", "plan", "in", (value,))))

    assert events_of(METRIC, a_metric(definition=on(1)), Define(on(True)))


def test_a_metric_keeps_its_kind() -> None:
    with pytest.raises(Refused, match="stays a custom metric"):
        events_of(METRIC, a_metric(), Define(a_definition(kind="pageview", urls=(HOME,))))
