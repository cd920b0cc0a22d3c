"""Who keeps a resource: a member of its project."""

from msgspec import UNSET, UnsetType

from equipoise.dialects.launchdarkly.documents import Member
from equipoise.dialects.launchdarkly.links import link
from equipoise.domain.errors import Violation
from equipoise.domain.project.state import Project
from equipoise.security.principals import Principal
from equipoise.translation.given import given


def maintainer_of(project: Project, id: str) -> Member | UnsetType:
    """The member in short; unset when nobody is named, or the member is gone."""
    found = next((member for member in project.members if member.id == id), None)
    if found is None:
        return UNSET
    return Member(
        id=found.id,
        role=found.role,
        email=found.email,
        links={"self": link("members", found.id)},
        first_name=found.first_name or UNSET,
        last_name=found.last_name or UNSET,
    )


def maintainer_rule(where: str, id: str, project: Project, principal: Principal) -> bool | Violation:
    """A member of the project, or the one who asks."""
    known = {member.id for member in project.members} | {principal.member}
    return id in known or Violation(where, "must be the id of a member", id)


def maintainer_at_birth(said: str | UnsetType, principal: Principal) -> str:
    """Who keeps what is made: the one named, else whoever makes it; nobody where a service does."""
    return given(said, "" if principal.service else principal.member)
