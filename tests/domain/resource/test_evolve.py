"""Events of a resource are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.installation.state import UNINSTALLED
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.events import Configured, SecretsSet
from equipoise.domain.resource.state import Secret
from tests.domain.builders import LATER, a_resource


def test_an_uninstalled_resource_was_configured_when_it_was_told() -> None:
    now = fold(RESOURCE, a_resource(status=UNINSTALLED), (Configured(ownership="of old"),), LATER)
    assert now == a_resource(status=UNINSTALLED, ownership="of old", revision=1, touched_at=LATER)


def test_the_secrets_are_those_that_were_told() -> None:
    secrets = (Secret("", ""), Secret("", ""))
    now = fold(RESOURCE, a_resource(), (SecretsSet((Secret("A", "b"),)), SecretsSet(secrets)), LATER)
    assert now is not None
    assert (now.secrets, now.revision) == (secrets, 1)
