"""What the commands to a resource lead to. Once it is uninstalled it stays as it is, until it is deleted."""

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Refused, check
from equipoise.domain.free import changed
from equipoise.domain.installation.state import UNINSTALLED
from equipoise.domain.resource import checks
from equipoise.domain.resource.commands import Configure, Create, SetSecrets
from equipoise.domain.resource.events import Configured, Created, SecretsSet
from equipoise.domain.resource.state import Resource

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    check(*checks.of_resource(command.resource))
    return (Created(command.resource),)


def configure(now: Resource, command: Configure, _: Moment) -> Events:
    check(*checks.of_fields(command))
    said = changed(now, command)
    return (Configured(**said),) if said else ()


def set_secrets(now: Resource, command: SetSecrets, _: Moment) -> Events:
    check(*checks.of_secrets(command.secrets))
    return () if command.secrets == now.secrets else (SecretsSet(command.secrets),)


def _while_installed(decide: Decide) -> Decide:
    """The decision; of a resource that is uninstalled, only one that changes nothing. Raises Refused."""

    def decided(now: Resource, command: Command, moment: Moment) -> Events:
        events = decide(now, command, moment)
        if events and now.status == UNINSTALLED:
            raise Refused("change it", now.said, "is uninstalled")
        return events

    return decided


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Configure: _while_installed(configure),
    SetSecrets: _while_installed(set_secrets),
}
