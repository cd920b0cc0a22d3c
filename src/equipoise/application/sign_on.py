"""Single sign-on at a provider: a member of the project comes with a code, the provider learns who it is.

A code works once. A refresh token stands for the member and the secret of the client: another secret ends it.
"""

from collections.abc import Generator
from typing import Any

import msgspec
from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.intents import Step
from equipoise.application.requests import ChangeRequest
from equipoise.application.world import World
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import INSTANCE, Id
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import Introduce, Redeem
from equipoise.domain.installation.state import UNINSTALLED, Code, Installation
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Member
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.security.signing import signed
from equipoise.security.tokens import digest, same
from equipoise.security.vault import WrongKey

SIGN_ON = "sign-on"  # what the log calls it
CODE_MS = 10 * 60_000
IDENTITY_SECONDS = 3_600
REFRESH_MS = 30 * 86_400_000
ADMIN_ROLES = ("owner", "admin")


class Identity(Struct, frozen=True):
    """Who somebody is, signed, and what gets that again."""

    id_token: str
    refresh_token: str
    expires_in_seconds: int


class Refresh(Struct, frozen=True, tag="refresh"):
    """What a refresh token holds. `mark` is of the client's secret."""

    installation: Id
    member: Id
    mark: str
    expires_at: int


def introduce(world: World, now: Installation, member: Id) -> Generator[Step, Outcome[Any], tuple[str, int]]:
    """A code for a member of the project, and when it expires (milliseconds since 1970). raises Missing"""
    named(world.named(PROJECT, INSTANCE, now.project).members, member)
    code, expires_at = world.secret("code"), world.moment.at + CODE_MS
    yield INSTALLATION, now, Introduce(Code(digest(code), member, expires_at))
    return code, expires_at


class SignOn:
    """Where providers exchange what their users come with. `issuer` is the address that we are known by."""

    def __init__(self, desk: Desk, issuer: str) -> None:
        self.desk, self.issuer = desk, issuer

    def exchange(self, client: str, client_secret: str, code: str) -> Identity:
        """raises  Unknown when the client is not who it says, or the code is none that it may use"""
        installation = self._client(client, client_secret)
        found = next((each for each in installation.codes if each.digest == digest(code)), None)
        if found is None:
            raise Unknown
        try:
            self._redeem(installation, found)
        except Missing:
            raise Unknown from None
        return self._identity(installation, found.member)

    def refresh(self, client: str, client_secret: str, token: str) -> Identity:
        """raises  Unknown when the client is not who it says, or the token is none of its"""
        installation = self._client(client, client_secret)
        try:
            known = msgspec.json.decode(self.desk.vault.open(token), type=Refresh)
        except (WrongKey, ValueError):
            raise Unknown from None
        ours = known.installation == installation.id and same(known.mark, _mark(installation))
        if not ours or known.expires_at <= self.desk.clock():
            raise Unknown
        return self._identity(installation, known.member)

    def _client(self, client: str, client_secret: str) -> Installation:
        with self.desk.store.read() as reader:
            found = reader.linked(INSTALLATION, "client", client)
        if found is None or not same(found.client_secret.digest, digest(client_secret)):
            raise Unknown
        if found.status == UNINSTALLED:
            raise Unknown
        return found

    def _redeem(self, installation: Installation, code: Code) -> None:
        """raises Missing where somebody came first, or it is too old"""

        def intent(world: World) -> Generator[Step, Outcome[Any], None]:
            yield INSTALLATION, world.get(INSTALLATION, installation.id), Redeem(code.digest)

        principal = Principal(token=installation.id, member=code.member, role="admin", within=installation.id)
        request: ChangeRequest[None] = ChangeRequest(
            credential=principal,
            act=Act.UPDATE,
            place=installation.territory,
            about=installation.id,
            intent=intent,
            surface=SIGN_ON,
            refuse=lambda error: Answer(400, str(error).encode()),
        )
        self.desk.change(request, lambda *_: Answer(204))

    def _identity(self, installation: Installation, member: Id) -> Identity:
        """raises Unknown where the member is no more"""
        with self.desk.store.read() as reader:
            project = reader.named(PROJECT, INSTANCE, installation.project)
        try:
            user = named(() if project is None else project.members, member)
        except Missing:
            raise Unknown from None
        now = self.desk.clock()
        refresh = Refresh(installation.id, member, _mark(installation), now + REFRESH_MS)
        private = self.desk.vault.open(installation.signing.sealed)
        return Identity(
            signed(private, installation.id, self._claims(installation, user, now // 1_000)),
            self.desk.vault.seal(msgspec.json.encode(refresh).decode()),
            IDENTITY_SECONDS,
        )

    def _claims(self, installation: Installation, user: Member, now: int) -> dict[str, Any]:
        """`now` in seconds since 1970."""
        account = digest(installation.project)[:24]
        said = {
            "iss": self.issuer,
            "aud": installation.client,
            "iat": now,
            "exp": now + IDENTITY_SECONDS,
            "sub": f"account:{account}:user:{user.id}",
            "account_id": account,
            "installation_id": installation.key,
            "user_id": user.id,
            "user_role": role_of(user),
        }
        return {**said, "user_email": user.email} if user.email else said


def role_of(member: Member) -> str:
    """ADMIN or USER."""
    return "ADMIN" if member.role in ADMIN_ROLES else "USER"


def named(members: tuple[Member, ...], id: Id) -> Member:
    """raises Missing"""
    found = next((each for each in members if each.id == id), None)
    if found is None:
        raise Missing("member", id)
    return found


def _mark(installation: Installation) -> str:
    return installation.client_secret.digest[:32]
