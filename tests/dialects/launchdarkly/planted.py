"""What stands in project default, past every route: a flag, a metric and an experiment on them."""

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create as CreateExperiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create as CreateFlag
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.commands import Create as CreateMetric
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.commands import Create as CreateSegment
from tests.domain.builders import a_flag, a_metric, a_segment, a_targeting
from tests.domain.experiment.examples import a_start, an_experiment, an_iteration, by_segment, drafted
from tests.fixtures_surface import Surface


def planted(surface: Surface) -> None:
    """The experiment, in production, has not started."""
    surface.plant(
        (FLAG, None, CreateFlag(a_flag(targeting={"production": a_targeting()}))),
        (METRIC, None, CreateMetric(a_metric())),
        (EXPERIMENT, None, CreateExperiment(an_experiment())),
    )


def planted_by_segment(surface: Surface) -> None:
    """Another experiment, which has not started, on a segment in production; and a segment in test."""
    born = an_experiment(id="e" * 24, key="by-segment", draft=an_iteration(proposal=by_segment()))
    surface.plant(
        (SEGMENT, None, CreateSegment(a_segment())),
        (SEGMENT, None, CreateSegment(a_segment(id="5" * 24, environment="test"))),
        (EXPERIMENT, None, CreateExperiment(born)),
    )


def planted_and_running(surface: Surface) -> None:
    planted(surface)
    surface.plant((EXPERIMENT, drafted(), a_start()))
