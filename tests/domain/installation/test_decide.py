"""What may be asked of an installation, and what it answers."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Exceeded, Invalid, Missing, Refused
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import (
    AddToken,
    Configure,
    Create,
    Finalize,
    Introduce,
    NumberInvoice,
    Redeem,
    Reinstall,
    RevokeToken,
    Tell,
)
from equipoise.domain.installation.events import (
    Configured,
    Finalized,
    Introduced,
    InvoiceNumbered,
    Redeemed,
    TokenAdded,
    TokenRevoked,
    Told,
)
from equipoise.domain.installation.state import STATUSES, UNINSTALLED, Code, SigningKey
from equipoise.domain.limits import (
    CODES_PER_INSTALLATION_MAX,
    KEY_LENGTH_MAX,
    RESOURCE_FIELD_BYTES_MAX,
    REVOKED_TOKENS_KEPT_MAX,
    TOKENS_PER_INSTALLATION_MAX,
)
from tests.domain.builders import BORN_AT, DIGEST, ID, LATER, after, an_installation, events_of

OTHER = "cd" * 32
NEW = SealedKey("sealed-anew", "digest-anew")
FULL = "x" * (RESOURCE_FIELD_BYTES_MAX - 2)  # with its quotes
INSTALLED = tuple(status for status in STATUSES if status != UNINSTALLED)


def a_code(digest: str = OTHER, expires_at: int = LATER + 1, member: str = ID) -> Code:
    return Code(digest, member, expires_at)


def codes(count: int, expires_at: int = LATER + 1) -> tuple[Code, ...]:
    return tuple(a_code(f"{number:064x}", expires_at) for number in range(count))


def test_an_installation_is_born_whole() -> None:
    born = after(INSTALLATION, None, Create(an_installation()))
    assert born == an_installation(revision=1, touched_at=LATER)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = an_installation(
        id="x",
        key="a/b",
        project="",
        environment="",
        client="",
        client_secret=SealedKey("", ""),
        tokens=("DEADBEEF",),
        status="asleep",
        external_id="\0",
        billing_plan=FULL + "x",
        notification=FULL + "x",
    )
    with pytest.raises(Invalid) as refusal:
        events_of(INSTALLATION, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    fields = {"id", "key", "project", "environment", "client", "client_secret", "digest"}
    assert places == fields | {"status", "external_id", "billing_plan", "notification"}


@pytest.mark.parametrize(
    "fields",
    [
        {"client_secret": SealedKey("", "digest")},
        {"client_secret": SealedKey("sealed", "")},
        {"signing": SigningKey("", "modulus", "AQAB")},
    ],
)
def test_what_is_secret_is_born_sealed(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="must be sealed"):
        events_of(INSTALLATION, None, Create(an_installation(**fields)))


@pytest.mark.parametrize("digest", ["", "ab", "AB" * 32, "ab" * 33, DIGEST[:-1] + "g", DIGEST + "\n"])
def test_a_digest_is_sixty_four_digits_and_a_violation_does_not_tell_it(digest: str) -> None:
    commands = (AddToken(digest), Introduce(a_code(digest)))
    for command, now in (
        *((each, an_installation()) for each in commands),
        (Create(an_installation(tokens=(DIGEST, digest))), None),
    ):
        with pytest.raises(Invalid) as refusal:
            events_of(INSTALLATION, now, command)
        assert str(refusal.value) == "digest: must be 64 hexadecimal digits, in lower case"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "suspended"},
        {"external_id": "x" * KEY_LENGTH_MAX},
        {"billing_plan": FULL},
        {"notification": FULL},
        {"billing_plan": {"id": "pro"}, "notification": [], "status": "error", "external_id": "acme"},
    ],
    ids=lambda it: ", ".join(it),
)
def test_what_is_configured_is_so_and_said_again_is_no_event(fields: dict[str, Any]) -> None:
    now = an_installation()
    assert events_of(INSTALLATION, now, Configure(**fields)) == (Configured(**fields),)
    configured = after(INSTALLATION, now, Configure(**fields))
    assert configured == an_installation(**fields, revision=1, touched_at=LATER)
    assert events_of(INSTALLATION, configured, Configure(**fields)) == ()


def test_what_is_not_said_stays_as_it_is_and_what_is_none_is_taken_away() -> None:
    now = an_installation(billing_plan={"id": "pro"}, notification={"title": "Hello"})
    assert events_of(INSTALLATION, now, Configure()) == ()
    assert events_of(INSTALLATION, now, Configure(status="ready", billing_plan=None)) == (
        Configured(billing_plan=None),
    )
    assert after(INSTALLATION, now, Configure(billing_plan=None)).notification == {"title": "Hello"}


def test_a_plan_of_one_is_not_a_plan_of_true() -> None:
    now = an_installation(billing_plan={"seats": 1})
    assert events_of(INSTALLATION, now, Configure(billing_plan={"seats": 1})) == ()
    for seats in (1.0, True):
        assert events_of(INSTALLATION, now, Configure(billing_plan={"seats": seats}))


def test_every_fault_of_a_configuration_is_named() -> None:
    command = Configure("asleep", "x" * (KEY_LENGTH_MAX + 1), FULL + "x", [FULL])
    with pytest.raises(Invalid) as refusal:
        events_of(INSTALLATION, an_installation(), command)
    places = [violation.where for violation in refusal.value.violations]
    assert places == ["status", "external_id", "billing_plan", "notification"]


@pytest.mark.parametrize("to", STATUSES)
@pytest.mark.parametrize("status", INSTALLED)
def test_every_status_may_follow_every_other_but_one(status: str, to: str) -> None:
    now = an_installation(status=status)
    assert after(INSTALLATION, now, Configure(status=to)).status == to


REFUSED: tuple[Command, ...] = (
    Configure(status="ready"),
    AddToken("ef" * 32),
    RevokeToken(DIGEST),
    Introduce(a_code("ef" * 32)),
    Redeem(OTHER),
    Tell(None),
    NumberInvoice(),
    Finalize(),
)


@pytest.mark.parametrize("command", REFUSED, ids=lambda it: type(it).__name__)
def test_an_uninstalled_installation_is_asked_nothing(command: Command) -> None:
    gone = an_installation(status=UNINSTALLED, codes=(a_code(),))
    with pytest.raises(Refused, match="cannot change it: installation icfg_shop is uninstalled"):
        events_of(INSTALLATION, gone, command)


@pytest.mark.parametrize(
    "command", [Configure(), Configure(status=UNINSTALLED), AddToken(DIGEST), RevokeToken(OTHER)]
)
def test_what_changes_nothing_may_be_asked_of_it_all_the_same(command: Command) -> None:
    assert events_of(INSTALLATION, an_installation(status=UNINSTALLED), command) == ()


def test_an_uninstalled_installation_is_deleted_or_made_ready_again() -> None:
    assert {type(each) for each in REFUSED} == set(INSTALLATION.decide) - {Create, Reinstall, labels.Delete}
    gone = an_installation(status=UNINSTALLED)
    assert events_of(INSTALLATION, gone, labels.Delete()) == (labels.Deleted(),)


def test_an_installation_comes_back_without_what_let_anybody_in_before() -> None:
    gone = an_installation(status=UNINSTALLED, revoked=(OTHER,), codes=(a_code(),), finalized_at=BORN_AT)
    again = after(INSTALLATION, gone, Reinstall(NEW))
    expected = an_installation(client_secret=NEW, tokens=(), revoked=(OTHER, DIGEST))
    assert again == replace(expected, revision=1, touched_at=LATER)
    for unsealed in (SealedKey("", "digest"), SealedKey("sealed", "")):
        with pytest.raises(Invalid, match="client_secret"):
            events_of(INSTALLATION, gone, Reinstall(unsealed))


@pytest.mark.parametrize("status", INSTALLED)
def test_what_is_installed_is_not_installed_again(status: str) -> None:
    assert events_of(INSTALLATION, an_installation(status=status), Reinstall(NEW)) == ()


def test_a_token_that_was_revoked_does_not_come_back() -> None:
    with pytest.raises(Refused, match="revoked it"):
        events_of(INSTALLATION, an_installation(revoked=(OTHER,)), AddToken(OTHER))


def test_so_many_revoked_tokens_are_remembered_the_last_of_them() -> None:
    known = tuple(f"{number:064x}" for number in range(REVOKED_TOKENS_KEPT_MAX))
    now = after(INSTALLATION, an_installation(revoked=known), RevokeToken(DIGEST))
    assert now.revoked == (*known[1:], DIGEST)


def test_no_more_tokens_and_codes_are_born_than_may_be_added() -> None:
    tokens = tuple(f"{number:064x}" for number in range(TOKENS_PER_INSTALLATION_MAX + 1))
    with pytest.raises(Exceeded, match="TOKENS_PER_INSTALLATION_MAX"):
        events_of(INSTALLATION, None, Create(an_installation(tokens=tokens)))


def test_a_token_stands_beside_those_before_it() -> None:
    assert events_of(INSTALLATION, an_installation(), AddToken(OTHER)) == (TokenAdded(OTHER),)
    assert after(INSTALLATION, an_installation(), AddToken(OTHER)).tokens == (DIGEST, OTHER)
    assert events_of(INSTALLATION, an_installation(), AddToken(DIGEST)) == ()


def test_a_revoked_token_is_remembered_and_revoked_once() -> None:
    now = an_installation(tokens=(DIGEST, OTHER))
    assert events_of(INSTALLATION, now, RevokeToken(DIGEST)) == (TokenRevoked(DIGEST),)
    revoked = after(INSTALLATION, now, RevokeToken(DIGEST))
    assert (revoked.tokens, revoked.revoked) == ((OTHER,), (DIGEST,))
    assert events_of(INSTALLATION, revoked, RevokeToken(DIGEST)) == ()
    assert events_of(INSTALLATION, now, RevokeToken("ef" * 32)) == ()


def test_there_are_so_many_tokens_and_no_more_until_one_is_revoked() -> None:
    most = tuple(f"{number:064x}" for number in range(TOKENS_PER_INSTALLATION_MAX))
    full = after(INSTALLATION, an_installation(tokens=most[:-1]), AddToken(most[-1]))
    assert full.tokens == most
    assert events_of(INSTALLATION, full, AddToken(most[0])) == ()
    with pytest.raises(Exceeded, match="TOKENS_PER_INSTALLATION_MAX"):
        events_of(INSTALLATION, full, AddToken(OTHER))
    assert after(INSTALLATION, full, RevokeToken(most[0]), AddToken(OTHER)).tokens == (*most[1:], OTHER)


def test_a_code_that_is_handed_out_makes_those_too_old_forgotten() -> None:
    old, young = a_code("01" * 32, LATER), a_code("02" * 32, LATER + 1)
    now = an_installation(codes=(old, young))
    assert events_of(INSTALLATION, now, Introduce(a_code())) == (Introduced(a_code(), (old.digest,)),)
    assert after(INSTALLATION, now, Introduce(a_code())).codes == (young, a_code())


def test_every_fault_of_a_code_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        events_of(INSTALLATION, an_installation(), Introduce(Code("", "m" * (KEY_LENGTH_MAX + 1), LATER)))
    assert [violation.where for violation in refusal.value.violations] == ["digest", "member", "expires_at"]


def test_there_are_so_many_codes_and_no_more_those_too_old_apart() -> None:
    almost = an_installation(codes=codes(CODES_PER_INSTALLATION_MAX - 1))
    full = after(INSTALLATION, almost, Introduce(a_code()))
    assert len(full.codes) == CODES_PER_INSTALLATION_MAX
    with pytest.raises(Exceeded, match="CODES_PER_INSTALLATION_MAX"):
        events_of(INSTALLATION, full, Introduce(a_code("ef" * 32)))
    old = an_installation(codes=codes(CODES_PER_INSTALLATION_MAX, LATER))
    assert after(INSTALLATION, old, Introduce(a_code())).codes == (a_code(),)


def test_a_code_works_once() -> None:
    other = a_code("01" * 32)
    now = an_installation(codes=(other, a_code()))
    assert events_of(INSTALLATION, now, Redeem(OTHER)) == (Redeemed(OTHER),)
    redeemed = after(INSTALLATION, now, Redeem(OTHER))
    assert redeemed.codes == (other,)
    with pytest.raises(Missing, match="no code"):
        events_of(INSTALLATION, redeemed, Redeem(OTHER))


def test_a_code_that_is_unknown_or_too_old_is_missing() -> None:
    now = an_installation(codes=(a_code(expires_at=LATER),))
    assert events_of(INSTALLATION, now, Redeem(OTHER), at=LATER - 1) == (Redeemed(OTHER),)
    for digest in (OTHER, "ef" * 32):
        with pytest.raises(Missing) as refusal:
            events_of(INSTALLATION, now, Redeem(digest))
        assert digest not in str(refusal.value)


def test_what_a_provider_tells_is_kept_with_its_time() -> None:
    assert events_of(INSTALLATION, an_installation(), Tell(FULL)) == (Told(FULL, LATER),)
    now = after(INSTALLATION, an_installation(told="more", told_at=1), Tell({"type": "moved"}))
    assert (now.told, now.told_at) == ({"type": "moved"}, LATER)
    with pytest.raises(Invalid, match="event: must be at most"):
        events_of(INSTALLATION, now, Tell(FULL + "x"))


def test_an_installation_is_finalized_once() -> None:
    assert events_of(INSTALLATION, an_installation(), Finalize()) == (Finalized(LATER),)
    final = after(INSTALLATION, an_installation(), Finalize())
    assert final.finalized_at == LATER
    assert events_of(INSTALLATION, final, Finalize(), at=LATER + 1) == ()


def test_invoices_are_numbered_one_after_the_other_until_nothing_more_is_invoiced() -> None:
    now = after(INSTALLATION, an_installation(), NumberInvoice(), NumberInvoice())
    assert now.invoices == 2
    assert events_of(INSTALLATION, now, NumberInvoice()) == (InvoiceNumbered(3),)
    with pytest.raises(Refused, match="cannot invoice: installation icfg_shop is finalized"):
        events_of(INSTALLATION, after(INSTALLATION, now, Finalize()), NumberInvoice())


def test_numbers_go_on_when_an_installation_comes_back() -> None:
    gone = an_installation(status=UNINSTALLED, invoices=2)
    assert after(INSTALLATION, gone, Reinstall(NEW), NumberInvoice()).invoices == 3
