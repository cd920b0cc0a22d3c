"""What the commands to a token lead to. No violation repeats a digest: it may be shown and logged."""

from collections.abc import Iterator

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Violation, check
from equipoise.domain.identity import digest_rule, is_id, key_rule, name_rule, text_rule
from equipoise.domain.limits import KEY_LENGTH_MAX
from equipoise.domain.token.commands import Create, Expire, Renew, SetRole
from equipoise.domain.token.events import Created, ExpirySet, Renewed, RoleSet
from equipoise.domain.token.state import ACTS, ENDING_LENGTH, ROLES, Token

Events = tuple[Event, ...]
Findings = Iterator[bool | Violation]

TIME_MAX = 2**53  # milliseconds; beyond, some clients cannot tell numbers apart


def create(_: None, command: Create, moment: Moment) -> Events:
    token = command.token
    check(
        is_id(token.id) or Violation("id", "must be 24 hexadecimal digits", token.id),
        token.name == "" or name_rule("name", token.name),
        text_rule("description", token.description),
        text_rule("member", token.member, KEY_LENGTH_MAX),
        _role_rule(token.role),
        _acts_rule(token.acts),
        _expiry_rule(token.expires_at, moment.at),
        *_of_secret(token.digest, token.ending),
        *_of_scope("", token.project, token.environment),
        *_of_scope("home.", token.home.project, token.home.environment),
    )
    return (Created(token),)


def set_role(now: Token, command: SetRole, moment: Moment) -> Events:
    check(_role_rule(command.role))
    return () if command.role == now.role else (RoleSet(command.role, moment.at),)


def renew(now: Token, command: Renew, moment: Moment) -> Events:
    check(*_of_secret(command.digest, command.ending))
    if (command.digest, command.ending) == (now.digest, now.ending):
        return ()
    return (Renewed(command.digest, command.ending, moment.at),)


def expire(now: Token, command: Expire, moment: Moment) -> Events:
    check(_expiry_rule(command.at, moment.at))
    return () if command.at == now.expires_at else (ExpirySet(command.at, moment.at),)


def _role_rule(role: str) -> bool | Violation:
    return role in ROLES or Violation("role", f"must be one of {', '.join(ROLES)}", role)


def _acts_rule(acts: tuple[str, ...]) -> bool | Violation:
    known = len(set(acts)) == len(acts) and set(acts) <= set(ACTS)
    return known or Violation("acts", f"must be of {', '.join(ACTS)}, each once", acts)


def _expiry_rule(expires_at: int | None, now: int) -> bool | Violation:
    lasts = expires_at is None or now < expires_at < TIME_MAX
    return lasts or Violation("expires_at", "must be in the future, and within reach", expires_at)


def _of_secret(digest: str, ending: str) -> Findings:
    yield digest_rule("digest", digest)
    short = 1 <= len(ending) <= ENDING_LENGTH
    yield short or Violation("ending", f"must be the last {ENDING_LENGTH} characters of the secret")
    yield text_rule("ending", ending)


def _of_scope(where: str, project: str, environment: str) -> Findings:
    """A scope may be the instance, a project, or an environment of one."""
    yield not project or key_rule(f"{where}project", project)
    yield not environment or key_rule(f"{where}environment", environment)
    named = bool(project) or not environment
    yield named or Violation(f"{where}project", "an environment is of a project", environment)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Describe, labels.Delete),
    Create: create,
    SetRole: set_role,
    Renew: renew,
    Expire: expire,
}
