"""What an environment knows of itself."""

from equipoise.domain.environment.state import facets
from equipoise.domain.identity import Place
from tests.domain.builders import BORN_AT, an_environment


def test_an_environment_is_found_by_its_tags() -> None:
    found = facets(an_environment(tags=("eu",)))
    assert found.links == (("tag", "eu"),)
    assert (found.name, found.status, found.created_at) == ("Production", "", BORN_AT)


def test_a_key_of_an_environment_is_unique_in_its_project() -> None:
    assert an_environment().place == Place("default")
