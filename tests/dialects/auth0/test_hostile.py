"""Whatever comes: no fault of ours, and nothing half-written."""

import copy
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0 import DIALECT
from tests.conformance.requests.auth0 import conforms
from tests.dialects.auth0.shop import (
    API,
    EXPERIMENTS,
    FEWER,
    FLAGS,
    LD_FLAGS,
    SEGMENTS,
    Shop,
    a_flag,
    an_experiment,
    bare,
    by_segment,
    placed,
    weighted,
)
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

RULES = [
    {
        "match": {"country": ["DE"], "browser": {"contains": ["x"]}},
        "not_match": {"a": {"exists": True}},
    }
]
NASTY: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    50.0,
    10**400,
    1e308,
    "",
    " ",
    "x" * 5_000,
    "__proto__",
    "'; DROP TABLE subjects; --",
    "\u202e\U0001f600\ufeff",
    [],
    {},
    [None],
    {"__proto__": {"admin": True}},
    [[[[]]]],
)


OPERATIONS = (
    "create flag",
    "update flag",
    "move flag",
    "create variation",
    "update variation",
    "create segment",
    "update segment",
    "create experiment",
    "create by segment",
    "update draft",
    "update placement",
    "start placement",
    "update paused",
    "move experiment",
    "advance",
)


class Target:
    """A tenant with something of everything, and every write there is to it, well said."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.surface = Surface(self.store, DIALECT)
        self.shop = shop = Shop(self.surface)
        offer, segment, rules = shop.flag(), shop.segment(), RULES
        draft = shop.experiment(offer, "Draft one", description="A draft")
        placement = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, by_segment(offer, segment))['id']}"
        paused = shop.in_status(shop.flag("Second"), "paused", "Paused one", authentication_flow="login")
        third, ramp = shop.flag("Third"), {"levels": [10, 20], "authentication_flow": "mfa_challenge"}
        ramped = shop.experiment(third, "Ramped one", allocations=bare(third), status="active", **ramp)
        variation = f"{offer.path}/variations/{offer.treatment}"
        more: dict[str, Any] = {"name": "Another", "description": "And more"}
        beta: dict[str, Any] = {"is_stateful": True, "assignment_config": {"subject": "user"}}
        self.writes: dict[str, tuple[str, str, Any]] = {
            "create flag": ("POST", FLAGS, a_flag(**more)),
            "update flag": ("PATCH", offer.path, a_flag(**more, status="active")),
            "move flag": ("POST", f"{offer.path}/status", {"status": "active"}),
            "create variation": ("POST", f"{offer.path}/variations", more | {"overrides": FEWER}),
            "update variation": ("PATCH", variation, more | {"overrides": FEWER}),
            "create segment": ("POST", SEGMENTS, more | {"rules": rules}),
            "update segment": ("PATCH", f"{SEGMENTS}/{segment}", {"rules": rules, "status": "active"}),
            "create experiment": ("POST", EXPERIMENTS, an_experiment(offer, levels=[10], **more, **beta)),
            "create by segment": ("POST", EXPERIMENTS, by_segment(offer, segment, **more)),
            "update draft": ("PATCH", draft, more | {"allocations": weighted(offer, 30), "levels": [1, 2]}),
            "update placement": ("PATCH", placement, {"allocations": placed(offer, segment, 7)}),
            "start placement": ("PATCH", placement, {"status": "active"}),
            "update paused": ("PATCH", paused, {"name": "Another", "description": None, "status": "active"}),
            "move experiment": ("POST", f"{draft}/status", {"status": "active"}),
            "advance": ("POST", f"{ramped}/advance-ramp", {"target_level": 20}),
        }
        self.reads = (
            FLAGS,
            SEGMENTS,
            EXPERIMENTS,
            f"{offer.path}/variations",
            draft,
            placement,
            paused,
            ramped,
        )
        self.tables = self.store.tables

    def attack(self, method: str, path: str, **said: Any) -> int:
        """The status. What was refused left nothing behind; what was not can be read again."""
        self.store.tables = self.tables
        before = self.shop.everything()
        response = self.shop.ask(method, path, **said)
        assert response.status_code < 500, (method, path, response.text)
        conforms(response, "")
        if response.is_success:
            for read in self.reads:
                conforms(self.shop.ask("GET", read), "")
            assert self.surface.call("GET", LD_FLAGS).status_code == 200
        else:
            assert self.shop.everything() == before
        return response.status_code

    def close(self) -> None:
        self.surface.close()


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    target = Target()
    assert tuple(target.writes) == OPERATIONS
    yield target
    target.close()


over_writes = pytest.mark.parametrize("operation", OPERATIONS)


def places(body: Any, *above: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    if above:
        yield above
    if isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            yield from places(body[key], *above, key)


def spoilt(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    whole = copy.deepcopy(body)
    inner = whole
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return whole


@over_writes
def test_what_attacks_are_made_of_is_well_said(target: Target, operation: str) -> None:
    method, path, body = target.writes[operation]
    assert target.attack(method, path, body=body) == (201 if "create" in operation else 200)


@over_writes
def test_a_value_of_whatever_kind_in_whatever_place_is_taken_whole_or_not_at_all(
    target: Target, operation: str
) -> None:
    method, path, body = target.writes[operation]
    for place in places(body):
        for value in NASTY:
            target.attack(method, path, content=encoded(spoilt(body, place, value)))


def encoded(body: Any) -> bytes:
    return msgspec.json.encode(body)


@over_writes
def test_a_field_that_is_not_known_is_refused_wherever_it_stands(target: Target, operation: str) -> None:
    method, path, body = target.writes[operation]
    for key in ("__proto__", "constructor", "$where", "", "x" * 100_000, "a.b", "[0]", "\U0001f600"):
        assert target.attack(method, path, body=body | {key: {}}) == 400


@over_writes
@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"[]",
        b"[{}]",
        b'"x"',
        b"0",
        b"{}",
        b"[" * 1_000 + b"]" * 1_000,
        b'{"name":' * 100 + b"1" + b"}" * 100,
        b'{"name":"\\u0000"}',
        b'{"name":"\\ud800"}',
        b'{"name":"\\ud800\\ud800abc"}',
        b'{"name":"\xed\xa0\x80"}',
        b'{"name":"\xff"}',
        b'{"name":1e400}',
        b'{"name":NaN}',
        b'{"name":"abc",}',
        b"{'name':'abc'}",
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"name=abc",
    ],
    ids=range(20),
)
def test_a_body_of_whatever_bytes_changes_nothing_it_does_not_say(
    target: Target, operation: str, content: bytes
) -> None:
    method, path, _ = target.writes[operation]
    status = target.attack(method, path, content=content)
    assert status == 400 or (content == b"{}" and method == "PATCH" and status == 200)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "create" in name])
def test_of_a_name_that_is_said_twice_one_counts(target: Target, operation: str) -> None:
    method, path, body = target.writes[operation]
    content = encoded(body)[:-1] + b',"name":"The last one"}'
    assert target.attack(method, path, content=content) == 201
    target.store.tables = target.tables
    assert target.shop.ask(method, path, content=content).json()["name"] == "The last one"


@pytest.mark.parametrize(
    "operation", [name for name in OPERATIONS if "move" not in name and name != "advance"]
)
def test_a_name_of_5_megabytes_is_refused_before_long(target: Target, operation: str) -> None:
    method, path, body = target.writes[operation]
    began = perf_counter()
    assert target.attack(method, path, body=body | {"name": "x" * 5_000_000}) == 400
    assert target.attack(method, path, body=body | {"name": "x\u2028" * 800_000}) == 400
    assert perf_counter() - began < 5


STRAY = {"variation_id": "", "is_control": True}
LONG: dict[str, dict[str, Any]] = {
    "levels": {"levels": [-1] * 1_000_000},
    "levels of texts": {"name": 5, "levels": ["x"] * 101 + [-1] * 500_000},
    "allocations": {"allocations": [STRAY] * 100_000},
    "allocations of texts": {
        "allocations": ["x"] * 101 + [{"variation_id": "", "is_control": True}] * 50_000
    },
    "parameters": {"parameters": {f"p{at}": {"type": "number", "value": "x"} for at in range(80_000)}},
    "overrides": {"overrides": {f"p{at}": {"value": 1} for at in range(150_000)}},
    "rules": {"rules": [{}] * 500_000},
    "rules of texts": {"rules": ["x"] * 101 + [{}] * 500_000},
    "attributes": {"rules": [{"match": {f"a{at}": [] for at in range(200_000)}}]},
    "values": {"rules": [{"match": {"a": [""] * 1_000_000}}]},
    "fields": {f"f{at}": 1 for at in range(200_000)},
}


@pytest.mark.parametrize("what", LONG)
def test_a_document_of_a_million_faults_is_refused_before_long(target: Target, what: str) -> None:
    fields = LONG[what]
    fitting = (name for name in OPERATIONS if fields.keys() & target.writes[name][2].keys())
    operation = next(fitting, "create flag")
    method, path, body = target.writes[operation]
    content = encoded(body | fields)
    began = perf_counter()
    assert target.attack(method, path, content=content) == 400
    assert perf_counter() - began < 10


# paths, methods and queries

IDS = (
    "x" * 30_000,
    "%F0%9F%92%A9" * 100,
    "%2e%2e%2f" * 20,
    "flg_" + "1" * 17 + "%0A",
    "FLG_" + "1" * 17,
    "exp_%D9%A1" + "1" * 16,
    "__proto__",
    "%24ne",
    "status",
    "validate",
    "-1",
    "flg_" + "z" * 17,
)


@pytest.mark.parametrize("id", IDS, ids=range(len(IDS)))
@pytest.mark.parametrize("path", [EXPERIMENTS, FLAGS, SEGMENTS])
def test_an_id_of_whatever_kind_names_nothing(target: Target, path: str, id: str) -> None:
    assert target.attack("GET", f"{path}/{id}") == 404
    assert target.attack("PATCH", f"{path}/{id}", body={"name": "Mine"}) == 404
    assert target.attack("DELETE", f"{path}/{id}") == 204
    if path == FLAGS:
        assert target.attack("GET", f"{path}/{id}/variations") == 404
        assert target.attack("DELETE", f"{path}/{id}/variations/{id}") == 404
    if path == EXPERIMENTS:
        assert target.attack("POST", f"{path}/{id}/validate") == 404


@pytest.mark.parametrize("path", [EXPERIMENTS, FLAGS, SEGMENTS])
def test_heads_are_told_and_other_methods_named(shop: Shop, path: str) -> None:
    head = shop.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(shop.ask("GET", path).content)
    assert shop.ask("OPTIONS", path).headers["allow"] == "GET, POST"
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "PATCH"}
    preflight = shop.ask("OPTIONS", path, headers=asked, token=None)
    assert preflight.status_code == 204
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert shop.ask("HEAD", path, token=None).status_code == 401


QUERIES = (
    "take=%D9%A3",
    "take=1&take=2",
    "take[]=1",
    "from[$ne]=x",
    "from=%00",
    "from=%FF",
    "from=" + "x" * 50_000,
    "status=active&status=draft",
    "status=%20active",
    "feature_flag_id=%F0%9F%92%A9",
    "authentication_flow=" + "x" * 10_000,
    "authentication_flow=__proto__",
    "page=-1&per_page=1000000&include_totals=true",
    "&&&===",
    "%",
    "asOf=0",
    "asOf=-1",
    "dryRun=true",
    "q=" + "a" * 10_000,
)


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
@pytest.mark.parametrize("path", [EXPERIMENTS, FLAGS, SEGMENTS])
def test_a_query_of_whatever_kind_is_answered_or_refused(target: Target, path: str, query: str) -> None:
    assert target.attack("GET", f"{path}?{query}") in (200, 400)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("If-Match", "x" * 10_000),
        ("If-Match", '"auth0-999999999999999999999-0"'),
        ("Idempotency-Key", "x" * 10_000),
        ("Content-Type", "text/html"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Auth0-Client", "x" * 10_000),
        ("Authorization", "Bearer " + "x" * 100_000),
        ("Authorization", "Bearer eqp-sealed:"),
        ("Authorization", "Basic Og=="),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-HTTP-Method-Override", "\t"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
    ],
    ids=range(13),
)
def test_a_header_of_whatever_kind_is_no_fault(target: Target, header: str, value: str) -> None:
    target.store.tables = target.tables
    response = target.shop.ask("POST", FLAGS, a_flag("Of headers"), headers={header: value})
    assert response.status_code < 500, response.text


@pytest.mark.parametrize("spelled", ["dryrun", "dry_run", "DryRun"])
def test_a_dry_run_that_is_misspelt_writes_nothing(shop: Shop, spelled: str) -> None:
    assert "dryRun" in shop.refused("POST", f"{FLAGS}?{spelled}=true", a_flag())


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


Attack = tuple[str, list[tuple[int, Any]]]


@st.composite
def attacks(draw: st.DrawFn) -> Attack:
    """A write, and which of its places are spoilt with what."""
    spoilings = st.lists(st.tuples(st.integers(0, 30), json_values), min_size=1, max_size=3)
    return draw(st.sampled_from(OPERATIONS)), draw(spoilings)


@given(st.lists(attacks(), min_size=1, max_size=5))
def test_no_run_of_spoilt_writes_is_our_fault(
    target: Target, said: list[tuple[str, list[tuple[int, Any]]]]
) -> None:
    """One on what the one before left."""
    target.store.tables = target.tables
    for operation, spoilings in said:
        method, path, body = target.writes[operation]
        for at, value in spoilings:
            ways = list(places(body))
            body = spoilt(body, ways[at % len(ways)], value) if ways else body
        before = target.shop.everything()
        response = target.shop.ask(method, path, content=encoded(body))
        assert response.status_code < 500, (operation, body, response.text)
        conforms(response, "")
        if not response.is_success:
            assert target.shop.everything() == before
    for read in target.reads:
        conforms(target.shop.ask("GET", read), "")
    assert target.surface.call("GET", API).status_code == 404
