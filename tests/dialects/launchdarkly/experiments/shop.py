"""A shop with a flag that is on, two metrics, and bodies to experiment on them with.

What stands around experiments is put into the store as it is, so that these tests ask nothing of other rooms.
"""

from secrets import token_bytes
from typing import Any

import httpx

from equipoise.application.ports import Entry, Query
from equipoise.domain.change import Command, Moment, Noun, apply
from equipoise.domain.clauses import Clause
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create as CreateFlag
from equipoise.domain.flag.commands import SetRules, Switch
from equipoise.domain.flag.state import Fixed, Flag, Rule, Variation
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.commands import Create as CreateHoldout
from equipoise.domain.identity import Place
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.commands import Create as CreateMetric
from equipoise.domain.metric.state import Definition, Measure, Metric
from tests.domain.builders import a_holdout
from tests.fixtures_surface import SEMANTIC, Surface, conforms

ALL = "/api/v2/projects/default/environments/production/experiments"
ANYWHERE = "/api/v2/projects/default/experiments"
HERE = Place("default", "production")
OLD, NEW = "3a548ec2-72ac-4e59-8518-5c24f5609ccf", "3a548ec2-72ac-4e59-8518-5c24f5609cd0"
RULE = "0123456789abcdef"


class Shop:
    """The surface, with words for what these tests do over and over."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.flag("checkout")
        self.metric("purchase")
        self.metric("basket")

    # what stands around

    def flag(self, key: str, on: bool = True, rule: bool = True) -> Flag:
        moment = self.moment()
        flag = Flag(
            id=moment.id("flag", key),
            project="default",
            key=key,
            name=key.title(),
            created_at=moment.at,
            variations=(Variation(OLD, "old"), Variation(NEW, "new")),
            on_variation=OLD,
            off_variation=OLD,
            salt="salt",
        )
        self.settle(FLAG, None, CreateFlag(flag))
        if on:
            self.change_flag(key, Switch("production", True))
        if rule:
            clause = Clause("c1", "country", "in", ("AD",))
            at_home = Rule(RULE, (clause,), Fixed(OLD), description="at home")
            self.change_flag(key, SetRules("production", (at_home,)))
        return flag

    def metric(self, key: str) -> None:
        moment = self.moment()
        metric = Metric(
            id=moment.id("metric", key),
            project="default",
            key=key,
            name=key.title(),
            created_at=moment.at,
            changed_at=moment.at,
            definition=Definition("custom", Measure(event=key)),
        )
        self.settle(METRIC, None, CreateMetric(metric))

    def holdout(self, key: str) -> str:
        """Its id."""
        holdout = a_holdout(id=self.moment().id("holdout", key), key=key)
        self.settle(HOLDOUT, None, CreateHoldout(holdout))
        return holdout.id

    def change_flag(self, key: str, *commands: Command) -> None:
        for command in commands:
            self.settle(FLAG, self.stored(FLAG, Place("default"), key), command)

    def change(self, key: str, *commands: Command) -> None:
        """What another surface does to an experiment."""
        for command in commands:
            self.settle(EXPERIMENT, self.stored(EXPERIMENT, HERE, key), command)

    def stored(self, noun: Noun[Any], place: Place, key: str) -> Any:
        with self.surface.store.read() as reader:
            found = reader.named(noun, place, key)
        assert found is not None
        return found

    def settle(self, noun: Noun[Any], now: Any, command: Command) -> None:
        moment = self.moment()
        with self.surface.store.write() as transaction:
            outcome = apply(noun, now, command, moment)
            transaction.settle((outcome,), Entry(moment.at, "tests", "tests"))

    def moment(self) -> Moment:
        return Moment(self.surface.clock(), token_bytes(32))

    def version(self, flag: str = "checkout") -> int:
        with self.surface.store.read() as reader:
            return reader.versions("default", (flag,))[flag, "production"]

    def everything(self) -> Any:
        """States with their revisions, flag versions, and the length of the log."""
        with self.surface.store.read() as reader:
            nouns: tuple[Noun[Any], ...] = (EXPERIMENT, FLAG, METRIC)
            query = Query(Place("default"), everywhere=True)
            states = [reader.select(noun, query).items for noun in nouns]
            versions = reader.versions("default", [flag.key for flag in states[1]])
            return states, versions, reader.number("project/default")

    # bodies

    def arm(self, name: str, variation: str, percent: str = "50", **fields: Any) -> dict[str, Any]:
        flag = fields.pop("flag", "checkout")
        arm = {
            "name": name,
            "baseline": variation == OLD,
            "allocationPercent": percent,
            "parameters": [{"flagKey": flag, "variationId": variation}],
        }
        return arm | fields

    def arms(self, *percents: str, flag: str = "checkout") -> list[dict[str, Any]]:
        pairs = zip((("old", OLD), ("new", NEW)), percents, strict=True)
        return [self.arm(name, variation, percent, flag=flag) for (name, variation), percent in pairs]

    def flags(self, flag: str = "checkout", **fields: Any) -> dict[str, Any]:
        return {flag: {"ruleId": "fallthrough", "flagConfigVersion": self.version(flag)} | fields}

    def iteration(self, flag: str = "checkout", **fields: Any) -> dict[str, Any]:
        body = {
            "hypothesis": "a shorter checkout sells more",
            "metrics": [{"key": "purchase"}],
            "primarySingleMetricKey": "purchase",
            "treatments": self.arms("50", "50", flag=flag),
            "flags": self.flags(flag),
        }
        return {name: value for name, value in (body | fields).items() if value is not ...}

    def body(self, key: str = "new-checkout", flag: str = "checkout", **fields: Any) -> dict[str, Any]:
        body = {"key": key, "name": "New checkout", "iteration": self.iteration(flag)}
        return {name: value for name, value in (body | fields).items() if value is not ...}

    # requests

    def create(self, key: str = "new-checkout", flag: str = "checkout", **fields: Any) -> Any:
        response = self.post(self.body(key, flag, **fields))
        assert response.status_code == 201, response.text
        return conforms(response, "createExperiment")

    def post(self, body: Any) -> httpx.Response:
        self.surface.clock.now += 1
        return self.surface.call("POST", ALL, json=body)

    def get(self, key: str = "new-checkout", **params: str) -> Any:
        response = self.surface.call("GET", f"{ALL}/{key}", params=params)
        assert response.status_code == 200, response.text
        return conforms(response, "getExperiment")

    def patch(self, *instructions: Any, key: str = "new-checkout", comment: str = "", **said: Any) -> Any:
        """The document after a patch that is accepted."""
        response = self.patching(*instructions, key=key, comment=comment, **said)
        assert response.status_code == 200, response.text
        return conforms(response, "patchExperiment")

    def patching(
        self, *instructions: Any, key: str = "new-checkout", comment: str = "", **said: Any
    ) -> httpx.Response:
        body = {"instructions": list(instructions)} | ({"comment": comment} if comment else {})
        return self.surface.call("PATCH", f"{ALL}/{key}", json=body, **({"headers": SEMANTIC} | said))

    def refused(
        self, *instructions: Any, key: str = "new-checkout", status: int = 400, code: str = ""
    ) -> Any:
        """The refusal of a patch, which changed nothing."""
        return self.unchanged(lambda: self.patching(*instructions, key=key), status, code)

    def unchanged(self, ask: Any, status: int = 400, code: str = "") -> Any:
        """The refusal of a request, which changed nothing: state, log and revisions."""
        before = self.everything()
        response = ask()
        assert response.status_code == status, response.text
        said = conforms(response, "patchExperiment")
        expected = {400: "invalid_request", 404: "not_found"}.get(status, said["code"])
        assert said["code"] == (code or expected)
        assert self.everything() == before
        return said

    def list(self, path: str = ALL, **params: str) -> Any:
        response = self.surface.call("GET", path, params=params or None)
        assert response.status_code == 200, response.text
        return conforms(response, "getExperiments")

    def running(self, key: str = "new-checkout", flag: str = "checkout", **fields: Any) -> Any:
        self.create(key, flag, **fields)
        return self.patch(START, key=key)


START = {"kind": "startIteration"}
ARCHIVE = {"kind": "archiveExperiment"}
RESTORE = {"kind": "restoreExperiment"}


def stop(winner: str = NEW, **fields: Any) -> dict[str, Any]:
    return {"kind": "stopIteration", "winningTreatmentId": winner} | fields


def update(**fields: Any) -> dict[str, Any]:
    """updateExperimentFields, each field replaced."""
    return edit(**{name: ("update", value) for name, value in fields.items()})


def edit(**fields: Any) -> dict[str, Any]:
    """updateExperimentFields: field → (operation,) or (operation, value)."""
    return {"kind": "updateExperimentFields", "value": edits(**fields)}


def edits(**fields: Any) -> dict[str, Any]:
    return {name: dict(zip(("operation", "value"), said, strict=False)) for name, said in fields.items()}


def again(why: str = "", **fields: Any) -> dict[str, Any]:
    """saveAndStartNewIteration with updates of fields."""
    said = {"kind": "saveAndStartNewIteration"} | ({"changeJustification": why} if why else {})
    return said | ({"value": edits(**{name: ("update", value) for name, value in fields.items()})})


def places(refusal: Any) -> list[str]:
    return [each["where"] for each in refusal.get("errors", [])]
