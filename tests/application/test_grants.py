"""Access tokens: whom they are granted to, for how much and how long, and what ends them."""

from secrets import token_bytes
from typing import Any

import msgspec
import pytest

from equipoise.application.answers import Answer
from equipoise.application.authentication import authenticate
from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.grants import GRANT_MS, Grant, Granted, Grants
from equipoise.application.ports import Ended, Entry, Store
from equipoise.application.queries import Library
from equipoise.application.requests import ChangeRequest, Idempotency
from equipoise.application.sign_in import Reception, Session
from equipoise.domain.change import Command, Outcome, apply
from equipoise.domain.errors import Forbidden, Unknown
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Delete, Rename
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create, Expire, Renew, SetRole
from equipoise.domain.token.state import ACTS, Token
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.security.tokens import ACCESS, digest
from equipoise.security.vault import Vault
from tests.domain.builders import a_moment, a_token
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore
from tests.storage.desk import an_id

SECRET = "api-" + "s" * 43
KEY = "a secret key that is long enough for all"


class Office:
    """Grants over a store, and tokens that come and go."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.vault = store, FakeClock(), FakeVault()
        self.grants = Grants(store, self.clock, self.vault)
        self.reception = Reception(store, self.clock, token_bytes, self.vault)

    def token(self, secret: str = SECRET, **fields: Any) -> Token:
        said = {"id": an_id(secret), "role": "writer", **fields}
        token: Token = self.change(None, Create(a_token(digest=digest(secret), **said)))
        return token

    def change(self, now: Any, command: Any) -> Any:
        outcome = apply(TOKEN, now, command, a_moment(self.clock()))
        with self.store.write() as transaction:
            transaction.settle([outcome], Entry(self.clock(), "tests", "tests"))
        return outcome.after

    def granted(self, token: Token, *acts: str) -> Granted:
        return self.grants.grant(token.id, SECRET, acts)

    def who(self, credential: str) -> Principal:
        with self.store.read() as reader:
            return authenticate(reader, self.vault, credential, self.clock())

    def sealed(self, said: Any) -> str:
        return self.vault.seal(msgspec.json.encode(said).decode())


@pytest.fixture
def office() -> Office:
    return Office(MemoryStore())


def test_an_access_token_stands_for_a_token(any_store: Store) -> None:
    office = Office(any_store)
    token = office.token(project="default", environment="test", name="ci")
    granted = office.granted(token)
    who = office.who(granted.access_token)
    assert (who.token, who.role, who.name) == (token.id, "writer", "ci")
    assert who.territory == Place("default", "test")
    assert who.acts == granted.acts == ACTS


def test_an_api_token_is_one_still_and_not_narrowed(office: Office) -> None:
    office.token()
    assert office.who(SECRET).acts == ()


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({"role": "reader"}, ("read",)),
        ({"role": "admin"}, ACTS),
        ({"acts": ("delete", "read")}, ("read", "delete")),
        ({"role": "reader", "acts": ("read", "create")}, ("read",)),
    ],
)
def test_it_allows_what_the_token_allows_of_what_can_be_granted(
    office: Office, fields: dict[str, Any], allowed: tuple[str, ...]
) -> None:
    granted = office.granted(office.token(**fields))
    assert granted.acts == office.who(granted.access_token).acts == allowed


def test_it_allows_no_more_than_was_asked_for(office: Office) -> None:
    granted = office.granted(office.token(), "change", "read", "change")
    assert granted.acts == office.who(granted.access_token).acts == ("read", "change")


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"role": "reader"}, "create"),
        ({"acts": ("read",)}, "delete"),
        ({"role": "admin"}, "administer"),
        ({"role": "admin"}, "fly"),
        ({"role": "admin"}, ""),
    ],
)
def test_what_the_token_does_not_allow_is_not_granted(
    office: Office, fields: dict[str, Any], asked: str
) -> None:
    token = office.token(**fields)
    with pytest.raises(Forbidden):
        office.granted(token, "read", asked)


def test_a_token_that_allows_nothing_is_granted_nothing(office: Office) -> None:
    """No acts would mean that it is not narrowed at all."""
    token = office.token(role="reader", acts=("create",))
    with pytest.raises(Forbidden, match="anything"):
        office.granted(token)


@pytest.mark.parametrize("secret", ["", "api-nobodys", "api-another", "\0", "\udc80", digest(SECRET)])
def test_a_secret_that_is_not_the_tokens_is_nobodys(secret: str, any_store: Store) -> None:
    office = Office(any_store)
    token = office.token()
    office.token("api-another")
    with pytest.raises(Unknown):
        office.grants.grant(token.id, secret)


@pytest.mark.parametrize("client_id", ["", an_id("nobody"), "\0", "\udc80", digest(SECRET), "x" * 4_000])
def test_a_client_is_known_by_the_id_of_its_token(client_id: str, any_store: Store) -> None:
    office = Office(any_store)
    office.token()
    with pytest.raises(Unknown):
        office.grants.grant(client_id, SECRET)


def test_it_lasts_a_day(office: Office) -> None:
    granted = office.granted(office.token())
    assert granted.expires_in_seconds * 1_000 == GRANT_MS
    office.clock.pass_ms(GRANT_MS - 1)
    assert office.who(granted.access_token).acts == granted.acts
    office.clock.pass_ms(1)
    with pytest.raises(Unknown):
        office.who(granted.access_token)


def test_it_lasts_no_longer_than_the_token(office: Office) -> None:
    token = office.token(expires_at=office.clock() + 1_999)
    granted = office.granted(token)
    assert granted.expires_in_seconds == 1
    office.change(token, Expire(None))
    office.clock.pass_ms(1_999)
    with pytest.raises(Unknown):
        office.who(granted.access_token)
    assert office.granted(token).expires_in_seconds * 1_000 == GRANT_MS


def test_a_token_that_has_expired_is_granted_nothing(office: Office) -> None:
    token = office.token(expires_at=office.clock() + 1)
    office.clock.pass_ms(1)
    with pytest.raises(Unknown):
        office.granted(token)


@pytest.mark.parametrize("end", [Delete(), Renew(digest("api-new"), "-new"), Expire(FakeClock().now + 1)])
def test_it_ends_with_the_token_or_its_secret(office: Office, end: Command) -> None:
    token = office.token()
    access = office.granted(token).access_token
    office.change(token, end)
    office.clock.pass_ms(1)
    with pytest.raises(Unknown):
        office.who(access)


def test_a_smaller_role_holds_for_what_was_granted_before(office: Office) -> None:
    token = office.token(role="writer")
    access = office.granted(token).access_token
    office.change(token, SetRole("reader"))
    assert office.who(access).role == "reader"


def test_every_process_with_the_key_knows_it(any_store: Store) -> None:
    office = Office(any_store)
    token = office.token()
    here, there = Vault(KEY, token_bytes), Vault(KEY, token_bytes)
    access = Grants(any_store, office.clock, here).grant(token.id, SECRET).access_token
    library = Library(any_store, office.clock, token_bytes, there)
    assert library.principal(access).token == token.id
    strange = Library(any_store, office.clock, token_bytes, Vault(KEY[::-1], token_bytes))
    with pytest.raises(Unknown):
        strange.principal(access)


def test_what_we_did_not_seal_as_an_access_token_is_none(office: Office) -> None:
    token = office.token()
    grant = Grant(token.id, token.digest[:32], 2**62, ("read",))
    plain = msgspec.json.encode(grant).decode()
    seal = office.vault.seal
    for text in ("", "x", "1.2.3", "é", "\udc80", plain, seal("no grant"), seal("{}")):
        with pytest.raises(Unknown):
            office.who(ACCESS + text)
    with pytest.raises(Unknown):
        office.who(office.sealed(grant))
    assert office.who(ACCESS + office.sealed(grant)).token == token.id, "the same, sealed here, is one"


def test_a_session_is_no_access_token_and_an_access_token_no_session(office: Office) -> None:
    token = office.token()
    said = (token.id, token.digest[:32], 2**62)
    session, grant = office.sealed(Session(*said)), office.sealed(Grant(*said, ACTS))
    assert office.reception.principal(session).token == token.id
    for credential in (session, ACCESS + session):
        with pytest.raises(Unknown):
            office.who(credential)
    for cookie in (grant, ACCESS + grant):
        with pytest.raises(Unknown):
            office.reception.principal(cookie)


def test_an_access_token_leads_to_nothing_wider(office: Office) -> None:
    """Neither to a session, which stands for the whole token, nor to another access token."""
    token = office.token()
    access = office.granted(token, "read").access_token
    with pytest.raises(Unknown):
        office.reception.admit(access)
    with pytest.raises(Unknown):
        office.grants.grant(token.id, access)


# at the desk

PLACE = Place("default")


def founded(told: list[Ended]) -> tuple[Office, Desk]:
    office = Office(MemoryStore())
    found(office.store, office.clock, FakeEntropy("founding"), office.vault)
    return office, Desk(office.store, office.clock, FakeEntropy("desk"), office.vault, told.append)


def renaming(credential: str, key: str = "") -> ChangeRequest[Any]:
    def intent(world: Any) -> Any:
        renamed: Outcome[Any] = yield PROJECT, world.named(PROJECT, INSTANCE, "default"), Rename("New")
        return renamed.state

    return ChangeRequest(
        credential=credential,
        act=Act.UPDATE,
        place=PLACE,
        intent=intent,
        surface="tests",
        refuse=lambda error: Answer(400, str(error).encode()),
        idempotency=Idempotency("tests", key, "the same") if key else None,
    )


def done(world: Any, state: Any) -> Answer:
    return Answer(200, b"done")


def test_the_log_says_which_token_it_was_and_nothing_of_the_access_token() -> None:
    told: list[Ended] = []
    office, desk = founded(told)
    token = office.token(project="default")
    access = office.granted(token, "change").access_token
    assert desk.change(renaming(access), done).status == 200
    with office.store.read() as reader:
        (*_, row) = reader.history("project/default", 0, 100)
    assert row.principal == told[-1].principal == token.id
    assert access not in f"{row} {told}"


def test_what_was_kept_for_a_token_is_not_told_to_it_when_it_comes_narrower() -> None:
    office, desk = founded([])
    token = office.token(project="default")
    reading = office.granted(token, "read").access_token
    assert desk.change(renaming(SECRET, "key"), done).body == b"done"
    with pytest.raises(Forbidden):
        desk.change(renaming(reading, "key"), done)


def test_that_it_came_too_narrow_is_not_kept_for_the_token() -> None:
    office, desk = founded([])
    token = office.token(project="default")
    reading = office.granted(token, "read").access_token
    with pytest.raises(Forbidden):
        desk.change(renaming(reading, "key"), done)
    assert desk.change(renaming(SECRET, "key"), done).body == b"done"
