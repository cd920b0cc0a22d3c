"""Sound subjects to start a test from: each builder takes the fields that matter to the test."""

from typing import Any

from msgspec.structs import replace

from equipoise.domain.catalog.state import CatalogEntry, Content
from equipoise.domain.change import Command, Moment, Noun, S, apply
from equipoise.domain.clauses import Clause
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.environment.state import Environment, SealedKey
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Targeting, Variation, Weighted
from equipoise.domain.gates import salted
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.installation.state import Installation, SigningKey
from equipoise.domain.invoice.state import Discount, Invoice, Line, Span
from equipoise.domain.layer.state import BOUNDS, Layer
from equipoise.domain.metric.state import Definition, Measure, Metric
from equipoise.domain.project.state import Project, newborn_rooms
from equipoise.domain.resource.state import Resource
from equipoise.domain.segment.state import Segment, SegmentRule
from equipoise.domain.statement.state import USAGE, Statement
from equipoise.domain.token.state import Token

BORN_AT = 1_700_000_000_000
LATER = BORN_AT + 60_000
ID = "0123456789abcdef01234567"
ON, OFF = "3e6b8a5c-0000-4000-8000-000000000001", "3e6b8a5c-0000-4000-8000-000000000002"
DIGEST = "ab" * 32
NOVEMBER = Span("2023-11-01T00:00:00Z", "2023-12-01T00:00:00Z")


def a_moment(at: int = LATER) -> Moment:
    return Moment(at, b"entropy")


def a_flag(**fields: Any) -> Flag:
    """Two variations, ON and OFF; no targeting is set."""
    flag = Flag(
        id=ID,
        project="default",
        key="checkout",
        name="Checkout",
        created_at=BORN_AT,
        variations=(Variation(ON, True, "on"), Variation(OFF, False, "off")),
        on_variation=ON,
        off_variation=OFF,
        salt="salt",
    )
    return replace(flag, **fields)


def a_bare_flag(*variations: Variation, **fields: Any) -> Flag:
    """With these variations alone, the first of them the default for all."""
    first = variations[0].id if variations else ""
    return a_flag(variations=variations, on_variation=first, off_variation=first, **fields)


def a_targeting(**fields: Any) -> Targeting:
    return replace(Targeting(on=True, off_variation=OFF, fallthrough=Fixed(ON)), **fields)


def a_rule(id: str = "rule-1", **fields: Any) -> Rule:
    return replace(Rule(id=id, clauses=(), serve=Fixed(ON)), **fields)


def a_rollout(on: int = 50_000, off: int = 50_000, **fields: Any) -> Rollout:
    return replace(Rollout((Weighted(ON, on), Weighted(OFF, off))), **fields)


def a_project(**fields: Any) -> Project:
    kinds, units = newborn_rooms(BORN_AT)
    project = Project(ID, "default", "Default", BORN_AT, context_kinds=kinds, units=units)
    return replace(project, **fields)


def an_environment(**fields: Any) -> Environment:
    environment = Environment(
        id=ID,
        project="default",
        key="production",
        name="Production",
        created_at=BORN_AT,
        sdk_key=SealedKey("sealed-sdk", "digest-sdk"),
        mobile_key=SealedKey("sealed-mobile", "digest-mobile"),
    )
    return replace(environment, **fields)


def a_definition(**fields: Any) -> Definition:
    return replace(Definition("custom", Measure(event="purchase")), **fields)


def a_metric(**fields: Any) -> Metric:
    metric = Metric(
        id=ID,
        project="default",
        key="purchases",
        name="Purchases",
        created_at=BORN_AT,
        changed_at=BORN_AT,
        definition=a_definition(),
    )
    return replace(metric, **fields)


def a_segment_rule(id: str = "germans", **fields: Any) -> SegmentRule:
    return replace(SegmentRule(id, (Clause("", "country", "in", ("DE",)),)), **fields)


def a_segment(**fields: Any) -> Segment:
    segment = Segment(
        id=ID,
        project="default",
        environment="production",
        key="beta",
        name="Beta",
        created_at=BORN_AT,
        rules=(a_segment_rule(),),
    )
    return replace(segment, **fields)


def a_layer(**fields: Any) -> Layer:
    """Nothing is reserved."""
    layer = Layer(ID, "default", "checkout", "Checkout", BORN_AT, salted("layer", BOUNDS))
    return replace(layer, **fields)


def a_holdout(**fields: Any) -> Holdout:
    """Ten percent of users are held out."""
    place = ("default", "production")
    holdout = Holdout(ID, *place, "q4", "Fourth quarter", BORN_AT, 10_000, "user", salted("holdout"))
    return replace(holdout, **fields)


def a_token(**fields: Any) -> Token:
    token = Token(
        id=ID,
        digest=DIGEST,
        ending="wxyz",
        role="writer",
        created_at=BORN_AT,
        changed_at=BORN_AT,
        member=ID,
    )
    return replace(token, **fields)


def an_installation(**fields: Any) -> Installation:
    """With one token, DIGEST."""
    installation = Installation(
        id=ID,
        key="icfg_shop",
        project="default",
        environment="production",
        created_at=BORN_AT,
        client="oac_shop",
        client_secret=SealedKey("sealed-client", "digest-client"),
        signing=SigningKey("sealed-private", "modulus", "AQAB"),
        tokens=(DIGEST,),
    )
    return replace(installation, **fields)


def a_resource(**fields: Any) -> Resource:
    resource = Resource(
        id=ID,
        installation="icfg_shop",
        provided="shop",
        project="default",
        environment="production",
        created_at=BORN_AT,
        product="experiments",
        name="The shop",
        status="ready",
        store=ID,
        read_key=SealedKey("sealed-read", DIGEST),
    )
    return replace(resource, **fields)


def a_config_store(**fields: Any) -> ConfigStore:
    store = ConfigStore(
        id=ID,
        installation="icfg_shop",
        resource="shop",
        project="default",
        environment="production",
        created_at=BORN_AT,
        updated_at=BORN_AT,
        items={"greeting": "hello"},
    )
    return replace(store, **fields)


def a_content(**fields: Any) -> Content:
    return replace(Content("new-login", "https://provider.test/1", "flag", "New login"), **fields)


def a_catalog_entry(**fields: Any) -> CatalogEntry:
    entry = CatalogEntry(
        id=ID,
        installation="icfg_shop",
        resource="shop",
        item="flag_1",
        project="default",
        environment="production",
        created_at=BORN_AT,
        content=a_content(),
    )
    return replace(entry, **fields)


def a_line(total: str = "10.00", **fields: Any) -> Line:
    return replace(Line("plan", "Seats", price="5.00", quantity=2, units="seats", total=total), **fields)


def a_discount(amount: str = "1.00", **fields: Any) -> Discount:
    return replace(Discount("plan", "Thanks", amount), **fields)


def an_invoice(**fields: Any) -> Invoice:
    """One line over 10.00, in November 2023."""
    invoice = Invoice(
        id=ID,
        installation="icfg_shop",
        project="default",
        environment="production",
        created_at=BORN_AT,
        changed_at=BORN_AT,
        number="INV-1",
        dated="2023-11-15T00:00:00Z",
        period=NOVEMBER,
        lines=(a_line(),),
    )
    return replace(invoice, **fields)


def a_statement(**fields: Any) -> Statement:
    """Of the usage of one day."""
    statement = Statement(
        id=ID,
        installation="icfg_shop",
        project="default",
        environment="production",
        kind=USAGE,
        created_at=BORN_AT,
        said_at=BORN_AT,
        document={"usage": [1]},
        day="2023-11-14",
    )
    return replace(statement, **fields)


def after(noun: Noun[S], now: S | None, *commands: Command, at: int = LATER) -> S:
    """The state when all of the commands have been applied; it must still be there."""
    for command in commands:
        now = apply(noun, now, command, a_moment(at)).after
    assert now is not None
    return now


def events_of(noun: Noun[S], now: S | None, command: Command, at: int = LATER) -> tuple[Any, ...]:
    return apply(noun, now, command, a_moment(at)).events
