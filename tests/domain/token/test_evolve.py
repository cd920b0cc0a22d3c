"""Events of a token are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.token import TOKEN
from equipoise.domain.token.events import ExpirySet, RoleSet
from tests.domain.builders import LATER, a_token


def test_an_expiry_in_the_past_is_believed() -> None:
    now = fold(TOKEN, a_token(), (ExpirySet(1, LATER),), LATER)
    assert now is not None
    assert (now.expires_at, now.changed_at) == (1, LATER)


def test_a_role_of_old_is_believed() -> None:
    now = fold(TOKEN, a_token(), (RoleSet("a role of old", LATER),), LATER)
    assert now is not None
    assert now.role == "a role of old"
