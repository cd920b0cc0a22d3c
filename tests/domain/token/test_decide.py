"""What may be asked of a token, and what it answers."""

from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.errors import Invalid
from equipoise.domain.identity import Place
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create, Expire, Renew, SetRole
from equipoise.domain.token.events import ExpirySet, Renewed, RoleSet
from tests.domain.builders import DIGEST, LATER, a_token, after, events_of

OTHER = "cd" * 32


def test_a_token_is_born_whole() -> None:
    confined = a_token(project="default", environment="test", home=Place("default", "test"))
    assert after(TOKEN, None, Create(confined)).environment == "test"
    assert after(TOKEN, None, Create(a_token(acts=("delete", "read")))).acts == ("delete", "read")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"id": "x"}, "id"),
        ({"name": "a\nb"}, "name"),
        ({"role": "owner"}, "role"),
        ({"acts": ("fly",)}, "acts"),
        ({"acts": ("administer",)}, "acts"),
        ({"acts": ("read", "create", "read")}, "acts"),
        ({"digest": "ab"}, "digest"),
        ({"digest": "AB" * 32}, "digest"),
        ({"ending": ""}, "ending"),
        ({"ending": "12345"}, "ending"),
        ({"project": "no key"}, "project"),
        ({"environment": "test"}, "an environment is of a project"),
        ({"home": Place("", "test")}, "home.project"),
        ({"expires_at": LATER}, "in the future"),
    ],
)
def test_a_birth_that_is_not_sound_is_invalid(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        events_of(TOKEN, None, Create(a_token(**fields)))


def test_a_violation_does_not_tell_the_digest() -> None:
    with pytest.raises(Invalid) as refusal:
        events_of(TOKEN, a_token(), Renew("DEADBEEF", "wxyz"))
    assert "DEADBEEF" not in str(refusal.value)


@pytest.mark.parametrize(
    "command",
    [SetRole("writer"), Renew(DIGEST, "wxyz"), Expire(None), labels.Describe("")],
)
def test_a_change_that_changes_nothing_is_no_event(command: Any) -> None:
    assert events_of(TOKEN, a_token(), command) == ()


def test_a_role_is_one_of_three() -> None:
    assert events_of(TOKEN, a_token(), SetRole("admin")) == (RoleSet("admin", LATER),)
    with pytest.raises(Invalid, match="reader, writer, admin"):
        events_of(TOKEN, a_token(), SetRole("owner"))


def test_a_renewed_token_is_found_by_its_new_secret() -> None:
    assert events_of(TOKEN, a_token(), Renew(OTHER, "1234")) == (Renewed(OTHER, "1234", LATER),)
    now = after(TOKEN, a_token(), Renew(OTHER, "1234"))
    assert (now.key, now.ending, now.changed_at) == (OTHER, "1234", LATER)


def test_a_token_expires_in_the_future_or_never() -> None:
    assert events_of(TOKEN, a_token(), Expire(LATER + 1)) == (ExpirySet(LATER + 1, LATER),)
    with pytest.raises(Invalid, match="in the future"):
        events_of(TOKEN, a_token(), Expire(LATER))
    assert after(TOKEN, a_token(expires_at=LATER + 1), Expire(None)).expires_at is None
