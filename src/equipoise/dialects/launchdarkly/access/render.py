"""Tokens, the caller and the root as LaunchDarkly shows them."""

from msgspec import UNSET

from equipoise.dialects.launchdarkly.access.documents import CallerIdentity, Root, Token, Versions
from equipoise.dialects.launchdarkly.documents import Link
from equipoise.dialects.launchdarkly.links import ROOT, link
from equipoise.domain.environment.state import Environment
from equipoise.domain.project.state import Project
from equipoise.domain.token import state

VERSIONS = (20240415, 20220603, 20210729, 20191212, 20160426)
_LATEST = VERSIONS[0]
_CATEGORIES = ("caller-identity", "projects", "public-ip-list", "tokens", "versions")


def token(now: state.Token, secret: str = "") -> Token:
    return Token(
        id=now.id,
        ownerId=now.member,
        memberId=now.member,
        name=now.name,
        description=now.description,
        creationDate=now.created_at,
        lastModified=now.changed_at,
        role=now.role,
        token=secret or now.ending,
        serviceToken=now.service,
        links={"self": link("tokens", now.id), "parent": link("tokens")},
        defaultApiVersion=now.api_version or UNSET,
        expiry=UNSET if now.expires_at is None else now.expires_at,
    )


def caller(now: state.Token, project: Project | None, environment: Environment | None) -> CallerIdentity:
    """Whose token this is, and where it is at home."""
    return CallerIdentity(
        authKind="token",
        tokenKind="service" if now.service else "personal",
        tokenName=now.name,
        tokenId=now.id,
        memberId=now.member,
        serviceToken=now.service,
        projectId=UNSET if project is None else project.id,
        projectName=UNSET if project is None else project.name,
        environmentId=UNSET if environment is None else environment.id,
        environmentName=UNSET if environment is None else environment.name,
        expiresAt=UNSET if now.expires_at is None else now.expires_at,
    )


def root() -> Root:
    return Root({"self": Link(ROOT), **{name: link(name) for name in _CATEGORIES}})


def versions(header: str, default: int) -> Versions:
    """`header` is what the request names, `default` what its token does; 0 for nothing."""
    named = int(header) if len(header) == 8 and header.isascii() and header.isdigit() else 0
    current = next((each for each in (named, default) if each in VERSIONS), _LATEST)
    beta = header.lower() == "beta"
    return Versions(list(VERSIONS), _LATEST, _LATEST if beta else current, beta)
