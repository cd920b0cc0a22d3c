"""Events of a metric are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.labels import Renamed
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.events import Defined
from tests.domain.builders import BORN_AT, LATER, a_definition, a_metric


def test_the_version_is_the_one_that_was_told() -> None:
    now = fold(METRIC, a_metric(), (Defined(a_definition(unit="EUR"), 7, LATER),), LATER)
    assert now is not None
    assert (now.version, now.definition.unit) == (7, "EUR")


def test_another_name_is_not_another_meaning() -> None:
    now = fold(METRIC, a_metric(), (Renamed("Sales"),), LATER)
    assert now is not None
    assert (now.name, now.version, now.changed_at) == ("Sales", 1, BORN_AT)
