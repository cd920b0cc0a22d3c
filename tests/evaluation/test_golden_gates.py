"""Who is let in, and to which arm, by vectors of our own: what is in force must never change for anybody."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1, Hashing
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.gates import Gate
from equipoise.domain.proposal import Proposal, allocate
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.bucketing import bucket, digits
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from tests.dialects.launchdarkly.sdk.reader import decoded
from tests.domain.builders import OFF, ON
from tests.domain.experiment.examples import an_arm, halves
from tests.evaluation.answers import Both
from tests.evaluation.gated import HERE, a_switch, started
from tests.evaluation.published import Published

GOLDEN: Any = json.loads((Path(__file__).parent / "golden" / "gates.json").read_text())
FLAG = a_switch("checkout")
NAMES = {0: "on", 1: "off"}


def in_force(vector: Any) -> Experiment:
    """The experiment of a vector, with exactly these salts and this seed."""
    now = started(
        FLAG, halves(), *(Gate(each["salt"], tuple(map(tuple, each["ranges"]))) for each in vector["gates"])
    )
    shares = {
        name: an_arm(id, vector["shares"][name], control=id == OFF) for name, id in (("off", OFF), ("on", ON))
    }
    hashing = Hashing(SHA1, vector["seed"], traffic=vector["traffic"])
    split = allocate(Proposal((shares["off"], shares["on"])), hashing)
    assert now.current is not None
    phase = replace(now.current.phases[0], allocation=split)
    return replace(now, current=replace(now.current, phases=(phase,)))


@pytest.mark.parametrize("vector", GOLDEN["vectors"], ids=lambda each: each["name"])
def test_units_get_these_arms(vector: Any) -> None:
    taken = snapshot(HERE, 9, (FLAG,), {}, (in_force(vector),))
    both, published = Both(compile(taken)), Published(decoded(taken))
    for key, arm in vector["units"].items():
        document = {"kind": "user", "key": key}
        decision = both.decide("checkout", context(document))
        _, variation, reason = published.decide("checkout", document)
        assert (decision.variation, decision.reason.in_experiment) == (
            variation,
            reason.get("inExperiment", False),
        )
        assert (NAMES[decision.variation or 0] if decision.reason.in_experiment else None) == arm, key


@pytest.mark.parametrize("vector", GOLDEN["places"], ids=lambda each: each["text"])
def test_a_place_on_the_line_is_this(vector: Any) -> None:
    assert vector["text"] == f"{vector['salt']}.{vector['key']}"
    assert bucket(digits(vector["text"])) == vector["place"]
