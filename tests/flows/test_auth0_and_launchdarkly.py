"""Auth0's and LaunchDarkly's published clients on one server: one experiment, told in either's words."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import launchdarkly_api
import ldclient
import pytest
from auth0.management import AllocationRequestItem, BadRequestError, SegmentMatchConditions, SegmentRule
from ldclient import Context
from ldclient.config import Config

from equipoise.application.lake import Kind
from equipoise.application.ports import space_of
from tests.contracts.launchdarkly import Contract
from tests.flows.events import WAIT_SECONDS_MAX, eventually, rows
from tests.flows.shop import ok
from tests.flows.stores import opened
from tests.flows.tenant import Flag, Tenancy, Tenant
from tests.flows.test_launchdarkly_client import Watched, fields

ld: Any = launchdarkly_api
ENVIRONMENT, BANNER, KEY = "production", "banner", "fewer-steps"
DEFAULTS = {"steps": 4, "title": "Pay"}
UNITS = 200


class Both:
    """A tenant of Auth0's client, which is an environment of LaunchDarkly's."""

    def __init__(self, tenancy: Tenancy, contract: Contract) -> None:
        self.tenancy, self.project = tenancy, tenancy.project()
        self.token = tenancy.token(self.project)
        self.auth0 = Tenant(tenancy.server.url, self.token.secret)
        self.client = Watched(tenancy.server, contract)
        self.experiments = ld.ExperimentsApi(self.client)
        self.flags = ld.FeatureFlagsApi(self.client)
        for metric in ("purchase", "basket"):
            ld.MetricsApi(self.client).post_metric(
                self.project, ld.MetricPost(key=metric, kind="custom", event_key=metric, is_numeric=False)
            )

    def get(self, key: str, expand: str | None = None) -> Any:
        """The experiment as LaunchDarkly's client has it."""
        return self.experiments.get_experiment(self.project, ENVIRONMENT, key, expand=expand)

    def patch(self, key: str, *instructions: dict[str, Any]) -> Any:
        said = ld.ExperimentPatchInput(instructions=list(instructions))
        return self.experiments.patch_experiment(self.project, ENVIRONMENT, key, said)

    def start(self, key: str) -> str:
        """The status of the iteration, in LaunchDarkly's word."""
        started = self.patch(key, {"kind": "startIteration", "changeJustification": "reviewed"})
        status: str = started.current_iteration.status
        return status

    def stop(self, key: str, winner: str) -> Any:
        """The iteration that ran."""
        said = {"kind": "stopIteration", "winningTreatmentId": winner, "winningReason": "it sold more"}
        return self.patch(key, said).current_iteration

    def flag(self, key: str) -> Any:
        return self.flags.get_feature_flag(self.project, key, env=ENVIRONMENT)

    def served(self, key: str) -> Any:
        """What the flag serves when no rule fits."""
        return self.flag(key).environments[ENVIRONMENT].fallthrough

    def value_served(self, key: str) -> Any:
        return self.flag(key).variations[self.served(key).variation].value

    def banner(self, *arms: tuple[str, str, bool]) -> str:
        """The key of an experiment on two variations, made by LaunchDarkly's client."""
        self.flags.post_feature_flag(self.project, ld.FeatureFlagBody(key=BANNER, name="Banner"))
        self.client.semantic(f"/api/v2/flags/{self.project}/{BANNER}", ENVIRONMENT, {"kind": "turnFlagOn"})
        flag = self.flag(BANNER)
        rule = ld.FlagInput(rule_id="fallthrough", flag_config_version=flag.environments[ENVIRONMENT].version)
        iteration = ld.IterationInput(
            hypothesis="A banner sells more",
            metrics=[ld.MetricInput(key="purchase")],
            primary_single_metric_key="purchase",
            randomization_unit="user",
            treatments=[
                ld.TreatmentInput(
                    name=name,
                    baseline=baseline,
                    allocation_percent=percent,
                    parameters=[ld.TreatmentParameterInput(flag_key=BANNER, variation_id=variation.id)],
                )
                for (name, percent, baseline), variation in zip(arms, flag.variations, strict=True)
            ],
            flags={BANNER: rule},
        )
        post = ld.ExperimentPost(key="with-banner", name="With banner", iteration=iteration)
        key: str = self.experiments.create_experiment(self.project, ENVIRONMENT, post).key
        return key

    def sdk_key(self) -> str:
        path = f"/api/v2/projects/{self.project}/environments/{ENVIRONMENT}"
        key: str = ok(self.tenancy.server.client.get(path))["apiKey"]
        return key

    @contextmanager
    def sdk(self) -> Iterator[Any]:
        """LaunchDarkly's SDK, once it is initialised; what it saw is sent when it closes."""
        options: Any = dict.fromkeys(("base_uri", "stream_uri", "events_uri"), self.tenancy.server.url)
        client: Any = ldclient.LDClient(Config(self.sdk_key(), **options, flush_interval=60), start_wait=20)
        try:
            assert client.is_initialized()
            yield client
        finally:
            client.close()


@pytest.fixture
def both(tenancy: Tenancy, contract: Contract) -> Both:
    return Both(tenancy, contract)


HALVES = (("new", "50", False), ("old", "50", True))


def test_what_auth0s_client_made_launchdarklys_measures_starts_and_stops(both: Both) -> None:
    flag = both.auth0.flag()
    made = both.auth0.experiment(flag)

    # read in the other's words
    seen = both.get(KEY, "treatments")
    assert (seen.name, seen.current_iteration.status) == ("Fewer steps", "not_started")
    assert seen.current_iteration.randomization_unit == "device"
    treatments = {
        each.name: (each.allocation_percent, each.baseline) for each in seen.current_iteration.treatments
    }
    assert treatments == {"Control": ("50", True), "Fewer": ("50", False)}
    assert [each.value for each in both.flag("checkout").variations] == [DEFAULTS, {**DEFAULTS, "steps": 1}]

    # renamed, given metrics that Auth0 has no word for, and started
    value = fields(metrics=("add", [{"key": "purchase"}, {"key": "basket"}]))
    both.patch(
        KEY,
        {"kind": "updateName", "value": "Fewer, measured"},
        {"kind": "updateExperimentFields", "value": value},
    )
    assert both.auth0.experiments.get(made.id).name == "Fewer, measured"
    assert both.start(KEY) == "running"
    active = both.auth0.experiments.get(made.id)
    assert (active.status, active.is_valid, active.authentication_flow) == ("active", True, "authentication")
    assert active.started_at is not None

    # a new iteration is the same experiment, begun later
    again = {"kind": "saveAndStartNewIteration", "changeJustification": "sharper", "value": {}}
    both.patch(KEY, again)
    later = both.auth0.experiments.get(made.id)
    assert later.status == "active"
    assert later.started_at is not None
    assert later.started_at > active.started_at

    # stopped for the control, as LaunchDarkly asks for a winner: all is as it was
    control = both.get(KEY, "treatments").current_iteration.treatments[0]
    stopped = both.stop(KEY, control.id)
    assert (stopped.status, stopped.winning_treatment_id) == ("stopped", control.id)
    assert [each.key for each in stopped.metrics] == ["purchase", "basket"]
    completed = both.auth0.experiments.get(made.id)
    assert (completed.status, completed.started_at) == ("completed", later.started_at)
    assert completed.ended_at is not None
    assert both.value_served("checkout") == DEFAULTS


def test_what_launchdarklys_client_stops_with_a_winner_is_completed_for_auth0s(both: Both) -> None:
    flag = both.auth0.flag()
    made = both.auth0.experiment(flag)
    both.auth0.experiments.update(made.id, status="active")
    assert both.served("checkout").rollout.context_kind == "device"
    winner = both.get(KEY, "treatments").current_iteration.treatments[1]
    both.stop(KEY, winner.id)
    completed = both.auth0.experiments.get(made.id)
    assert completed.status == "completed"
    assert completed.ended_at is not None
    assert both.value_served("checkout") == {**DEFAULTS, "steps": 1}
    assert both.auth0.flags.get(flag.id).status == "active"
    with both.sdk() as sdk:
        shown = sdk.variation("checkout", Context.create("d-1", "device"), None)
        assert shown == {**DEFAULTS, "steps": 1}


def test_what_launchdarklys_client_made_auth0s_starts_pauses_resumes_and_archives(both: Both) -> None:
    key = both.banner(*HALVES)
    (listed,) = both.auth0.experiments.list()
    assert (listed.name, listed.authentication_flow, listed.status) == ("With banner", "all", "draft")
    assert [(each.variation_name, each.weight, each.is_control) for each in listed.allocations] == [
        ("true", 50, False),
        ("false", 50, True),
    ]
    assert (listed.is_valid, listed.feature_flag_name) == (True, "Banner")
    parameters = both.auth0.flags.get(listed.feature_flag_id).parameters or {}
    assert {name: each.type for name, each in parameters.items()} == {"value": "boolean"}

    def move(status: str) -> tuple[str, str]:
        """The status in either's words."""
        told = both.auth0.experiments.update(listed.id, status=status)
        return told.status, both.get(key).current_iteration.status

    both.auth0.experiments.update(listed.id, name="Renamed")
    assert both.get(key).name == "Renamed"
    assert move("active") == ("active", "running")
    first = both.get(key).current_iteration.id
    assert move("paused") == ("paused", "running")
    assert both.served(BANNER).rollout is None
    assert move("active") == ("active", "running")
    assert both.served(BANNER).rollout is not None
    assert move("paused") == ("paused", "running")
    assert both.start(key) == "running"
    assert both.auth0.experiments.get(listed.id).status == "active"
    assert both.get(key).current_iteration.id == first, "startIteration resumes what is paused"
    assert move("completed") == ("completed", "stopped")
    assert move("archived") == ("archived", "stopped")
    assert both.get(key).archived_date
    assert list(both.auth0.experiments.list()) == []


def test_a_start_that_auth0_would_refuse_is_active_and_not_valid_and_validate_says_why(both: Both) -> None:
    key = both.banner(("new", "10", False), ("old", "0", True))
    assert both.start(key) == "running"
    (listed,) = both.auth0.experiments.list()
    assert (listed.status, listed.is_valid) == ("active", False)
    assert [each.weight for each in listed.allocations] == [10, 0]
    said = both.auth0.experiments.validate(listed.id)
    assert [each.code for each in said.errors] == ["experiment_invalid_allocation_weights"]
    assert "they sum to 10" in said.errors[0].message
    both.auth0.experiments.update(listed.id, status="paused")
    with pytest.raises(BadRequestError) as refused:
        both.auth0.experiments.update(listed.id, status="active")
    assert refused.value.body["errorCode"] == "experiment_invalid_allocation_weights"
    assert both.start(key) == "running"


def test_the_sdk_is_served_the_whole_configuration_of_a_variation(both: Both) -> None:
    flag, device = both.auth0.flag(), Context.create("d-1", "device")
    with both.sdk() as sdk:
        assert sdk.variation("checkout", device, None) == DEFAULTS
        both.auth0.variations.update(
            flag.id, flag.control, overrides={"title": {"value": "Buy"}, "steps": {"value": 2}}
        )
        wait_until(lambda: sdk.variation("checkout", device, None), {"steps": 2, "title": "Buy"})


def wait_until(look: Any, value: Any) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while (found := look()) != value:
        assert time.monotonic() < deadline, f"it is {found!r}"
        time.sleep(0.02)


def device(name: str, **attributes: str) -> Context:
    builder = Context.builder(name).kind("device")
    for attribute, value in attributes.items():
        builder.set(attribute, value)
    return builder.build()


DEVICES = (
    device("austrian", country="AT", browser="Firefox"),
    device("silent", country="AT"),  # of its browser
    device("bot", country="AT", browser="Somebot"),
    device("other", country="FR", browser="Firefox"),
    device("unknown"),
)


def by_segment(both: Both, flag: Flag) -> Any:
    """Active, with the treatment for Austrians who are no bots."""
    rule = SegmentRule.model_validate(
        {"match": {"country": ["AT", "DE"]}, "not_match": {"browser": {"ends_with": ["bot"]}}}
    )
    segment = both.auth0.segments.create(name="Neighbours", rules=[rule])
    inside = AllocationRequestItem(
        variation_id=flag.treatment, is_control=False, segment_id=segment.id, priority=1
    )
    outside = AllocationRequestItem(variation_id=flag.control, is_control=True, is_fallback=True)
    made = both.auth0.experiment(flag, allocation_strategy="segment", allocations=[inside, outside])
    return both.auth0.experiments.update(made.id, status="active")


def test_the_sdk_puts_devices_in_the_arm_of_their_segment_and_they_are_attributed(both: Both) -> None:
    by_segment(both, both.auth0.flag())
    steps = {"austrian": 1, "silent": 1, "bot": 4, "other": 4, "unknown": 4}
    with both.sdk() as sdk:
        seen = {each.key: sdk.variation("checkout", each, None)["steps"] for each in DEVICES}
    assert seen == steps
    shown = both.get(KEY, "treatments").current_iteration
    arms = {each.name: each.id for each in shown.treatments}
    exposed = exposures(both, len(steps))
    assert {row["unit"]: row["arm"] for row in exposed} == {
        unit: arms["Fewer" if expected == 1 else "Control"] for unit, expected in steps.items()
    }
    assert {(row["unit_kind"], row["iteration"]) for row in exposed} == {("device", shown.id)}
    said = results(both, len(steps))
    assert {arm["control"]: arm["units"] for arm in said["arms"]} == {True: 3, False: 2}
    assert said["comparisons"] == [], "segments are not chance"


def test_the_sdk_treats_more_at_each_level_of_a_ramp_and_nobody_less(both: Both) -> None:
    flag = both.auth0.flag()
    arms = [
        AllocationRequestItem(variation_id=flag.control, is_control=True),
        AllocationRequestItem(variation_id=flag.treatment, is_control=False),
    ]
    made = both.auth0.experiment(flag, allocations=arms, levels=[10, 50])
    both.auth0.experiments.update(made.id, status="active")
    units = [device(f"d-{number}") for number in range(UNITS)]
    with both.sdk() as sdk:

        def treated() -> set[str]:
            return {each.key for each in units if sdk.variation("checkout", each, None)["steps"] == 1}

        first = treated()
        both.auth0.experiments.advance_ramp(made.id, target_level=50)
        wait_until(lambda: len(treated()) > len(first), True)
        second = treated()
    assert first < second
    assert len(first) < UNITS / 4 < len(second) < UNITS * 3 / 4
    shares = {each.allocation_percent for each in both.get(KEY, "treatments").current_iteration.treatments}
    assert shares == {"50"}


def exposures(both: Both, many: int) -> Any:
    iteration = both.get(KEY).current_iteration.id

    def found() -> list[dict[str, Any]]:
        return [row for row in rows(both.tenancy.place, Kind.EXPOSURE) if row["iteration"] == iteration]

    return eventually(found, many)


def test_what_devices_did_in_an_experiment_of_auth0s_client_becomes_its_result(both: Both) -> None:
    flag = both.auth0.flag()
    made = both.auth0.experiment(flag)
    both.patch(
        KEY,
        {"kind": "updateExperimentFields", "value": fields(metrics=("add", [{"key": "purchase"}]))},
    )
    both.auth0.experiments.update(made.id, status="active")
    seen: Counter[int] = Counter()
    bought: Counter[int] = Counter()
    with both.sdk() as sdk:
        for number in range(UNITS):
            unit = device(f"d-{number}")
            steps = sdk.variation("checkout", unit, None)["steps"]
            seen[steps] += 1
            if number % (2 if steps == 1 else 10) == 0:
                bought[steps] += 1
                sdk.track("purchase", unit)
    said = results(both, UNITS)
    assert {arm["control"]: arm["units"] for arm in said["arms"]} == {True: seen[4], False: seen[1]}
    (compared,) = said["comparisons"]
    difference = bought[1] / seen[1] - bought[4] / seen[4]
    assert compared["always"]["difference"] == pytest.approx(difference)


def results(both: Both, units: int) -> Any:
    """What our own interface says once so many are in."""
    headers = {"Authorization": f"Bearer {both.token.secret}"}
    path, http = f"/equipoise/v1/experiments/{KEY}/results", both.tenancy.server.client
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        said = ok(http.get(path, headers=headers))
        if sum(arm["units"] for arm in said["arms"]) == units:
            return said
        assert time.monotonic() < deadline, said["health"]
        time.sleep(0.1)


def test_the_change_log_tells_through_which_surface_who_changed_what(both: Both) -> None:
    flag = both.auth0.flag()
    made = both.auth0.experiment(flag)
    both.auth0.segments.create(
        name="Austria", rules=[SegmentRule(match=SegmentMatchConditions(country=["AT"]))]
    )
    both.patch(KEY, {"kind": "updateName", "value": "Renamed"})
    both.start(KEY)
    both.auth0.experiments.update(made.id, status="paused")
    with pytest.raises(BadRequestError):
        both.auth0.experiments.update(made.id, name="No")  # too short, so nothing is told of it
    told = log(both)
    admin = {principal for _, surface, principal, _ in told if surface == "launchdarkly"}
    assert len(admin) == 1
    (theirs,) = admin
    assert {principal for _, surface, principal, _ in told if surface == "auth0"} == {both.token.id} != admin
    lives = [(surface, events) for subject, surface, _, events in told if subject == f"experiment {KEY}"]
    assert lives == [
        ("auth0", ["Created"]),
        ("launchdarkly", ["Renamed"]),
        ("launchdarkly", ["Started"]),
        ("auth0", ["Paused"]),
    ]
    assert ("segment austria", "auth0", both.token.id, ["Created"]) in told
    assert ("metric purchase", "launchdarkly", theirs, ["Created"]) in told


def log(both: Both) -> list[tuple[str, str, str, list[str]]]:
    """Subject, surface, principal and events of each row of the project's log."""
    with opened(both.tenancy.place) as store, store.read() as reader:
        found = reader.history(space_of(both.project), 0, 1_000)
    return [
        (
            f"{row.noun} {row.key}",
            row.surface,
            row.principal,
            [type(event).__name__ for event in row.events],
        )
        for row in found
    ]
