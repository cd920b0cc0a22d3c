"""Whatever instructions come: no fault of ours, and what is refused changes nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.launchdarkly.experiments.shop import (
    ALL,
    ARCHIVE,
    NEW,
    OLD,
    RESTORE,
    RULE,
    START,
    Shop,
    again,
    edit,
    stop,
)
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface, conforms

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
percents = st.sampled_from(["0", "10", "33.3333", "50", "100", "x"])


def arm(name: str, variation: str, percent: str) -> dict[str, Any]:
    return {
        "name": name,
        "baseline": variation == OLD,
        "allocationPercent": percent,
        "parameters": [{"flagKey": "checkout", "variationId": variation}],
    }


treatments = st.tuples(percents, percents).map(
    lambda said: [arm("old", OLD, said[0]), arm("new", NEW, said[1])]
)
values = {
    "name": st.text(max_size=10),
    "tags": st.lists(st.text(max_size=3), max_size=3),
    "attributes": st.lists(st.sampled_from(["country", "plan"]), max_size=3),
    "metrics": st.lists(
        st.builds(lambda key: {"key": key}, st.sampled_from(["purchase", "basket", "tea"])), max_size=2
    ),
    "primarySingleMetricKey": st.sampled_from(["", "basket", "tea"]),
    "hypothesis": st.text(max_size=5),
    "randomizationUnit": st.sampled_from(["", "user", "device"]),
    "methodology": st.sampled_from(["bayesian", "frequentist"]),
    "holdoutId": st.sampled_from(["", "h1"]),
    "treatments": treatments,
    "flags": st.builds(
        lambda rule, version: {"checkout": {"ruleId": rule, "flagConfigVersion": version}},
        st.sampled_from(["fallthrough", RULE]),
        st.integers(1, 9),
    ),
    "canReshuffleTraffic": st.booleans(),
    "colour": json_values,
}
operations = st.sampled_from(["update", "update", "add", "remove"])


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(values)), max_size=3, unique=True))
    said = {name: (draw(operations), draw(values[name] | json_values)) for name in names}
    return edit(**said)["value"]  # type: ignore[no-any-return]


instructions = st.one_of(
    st.just(START),
    st.builds(lambda why: START | {"changeJustification": why}, st.sampled_from(["", "why"])),
    st.sampled_from([stop(OLD), stop(NEW), stop("x"), ARCHIVE, RESTORE]),
    st.builds(lambda value: {"kind": "updateName", "value": value}, st.text(max_size=5) | json_values),
    st.builds(lambda value: {"kind": "updateExperimentFields", "value": value}, updates()),
    st.builds(lambda value: again("why") | {"value": value}, updates()),
    json_values,
)


@given(st.lists(st.lists(instructions, max_size=4), min_size=1, max_size=4))
def test_no_list_of_instructions_is_our_fault_and_a_refused_one_changes_nothing(
    patches: list[list[Any]],
) -> None:
    surface = Surface(MemoryStore())
    shop = Shop(surface)
    shop.holdout("h1")
    shop.create()
    for patch in patches:
        before = shop.everything()
        response = surface.call("PATCH", f"{ALL}/new-checkout", json={"instructions": patch})
        assert response.status_code in (200, 400, 409), response.text
        conforms(response, "patchExperiment")
        if response.status_code != 200:
            assert shop.everything() == before
        else:
            shop.get(expand="treatments,previousIterations,draftIteration,mutableFieldsByStatus")
    surface.close()


@given(json_values)
def test_no_body_is_our_fault(body: Any) -> None:
    surface = Surface(MemoryStore())
    shop = Shop(surface)
    shop.unchanged(lambda: shop.post(body))
    surface.close()
