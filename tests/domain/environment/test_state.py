"""What an environment knows of itself."""

from equipoise.domain.environment.state import facets
from equipoise.domain.identity import Place
from tests.domain.builders import BORN_AT, an_environment


def test_an_environment_is_found_by_its_tags_and_by_whoever_presents_its_keys() -> None:
    environment = an_environment(tags=("eu",))
    found = facets(environment)
    assert found.links == (
        ("tag", "eu"),
        ("sdk-key", environment.sdk_key.digest),
        ("mobile-key", environment.mobile_key.digest),
    )
    assert (found.name, found.status, found.created_at) == ("Production", "", BORN_AT)


def test_a_key_of_an_environment_is_unique_in_its_project() -> None:
    assert an_environment().place == Place("default")
