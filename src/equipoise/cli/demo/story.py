"""What a team does with the REST API, through LaunchDarkly's published client: each change is printed."""

import json
import sys
from importlib import import_module
from typing import Any

import httpx
from rich.console import Console

from equipoise.cli.demo.truths import Planted

SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"
PROJECT, ENVIRONMENT = "default", "production"


class Team:
    """Whoever sets experiments up, and decides them."""

    def __init__(self, url: str, token: str, console: Console) -> None:
        self._ld = published("launchdarkly_api")
        configuration = self._ld.Configuration(host=url)
        configuration.api_key["ApiKey"] = token
        self._client = _printing(self._ld, console)(configuration)
        self._experiments = self._ld.ExperimentsApi(self._client)
        self._url, self._headers = url, {"Authorization": token}

    def start(self, planted: Planted) -> None:
        """Makes flag, metrics and experiment, and starts it."""
        flag = self._flag(planted)
        metrics = self._metrics(planted)
        self._experiments.create_experiment(PROJECT, ENVIRONMENT, self._body(planted, flag, metrics))
        self._patch(planted.key, {"kind": "startIteration", "changeJustification": "All is reviewed"})

    def ship(self, planted: Planted) -> None:
        """Stops the experiment and serves the new arm to everybody."""
        flag = self._ld.FeatureFlagsApi(self._client).get_feature_flag(PROJECT, planted.key)
        self._patch(
            planted.key,
            {
                "kind": "stopIteration",
                "winningTreatmentId": flag.variations[0].id,
                "winningReason": f"{planted.new} is better, and the interval says so however often one looks",
            },
        )

    def sdk_key(self) -> str:
        environment = self._ld.EnvironmentsApi(self._client).get_environment(PROJECT, ENVIRONMENT)
        key: str = environment.api_key
        return key

    def results(self, planted: Planted) -> Any:
        """The document of its result so far."""
        path = f"{self._url}/equipoise/v1/experiments/{planted.key}/results"
        return httpx.get(path, headers=self._headers, timeout=30).raise_for_status().json()

    def _flag(self, planted: Planted) -> Any:
        ld = self._ld
        flags = ld.FeatureFlagsApi(self._client)
        flags.post_feature_flag(PROJECT, ld.FeatureFlagBody(key=planted.key, name=planted.name))
        # The typed client has no word for a semantic patch of a flag, so this goes through its call_api.
        self._client.call_api(
            "PATCH",
            f"{self._url}/api/v2/flags/{PROJECT}/{planted.key}",
            header_params={**self._headers, "Content-Type": SEMANTIC},
            body={"environmentKey": ENVIRONMENT, "instructions": [{"kind": "turnFlagOn"}]},
        ).read()
        return flags.get_feature_flag(PROJECT, planted.key, env=ENVIRONMENT)

    def _metrics(self, planted: Planted) -> list[str]:
        """Whether it happened; and for what has a value, how much."""
        ld = self._ld
        metrics = ld.MetricsApi(self._client)
        happened = {"kind": "custom", "event_key": planted.event, "is_numeric": False}
        metrics.post_metric(PROJECT, ld.MetricPost(key=planted.event, name=planted.event, **happened))
        if not planted.basket:
            return [planted.event]
        revenue = f"{planted.event}-value"
        body = ld.MetricPost(
            key=revenue,
            name=revenue,
            kind="custom",
            event_key=planted.event,
            is_numeric=True,
            unit="€",
            success_criteria="HigherThanBaseline",
            unit_aggregation_type="sum",
        )
        metrics.post_metric(PROJECT, body)
        return [planted.event, revenue]

    def _body(self, planted: Planted, flag: Any, metrics: list[str]) -> Any:
        ld = self._ld
        on, off = (variation.id for variation in flag.variations)

        def arm(name: str, variation: str, baseline: bool) -> Any:
            parameter = ld.TreatmentParameterInput(flag_key=planted.key, variation_id=variation)
            return ld.TreatmentInput(
                name=name, baseline=baseline, allocation_percent="50", parameters=[parameter]
            )

        version = flag.environments[ENVIRONMENT].version
        iteration = ld.IterationInput(
            hypothesis=planted.hypothesis,
            metrics=[ld.MetricInput(key=key) for key in metrics],
            primary_single_metric_key=metrics[0],
            randomization_unit="user",
            treatments=[arm(planted.old, off, True), arm(planted.new, on, False)],
            flags={planted.key: ld.FlagInput(rule_id="fallthrough", flag_config_version=version)},
        )
        return ld.ExperimentPost(
            key=planted.key,
            name=planted.name,
            description=planted.told,
            tags=["equipoise-demo"],
            iteration=iteration,
        )

    def _patch(self, experiment: str, instruction: dict[str, Any]) -> None:
        patch = self._ld.ExperimentPatchInput(instructions=[instruction])
        self._experiments.patch_experiment(PROJECT, ENVIRONMENT, experiment, patch, _content_type=SEMANTIC)


def published(name: str) -> Any:
    """A published client of another vendor."""
    try:
        return import_module(name)
    except ImportError:
        sys.exit(f"The demonstration needs {name}.\nNext: pip install 'equipoise[demo]'")


def _printing(launchdarkly: Any, console: Console) -> Any:
    """The published client, which also prints each change it asks for."""

    class Printing(launchdarkly.ApiClient):  # type: ignore[misc]
        def call_api(self, method: str, url: str, *args: Any, **more: Any) -> Any:
            response = super().call_api(method, url, *args, **more)
            response.read()
            if method != "GET":
                _print(console, method, url, response)
            return response

    return Printing


def _print(console: Console, method: str, url: str, response: Any) -> None:
    color = "green" if response.status < 300 else "red"
    path = "/" + url.split("/", 3)[3]
    said = _summary(json.loads(response.data)) if response.data else ""
    line = f"  [{color}]{response.status}[/] [cyan]{method}[/] {path}  [dim]{said}[/]"
    console.print(line, soft_wrap=True, highlight=False)


def _summary(document: dict[str, Any]) -> str:
    """What a reader wants to know of the answer, in a few words."""
    iteration = document.get("currentIteration")
    if iteration is None:
        return str(document.get("name", ""))
    won = iteration.get("winningTreatmentId")
    return f"“{document['name']}” is {iteration['status']}" + (", and has a winner" if won else "")
