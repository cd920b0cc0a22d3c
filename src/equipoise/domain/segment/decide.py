"""What the commands to a segment lead to. While it is archived, it stays as it is."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Refused, check
from equipoise.domain.identity import unique
from equipoise.domain.segment import checks
from equipoise.domain.segment.commands import Create, SetRules
from equipoise.domain.segment.events import Created, RulesSet
from equipoise.domain.segment.state import Segment

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    segment = replace(command.segment, tags=unique(command.segment.tags))
    check(*checks.of_segment(segment))
    return (Created(segment),)


def set_rules(now: Segment, command: SetRules, _: Moment) -> Events:
    check(*checks.of_rules(now.key, command.rules))
    return () if same(command.rules, now.rules) else (RulesSet(command.rules),)


def _unless_archived(decide: Decide) -> Decide:
    """The decision, asked only of a segment that is not archived. Raises Refused."""

    def decided(now: Segment, command: Command, moment: Moment) -> Events:
        if now.archived_at is not None:
            raise Refused("change it", now.said, "is archived; restore it first")
        return decide(now, command, moment)

    return decided


_CHANGES: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Describe, labels.Tag),
    SetRules: set_rules,
}
DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Annotate, labels.Archive, labels.Restore, labels.Delete),
    **{command: _unless_archived(decide) for command, decide in _CHANGES.items()},
    Create: create,
}
