"""May they? One rule for every surface."""

from enum import StrEnum
from typing import Any

from equipoise.domain.change import Outcome
from equipoise.domain.clauses import same
from equipoise.domain.errors import Forbidden, Missing
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.layer.state import Layer
from equipoise.domain.token.state import Token
from equipoise.security.principals import Principal


class Act(StrEnum):
    """What a route does: each declares one, or it is not served."""

    READ = "read"
    CREATE = "create"
    UPDATE = "change"
    DELETE = "delete"
    ADMINISTER = "administer"
    DELEGATE = "hand out tokens of"


_ROLES = {
    Act.READ: ("reader", "writer", "admin"),
    Act.CREATE: ("writer", "admin"),
    Act.UPDATE: ("writer", "admin"),
    Act.DELETE: ("writer", "admin"),
    Act.ADMINISTER: ("admin",),
    Act.DELEGATE: ("admin",),
}


def may(principal: Principal, act: Act) -> bool:
    """Whether the role allows the act somewhere, and the principal is not narrowed to others.

    Whoever is narrowed neither administers nor hands out tokens: those are no acts to be narrowed to.
    """
    return principal.role in _ROLES[act] and (not principal.acts or act in principal.acts)


def permit(principal: Principal, act: Act, place: Place, about: Id = "") -> None:
    """Nothing, when the principal may. `about` is the id of the installation or config store that is spoken
    of, "" for neither: a principal that lives within one speaks of nothing else.

    A place outside what the principal is confined to does not exist for it. What concerns the whole
    instance may be read by all (each sees its own part) and changed by those confined to nothing;
    tokens alone are handed out by the confined as well, since `confine` keeps them as narrow.

    raises  Missing, Forbidden
    """
    if principal.within not in ("", about):
        raise Forbidden(act, str(place))
    if not principal.sees(place):
        raise Missing("environment" if place.project == principal.project else "project", str(place))
    if not may(principal, act):
        raise Forbidden(act, str(place))
    if act in (Act.READ, Act.DELEGATE):
        return
    if place == INSTANCE and principal.project:
        raise Forbidden(act, "the instance")
    if act is Act.ADMINISTER and principal.environment and not place.environment:
        raise Forbidden(act, f"all of {place}")


def admit(principal: Principal, act: Act) -> None:
    """Nothing, when the principal may somewhere: before a place is known. raises Forbidden"""
    if not may(principal, act):
        raise Forbidden(act, str(principal.territory))


def confine(principal: Principal, outcome: Outcome[Any]) -> None:
    """Nothing, when what changed lies within what the principal is confined to: the subject, of a flag the
    environments that are served differently, of a layer those with other reservations. A token is never wider
    than whoever touches it.

    raises  Forbidden
    """
    if isinstance(outcome.state, Token) and not principal.covers(outcome.state.territory):
        raise Forbidden(Act.DELEGATE, "a wider scope")
    if not principal.sees(outcome.state.territory):
        raise Forbidden(Act.UPDATE, outcome.called)
    if principal.environment and isinstance(outcome.before, Flag):
        others = _served_differently(outcome.before, outcome.after) - {principal.environment}
        if others:
            raise Forbidden(Act.UPDATE, "what other environments are served")
    if principal.environment and isinstance(outcome.before, Layer):
        others = _reserved_differently(outcome.before, outcome.after) - {principal.environment}
        if others:
            raise Forbidden(Act.UPDATE, "what is reserved in other environments")


def _reserved_differently(before: Layer, after: Layer | None) -> set[str]:
    """Environments of which a reservation changed."""
    kept = () if after is None else after.reservations
    return {each.environment for each in {*before.reservations} ^ {*kept}}


def _served_differently(before: Flag, after: Flag | None) -> set[str]:
    """Environments whose own targeting changed, and those that ever targeted the flag and would be served
    other values or none. A variation that is added changes nobody's."""
    targeted = set(before.targeting) if after is None else {*before.targeting, *after.targeting}
    if after is None or _shut(before, after) or _revalued(before, after):
        return targeted
    return {key for key in targeted if before.in_environment(key) != after.in_environment(key)}


def _shut(before: Flag, after: Flag) -> bool:
    return before.archived_at is None and after.archived_at is not None


def _revalued(before: Flag, after: Flag) -> bool:
    now = {variation.id: variation.value for variation in after.variations}
    return any(each.id not in now or not same(now[each.id], each.value) for each in before.variations)
