"""Which phase lay over which rule, from which number to which."""

from sqlalchemy import select

from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, Resume, Stop
from equipoise.domain.labels import Rename
from equipoise.storage import SqlStore
from equipoise.storage.tables import overlay_history
from tests.domain.builders import an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import bear, change


def test_spans_of_an_overlay_meet_and_name_its_iteration(sql_store: SqlStore) -> None:
    experiment = an_experiment()
    bear(sql_store, ENVIRONMENT, an_environment())  # 1
    bear(sql_store, EXPERIMENT, experiment)  # 2
    for command in (a_start(), Rename("Other"), Pause(), Resume(), Stop()):  # 3 to 7
        change(sql_store, EXPERIMENT, experiment.id, command)
    columns = overlay_history.c
    asked = select(columns.from_number, columns.to_number, columns.iteration, columns.phase)
    with sql_store.engine.connect() as connection:
        rows = connection.execute(asked.order_by(columns.from_number)).all()
    assert experiment.draft is not None
    iteration = experiment.draft.id
    assert [tuple(row) for row in rows] == [(3, 5, iteration, 0), (6, 7, iteration, 0)]
