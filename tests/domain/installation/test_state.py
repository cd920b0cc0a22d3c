"""What an installation knows of itself."""

from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import facets
from tests.domain.builders import BORN_AT, DIGEST, an_installation


def test_a_key_of_an_installation_is_unique_in_the_instance_and_part_of_its_environment() -> None:
    installation = an_installation()
    assert installation.place == INSTANCE
    assert installation.territory == Place("default", "production")
    assert installation.said == INSTALLATION.called(installation) == "installation icfg_shop"


def test_an_installation_is_found_by_its_project_its_client_and_each_valid_token() -> None:
    found = facets(an_installation(tokens=(DIGEST, "cd" * 32), revoked=("ef" * 32,), status="error"))
    assert found.links == (
        ("project", "default"),
        ("client", "oac_shop"),
        ("token", DIGEST),
        ("token", "cd" * 32),
    )
    assert (found.name, found.status, found.created_at) == ("icfg_shop", "error", BORN_AT)
