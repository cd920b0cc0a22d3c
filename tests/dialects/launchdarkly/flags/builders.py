"""Flags over the wire, in few words."""

from collections.abc import Mapping
from typing import Any

import httpx

from equipoise.domain.change import Command
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create as CreateExperiment
from equipoise.domain.experiment.commands import Start
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create
from equipoise.domain.flag.state import Flag
from equipoise.domain.proposal import Proposal
from tests.domain.experiment.examples import an_experiment, an_iteration, the_facts
from tests.fixtures_surface import SEMANTIC, Surface, conforms

FLAGS = "/api/v2/flags/default"
HERE = "production"


class Flags:
    """The flags of project default, as a client has them. Every answer is held to the contract."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    def make(self, key: str = "checkout", clone: str = "", **fields: Any) -> Any:
        path = f"{FLAGS}?clone={clone}" if clone else FLAGS
        response = self.surface.call("POST", path, json={"name": key.title(), "key": key, **fields})
        assert response.status_code == 201, response.text
        return conforms(response, "postFeatureFlag")

    def get(self, key: str = "checkout") -> Any:
        response = self.surface.call("GET", f"{FLAGS}/{key}")
        assert response.status_code == 200, response.text
        return conforms(response, "getFeatureFlag")

    def config(self, key: str = "checkout", environment: str = HERE) -> Any:
        return self.get(key)["environments"][environment]

    def patch(
        self, body: Any, key: str = "checkout", headers: Mapping[str, str] | None = None, token: str = "admin"
    ) -> httpx.Response:
        response = self.surface.call("PATCH", f"{FLAGS}/{key}", json=body, headers=headers, token=token)
        conforms(response, "patchFeatureFlag")
        return response

    def instruct(
        self,
        *instructions: Mapping[str, Any],
        key: str = "checkout",
        environment: str = HERE,
        token: str = "admin",
    ) -> httpx.Response:
        body = {"environmentKey": environment, "instructions": list(instructions)}
        return self.patch(body, key, SEMANTIC, token)

    def told(self, *instructions: Mapping[str, Any], key: str = "checkout", environment: str = HERE) -> Any:
        """The flag after instructions that are followed, without `environments`; these stand beside."""
        response = self.instruct(*instructions, key=key, environment=environment)
        assert response.status_code == 200, response.text
        return response.json()

    def there(self, *instructions: Mapping[str, Any], key: str = "checkout") -> Any:
        """The flag in production, after instructions that are followed."""
        return self.told(*instructions, key=key)["environments"][HERE]

    def run_experiment(
        self, key: str = "checkout", rule: str = "fallthrough", shares: tuple[str, str] = ("50", "50")
    ) -> Any:
        """Starts an experiment on the flag's first two variations in production."""
        flag = self.told({"kind": "turnFlagOn"}, key=key)
        metric = {"key": f"of-{key}", "kind": "custom", "eventKey": "bought"}
        self.surface.made("/api/v2/metrics/default", metric)
        first, second = (each["_id"] for each in flag["variations"][:2])
        treatments = [
            {
                "name": name,
                "baseline": baseline,
                "allocationPercent": share,
                "parameters": [{"flagKey": key, "variationId": id}],
            }
            for name, baseline, share, id in zip("ab", (True, False), shares, (first, second), strict=True)
        ]
        iteration = {
            "hypothesis": "b is better",
            "metrics": [{"key": f"of-{key}"}],
            "primarySingleMetricKey": f"of-{key}",
            "randomizationUnit": "user",
            "treatments": treatments,
            "flags": {key: {"ruleId": rule, "flagConfigVersion": flag["environments"][HERE]["version"]}},
        }
        place = f"/api/v2/projects/default/environments/{HERE}/experiments"
        made = self.surface.made(place, {"name": "Trial", "key": f"on-{key}", "iteration": iteration})
        started = self.surface.call(
            "PATCH",
            f"{place}/on-{key}",
            json={"instructions": [{"kind": "startIteration", "changeJustification": "now"}]},
            headers=SEMANTIC,
        )
        assert started.status_code == 200, started.text
        return made

    def plant(self, flag: Flag) -> None:
        """A flag as another surface made it."""
        self.surface.plant((FLAG, None, Create(flag)))

    def run(
        self, proposal: Proposal, *after: Command, key: str = "checkout", rule: str = "fallthrough"
    ) -> None:
        """An experiment that another surface made, started in production."""
        self.told({"kind": "turnFlagOn"}, key=key)
        draft = an_iteration(proposal=proposal, rule=rule)
        born = an_experiment(key=f"on-{key}", flag=key, draft=draft)
        self.surface.plant((EXPERIMENT, None, CreateExperiment(born)))
        variations = tuple(each["_id"] for each in self.get(key)["variations"])
        facts = the_facts(variations=variations, rules=(rule,))
        for command in (Start(facts), *after):
            with self.surface.store.read() as reader:
                now = reader.find(EXPERIMENT, born.id)
            self.surface.plant((EXPERIMENT, now, command))


def ids(flag: Any) -> list[str]:
    """Of the variations."""
    return [each["_id"] for each in flag["variations"]]


def clause(*values: Any, attribute: str = "country", op: str = "in", **fields: Any) -> dict[str, Any]:
    return {"attribute": attribute, "op": op, "values": list(values), **fields}
