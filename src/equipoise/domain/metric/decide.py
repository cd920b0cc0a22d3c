"""What the commands to a metric lead to."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Refused, Violation, check
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.domain.limits import KEY_LENGTH_MAX
from equipoise.domain.metric.checks import of_definition
from equipoise.domain.metric.commands import Create, Define
from equipoise.domain.metric.events import Created, Defined
from equipoise.domain.metric.state import Definition, Metric

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    metric = replace(command.metric, tags=unique(command.metric.tags))
    check(
        is_id(metric.id) or Violation("id", "must be 24 hexadecimal digits", metric.id),
        key_rule("project", metric.project),
        key_rule("key", metric.key),
        name_rule("name", metric.name),
        text_rule("description", metric.description),
        tags_rule("tags", metric.tags),
        text_rule("maintainer", metric.maintainer, KEY_LENGTH_MAX),
        metric.version == 1 or Violation("version", "must be 1 at birth", metric.version),
        *of_definition(metric.definition),
    )
    return (Created(metric),)


def define(now: Metric, command: Define, moment: Moment) -> Events:
    check(*of_definition(command.definition))
    if command.definition.kind != now.definition.kind:
        why = f"is and stays a {now.definition.kind} metric"
        raise Refused("change the kind", f"metric {now.key}", why)
    if _means_the_same(command.definition, now.definition):
        return ()
    return (Defined(command.definition, now.version + 1, moment.at),)


def _means_the_same(left: Definition, right: Definition) -> bool:
    """The values of filters may be any JSON, so they are compared as such; numbers elsewhere are numbers."""
    return left == right and same(_filters(left), _filters(right))


def _filters(definition: Definition) -> list[object]:
    measures = (definition.measure, definition.denominator)
    return [measure.filters for measure in measures if measure is not None]


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(
        labels.Rename,
        labels.Describe,
        labels.Tag,
        labels.AssignMaintainer,
        labels.Annotate,
        labels.Archive,
        labels.Restore,
        labels.Delete,
    ),
    Create: create,
    Define: define,
}
