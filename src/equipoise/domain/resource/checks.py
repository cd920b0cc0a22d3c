"""What must hold of a resource: findings for `check`. A limit met raises Exceeded."""

from collections.abc import Iterator

from msgspec import UNSET

from equipoise.domain.errors import Violation
from equipoise.domain.free import size_rule
from equipoise.domain.identity import is_id, key_rule, name_rule, text_rule, unique
from equipoise.domain.installation.state import STATUSES
from equipoise.domain.limits import (
    KEY_LENGTH_MAX,
    NAME_LENGTH_MAX,
    RESOURCE_NAME_LENGTH_MAX,
    within,
)
from equipoise.domain.resource.commands import Configure
from equipoise.domain.resource.state import OWNERSHIPS, Resource, Secret

Findings = Iterator[bool | Violation]
_FREE = ("metadata", "billing_plan", "notification", "extras")


def of_resource(born: Resource) -> Findings:
    yield is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id)
    yield is_id(born.store) or Violation("store", "must be 24 hexadecimal digits", born.store)
    yield key_rule("installation", born.installation)
    yield name_rule("provided", born.provided)
    yield key_rule("project", born.project)
    yield key_rule("environment", born.environment)
    sealed = bool(born.read_key.sealed and born.read_key.digest)
    yield sealed or Violation("read_key", "must be sealed")
    said = {name: getattr(born, name) for name in Configure.__struct_fields__}
    yield from of_fields(Configure(**said))
    yield from of_secrets(born.secrets)


def of_fields(said: Configure) -> Findings:
    """Of what is said; what is UNSET is sound."""
    for name, most in (("product", KEY_LENGTH_MAX), ("name", RESOURCE_NAME_LENGTH_MAX)):
        text = getattr(said, name)
        yield text is UNSET or text_rule(name, text, most)
    for name, known in (("status", STATUSES), ("ownership", OWNERSHIPS)):
        word = getattr(said, name)
        yield word in (UNSET, *known) or Violation(name, f"must be one of {', '.join(known)}", word)
    for name in _FREE:
        yield size_rule(name, getattr(said, name))


def of_secrets(secrets: tuple[Secret, ...]) -> Findings:
    """What is found stays unsaid where it may be a secret."""
    within("SECRETS_PER_RESOURCE_MAX", len(secrets))
    names = tuple(secret.name for secret in secrets)
    yield unique(names) == names or Violation("secrets", "each name stands once", list(names))
    for position, secret in enumerate(secrets):
        where = f"secrets[{position}]"
        yield bool(secret.name) or Violation(f"{where}.name", "must not be empty")
        yield text_rule(f"{where}.name", secret.name, NAME_LENGTH_MAX)
        yield text_rule(f"{where}.prefix", secret.prefix, NAME_LENGTH_MAX)
        sealed = bool(secret.sealed) and all(secret.overrides.values())
        yield sealed or Violation(where, "must be sealed")
