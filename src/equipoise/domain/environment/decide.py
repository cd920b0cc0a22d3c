"""What the commands to an environment lead to."""

import re
from collections.abc import Iterator

from msgspec.structs import asdict, replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.environment.commands import (
    Configure,
    Create,
    Paint,
    ReplaceMobileKey,
    ReplaceSdkKey,
)
from equipoise.domain.environment.events import (
    Configured,
    Created,
    MobileKeyReplaced,
    Painted,
    SdkKeyReplaced,
)
from equipoise.domain.environment.state import Environment, SealedKey
from equipoise.domain.errors import Violation, check
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, unique
from equipoise.domain.limits import TTL_MINUTES_MAX

Events = tuple[Event, ...]

_COLOR = re.compile(r"[0-9a-fA-F]{6}", re.ASCII)


def create(_: None, command: Create, _moment: Moment) -> Events:
    born = replace(command.environment, tags=unique(command.environment.tags))
    check(
        is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id),
        key_rule("project", born.project),
        key_rule("key", born.key),
        name_rule("name", born.name),
        tags_rule("tags", born.tags),
        _color_rule(born.color),
        _ttl_rule(born.ttl_minutes),
        *_of_key("sdk_key", born.sdk_key),
        *_of_key("mobile_key", born.mobile_key),
    )
    return (Created(born),)


def paint(now: Environment, command: Paint, _: Moment) -> Events:
    check(_color_rule(command.color))
    return () if command.color == now.color else (Painted(command.color),)


def configure(now: Environment, command: Configure, _: Moment) -> Events:
    if command.ttl_minutes is not None:
        check(_ttl_rule(command.ttl_minutes))
    changed = {
        name: value
        for name, value in asdict(command).items()
        if value is not None and value != getattr(now, name)
    }
    return (Configured(**changed),) if changed else ()


def replace_sdk_key(now: Environment, command: ReplaceSdkKey, _: Moment) -> Events:
    check(*_of_key("sdk_key", command.key))
    return () if command.key == now.sdk_key else (SdkKeyReplaced(command.key),)


def replace_mobile_key(now: Environment, command: ReplaceMobileKey, _: Moment) -> Events:
    check(*_of_key("mobile_key", command.key))
    return () if command.key == now.mobile_key else (MobileKeyReplaced(command.key),)


def _color_rule(color: str) -> bool | Violation:
    return bool(_COLOR.fullmatch(color)) or Violation("color", "must be 6 hexadecimal digits", color)


def _ttl_rule(minutes: int) -> bool | Violation:
    rule = f"must be 0 to {TTL_MINUTES_MAX} minutes"
    return 0 <= minutes <= TTL_MINUTES_MAX or Violation("ttl_minutes", rule, minutes)


def _of_key(where: str, key: SealedKey) -> Iterator[bool | Violation]:
    """What is found stays unsaid: a violation may be shown and logged."""
    yield bool(key.sealed) or Violation(f"{where}.sealed", "must not be empty")
    yield bool(key.digest) or Violation(f"{where}.digest", "must not be empty")


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Tag, labels.Annotate, labels.Delete),
    Create: create,
    Paint: paint,
    Configure: configure,
    ReplaceSdkKey: replace_sdk_key,
    ReplaceMobileKey: replace_mobile_key,
}
