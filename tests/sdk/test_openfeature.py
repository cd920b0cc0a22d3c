"""The provider for OpenFeature: types, reasons, errors, contexts, events."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, ProviderNotReadyError
from openfeature.flag_evaluation import Reason
from openfeature.hook import Hook
from openfeature.provider import ProviderStatus
from openfeature.track import TrackingEventDetails

from equipoise.evaluation.context import context
from equipoise.evaluation.document import Changes
from equipoise.evaluation.operators import milliseconds
from equipoise.evaluation.ruleset import Clause, Keys, Prerequisite, Rollout, Rule, RuledFlag, Slot, Target
from equipoise.sdk import Client, prepare
from equipoise.sdk.openfeature import EquipoiseProvider, context_of
from tests.sdk.conftest import Connect, eventually
from tests.sdk.rules import flag, rules, tried
from tests.sdk.server import FakeServer

ANNA = EvaluationContext("anna", {"plan": "gold"})
GOLD = (Clause("user", ("plan",), "in", ("gold",)),)
HALVES = Rollout((Slot(0, 50_000), Slot(1, 50_000)), seed=61)


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    yield
    api.shutdown()
    api.clear_providers()


def client_of(*flags: RuledFlag) -> OpenFeatureClient:
    held = Client.fixed({})
    held._held.replace(rules(*flags))
    api.set_provider_and_wait(EquipoiseProvider(held))
    return api.get_client()


def test_each_type_is_resolved_and_numbers_are_of_the_type_that_is_asked_for() -> None:
    values = {"b": True, "s": "x", "i": 3, "f": 2.5, "o": {"a": [1]}, "l": ["x"], "whole": 2.0}
    client = client_of(*(flag(key, value) for key, value in values.items()))
    assert client.get_boolean_value("b", False, ANNA) is True
    assert client.get_string_value("s", "", ANNA) == "x"
    assert client.get_integer_value("i", 0, ANNA) == 3
    assert client.get_float_value("f", 0.0, ANNA) == 2.5
    assert client.get_object_value("o", {}, ANNA) == {"a": [1]}
    assert client.get_object_value("l", [], ANNA) == ["x"]
    assert (client.get_integer_value("whole", 0, ANNA), client.get_float_value("i", 0.0, ANNA)) == (2, 3.0)
    assert isinstance(client.get_integer_value("whole", 0, ANNA), int)
    assert isinstance(client.get_float_value("i", 0.0, ANNA), float)


@pytest.mark.parametrize("served", [True, "x", 3, 2.5, {"a": 1}, None])
def test_a_value_of_another_type_is_a_mismatch_and_the_default(served: Any) -> None:
    client = client_of(flag("flag", served))
    asked = {
        "boolean": (False, bool),
        "string": ("mine", str),
        "integer": (7, int),
        "float": (7.5, int | float),
        "object": ({"mine": 1}, dict),
    }
    for name, (default, fits) in asked.items():
        if isinstance(served, fits) and not (isinstance(served, bool) and name != "boolean"):
            continue
        details = getattr(client, f"get_{name}_details")("flag", default, ANNA)
        assert (details.value, details.error_code) == (default, ErrorCode.TYPE_MISMATCH), name
        assert details.reason == Reason.ERROR


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, Reason.DEFAULT),
        ({"on": False, "off_variation": 0}, Reason.DISABLED),
        ({"prerequisites": (Prerequisite("gone", 0),), "off_variation": 0}, Reason.DISABLED),
        ({"targets": (Target(0, Keys(frozenset({"anna"}))),)}, Reason.TARGETING_MATCH),
        ({"rules": (Rule("r", GOLD, 0),)}, Reason.TARGETING_MATCH),
        ({"rules": (Rule("r", GOLD, HALVES),)}, Reason.SPLIT),
        ({"fallthrough": HALVES}, Reason.SPLIT),
        ({"fallthrough": Rollout(HALVES.slots, seed=61, experiment=True)}, Reason.SPLIT),
    ],
)
def test_the_reason_says_which_part_of_the_flag_decided(fields: dict[str, Any], reason: Reason) -> None:
    details = client_of(flag("flag", "other", **fields)).get_string_details("flag", "mine", ANNA)
    assert (details.value, details.reason, details.error_code) == ("other", reason, None)
    assert details.variant in ("0", "1")
    assert details.flag_metadata == {
        "version": 1,
        "inExperiment": getattr(fields.get("fallthrough"), "experiment", False),
    }


def test_a_flag_that_is_off_without_a_variation_for_it_serves_the_default() -> None:
    details = client_of(flag(on=False)).get_boolean_details("checkout", False, ANNA)
    assert (details.value, details.reason, details.variant) == (False, Reason.DISABLED, None)


@pytest.mark.parametrize(
    ("key", "given", "code"),
    [
        ("nothing", ANNA, ErrorCode.FLAG_NOT_FOUND),
        ("broken", ANNA, ErrorCode.PARSE_ERROR),
        ("checkout", EvaluationContext(), ErrorCode.TARGETING_KEY_MISSING),
        ("checkout", None, ErrorCode.TARGETING_KEY_MISSING),
        ("checkout", EvaluationContext("acme", {"kind": "a b"}), ErrorCode.INVALID_CONTEXT),
        ("checkout", EvaluationContext(None, {"kind": "multi"}), ErrorCode.TARGETING_KEY_MISSING),
        ("checkout", EvaluationContext("anna", {"kind": "multi", "org": 7}), ErrorCode.INVALID_CONTEXT),
    ],
)
def test_what_goes_wrong_is_the_default_and_a_code(key: str, given: Any, code: ErrorCode) -> None:
    client = client_of(flag(), flag("broken", fallthrough=9))
    details = client.get_boolean_details(key, False, given)
    assert (details.value, details.error_code, details.reason) == (False, code, Reason.ERROR)
    assert details.error_message


@pytest.mark.parametrize(
    ("given", "document"),
    [
        (ANNA, {"kind": "user", "key": "anna", "plan": "gold"}),
        (EvaluationContext("acme", {"kind": "org"}), {"kind": "org", "key": "acme"}),
        (EvaluationContext(None, {"key": "anna"}), {"kind": "user", "key": "anna"}),
        (
            EvaluationContext(
                "anna", {"kind": "multi", "user": {"plan": "x"}, "org": {"targetingKey": "acme"}}
            ),
            {"kind": "multi", "user": {"key": "anna", "plan": "x"}, "org": {"key": "acme"}},
        ),
        (
            EvaluationContext("anna", {"kind": "multi", "org": {"key": "acme"}}),
            {"kind": "multi", "org": {"key": "acme"}, "user": {"key": "anna"}},
        ),
        (
            EvaluationContext("anna", {"tags": ("a", {"b": (1,)})}),
            {"kind": "user", "key": "anna", "tags": ["a", {"b": [1]}]},
        ),
    ],
)
def test_contexts_are_those_of_their_documents(given: EvaluationContext, document: Any) -> None:
    assert context_of(given) == context(document)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 5, 1, 12, tzinfo=UTC),
        datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 5, 1, 12),
    ],
)
def test_a_time_is_one_that_clauses_can_read_and_utc_where_it_says_nothing(moment: datetime) -> None:
    asked = context_of(EvaluationContext("anna", {"since": moment}))
    assert asked is not None
    assert milliseconds(asked.parts["user"]["since"]) == 1_777_636_800_000.0


def test_hooks_run_and_see_what_was_resolved() -> None:
    seen: list[Any] = []

    class Watching(Hook):
        def after(self, hook_context: Any, details: Any, hints: Any) -> None:
            seen.append((hook_context.flag_key, details.value, details.variant))

    client = client_of(flag())
    client.add_hooks([Watching()])
    client.get_boolean_value("checkout", False, ANNA)
    assert seen == [("checkout", True, "0")]


def test_tracking_and_exposures_reach_the_server_and_shutting_down_sends_what_waits(
    server: FakeServer, connect: Connect
) -> None:
    server.ruleset = rules(tried())
    api.set_provider_and_wait(EquipoiseProvider(connect(), ready_seconds=20))
    client = api.get_client()
    client.get_boolean_value("checkout", False, ANNA)
    client.track("purchase", ANNA, TrackingEventDetails(9.5, {"sku": "a1"}))
    client.track("visit", ANNA)
    client.track("nobody")
    api.shutdown()
    said = [(each["kind"], each.get("name"), each.get("value"), each.get("data")) for each in server.events]
    assert said == [
        ("exposure", None, None, None),
        ("outcome", "purchase", 9.5, {"sku": "a1"}),
        ("outcome", "visit", None, None),
    ]


def test_events_tell_of_readiness_changes_and_staleness(server: FakeServer, connect: Connect) -> None:
    told: list[tuple[ProviderEvent, list[str] | None]] = []

    def tell(event: ProviderEvent) -> Any:
        def handler(details: EventDetails) -> None:
            told.append((event, details.flags_changed))

        return handler

    api.set_provider_and_wait(EquipoiseProvider(connect(), ready_seconds=20))
    client = api.get_client()
    for event in ProviderEvent:
        client.add_handler(event, tell(event))
    eventually(lambda: told == [(ProviderEvent.PROVIDER_READY, None)])  # as it is already
    eventually(lambda: server.streams)
    server.change(Changes({"second": flag("second")}))
    eventually(lambda: told[1:] == [(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, ["second"])])
    server.refusing |= dict.fromkeys(("stream", "ruleset"), (503, ""))
    server.hang_up()
    eventually(lambda: client.get_provider_status() is ProviderStatus.STALE)
    assert client.get_boolean_value("checkout", False, ANNA) is True
    server.refusing.clear()
    eventually(lambda: client.get_provider_status() is ProviderStatus.READY)
    eventually(lambda: len(told) >= 4)
    assert [event for event, _ in told[2:]] == [ProviderEvent.PROVIDER_STALE, ProviderEvent.PROVIDER_READY]


def test_a_provider_that_is_late_is_an_error_first_and_ready_once_it_is(
    server: FakeServer, connect: Connect
) -> None:
    server.refusing |= dict.fromkeys(("stream", "ruleset"), (503, ""))
    provider = EquipoiseProvider(connect(), ready_seconds=0.01)
    with pytest.raises(ProviderNotReadyError):
        api.set_provider_and_wait(provider)
    client = api.get_client()
    details = client.get_boolean_details("checkout", False, ANNA)
    assert (details.value, details.error_code) == (False, ErrorCode.PROVIDER_NOT_READY)
    server.refusing.clear()
    eventually(lambda: client.get_provider_status() is ProviderStatus.READY)
    assert client.get_boolean_value("checkout", False, ANNA) is True


def test_a_decision_through_openfeature_is_the_clients_own() -> None:
    held = Client.fixed({})
    held._held.replace(rules(tried(value="mine")))
    api.set_provider_and_wait(EquipoiseProvider(held))
    client, served = api.get_client(), set()
    for number in range(200):
        decision = held.detail("checkout", prepare(f"unit-{number}"))
        details = client.get_string_details("checkout", "", EvaluationContext(f"unit-{number}"))
        assert (details.value, details.variant) == (decision.value, str(decision.variation))
        served.add(details.value)
    assert served == {"mine", "other"}
