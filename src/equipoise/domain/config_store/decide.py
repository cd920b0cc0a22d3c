"""What the commands to a config store lead to."""

from collections.abc import Iterator
from typing import Any

import msgspec

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.config_store.commands import Create, Push
from equipoise.domain.config_store.events import Created, Pushed
from equipoise.domain.config_store.state import ITEM_KEY
from equipoise.domain.errors import Exceeded, Violation, check
from equipoise.domain.identity import is_id, key_rule, text_rule
from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX, RESOURCE_ID_LENGTH_MAX

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    born = command.store
    check(
        is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id),
        key_rule("installation", born.installation),
        text_rule("resource", born.resource, RESOURCE_ID_LENGTH_MAX),
        key_rule("project", born.project),
        key_rule("environment", born.environment),
        *_of_items(born.items),
    )
    _check_size(born.items, CONFIG_STORE_BYTES_MAX)
    return (Created(born),)


def push(now: Any, command: Push, moment: Moment) -> Events:
    check(*_of_items(command.items))
    _check_size(command.items, command.most)
    return () if same(now.items, command.items) else (Pushed(command.items, moment.at),)


def _of_items(items: dict[str, Any]) -> Iterator[bool | Violation]:
    rule = "a key is 1 to 256 letters, digits, '_' or '-'"
    for key in items:
        yield bool(ITEM_KEY.fullmatch(key)) or Violation("items", rule, key)


def _check_size(items: dict[str, Any], most: int) -> None:
    size = len(msgspec.json.encode(items))
    if size > most:
        raise Exceeded("CONFIG_STORE_BYTES_MAX", most, size)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Push: push,
}
