"""Tokens are handed out by admins of any confinement, and never wider than their own."""

import pytest

from equipoise.domain.change import Outcome
from equipoise.domain.errors import Forbidden
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.token import TOKEN
from equipoise.domain.token.state import Token
from equipoise.security.permissions import Act, confine, permit
from equipoise.security.principals import Principal
from tests.domain.builders import a_token

PROJECT, ENVIRONMENT = Place("default"), Place("default", "test")
PLACES = (INSTANCE, PROJECT, ENVIRONMENT)


def someone(role: str, place: Place) -> Principal:
    return Principal("t", "m", role, project=place.project, environment=place.environment)


def touched(place: Place, born: bool) -> Outcome[Token]:
    token = a_token(project=place.project, environment=place.environment)
    return Outcome(TOKEN, None if born else token, token, ())


@pytest.mark.parametrize("place", PLACES)
def test_an_admin_of_any_confinement_may(place: Place) -> None:
    permit(someone("admin", place), Act.DELEGATE, INSTANCE)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ["reader", "writer", ""])
def test_nobody_else_may(place: Place, role: str) -> None:
    with pytest.raises(Forbidden):
        permit(someone(role, place), Act.DELEGATE, INSTANCE)


@pytest.mark.parametrize("born", [True, False])
@pytest.mark.parametrize(("own", "others"), [(own, others) for own in PLACES for others in PLACES])
def test_a_token_is_never_wider_than_whoever_touches_it(own: Place, others: Place, born: bool) -> None:
    wider = PLACES.index(others) < PLACES.index(own)
    admin = someone("admin", own)
    if wider:
        with pytest.raises(Forbidden):
            confine(admin, touched(others, born))
    else:
        confine(admin, touched(others, born))


def test_a_token_of_another_project_is_out_of_reach() -> None:
    with pytest.raises(Forbidden):
        confine(someone("admin", PROJECT), touched(Place("elsewhere"), born=True))
