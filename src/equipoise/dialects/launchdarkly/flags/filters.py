"""What a list of flags may be asked: filters and orders."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags.reading import environments_of
from equipoise.dialects.launchdarkly.lists import parted
from equipoise.dialects.launchdarkly.searches import Order, Test
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag.state import Flag

STORED = {"creationDate": "created_at", "key": "key", "name": "name"}  # orders that the store knows


class Search(Struct, frozen=True):
    """What is looked for: what the store can find, and what must hold besides."""

    query: Query
    tests: tuple[Test, ...] = ()
    orders: tuple[Order, ...] = ()


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """The `field:value` pairs of a filter, split at commas that stand outside of braces.

    raises  Invalid for one that is no pair
    """
    depth, part = 0, ""
    for char in (*text, ","):
        depth += (char == "{") - (char == "}")
        if char != "," or depth > 0:
            part += char
            continue
        name, colon, value = part.partition(":")
        check(bool(colon) or not part.strip() or Violation("filter", "must be field:value", part))
        if colon:
            yield name.strip(), value.strip()
        part = ""
    check(not part or Violation("filter", "has a brace that is not closed", part))


def searched(search: Search, text: str, world: World) -> Search:
    """The search narrowed by a filter. raises Invalid for every field that is not known"""
    said = list(pairs(text))
    environment = dict(said).get("filterEnv", "")
    found: list[Violation] = []
    for name, value in said:
        narrow = FILTERS.get(name)
        if narrow is None:
            rule = f"must be one of {', '.join(FILTERS)}"
            found.append(Violation("filter", rule, name))
            continue
        try:
            search = narrow(search, value, world, environment)
        except Invalid as error:
            found += error.under(f"filter.{name}").violations
    check(*found)
    return search


Narrow = Callable[[Search, str, World, str], Search]


def _asking(search: Search, **fields: Any) -> Search:
    return replace(search, query=replace(search.query, **fields))


def _linked(search: Search, relation: str, *keys: str) -> Search:
    return _asking(search, links=(*search.query.links, *((relation, key) for key in keys)))


def _testing(search: Search, test: Callable[[Flag], bool]) -> Search:
    return replace(search, tests=(*search.tests, test))


def _one_of(value: str, *known: str) -> str:
    check(value in known or Violation("", f"must be one of {', '.join(known)}", value))
    return value


def _by_state(search: Search, value: str, _: World, __: str) -> Search:
    if _one_of(value, "live", "deprecated", "archived") == "archived":
        return _asking(search, archived=True)
    deprecated = value == "deprecated"
    live = _asking(search, archived=False)
    return _testing(live, lambda flag: (flag.deprecated_at is not None) is deprecated)


def _by_type(search: Search, value: str, _: World, __: str) -> Search:
    temporary = _one_of(value, "temporary", "permanent") == "temporary"
    return _testing(search, lambda flag: flag.temporary is temporary)


def _by_experiment(search: Search, value: str, world: World, environment: str) -> Search:
    """Whether an experiment that is not archived is on the flag (where it is said: in that environment)."""
    wanted = _one_of(value, "true", "false") == "true"
    query = Query(search.query.place, everywhere=True, archived=False)
    used = {
        each.flag for each in world.select(EXPERIMENT, query).items if environment in ("", each.environment)
    }
    return _testing(search, lambda flag: (flag.key in used) is wanted)


def _by_sdk(search: Search, value: str, _: World, __: str) -> Search:
    holds: dict[str, Callable[[Flag], bool]] = {
        "client": lambda flag: flag.client_side,
        "mobile": lambda flag: flag.mobile,
        "anyClient": lambda flag: flag.client_side or flag.mobile,
        "server": lambda flag: not (flag.client_side or flag.mobile),
    }
    return _testing(search, holds[_one_of(value, *holds)])


def _by_date(search: Search, value: str, _: World, __: str) -> Search:
    try:
        span = msgspec.json.decode(value, type=dict[str, int])
    except msgspec.DecodeError:
        raise Invalid(Violation("", 'must be {"before": milliseconds}', value)) from None
    before, after = span.get("before"), span.get("after")
    return _testing(
        search,
        lambda flag: (
            (before is None or flag.created_at < before) and (after is None or flag.created_at > after)
        ),
    )


def _by_environment(search: Search, value: str, world: World, _: str) -> Search:
    """By itself it narrows nothing: it says where other filters look."""
    known = any(each.key == value for each in environments_of(world, search.query.place.project))
    check(known or Violation("", "must be an environment of the project", value))
    return search


FILTERS: dict[str, Narrow] = {
    "query": lambda search, value, *_: _asking(search, text=value),
    "tags": lambda search, value, *_: _linked(search, "tag", *parted(value, "+")),
    "archived": lambda search, value, *_: _asking(search, archived=_one_of(value, "true", "false") == "true"),
    "state": _by_state,
    "type": _by_type,
    "maintainerId": lambda search, value, *_: _linked(search, "maintainer", value),
    "hasExperiment": _by_experiment,
    "filterEnv": _by_environment,
    "sdkAvailability": _by_sdk,
    "creationDate": _by_date,
}


def ordered(search: Search, fields: tuple[str, ...], environments: tuple[str, ...]) -> Search:
    """The search in the order of these fields, a leading - for descending. raises Invalid"""
    said = [(field.removeprefix("-"), field.startswith("-")) for field in fields]
    known = [*STORED, *ORDERS, "targetingModifiedDate"]
    rule = f"must be one of {', '.join(known)}, or one of them after a -"
    check(*(name in known or Violation("sort", rule, name) for name, _ in said))
    if any(name == "targetingModifiedDate" for name, _ in said):
        alone = len(said) == 1 and bool(environments)
        check(alone or Violation("sort", "targetingModifiedDate stands alone, and beside env"))
        return replace(search, orders=((_changed_at(environments[0]), said[0][1]),))
    if all(name in STORED for name, _ in said):
        stored = tuple((STORED[name], descending) for name, descending in said)
        return _asking(search, sort=stored or search.query.sort)
    return replace(search, orders=tuple((ORDERS[name], descending) for name, descending in said))


def _changed_at(environment: str) -> Callable[[Flag], int]:
    return lambda flag: flag.in_environment(environment).changed_at


ORDERS: dict[str, Callable[[Flag], Any]] = {
    "creationDate": lambda flag: flag.created_at,
    "key": lambda flag: flag.key,
    "name": lambda flag: flag.name,
    "maintainerId": lambda flag: flag.maintainer,
    "tags": lambda flag: flag.tags,
    "type": lambda flag: flag.temporary,
}
