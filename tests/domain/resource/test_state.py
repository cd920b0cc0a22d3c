"""What a resource knows of itself."""

from equipoise.domain.identity import Place
from equipoise.domain.resource.state import facets, key_of
from tests.domain.builders import BORN_AT, DIGEST, a_resource


def test_a_key_of_a_resource_is_its_installation_and_what_the_provider_calls_it() -> None:
    resource = a_resource(provided="a/b")
    assert resource.key == key_of("icfg_shop", "a/b") == "icfg_shop/a/b"
    assert resource.place == resource.territory == Place("default", "production")
    assert resource.said == "resource a/b"


def test_resources_of_two_installations_have_two_keys() -> None:
    assert key_of("a", "b/c") != key_of("a-b", "c")
    assert a_resource().key != a_resource(installation="icfg_other").key


def test_a_resource_is_found_by_its_installation_and_by_whoever_presents_its_read_key() -> None:
    found = facets(a_resource(status="error"))
    assert found.links == (("installation", "icfg_shop"), ("read-key", DIGEST))
    assert (found.name, found.status, found.created_at) == ("The shop", "error", BORN_AT)
