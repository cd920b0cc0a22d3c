"""Auth0's published client for Python, unmodified, does all that it can do.

Every answer passes the client's own models and the published contract.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest
from auth0.management import (
    AllocationRequestItem,
    BadRequestError,
    ConflictError,
    FeatureFlagConfigParam,
    ForbiddenError,
    ManagementClient,
    NotFoundError,
    SegmentMatchConditions,
    SegmentNotMatchConditions,
    SegmentRule,
    UnauthorizedError,
)
from auth0.management.core.api_error import ApiError

from equipoise.translation.limiter import WINDOW_MS
from tests.flows.stores import opened
from tests.flows.tenant import PARAMETERS, Exchange, Flag, Tenancy, Tenant, Watched, operations_of
from tests.served import Place

Write = Callable[[], Any]
NOWHERE = "exp_11111111111111111"


@pytest.fixture
def tenant(tenancy: Tenancy) -> Tenant:
    return tenancy.tenant()


def code(error: pytest.ExceptionInfo[ApiError]) -> Any:
    return error.value.body["errorCode"]


def codes(tenant: Tenant, id: str) -> set[str]:
    """Why it cannot be activated."""
    said = tenant.experiments.validate(id)
    assert said.is_valid is not bool(said.errors)
    return {each.code for each in said.errors}


def test_the_published_client_takes_an_experiment_through_its_whole_life(tenant: Tenant) -> None:
    experiments, flag = tenant.experiments, tenant.flag(active=False)

    # a draft, as unfinished as it may be
    made = experiments.create(
        name="Fewer steps", feature_flag_id=flag.id, authentication_flow="authentication"
    )
    assert (made.status, made.is_valid, made.allocations) == ("draft", False, [])
    assert (made.allocation_strategy, made.started_at, made.feature_flag_snapshot) == (
        "percentage",
        None,
        None,
    )
    assert codes(tenant, made.id) >= {"feature_flag_not_active", "experiment_missing_control"}

    # edited; is_valid follows, and so does validate when only the flag changes
    edited = experiments.update(
        made.id, name="Still fewer", description="Two steps", allocations=flag.weighted(40)
    )
    assert [(each.weight, each.variation_name) for each in edited.allocations] == [
        (60, "Control"),
        (40, "Fewer"),
    ]
    assert (edited.description, edited.is_valid) == ("Two steps", False)
    assert codes(tenant, made.id) == {"feature_flag_not_active"}
    tenant.flags.update(flag.id, status="active")
    assert codes(tenant, made.id) == set()
    assert experiments.get(made.id).is_valid is True
    cleared = experiments.update(made.id, description=None, authentication_flow="password_reset")
    assert (cleared.description, cleared.authentication_flow) == (None, "password_reset")
    assert cleared.name == "Still fewer", "what is not said stays"

    # active: the configuration is frozen, allocations wait for a pause
    active = experiments.update(made.id, status="active")
    assert active.status == "active"
    assert isinstance(active.started_at, datetime)
    assert active.feature_flag_snapshot is not None
    assert all(each.variation_snapshot for each in active.allocations)
    assert set(active.editable_fields) == {"name", "description"}
    with pytest.raises(BadRequestError) as hurried:
        experiments.update(made.id, allocations=flag.weighted(10))
    assert code(hurried) == "experiment_requires_pause"
    with pytest.raises(BadRequestError):
        experiments.delete(made.id)

    # paused: a new phase of the same run; a field and a transition in one patch
    paused = experiments.update(made.id, name="Fewer steps", status="paused")
    assert (paused.name, paused.status, paused.ended_at) == ("Fewer steps", "paused", None)
    replaced = experiments.update(made.id, allocations=flag.weighted(10))
    assert [each.weight for each in replaced.allocations] == [90, 10]
    resumed = experiments.update(made.id, status="active")
    assert (resumed.status, resumed.started_at) == ("active", active.started_at)

    # completed, archived: found only by who asks for it, and nothing moves any more
    completed = experiments.update(made.id, status="completed")
    assert isinstance(completed.ended_at, datetime)
    for closed in ("active", "paused"):
        with pytest.raises(BadRequestError) as final:
            experiments.update(made.id, status=closed)
        assert code(final) == "invalid_status_transition"
    assert experiments.update(made.id, status="archived").status == "archived"
    assert list(experiments.list()) == []
    assert [each.id for each in experiments.list(status="archived")] == [made.id]
    with pytest.raises(BadRequestError):
        experiments.update(made.id, name="Reopened")

    # gone, and gone again
    experiments.delete(made.id)
    experiments.delete(made.id)
    with pytest.raises(NotFoundError):
        experiments.get(made.id)
    operations = operations_of("experiment") - {"advance_experiment_ramp"}
    assert tenant.watched.operations >= operations


def test_lists_of_experiments_are_filtered_by_status_by_flow_and_by_flag(tenant: Tenant) -> None:
    checkout, banner = tenant.flag(), tenant.flag("Banner")
    first = tenant.experiment(checkout, "First")
    second = tenant.experiment(banner, "Second", authentication_flow="mfa_challenge")
    tenant.experiments.update(second.id, status="active")

    def found(**asked: Any) -> list[str]:
        return [each.name for each in tenant.experiments.list(**asked)]

    assert sorted(found()) == ["First", "Second"]
    assert found(status="draft") == found(feature_flag_id=checkout.id) == ["First"]
    assert found(status="active") == found(authentication_flow="mfa_challenge") == ["Second"]
    assert found(status="draft", authentication_flow="mfa_challenge") == []
    assert found(status="paused") == found(feature_flag_id="flg_11111111111111111") == []
    tenant.experiments.update(first.id, status="archived")
    assert found() == ["Second"]


def test_one_experiment_of_a_flow_is_active_and_one_for_all_flows_is_alone(tenant: Tenant) -> None:
    flags = [tenant.flag(name) for name in ("Checkout", "Banner", "Footer")]
    flows = ("authentication", "authentication", "all")
    ids = [
        tenant.experiment(flag, flag.id, authentication_flow=flow).id
        for flag, flow in zip(flags, flows, strict=True)
    ]
    tenant.experiments.update(ids[0], status="active")
    for id in ids[1:]:
        assert codes(tenant, id) == {"experiment_active_limit_exceeded"}
        with pytest.raises(BadRequestError) as busy:
            tenant.experiments.update(id, status="active")
        assert code(busy) == "experiment_active_limit_exceeded"
    tenant.experiments.update(ids[0], status="paused")
    assert tenant.experiments.update(ids[2], status="active").authentication_flow == "all"
    for id in ids[:2]:
        with pytest.raises(BadRequestError, match="is active on the same"):
            tenant.experiments.update(id, status="active")


def by_segment(flag: Flag, *segments: str) -> list[AllocationRequestItem]:
    """The treatment for each segment in turn, the control for all others."""
    inside = [
        AllocationRequestItem(variation_id=flag.treatment, is_control=False, segment_id=id, priority=rank)
        for rank, id in enumerate(segments, 1)
    ]
    return [AllocationRequestItem(variation_id=flag.control, is_control=True, is_fallback=True), *inside]


def test_the_published_client_runs_an_experiment_by_segment(tenant: Tenant) -> None:
    flag = tenant.flag()
    segments = [tenant.segments.create(name=name, rules=in_country(name)).id for name in ("Austria", "Spain")]
    made = tenant.experiment(
        flag, allocation_strategy="segment", allocations=by_segment(flag, *reversed(segments))
    )
    assert made.is_valid
    told = [(each.segment_id, each.segment_name, each.priority) for each in made.allocations]
    assert told == [(None, None, None), (segments[1], "Spain", 1), (segments[0], "Austria", 2)]
    assert [each.is_fallback for each in made.allocations] == [True, False, False]

    without = [each for each in by_segment(flag, *segments) if not each.is_fallback]
    assert not tenant.experiments.update(made.id, allocations=without).is_valid
    assert codes(tenant, made.id) == {"experiment_missing_default", "experiment_missing_control"}
    tenant.experiments.update(made.id, allocations=by_segment(flag, segments[0]))

    active = tenant.experiments.update(made.id, status="active")
    assert active.allocations[1].segment_snapshot is not None
    with pytest.raises(ConflictError):
        tenant.segments.delete(segments[0])
    tenant.experiments.update(made.id, status="paused")
    again = tenant.experiments.update(made.id, allocations=by_segment(flag, segments[1]))
    assert again.allocations[1].segment_name == "Spain"
    tenant.experiments.update(made.id, status="active")
    assert tenant.experiments.update(made.id, status="completed").status == "completed"


def test_the_published_client_takes_a_ramp_up_level_by_level(tenant: Tenant) -> None:
    flag = tenant.flag()
    arms = [
        AllocationRequestItem(variation_id=flag.control, is_control=True),
        AllocationRequestItem(variation_id=flag.treatment, is_control=False),
    ]
    made = tenant.experiment(flag, allocations=arms, levels=[10, 25])
    assert (made.levels, made.current_level) == ([10, 25], None)
    assert tenant.experiments.update(made.id, levels=[10, 25, 50, 100]).levels == [10, 25, 50, 100]
    with pytest.raises(ConflictError):
        tenant.experiments.advance_ramp(made.id, target_level=25)
    assert tenant.experiments.update(made.id, status="active").current_level == 10

    stepped = tenant.experiments.advance_ramp(made.id, target_level=25)
    assert (stepped.from_level, stepped.to_level, stepped.current_level) == (10, 25, 25)
    again = tenant.experiments.advance_ramp(made.id, target_level=25)
    assert (again.from_level, again.to_level) == (25, 25)
    for elsewhere in (10, 100):
        with pytest.raises(ConflictError):
            tenant.experiments.advance_ramp(made.id, target_level=elsewhere)
    with pytest.raises(BadRequestError):
        tenant.experiments.advance_ramp(made.id, target_level=33)
    tenant.experiments.update(made.id, status="paused")
    assert tenant.experiments.update(made.id, status="active").current_level == 25


def test_the_published_client_manages_feature_flags_and_their_variations(tenant: Tenant) -> None:
    flags, variations = tenant.flags, tenant.variations
    parameters = {
        "title": FeatureFlagConfigParam(type="string", value="Pay"),
        "dark": FeatureFlagConfigParam(type="boolean", value=False),
        "steps": FeatureFlagConfigParam(type="number", value=2.5),
        "order": FeatureFlagConfigParam(type="array", value=["name", 1, None]),
        "theme": FeatureFlagConfigParam(type="object", value={"colour": "red"}, description="Of the page"),
    }
    made = flags.create(name="Sign-in page", description="All of it", parameters=parameters)
    assert (made.type, made.status, made.parameters) == ("self", "draft", parameters)
    assert flags.get(made.id).description == "All of it"

    # variations: what they override, in each type; a default is no override
    control = variations.create(made.id, name="Control", overrides={})
    with pytest.raises(BadRequestError):
        flags.update(made.id, status="active")
    with pytest.raises(BadRequestError):
        variations.create(made.id, name="Alike", overrides={"dark": {"value": False}})
    changes: dict[str, Any] = {
        "title": {"value": "Buy"},
        "dark": {"value": True},
        "steps": {"value": 1},
        "order": {"value": []},
        "theme": {"value": {"colour": "blue"}},
    }
    other = variations.create(made.id, name="Other", description="All else", overrides=changes)
    assert variations.get(made.id, other.id).overrides == changes
    assert [each.name for each in variations.list(made.id).variations] == ["Control", "Other"]
    updated = variations.update(made.id, other.id, name="Darker", overrides={"dark": {"value": True}})
    assert (updated.name, updated.description, updated.overrides) == (
        "Darker",
        "All else",
        {"dark": {"value": True}},
    )

    # edits, then a transition in the same patch
    active = flags.update(made.id, name="Sign-in", description=None, status="active")
    assert (active.name, active.description, active.status) == ("Sign-in", None, "active")
    fewer = {name: each for name, each in parameters.items() if name in ("dark", "title")}
    assert flags.update(made.id, parameters=fewer).parameters == fewer

    # lists
    draft = flags.create(name="A draft", parameters=PARAMETERS)
    assert {each.name for each in flags.list()} == {"Sign-in", "A draft"}
    assert [each.id for each in flags.list(status="draft")] == [draft.id]
    assert [each.id for each in flags.list(type="self", status="active")] == [made.id]
    assert list(flags.list(type="auth0")) == []

    # in use: neither the flag nor a variation of it goes
    experiment = tenant.experiment(Flag(made.id, control.id, other.id))
    deletes: Sequence[Write] = (lambda: flags.delete(made.id), lambda: variations.delete(made.id, other.id))
    for delete in deletes:
        with pytest.raises(ConflictError):
            delete()
    tenant.experiments.delete(experiment.id)
    third = variations.create(made.id, name="Third", overrides={"title": {"value": "Go"}})
    for _ in range(2):
        variations.delete(made.id, third.id)
    with pytest.raises(NotFoundError):
        variations.get(made.id, third.id)

    # archived for good, and read-only; deleted, and deleted again
    assert flags.update(made.id, status="archived").status == "archived"
    with pytest.raises(ConflictError):
        flags.update(made.id, name="Reopened")
    with pytest.raises(ConflictError):
        variations.create(made.id, name="Late", overrides={})
    assert [each.id for each in flags.list(status="archived")] == [made.id]
    for id in (draft.id, draft.id, made.id):
        flags.delete(id)
    with pytest.raises(NotFoundError):
        variations.list(draft.id)
    assert tenant.watched.operations >= operations_of("feature_flag") | operations_of("variation")


def in_country(*names: str) -> list[SegmentRule]:
    return [SegmentRule(match=SegmentMatchConditions(country=list(names)))]


def test_the_published_client_manages_segments(tenant: Tenant) -> None:
    segments = tenant.segments
    rules = [
        SegmentRule(
            match=SegmentMatchConditions.model_validate(
                {
                    "country": ["AT", "DE"],
                    "user_agent": {"contains": ["Firefox", "Safari"]},
                    "domain": {"starts_with": ["shop."]},
                    "region": {"exists": True},
                }
            ),
            not_match=SegmentNotMatchConditions.model_validate(
                {"browser": {"ends_with": ["bot"]}, "organization_id": {"exists": True}}
            ),
        ),
        SegmentRule(match=SegmentMatchConditions.model_validate({"device_type": {"exists": False}})),
    ]
    made = segments.create(name="Neighbours", description="And who is unknown", rules=rules)
    assert (made.type, made.status, made.rules) == ("self", "active", rules)
    assert segments.get(made.id).rules == rules
    other = segments.create(name="Others", rules=in_country("ES"))
    assert {each.name for each in segments.list()} == {"Neighbours", "Others"}
    assert list(segments.list(type="auth0")) == []
    updated = segments.update(made.id, name="Near", description=None, rules=in_country("CH"))
    assert (updated.name, updated.description, updated.rules) == ("Near", None, in_country("CH"))

    archived = segments.update(made.id, name="Far", status="archived")
    assert (archived.name, archived.status) == ("Far", "archived")
    with pytest.raises(ConflictError):
        segments.update(made.id, status="active")
    assert [each.id for each in segments.list(type="self")] == [other.id]
    for id in (other.id, other.id, made.id):
        segments.delete(id)
    with pytest.raises(NotFoundError):
        segments.get(other.id)
    assert tenant.watched.operations >= operations_of("segment")


def test_a_pager_passes_over_all_pages_and_nothing_comes_twice(tenant: Tenant) -> None:
    flag = tenant.flag("Flag 0")
    many = [f"{number:02}" for number in range(7)]
    for name in many:
        tenant.experiment(flag, f"Experiment {name}")
        tenant.segments.create(name=f"Segment {name}", rules=in_country("AT"))
    for name in many[1:]:
        tenant.flags.create(name=f"Flag {name}", parameters=PARAMETERS)
    resources: tuple[Any, ...] = (tenant.experiments, tenant.segments, tenant.flags)
    for resource in resources:
        pager = resource.list(take=3)
        pages = [list(page.items) for page in pager.iter_pages()]
        assert [len(page) for page in pages] == [3, 3, 1]
        assert len({each.id for page in pages for each in page}) == 7
        whole = resource.list()
        assert not whole.has_next
        assert [each.id for each in whole] == [each.id for page in pages for each in page]
    page = tenant.experiments.list(take=5)
    for each in page.items or ():
        tenant.experiments.delete(each.id)
    following = page.next_page()
    assert following is not None
    assert len(following.items or ()) == 2, "what is gone takes nothing with it"


def test_a_name_that_is_taken_is_refused_three_times_and_nothing_is_written(
    tenancy: Tenancy,
) -> None:
    project = tenancy.project()
    tenant, once = tenancy.client(project, retries=2), tenancy.client(project)
    flag = tenant.flag()
    tenant.experiment(flag)
    tenant.segments.create(name="Austria", rules=in_country("AT"))
    before, passed, began = log_number(tenancy.place), len(tenant.watched.exchanges), time.monotonic()
    with pytest.raises(ConflictError) as taken:
        tenant.experiment(flag)
    assert code(taken) == "name_already_exists"
    assert tenant.watched.exchanges[passed:] == 3 * [Exchange("create_experiment", 409)]
    assert time.monotonic() - began < WINDOW_MS / 1_000, (
        "it waits by its own clock, and not for the limiter's"
    )
    again: Sequence[Write] = (
        lambda: once.flags.create(name="Checkout", parameters=PARAMETERS),
        lambda: once.variations.create(flag.id, name="Control", overrides={}),
        lambda: once.segments.create(name="Austria", rules=in_country("AT")),
    )
    for create in again:
        with pytest.raises(ConflictError):
            create()
    assert log_number(tenancy.place) == before


def log_number(place: Place) -> int:
    with opened(place) as store, store.read() as reader:
        return sum(reader.numbers().values())


def test_what_the_client_is_refused_comes_as_its_own_errors(tenancy: Tenancy) -> None:
    project = tenancy.project()
    tenant, reader = tenancy.client(project), tenancy.client(project, "read")
    flag = tenant.flag()
    experiment = tenant.experiment(flag)
    with pytest.raises(BadRequestError) as bad:
        tenant.experiments.update(experiment.id, name="x", allocations=[*flag.weighted(101)])
    assert bad.value.status_code == bad.value.body["statusCode"] == 400
    assert bad.value.body["error"] == "Bad Request"
    assert all(where in bad.value.body["message"] for where in ("name", "allocations[0].weight"))
    with pytest.raises(NotFoundError) as nowhere:
        tenant.experiments.get(NOWHERE)
    assert code(nowhere) == "inexistent_experiment"
    with pytest.raises(UnauthorizedError) as stranger:
        Tenant(tenancy.server.url, "api-nobody").experiments.list()
    assert code(stranger) == "invalid_token"

    assert reader.experiments.validate(experiment.id).is_valid
    refused: Sequence[Write] = (
        lambda: reader.experiments.update(experiment.id, name="Mine"),
        lambda: reader.experiments.delete(experiment.id),
        lambda: reader.segments.create(name="Austria", rules=in_country("AT")),
    )
    for write in refused:
        with pytest.raises(ForbiddenError) as narrow:
            write()
        assert code(narrow) == "insufficient_scope"
    assert tenant.experiments.get(experiment.id).name == experiment.name


class Rewriting(Watched):
    """What is asked for over https goes out over http."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http")
        return super().handle_request(request)


def test_the_stock_client_reaches_a_server_without_tls_by_a_transport_that_rewrites(tenancy: Tenancy) -> None:
    token, transport = tenancy.token(tenancy.project()).secret, Rewriting()
    host = tenancy.server.url.removeprefix("http://")
    client = ManagementClient(domain=host, token=token, httpx_client=httpx.Client(transport=transport))
    made = client.experimentation.feature_flags.create(name="Checkout", parameters=PARAMETERS)
    assert [each.id for each in client.experimentation.feature_flags.list()] == [made.id]
    assert transport.operations == {"create_feature_flag", "get_feature_flags"}
