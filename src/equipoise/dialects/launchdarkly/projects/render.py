"""Projects as LaunchDarkly shows them."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.environments.documents import Environments
from equipoise.dialects.launchdarkly.environments.render import Reveal, environment
from equipoise.dialects.launchdarkly.links import link
from equipoise.dialects.launchdarkly.projects.documents import (
    ClientSideAvailability,
    Project,
    ProjectRep,
)
from equipoise.domain.environment.state import Environment
from equipoise.domain.project import state


def project(now: state.Project, environments: Environments | UnsetType = UNSET) -> Project:
    return Project(
        links=_links(now.key),
        id=now.id,
        key=now.key,
        name=now.name,
        includeInSnippetByDefault=now.client_side,
        defaultClientSideAvailability=_availability(now),
        tags=list(now.tags),
        environments=environments,
    )


def project_rep(now: state.Project, its: Iterable[Environment], reveal: Reveal) -> ProjectRep:
    return ProjectRep(
        links=_links(now.key),
        id=now.id,
        key=now.key,
        name=now.name,
        includeInSnippetByDefault=now.client_side,
        defaultClientSideAvailability=_availability(now),
        tags=list(now.tags),
        environments=[environment(each, reveal) for each in its],
    )


def _availability(now: state.Project) -> ClientSideAvailability:
    return ClientSideAvailability(usingMobileKey=now.mobile, usingEnvironmentId=now.client_side)


def _links(key: str) -> Links:
    here = ("projects", key)
    return {
        "self": link(*here),
        "parent": link("projects"),
        "environments": link(*here, "environments"),
        "contextKinds": link(*here, "context-kinds"),
        "experimentationSettings": link(*here, "experimentation-settings"),
        "experiments": link(*here, "experiments"),
    }
