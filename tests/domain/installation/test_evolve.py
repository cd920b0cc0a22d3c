"""Events of an installation are believed: none fails, whatever the state."""

from equipoise.domain.change import Event, fold
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.events import (
    Configured,
    Finalized,
    Introduced,
    Redeemed,
    TokenRevoked,
    Told,
)
from equipoise.domain.installation.state import UNINSTALLED, Code, Installation
from tests.domain.builders import DIGEST, LATER, an_installation

OLD, NEW = Code("old", "", 0), Code("new", "", 0)


def evolved(now: Installation, *events: Event) -> Installation:
    after = fold(INSTALLATION, now, events, LATER)
    assert after is not None
    return after


def test_a_status_of_old_is_believed() -> None:
    now = evolved(an_installation(status=UNINSTALLED), Configured(status="a status of old"))
    assert (now.status, now.revision, now.touched_at) == ("a status of old", 1, LATER)


def test_what_was_not_told_stays_as_it_was() -> None:
    now = an_installation(billing_plan={"id": "pro"}, notification=1, external_id="acme")
    assert evolved(now, Configured()) == an_installation(
        billing_plan={"id": "pro"}, notification=1, external_id="acme", revision=1, touched_at=LATER
    )


def test_a_token_that_nobody_knows_was_revoked() -> None:
    now = evolved(an_installation(), TokenRevoked("unknown"))
    assert (now.tokens, now.revoked) == ((DIGEST,), ("unknown",))


def test_codes_come_and_go_as_they_were_told() -> None:
    assert evolved(an_installation(codes=(OLD,)), Introduced(NEW)).codes == (OLD, NEW)
    assert evolved(an_installation(codes=(OLD,)), Introduced(NEW, ("old", "unknown"))).codes == (NEW,)
    assert evolved(an_installation(codes=(OLD, NEW)), Redeemed("old"), Redeemed("unknown")).codes == (NEW,)


def test_an_uninstalled_installation_heard_and_was_finalized_when_it_was_told() -> None:
    now = evolved(an_installation(status=UNINSTALLED, finalized_at=3), Told(None, 1), Finalized(2))
    assert (now.told, now.told_at, now.finalized_at) == (None, 1, 2)
