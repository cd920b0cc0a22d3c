"""One-time links, and the sessions they lead to."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes
from typing import Any

import msgspec
import pytest

from equipoise.application.ports import Entry, Store
from equipoise.application.sign_in import SESSION_MS, TICKET_MS, Reception, Session
from equipoise.domain.change import apply
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.labels import Delete
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create, Renew
from equipoise.security.tokens import digest
from equipoise.security.vault import Vault
from tests.domain.builders import a_moment, a_token
from tests.fakes import FakeClock, MemoryStore
from tests.storage.desk import an_id

SECRET = "api-" + "s" * 43
KEY = "a secret key that is long enough for all"


class Desk:
    """A reception over a store, and tokens that come and go."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, FakeClock()
        self.reception = Reception(store, self.clock, token_bytes, Vault(KEY, token_bytes))

    def token(self, secret: str = SECRET, **fields: Any) -> Any:
        said = {"id": an_id(secret), "role": "admin", "name": secret[-3:], **fields}
        return self.change(None, Create(a_token(digest=digest(secret), **said)))

    def change(self, now: Any, command: Any) -> Any:
        outcome = apply(TOKEN, now, command, a_moment(self.clock()))
        with self.store.write() as transaction:
            transaction.settle([outcome], Entry(self.clock(), "tests", "tests"))
        return outcome.after


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryStore())


def test_a_link_signs_in_once_as_the_oldest_admin_of_the_whole_instance(any_store: Store) -> None:
    desk = Desk(any_store)
    desk.token("api-younger", created_at=3)
    oldest = desk.token("api-older", created_at=2)
    desk.token("api-reader", created_at=1, role="reader")
    desk.token("api-confined", created_at=1, project="default")
    desk.token("api-narrowed", created_at=1, acts=("read",))
    code = desk.reception.invite()
    session = desk.reception.redeem(code)
    assert desk.reception.principal(session).token == oldest.id
    with pytest.raises(Unknown):
        desk.reception.redeem(code)


def test_of_many_who_come_with_one_code_one_gets_in(any_store: Store) -> None:
    desk = Desk(any_store)
    desk.token()
    code = desk.reception.invite()

    def come(_: int) -> bool:
        try:
            return bool(desk.reception.redeem(code))
        except Unknown:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(come, range(16))) == 1


def test_a_link_ends_after_its_time(desk: Desk) -> None:
    desk.token()
    late, later = desk.reception.invite(), desk.reception.invite()
    desk.clock.pass_ms(TICKET_MS - 1)
    assert desk.reception.redeem(late)
    desk.clock.pass_ms(1)
    with pytest.raises(Unknown):
        desk.reception.redeem(later)


def test_tickets_that_nobody_used_are_forgotten(any_store: Store) -> None:
    desk = Desk(any_store)
    desk.token()
    forgotten = desk.reception.invite()
    desk.clock.pass_ms(TICKET_MS)
    desk.reception.invite()
    with any_store.write() as transaction:
        assert transaction.take(digest(forgotten)) is None


def test_the_store_never_holds_a_code(desk: Desk) -> None:
    desk.token()
    code = desk.reception.invite()
    with desk.store.write() as transaction:
        assert transaction.take(code) is None
        assert transaction.take(digest(code)) is not None


@pytest.mark.parametrize("code", ["", "wrong", "\0", "é" * 4_000])
def test_a_wrong_code_is_nobodys(code: str, any_store: Store) -> None:
    desk = Desk(any_store)
    desk.token()
    with pytest.raises(Unknown):
        desk.reception.redeem(code)


def test_without_an_admin_of_the_whole_instance_there_is_no_link(desk: Desk) -> None:
    desk.token(role="writer")
    desk.token("api-confined", project="default")
    desk.token("api-expired", expires_at=desk.clock() + 1)
    desk.clock.pass_ms(1)
    with pytest.raises(Missing):
        desk.reception.invite()


def test_an_api_token_signs_in_and_what_is_none_does_not(desk: Desk) -> None:
    token = desk.token(role="reader", project="default", environment="test")
    principal = desk.reception.principal(desk.reception.admit(SECRET))
    assert (principal.token, principal.role) == (token.id, "reader")
    assert (principal.project, principal.environment) == ("default", "test")
    with pytest.raises(Unknown):
        desk.reception.admit("api-nobodys")


def test_who_signs_in_with_a_narrowed_token_is_narrowed(desk: Desk) -> None:
    desk.token(acts=("read",))
    assert desk.reception.principal(desk.reception.admit(SECRET)).acts == ("read",)


def test_a_session_ends_with_its_token(desk: Desk) -> None:
    token = desk.token()
    session = desk.reception.admit(SECRET)
    desk.change(token, Delete())
    with pytest.raises(Unknown):
        desk.reception.principal(session)


def test_another_secret_ends_the_sessions_of_a_token(desk: Desk) -> None:
    token = desk.token()
    session = desk.reception.admit(SECRET)
    desk.change(token, Renew(digest("api-other"), "ther"))
    with pytest.raises(Unknown):
        desk.reception.principal(session)


def test_a_session_ends_after_its_time_or_with_its_token_s(desk: Desk) -> None:
    desk.token()
    desk.token("api-brief", expires_at=desk.clock() + 1_000)
    session, brief = desk.reception.admit(SECRET), desk.reception.admit("api-brief")
    desk.clock.pass_ms(1_000)
    assert desk.reception.principal(session).role == "admin"
    with pytest.raises(Unknown):
        desk.reception.principal(brief)
    desk.clock.pass_ms(SESSION_MS - 1_000)
    with pytest.raises(Unknown):
        desk.reception.principal(session)


def test_a_session_that_we_did_not_seal_is_nobodys(desk: Desk) -> None:
    token = desk.token()
    forged = Session(token.id, token.digest[:32], 2**62)
    text = msgspec.json.encode(forged).decode()
    other = Vault("another key that is long enough for all", token_bytes)
    ours = Vault(KEY, token_bytes)
    for session in ("", "x", "1.2.3", "é", text, other.seal(text), ours.seal("no session"), ours.seal("{}")):
        with pytest.raises(Unknown):
            desk.reception.principal(session)
    assert desk.reception.principal(ours.seal(text)).token == token.id, "the same, sealed here, is one"
