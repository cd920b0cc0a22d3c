"""What stands in project default, past every route: a flag, a metric and an experiment on them."""

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create as CreateExperiment
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create as CreateFlag
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.commands import Create as CreateMetric
from tests.domain.builders import a_flag, a_metric, a_targeting
from tests.domain.experiment.examples import a_start, an_experiment, drafted
from tests.fixtures_surface import Surface


def planted(surface: Surface) -> None:
    """The experiment, in production, has not started."""
    surface.plant(
        (FLAG, None, CreateFlag(a_flag(targeting={"production": a_targeting()}))),
        (METRIC, None, CreateMetric(a_metric())),
        (EXPERIMENT, None, CreateExperiment(an_experiment())),
    )


def planted_and_running(surface: Surface) -> None:
    planted(surface)
    surface.plant((EXPERIMENT, drafted(), a_start()))
