"""What the commands to a catalog entry lead to. Empty texts are sound: providers send them."""

from collections.abc import Iterator

from equipoise.domain import labels
from equipoise.domain.catalog.commands import Create, Publish
from equipoise.domain.catalog.events import Created, Published
from equipoise.domain.catalog.state import CATEGORIES, CatalogEntry, Content
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Violation, check
from equipoise.domain.free import number_rule
from equipoise.domain.identity import is_id, key_rule, text_rule
from equipoise.domain.limits import (
    CATALOG_ORIGIN_LENGTH_MAX,
    CATALOG_TEXT_LENGTH_MAX,
    RESOURCE_ID_LENGTH_MAX,
)

Events = tuple[Event, ...]
Findings = Iterator[bool | Violation]


def create(_: None, command: Create, _moment: Moment) -> Events:
    born = command.entry
    check(
        is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id),
        key_rule("installation", born.installation),
        text_rule("resource", born.resource, RESOURCE_ID_LENGTH_MAX),
        text_rule("item", born.item, CATALOG_TEXT_LENGTH_MAX),
        key_rule("project", born.project),
        key_rule("environment", born.environment),
        *_of_content(born.content),
    )
    return (Created(born),)


def publish(now: CatalogEntry, command: Publish, _: Moment) -> Events:
    check(*_of_content(command.content))
    return () if same(command.content, now.content) else (Published(command.content),)


def _of_content(said: Content) -> Findings:
    for name in ("slug", "name", "description"):
        yield text_rule(name, getattr(said, name), CATALOG_TEXT_LENGTH_MAX)
    yield text_rule("origin", said.origin, CATALOG_ORIGIN_LENGTH_MAX)
    known = said.category in ("", *CATEGORIES)
    yield known or Violation("category", f"must be one of {', '.join(CATEGORIES)}", said.category)
    for name in ("created", "updated"):
        number = getattr(said, name)
        yield number is None or number_rule(name, number)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Publish: publish,
}
