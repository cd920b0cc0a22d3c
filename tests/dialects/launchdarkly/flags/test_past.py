"""A flag as it was, with the experiment that lay over it then."""

from tests.fixtures_surface import Surface, conforms
from tests.flows.shop import EXPERIMENTS, experiment_body

FLAG = "/api/v2/flags/default/checkout"


def fallthrough(surface: Surface, number: int) -> dict[str, object]:
    answer = surface.call("GET", FLAG, params={"asOf": str(number)})
    said = conforms(answer, "getFeatureFlag")
    served: dict[str, object] = said["environments"]["production"]["fallthrough"]
    return served


def test_a_flag_of_the_past_shows_the_experiment_that_ran_then_and_no_other(surface: Surface) -> None:
    surface.made("/api/v2/flags/default", {"key": "checkout", "name": "Checkout"})
    turned_on = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]}
    flag = surface.call("PATCH", FLAG, json=turned_on).json()
    metric = {"key": "purchase", "kind": "custom", "eventKey": "purchase", "isNumeric": False}
    surface.made("/api/v2/metrics/default", metric)
    surface.made(EXPERIMENTS, experiment_body(flag))
    before = number(surface)
    start = {"instructions": [{"kind": "startIteration"}]}
    assert surface.call("PATCH", f"{EXPERIMENTS}/new-checkout", json=start).status_code == 200
    running = number(surface)
    stop = {"kind": "stopIteration", "winningTreatmentId": flag["variations"][1]["_id"]}
    assert (
        surface.call("PATCH", f"{EXPERIMENTS}/new-checkout", json={"instructions": [stop]}).status_code == 200
    )
    assert fallthrough(surface, before) == {"variation": 0}
    assert "rollout" in fallthrough(surface, running)
    assert fallthrough(surface, number(surface)) == {"variation": 1}


def number(surface: Surface) -> int:
    """The last number of the project's log."""
    return int(surface.rows("project/default")[-1].number)
