"""Why a context is served what it is served, over our own interface."""

import json
from typing import Any

import pytest

from equipoise.domain.barriers import Barriers
from equipoise.domain.clauses import Clause
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Start
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from equipoise.domain.flag.state import Fixed, Flag
from equipoise.domain.identity import Place
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create as CreateLayer
from equipoise.domain.layer.state import Reservation
from equipoise.domain.limits import CONTEXT_EXPLAINED_BYTES_MAX
from tests.domain.builders import OFF, a_flag, a_layer, a_rule, a_segment, a_segment_rule, a_targeting
from tests.domain.experiment.examples import an_experiment, an_iteration, by_segment, the_facts
from tests.fixtures_surface import Surface

PATH = "/equipoise/v1/environments/{}/explain"
USER = {"kind": "user", "key": "user-1", "plan": "free"}


@pytest.fixture
def shop(surface: Surface) -> Surface:
    """A running experiment, behind a rule for those who pay."""
    paying = a_rule(clauses=(Clause("", "plan", "in", ("paid",)),), serve=Fixed(OFF))
    started(surface, a_flag(targeting={"production": a_targeting(rules=(paying,))}), an_experiment())
    return surface


def started(surface: Surface, flag: Flag, experiment: Experiment, segments: Any = ()) -> None:
    surface.plant((FLAG, None, flags.Create(flag)))
    surface.plant((EXPERIMENT, None, Create(experiment)))
    with surface.store.read() as reader:
        now = reader.named(EXPERIMENT, Place("default", "production"), experiment.key)
    facts = facts_of(flag, "production", segments) if segments else the_facts()
    surface.plant((EXPERIMENT, now, Start(facts, pins={"purchases": 1})))


def parts(found: Any) -> list[Any]:
    """Each part of an explanation, what stands within others too."""
    return [found, *(part for each in found.get("within", ()) for part in parts(each))]


def asked(surface: Surface, status: int = 200, place: str = "production", **said: Any) -> Any:
    token = said.pop("token", "admin")
    query = {"flag": "checkout", "context": json.dumps(USER), "project": "default", **said}
    response = surface.call("GET", PATH.format(place), params=query, token=token)
    assert response.status_code == status, response.text
    return response.json()


def test_each_step_is_told_in_words_and_as_facts(shop: Surface) -> None:
    found = asked(shop)
    assert [each["step"]["kind"] for each in found["steps"]] == ["flag", "rule", "rollout", "decision"]
    assert found["steps"][1]["within"][0]["said"] == (
        "The user attribute “plan” is one of “paid”: it is “free”; it does not hold."
    )
    rollout = found["steps"][2]["step"]
    assert rollout["trial"] == {
        "experiment": "new-checkout",
        "iteration": rollout["trial"]["iteration"],
        "phase": 1,
    }
    assert 0 <= rollout["hashed"]["bucket"] <= 1
    assert found["said"] == found["steps"][-1]["said"]
    assert found["inExperiment"] is True
    assert found["value"] is (found["variation"] == 0)


def test_a_segment_that_an_experiment_made_is_named_for_its_arm(surface: Surface) -> None:
    beta = a_segment(rules=(a_segment_rule(unless=((Clause("", "plan", "in", ("free",)),),)),))
    born = an_experiment(draft=an_iteration(proposal=by_segment()))
    started(surface, a_flag(targeting={"production": a_targeting()}), born, [beta])
    german = json.dumps({**USER, "country": "DE"})
    clause = asked(surface, context=german)["steps"][1]["within"][0]
    (segment,) = clause["within"]
    assert segment["step"]["generated"]["role"] == "arm"
    assert segment["said"].startswith("The segment of arm “beta”, of experiment “new-checkout”")
    outsiders = segment["within"][0]["within"][1]["within"][0]
    assert outsiders["step"]["generated"]["role"] == "outsiders"
    assert outsiders["step"]["held"] is True


def test_the_share_of_a_layer_is_named_for_it(surface: Surface) -> None:
    half = Reservation("production", "new-checkout", ((25_000, 75_000),))
    layer = a_layer(key="pages", reservations=(half,))
    surface.plant((LAYER, None, CreateLayer(layer)))
    gate = layer.gate("production", "new-checkout")
    flag = a_flag(targeting={"production": a_targeting()})
    surface.plant((FLAG, None, flags.Create(flag)), (EXPERIMENT, None, Create(an_experiment())))
    with surface.store.read() as reader:
        now = reader.named(EXPERIMENT, Place("default", "production"), "new-checkout")
    facts = facts_of(flag, "production", (), Barriers(gates=(gate,)))
    surface.plant((EXPERIMENT, now, Start(facts, pins={"purchases": 1})))
    found = asked(surface)
    named = [each for step in found["steps"] for each in parts(step) if "generated" in each["step"]]
    assert [each["step"]["generated"]["role"] for each in named][:2] == ["layer", "below"]
    assert named[0]["said"].startswith("The share of layer “pages” (50 %), of experiment “new-checkout”")
    assert named[1]["said"].startswith("Those below a bound of layer “pages”")
    assert named[0]["step"]["held"] is found["inExperiment"]
    said = {key: asked(surface, context=json.dumps({**USER, "key": key})) for key in map(str, range(9))}
    why = "layer “pages”, which gives it 50 %, keeps it for another, or for none"
    out = f"Experiment “new-checkout” does not let it in: {why}."
    assert {each["inExperiment"] for each in said.values()} == {True, False}
    assert all(each["said"].endswith(out) is not each["inExperiment"] for each in said.values())


def test_the_past_is_explained_as_it_was(shop: Surface) -> None:
    rows = [row for row in shop.rows("project/default") if row.noun == "experiment"]
    before = asked(shop, asOf=str(rows[0].number))
    assert before["steps"][2]["step"] == {"kind": "serve", "variation": 0}
    assert before["inExperiment"] is False
    assert asked(shop, asOf=str(rows[-1].number)) == asked(shop)


def test_everything_that_is_wrong_is_said_at_once(shop: Surface) -> None:
    homeless = shop.token("reader", home=Place())
    said = asked(shop, 400, flag="", context="[", project="", token=homeless)
    assert [each["where"] for each in said["violations"]] == ["project", "flag", "context"]


@pytest.mark.parametrize(
    ("context", "rule"),
    [
        ("", "is required"),
        ("{", "is not JSON"),
        ("[1]", "a context must be a JSON object"),
        ('{"kind": "user"}', "the key of kind user"),
        ('{"kind": "a b", "key": "x"}', "a kind is letters"),
        (json.dumps({**USER, "x": "y" * CONTEXT_EXPLAINED_BYTES_MAX}), "must be at most 16384 bytes"),
        ('{"kind": "user", "key": "u", "x": ' + "[" * 70 + "]" * 70 + "}", "is nested deeper than 64"),
        ('{"kind": "user", "key": "a\\u0000"}', "holds a NUL character"),
        ('{"kind": "user", "key": "\\ud800"}', "is not JSON"),
    ],
)
def test_what_is_no_context_is_refused(shop: Surface, context: str, rule: str) -> None:
    (violation,) = asked(shop, 400, context=context)["violations"]
    assert violation["where"] == "context"
    assert rule in violation["rule"]


def test_numbers_beyond_any_limit_are_explained_too(shop: Surface) -> None:
    context = '{"kind": "user", "key": "u", "plan": 1' + "0" * 400 + "}"
    assert asked(shop, context=context)["variation"] is not None


def test_what_is_not_there_is_missing_and_so_is_what_is_anothers(shop: Surface) -> None:
    assert asked(shop, 404, flag="gone")["code"] == "not_found"
    assert asked(shop, 404, place="gone")["code"] == "not_found"
    elsewhere = shop.token("admin", "default", "test")
    here, nowhere = (asked(shop, 404, place, token=elsewhere) for place in ("production", "gone"))
    assert (here["code"], here["message"].replace("production", "gone")) == (
        nowhere["code"],
        nowhere["message"],
    )
    assert asked(shop, place="test", token=elsewhere)["environment"] == "test"


def test_an_archived_flag_is_served_to_nobody(shop: Surface) -> None:
    shop.plant((FLAG, None, flags.Create(a_flag(id="a" * 24, key="old", archived_at=1))))
    assert asked(shop, 404, flag="old")["code"] == "not_found"
