"""What a list of metrics may be asked: `field operator value`, and orders."""

import re
from collections.abc import Callable, Iterator, Mapping
from json import JSONDecodeError, JSONDecoder
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.dialects.launchdarkly.metrics.render import version_id
from equipoise.dialects.launchdarkly.searches import Test
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.metric.state import Metric

_HEAD = re.compile(r"\s*(\w+)\s+(\w+)\s+", re.ASCII)
_WORD = re.compile(r"[^\s,\[\]\"]+")
_DECODER = JSONDecoder()
_RULE = 'must be field operator value, such as tags contains ["a"]'


class Term(Struct, frozen=True):
    field: str
    operator: str
    value: Any


def terms(text: str) -> Iterator[Term]:
    """The terms of a filter, at commas; a word needs no quotes. raises Invalid"""
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None:
            raise Invalid(Violation("filter", _RULE, text[at:]))
        value, at = _value(text, head.end())
        yield Term(head[1], head[2], value)
        rest = text[at:].lstrip()
        check(not rest or rest.startswith(",") or Violation("filter", _RULE, rest))
        at = len(text) - len(rest) + 1


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (JSONDecodeError, RecursionError):
        word = _WORD.match(text, at)
        if word is None:
            raise Invalid(Violation("filter", _RULE, text[at:])) from None
        return word[0], word.end()
    return value, end


class Search(Struct, frozen=True):
    """What the store can find, and what must hold besides."""

    query: Query
    tests: tuple[Test, ...] = ()


def searched(search: Search, text: str) -> Search:
    """The search narrowed by a filter. raises Invalid for every term that is not served"""
    found: list[Violation] = []
    for term in terms(text):
        narrow = FILTERS.get((term.field, term.operator))
        if narrow is None:
            known = ", ".join(" ".join(each) for each in FILTERS)
            found.append(Violation("filter", f"must be one of {known}", f"{term.field} {term.operator}"))
            continue
        try:
            search = narrow(search, term.value)
        except Invalid as error:
            found += error.under(f"filter.{term.field}").violations
    check(*found)
    return search


def _texts(value: Any) -> tuple[str, ...]:
    """A string, or a list of them."""
    items = value if isinstance(value, list) else [value]
    check(
        all(isinstance(each, str) for each in items) or Violation("", "must be text, or a list of it", value)
    )
    return tuple(items)


def _truth(value: Any) -> bool:
    known: Mapping[str, bool] = {"true": True, "false": False}
    word = str(value).lower()
    check(word in known or Violation("", "must be true or false", value))
    return known[word]


def _testing(search: Search, test: Callable[[Metric], bool]) -> Search:
    return replace(search, tests=(*search.tests, test))


def _by_text(search: Search, value: Any) -> Search:
    """In the key or the name, whatever the case; of several, any."""
    texts = _texts(value)
    if len(texts) == 1:
        return replace(search, query=replace(search.query, text=texts[0]))
    wanted = [text.casefold() for text in texts]
    return _testing(
        search,
        lambda metric: any(
            text in metric.key.casefold() or text in metric.name.casefold() for text in wanted
        ),
    )


def _by_tags(search: Search, value: Any) -> Search:
    links = tuple(("tag", tag) for tag in _texts(value))
    return replace(search, query=replace(search.query, links=(*search.query.links, *links)))


def _by(field: Callable[[Metric], str]) -> Callable[[Search, Any], Search]:
    def narrow(search: Search, value: Any) -> Search:
        wanted = frozenset(_texts(value))
        return _testing(search, lambda metric: field(metric) in wanted)

    return narrow


def _by_numeric(search: Search, value: Any) -> Search:
    wanted = _truth(value)
    return _testing(search, lambda metric: metric.definition.measure.numeric is wanted)


FILTERS: dict[tuple[str, str], Callable[[Search, Any], Search]] = {
    ("query", "equals"): _by_text,
    ("tags", "contains"): _by_tags,
    ("eventKind", "equals"): _by(lambda metric: metric.definition.kind),
    ("isNumeric", "equals"): _by_numeric,
    ("unitAggregationType", "equals"): _by(lambda metric: metric.definition.measure.aggregation),
    ("maintainerIds", "anyOf"): _by(lambda metric: metric.maintainer),
    ("eventKeys", "anyOf"): _by(lambda metric: metric.definition.measure.event),
    ("versionIds", "anyOf"): _by(lambda metric: version_id(metric.id, metric.version)),
}
