"""What the commands to a holdout lead to."""

from equipoise.domain import labels
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Violation, check
from equipoise.domain.experiment.checks import of_attributes, of_metrics
from equipoise.domain.holdout.commands import Create, End
from equipoise.domain.holdout.events import Created, Ended
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.identity import is_id, key_rule, name_rule, text_rule
from equipoise.domain.limits import KEY_LENGTH_MAX

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    holdout = command.holdout
    check(
        is_id(holdout.id) or Violation("id", "must be 24 hexadecimal digits", holdout.id),
        key_rule("project", holdout.project),
        key_rule("environment", holdout.environment),
        key_rule("key", holdout.key),
        name_rule("name", holdout.name),
        text_rule("description", holdout.description),
        text_rule("maintainer", holdout.maintainer, KEY_LENGTH_MAX),
        key_rule("unit", holdout.unit),
        not holdout.flag or key_rule("flag", holdout.flag),
        0 < holdout.share < SHARE_WHOLE
        or Violation("share", "is above 0 and below 100 percent", holdout.share / 1_000),
        "." in holdout.salt or Violation("salt", "tells one bound", holdout.salt),
        *of_metrics(holdout.metrics, holdout.primary),
        *of_attributes(holdout.attributes),
    )
    return (Created(holdout),)


def end(now: Holdout, _command: End, moment: Moment) -> Events:
    return () if now.ended_at is not None else (Ended(moment.at),)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Describe, labels.Delete),
    Create: create,
    End: end,
}
