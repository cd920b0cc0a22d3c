"""Environments as LaunchDarkly shows them."""

from collections.abc import Callable, Iterable

from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.environments.documents import Environment, Environments
from equipoise.dialects.launchdarkly.links import link
from equipoise.domain.environment import state
from equipoise.domain.environment.state import SealedKey
from equipoise.security.permissions import Act, may
from equipoise.security.tokens import redacted

Reveal = Callable[[SealedKey], str]  # a key as its reader may see it


def revealed(world: World) -> Reveal:
    """Keys in the clear, for those who may change what is served."""
    return world.open if may(world.principal, Act.UPDATE) else hidden(world)


def hidden(world: World) -> Reveal:
    """Keys by their prefix and their last four characters."""
    return lambda key: redacted(world.open(key))


def environment(now: state.Environment, reveal: Reveal) -> Environment:
    return Environment(
        links=_links(now.project, now.key),
        id=now.id,
        key=now.key,
        name=now.name,
        apiKey=reveal(now.sdk_key),
        mobileKey=reveal(now.mobile_key),
        color=now.color,
        defaultTtl=now.ttl_minutes,
        secureMode=now.secure_mode,
        defaultTrackEvents=now.track_events,
        requireComments=now.require_comments,
        confirmChanges=now.confirm_changes,
        tags=list(now.tags),
        critical=now.critical,
    )


def environments(
    found: Iterable[state.Environment], total: int, links: Links, reveal: Reveal
) -> Environments:
    return Environments(links, total, [environment(each, reveal) for each in found])


def _links(project: str, key: str) -> Links:
    here = ("projects", project, "environments", key)
    return {
        "self": link(*here),
        "parent": link("projects", project),
        "apiKey": link(*here, "apiKey"),
        "mobileKey": link(*here, "mobileKey"),
        "experiments": link(*here, "experiments"),
    }
