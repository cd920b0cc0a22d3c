"""What every noun may be asked alike. Experiments stand for all, since they take every label."""

from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.change import Command, Event
from equipoise.domain.errors import Invalid
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.limits import DESCRIPTION_LENGTH_MAX, NAME_LENGTH_MAX, TAGS_MAX
from tests.domain.builders import LATER, after, events_of
from tests.domain.experiment.examples import drafted

ONCE: list[tuple[Command, Event, str, Any]] = [
    (labels.Rename("Other"), labels.Renamed("Other"), "name", "Other"),
    (labels.Describe("Text\n"), labels.Described("Text\n"), "description", "Text\n"),
    (labels.Tag(("b", "a", "b")), labels.Tagged(("b", "a")), "tags", ("b", "a")),
    (labels.AssignMaintainer(""), labels.MaintainerAssigned(""), "maintainer", ""),
    (labels.Annotate("one", "x", [1]), labels.Annotated("one.x", [1]), "annotations", {"one.x": [1]}),
    (labels.Archive(), labels.Archived(LATER), "archived_at", LATER),
]


@pytest.mark.parametrize(("command", "event", "field", "value"), ONCE, ids=lambda it: type(it).__name__)
def test_a_label_is_set_once(command: Command, event: Event, field: str, value: Any) -> None:
    assert events_of(EXPERIMENT, drafted(), command) == (event,)
    now = after(EXPERIMENT, drafted(), command)
    assert getattr(now, field) == value
    assert events_of(EXPERIMENT, now, command) == ()


@pytest.mark.parametrize(
    "command",
    [
        labels.Rename(""),
        labels.Rename("  "),
        labels.Rename("a\nb"),
        labels.Rename("a\0"),
        labels.Rename("n" * (NAME_LENGTH_MAX + 1)),
        labels.Describe("\0"),
        labels.Describe("\ud800"),
        labels.Describe("t" * (DESCRIPTION_LENGTH_MAX + 1)),
        labels.Tag(("",)),
        labels.Tag(tuple(f"t{number}" for number in range(TAGS_MAX + 1))),
        labels.AssignMaintainer("\0"),
    ],
    ids=lambda it: repr(it)[:40],
)
def test_an_unsound_label_is_invalid(command: Command) -> None:
    with pytest.raises(Invalid):
        events_of(EXPERIMENT, drafted(), command)


def test_what_is_restored_is_no_longer_archived() -> None:
    archived = after(EXPERIMENT, drafted(), labels.Archive())
    assert after(EXPERIMENT, archived, labels.Restore()).archived_at is None
    assert events_of(EXPERIMENT, drafted(), labels.Restore()) == ()


def test_an_annotation_of_another_json_type_is_another_one() -> None:
    now = after(EXPERIMENT, drafted(), labels.Annotate("one", "x", 1))
    assert events_of(EXPERIMENT, now, labels.Annotate("one", "x", 1)) == ()
    assert events_of(EXPERIMENT, now, labels.Annotate("one", "x", True)) != ()


def test_an_annotation_is_taken_away_by_none() -> None:
    now = after(EXPERIMENT, drafted(), labels.Annotate("one", "x", 1), labels.Annotate("two", "x", 2))
    assert after(EXPERIMENT, now, labels.Annotate("one", "x", None)).annotations == {"two.x": 2}
    assert events_of(EXPERIMENT, drafted(), labels.Annotate("one", "x", None)) == ()


def test_a_noun_takes_the_labels_of_its_fields_alone() -> None:
    assert set(labels.deciding(labels.Rename, labels.Tag)) == {labels.Rename, labels.Tag}
    assert set(labels.evolving(labels.Rename, labels.Tag)) == {labels.Renamed, labels.Tagged}
