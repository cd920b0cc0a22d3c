"""Context kinds and experimentation settings as LaunchDarkly shows them."""

from equipoise.dialects.launchdarkly.contexts.documents import (
    ContextKind,
    ContextKinds,
    RandomizationSettings,
    RandomizationUnit,
    Upserted,
)
from equipoise.dialects.launchdarkly.links import link
from equipoise.domain.project import state


def context_kinds(now: state.Project) -> ContextKinds:
    items = [_context_kind(now, kind) for kind in now.context_kinds]
    links = {"self": link("projects", now.key, "context-kinds"), "parent": link("projects", now.key)}
    return ContextKinds(items, links)


def upserted(now: state.Project) -> Upserted:
    return Upserted("success", {"parent": link("projects", now.key, "context-kinds")})


def settings(now: state.Project) -> RandomizationSettings:
    links = {
        "self": link("projects", now.key, "experimentation-settings"),
        "parent": link("projects", now.key),
    }
    return RandomizationSettings(
        projectId=now.id,
        projectKey=now.key,
        randomizationUnits=[_unit(now, unit) for unit in now.units],
        creationDate=now.created_at,
        links=links,
    )


def _context_kind(now: state.Project, kind: state.ContextKind) -> ContextKind:
    """What the project was born with was made by nobody."""
    return ContextKind(
        key=kind.key,
        name=kind.name,
        description=kind.description,
        version=kind.version,
        creationDate=kind.created_at,
        lastModified=kind.changed_at,
        createdFrom="default" if kind.created_at == now.created_at else "manual",
        hideInTargeting=kind.archived,
        archived=kind.archived,
        links={"parent": link("projects", now.key, "context-kinds")},
    )


def _unit(now: state.Project, unit: state.RandomizationUnit) -> RandomizationUnit:
    kind = now.context_kind(unit.kind)
    return RandomizationUnit(
        randomizationUnit=unit.kind,
        default=unit.default,
        hidden=kind is not None and kind.archived,
        displayName=unit.kind if kind is None else kind.name,
    )
