"""Secrets as they are said and as they are kept: sealed, and never told again."""

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from equipoise.application.world import World
from equipoise.dialects.vercel.resources import documents
from equipoise.domain.errors import Violation
from equipoise.domain.free import given
from equipoise.domain.identity import text_rule
from equipoise.domain.limits import NAME_LENGTH_MAX, SECRET_VALUE_LENGTH_MAX
from equipoise.domain.resource.state import Secret


def kept(
    world: World, known: tuple[Secret, ...], said: Iterable[documents.Secret], partial: bool
) -> tuple[Secret, ...]:
    """All secrets of a resource after these were said; in a part, the others stay where they are. One that is
    as it was keeps its sealed text, so that nothing is written."""
    before = {secret.name: secret for secret in known}
    now = [_sealed(world, before.get(each.name), each) for each in said]
    if not partial:
        return tuple(now)
    after = before | {secret.name: secret for secret in now}
    return tuple(after.values())


def findings(secrets: Iterable[documents.Secret], within: str) -> Iterator[bool | Violation]:
    """Names once each; texts within their limits. `within` is where the list stands."""
    rule = f"must be at most {SECRET_VALUE_LENGTH_MAX} characters"
    names: set[str] = set()
    for position, secret in enumerate(secrets):
        where = f"{within}[{position}]"
        yield bool(secret.name) or Violation(f"{where}.name", "must not be empty")
        for name, text in (("name", secret.name), ("prefix", secret.prefix)):
            yield text is UNSET or text_rule(f"{where}.{name}", text, NAME_LENGTH_MAX)
        yield secret.name not in names or Violation(f"{where}.name", "stands twice")
        names.add(secret.name)
        for name, value in (("value", secret.value), *_overrides(secret).items()):
            yield len(value) <= SECRET_VALUE_LENGTH_MAX or Violation(f"{where}.{name}", rule)


def _sealed(world: World, known: Secret | None, said: documents.Secret) -> Secret:
    prefix = "" if said.prefix is UNSET else said.prefix
    overrides = _overrides(said)
    if known is not None and known.prefix == prefix and _opened(world, known) == (said.value, overrides):
        return known
    return Secret(
        said.name,
        world.seal(said.value).sealed,
        prefix,
        {name: world.seal(value).sealed for name, value in overrides.items()},
    )


def _opened(world: World, known: Secret) -> tuple[str, dict[str, str]]:
    return world.unseal(known.sealed), {
        name: world.unseal(sealed) for name, sealed in known.overrides.items()
    }


def _overrides(said: documents.Secret) -> dict[str, str]:
    return {} if said.environmentOverrides is UNSET else given(said.environmentOverrides)
