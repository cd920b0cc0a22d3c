"""What the commands to a resource lead to. Once it is uninstalled it stays as it is, until it is deleted."""

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import check
from equipoise.domain.free import changed
from equipoise.domain.installation.lifecycle import while_installed
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


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Configure: while_installed(configure),
    SetSecrets: while_installed(set_secrets),
}
