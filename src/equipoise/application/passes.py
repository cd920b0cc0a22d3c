"""Who comes in without a token of ours: a provider by its installation, an application by what it reads."""

from typing import Any

from equipoise.application.ports import Reader
from equipoise.domain.change import Noun
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource
from equipoise.security.principals import Principal
from equipoise.security.tokens import digest


def installed(reader: Reader, secret: str) -> Principal:
    """The provider that presents a token of its installation: an admin of that, and of nothing else.

    raises  Unknown
    """
    found: Installation = _led_to(reader, INSTALLATION, "token", secret)
    return _confined(found.id, found.territory, "admin", found.key, within=found.id)


def reading(reader: Reader, secret: str) -> Principal:
    """The application that presents what a config store is read with: a reader of that alone.

    raises  Unknown
    """
    found: Resource = _led_to(reader, RESOURCE, "read-key", secret)
    return _confined(found.id, found.place, "reader", found.key, within=found.store)


def _led_to(reader: Reader, noun: Noun[Any], relation: str, secret: str) -> Any:
    found = reader.linked(noun, relation, digest(secret))
    if found is None:
        raise Unknown
    return found


def _confined(id: str, place: Place, role: str, name: str, within: str) -> Principal:
    return Principal(
        token=id,
        member="",
        role=role,
        name=name,
        project=place.project,
        environment=place.environment,
        home=place,
        within=within,
    )
