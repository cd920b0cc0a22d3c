"""What an installation and its resources have in common: once uninstalled, they stay as they are."""

from typing import Any

from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Refused
from equipoise.domain.installation.state import UNINSTALLED


def while_installed(decide: Decide) -> Decide:
    """The decision; of what is uninstalled, only one that changes nothing. Raises Refused."""

    def decided(now: Any, command: Command, moment: Moment) -> tuple[Event, ...]:
        events = decide(now, command, moment)
        if events and now.status == UNINSTALLED:
            raise Refused("change it", now.said, "is uninstalled")
        return events

    return decided
