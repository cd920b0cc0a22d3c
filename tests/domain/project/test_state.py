"""What a project knows of itself."""

from equipoise.domain.project.state import RandomizationUnit, facets, newborn_rooms
from tests.domain.builders import BORN_AT, a_project


def test_a_project_starts_with_users_and_devices_and_randomises_users() -> None:
    kinds, units = newborn_rooms(BORN_AT)
    assert [(kind.key, kind.version, kind.created_at) for kind in kinds] == [
        ("user", 1, BORN_AT),
        ("device", 1, BORN_AT),
    ]
    assert units == (RandomizationUnit("user", default=True), RandomizationUnit("device"))
    assert a_project().default_unit == "user"


def test_a_project_without_a_default_unit_has_none() -> None:
    assert a_project(units=(RandomizationUnit("device"),)).default_unit == ""


def test_a_project_is_found_by_its_tags() -> None:
    found = facets(a_project(tags=("shop", "eu")))
    assert found.links == (("tag", "shop"), ("tag", "eu"))
    assert (found.name, found.archived, found.created_at) == ("Default", False, BORN_AT)
