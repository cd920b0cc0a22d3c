"""A dialect on a stage: two projects in one store, and everyone who may want something of them.

Every test finds the stage as it was set: the store, the clock and the entropy are put back.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import Struct

from equipoise.application.administration import HOME
from equipoise.application.grants import Grants
from equipoise.application.ports import INSTANCE_SPACE, AsOf, Query, Reader, space_of
from equipoise.domain.change import Noun
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Delete
from equipoise.domain.nouns import NOUNS
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Renew
from equipoise.domain.token.state import ACTS
from equipoise.security.tokens import digest
from equipoise.translation.routes import Route
from tests.conformance.scenes import DIALECTS, Golden, Scene, path_of, requests_of, route_of
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

OWN, OTHER = "acme", "globex"
SHORT_MS = 1_000
_ID = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Setting(Struct, frozen=True):
    """What a stage is put back to."""

    tables: Any
    now: int
    calls: int


class Stage:
    """`scene` is what requests speak of, `other` a project like it; tokens are named for whose they are."""

    def __init__(self, name: str) -> None:
        self.dialect, self.requests = DIALECTS[name], requests_of(DIALECTS[name])
        self.store = MemoryStore()
        self.surface = Surface(self.store, self.dialect)
        self.scene: Scene = self.requests.scene(self._ask, OWN)
        self.other: Scene = self.requests.scene(self._ask, OTHER)
        self.surface.tokens |= self._tokens()
        self.surface.tokens["admin"] = self._at_home(self.scene)
        self.surface.clock.pass_ms(2 * SHORT_MS)
        self._setting = Setting(self.store.tables, self.surface.clock.now, self.surface.entropy.calls)

    def back(self) -> None:
        """Everything as it was set."""
        self.store.tables = self._setting.tables
        self.surface.clock.now, self.surface.entropy.calls = self._setting.now, self._setting.calls

    # asking

    def golden(self, route: Route) -> Golden:
        return self.scene.requests[route.operation]

    def send(
        self,
        route: Route,
        token: str | None = "admin",
        *,
        content: bytes | None = None,
        path: str | None = None,
        query: Mapping[str, str] | None = None,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
        bare: bool = False,
    ) -> httpx.Response:
        """The valid request of a route, but for what is said here. `bare`: its query stands in `path`."""
        golden = self.golden(route)
        said = golden.content if content is None else content
        media = {} if said is None else {"Content-Type": golden.media}
        return self.surface.call(
            method or route.method,
            path or self.path(route),
            content=said,
            token=token,
            headers={**media, **(headers or {})},
            params=None if bare else {**golden.query, **(query or {})} or None,
        )

    def sent(self, route: Route, token: str | None = "admin", **said: Any) -> httpx.Response:
        """The same, when it must be accepted."""
        response = self.send(route, token, **said)
        assert response.status_code in route.answers, response.text
        return response

    def path(self, route: Route) -> str:
        return path_of(route, self.golden(route).path)

    def shown_by(self, route: Route) -> Route | None:
        """The route that shows what this one changes."""
        named = self.golden(route).shown_by
        if named:
            return route_of(self.dialect, named)
        found = (each for each in self.dialect.routes if (each.method, each.path) == ("GET", route.path))
        return next(found, None)

    # looking

    def numbers(self) -> dict[str, int]:
        """The last number of the log in each space: nothing has changed while these are the same."""
        with self.store.read() as reader:
            keys = {state.key for state in _all(reader, NOUNS["project"])} | {OWN, OTHER, "default"}
            return {space: reader.number(space) for space in (INSTANCE_SPACE, *map(space_of, sorted(keys)))}

    def flag_before(self, flag: Flag, numbers: Mapping[str, int]) -> Flag | None:
        """The flag as it was at these numbers."""
        with self.store.read() as reader:
            return reader.find(FLAG, flag.id, AsOf(number=numbers[space_of(flag.project)]))

    def known_to(self, whose: str) -> set[str]:
        """Ids, keys, names and SDK keys of all in the two projects that a token may know of."""
        return self._parted(whose)[0]

    def hidden_from(self, whose: str) -> set[str]:
        """The same of all that it may not know of."""
        known, unknown = self._parted(whose)
        return unknown - known

    def _parted(self, whose: str) -> tuple[set[str], set[str]]:
        principal = self.surface.library.principal(self.surface.tokens[whose])
        known: set[str] = set()
        unknown: set[str] = set()
        with self.store.read() as reader:
            for noun in NOUNS.values():
                sees = principal.covers if noun == TOKEN else principal.sees
                for state in _all(reader, noun):
                    if noun == TOKEN or state.territory.project in (OWN, OTHER):
                        (known if sees(state.territory) else unknown).update(self._told_by(noun, state))
        return known, unknown

    def _told_by(self, noun: Noun[Any], state: Any) -> set[str]:
        texts = set(_texts(msgspec.to_builtins(state)))
        keys = {self.surface.vault.open(text) for text in texts if text.startswith("sealed:")}
        names = {state.id, state.key} if noun == TOKEN else {state.id, state.key, noun.facets(state).name}
        return names | keys | {text for text in texts if _ID.fullmatch(text)}

    def _tokens(self) -> dict[str, str]:
        """Of the own project, of the other, of the environment next door; narrowed; of no use any more."""
        token, own, soon = self.surface.token, self.scene, self.surface.clock.now + SHORT_MS
        made = {
            "reader": token("reader", own.project, name="a reader here", home=own.place),
            "writer": token("writer", own.project, name="a writer here", home=own.place),
            "foreigner": token("admin", self.other.project, name="an admin elsewhere", home=self.other.place),
            "neighbour": token("admin", own.project, own.sibling, name="an admin next door"),
            "expired": token("admin", name="expired", expires_at=soon),
            "renewed": token("admin", name="renewed"),
            "deleted": token("admin", name="deleted"),
        }
        self.surface.plant(
            (TOKEN, self._stored(made["renewed"]), Renew("0" * 64, "0000")),
            (TOKEN, self._stored(made["deleted"]), Delete()),
        )
        return made | self._narrowed()

    def _narrowed(self) -> dict[str, str]:
        """Of admins of the own project, for each act: one made for it, and one granted for a whole token."""
        token, own = self.surface.token, self.scene
        grants = Grants(self.store, self.surface.clock, self.surface.vault)
        whole = token("admin", own.project, name="a client here", home=own.place)
        client = self._stored(whole).id
        made = {f"made to {act}": token("admin", own.project, acts=(act,), home=own.place) for act in ACTS}
        granted = {f"granted to {act}": grants.grant(client, whole, (act,)).access_token for act in ACTS}
        return made | granted

    def _stored(self, secret: str) -> Any:
        with self.store.read() as reader:
            return reader.named(TOKEN, INSTANCE, digest(secret))

    def _at_home(self, scene: Scene) -> str:
        return self.surface.token("admin", name="an admin of all", home=scene.place)

    def _ask(
        self, method: str, path: str, body: Any, media: str = "application/json", home: Place = HOME
    ) -> Any:
        token = "admin" if home == HOME else self.surface.token("admin", name=f"at {home}", home=home)
        response = self.surface.call(
            method, path, content=msgspec.json.encode(body), headers={"Content-Type": media}, token=token
        )
        assert response.is_success, f"{method} {path}: {response.text}"
        return response.json() if response.content else None


def _all(reader: Reader, noun: Noun[Any]) -> tuple[Any, ...]:
    return reader.select(noun, Query(INSTANCE, everywhere=True)).items


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


@cache
def _set_up(name: str) -> Stage:
    return Stage(name)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    """The stage of a dialect, as it was set."""
    found = _set_up(request.param)
    found.back()
    return found


def over(*holds: Callable[[Route], bool]) -> pytest.MarkDecorator:
    """The test is about every route, of every dialect, of which all this holds."""
    return pytest.mark.parametrize(
        ("stage", "route"),
        [
            pytest.param(dialect.name, route, id=f"{dialect.name}-{route.operation}")
            for dialect in DIALECTS.values()
            for route in dialect.routes
            if all(each(route) for each in holds)
        ],
        indirect=["stage"],
    )


over_dialects = pytest.mark.parametrize("stage", list(DIALECTS), indirect=True)
