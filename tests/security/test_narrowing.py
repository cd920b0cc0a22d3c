"""A principal that is narrowed does what it is narrowed to, of what its role allows, and nothing else."""

import pytest

from equipoise.domain.errors import Forbidden
from equipoise.domain.identity import Place
from equipoise.domain.token.state import ACTS, ROLES
from equipoise.security.permissions import Act, admit, may, permit
from equipoise.security.principals import Principal, bearer
from tests.domain.builders import a_token

PLACE = Place("default", "test")


def someone(role: str, *acts: str) -> Principal:
    return bearer(a_token(role=role, project="default", acts=acts))


def test_the_domain_and_the_routes_mean_the_same_acts() -> None:
    assert {Act(act) for act in ACTS} == set(Act) - {Act.ADMINISTER, Act.DELEGATE}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", ROLES)
def test_it_may_what_both_allow(role: str, act: Act) -> None:
    for narrowed in ACTS:
        assert may(someone(role, narrowed), act) == (may(someone(role), act) and act == narrowed)
    both = someone(role, "create", "change")
    assert may(both, act) == (may(someone(role), act) and act in ("create", "change"))


@pytest.mark.parametrize("act", [Act.ADMINISTER, Act.DELEGATE])
def test_narrowed_to_all_it_still_neither_administers_nor_hands_out_tokens(act: Act) -> None:
    admit(someone("admin"), act)
    with pytest.raises(Forbidden, match=act):
        admit(someone("admin", *ACTS), act)
    with pytest.raises(Forbidden, match=act):
        permit(someone("admin", *ACTS), act, Place("default"))


def test_it_is_told_what_it_may_not() -> None:
    permit(someone("writer", "read"), Act.READ, PLACE)
    with pytest.raises(Forbidden, match="may not delete default/test"):
        permit(someone("writer", "read"), Act.DELETE, PLACE)
    with pytest.raises(Forbidden, match="may not change default"):
        admit(someone("writer", "read"), Act.UPDATE)
