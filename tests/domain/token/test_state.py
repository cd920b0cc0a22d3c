"""What a token knows of itself."""

from equipoise.domain.identity import INSTANCE
from equipoise.domain.token.state import facets
from tests.domain.builders import BORN_AT, DIGEST, a_token


def test_a_token_is_found_by_the_digest_of_its_secret() -> None:
    assert a_token().key == DIGEST
    assert a_token().place == INSTANCE


def test_a_confined_token_links_to_its_project() -> None:
    assert facets(a_token(project="default")).links == (("project", "default"),)


def test_a_token_for_all_links_to_none() -> None:
    found = facets(a_token(name="CI"))
    assert (found.name, found.links, found.created_at) == ("CI", (), BORN_AT)


def test_a_token_is_over_once_its_time_has_come() -> None:
    assert [a_token(expires_at=2).expired(now) for now in (1, 2, 3)] == [False, True, True]
    assert not a_token().expired(2**53)
