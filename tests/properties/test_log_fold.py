"""The change log, read from the start, gives what is stored: over random changes, in a real store."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.application.ports import space_of
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun, apply, fold
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.errors import DomainError
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.invoice import INVOICE
from equipoise.domain.metric import METRIC
from equipoise.domain.nouns import NOUNS
from equipoise.domain.resource import RESOURCE
from equipoise.domain.segment import SEGMENT
from equipoise.domain.statement import STATEMENT
from equipoise.storage import SqlStore
from tests.properties.strategies import (
    catalog_entries,
    catalog_entry_commands,
    config_store_commands,
    config_stores,
    flag_commands,
    flags,
    invoice_commands,
    invoices,
    metric_commands,
    metrics,
    resource_commands,
    resources,
    segment_commands,
    segments,
    statement_commands,
    statements,
)
from tests.properties.strategies.experiments import experiment_commands, experiments
from tests.storage.desk import AT, ENTRY, an_id, moment

KINDS: tuple[tuple[Noun[Any], Any, Any], ...] = (
    (FLAG, flags, flag_commands),
    (METRIC, metrics, lambda _: metric_commands()),
    (SEGMENT, segments, segment_commands),
    (EXPERIMENT, experiments, experiment_commands),
    (RESOURCE, resources, lambda _: resource_commands()),
    (CONFIG_STORE, config_stores, lambda _: config_store_commands()),
    (CATALOG_ENTRY, catalog_entries, lambda _: catalog_entry_commands()),
    (INVOICE, invoices, lambda _: invoice_commands()),
    (STATEMENT, statements, statement_commands),
)
CHANGES_MAX = 12
_projects = count(1)


def settle(store: SqlStore, noun: Noun[Any], now: Any, command: Any, at: int) -> Any:
    """The state after the change, or as it was when the change is refused."""
    try:
        with store.write() as transaction:
            outcome = apply(noun, now, command, moment(AT + at))
            if outcome.events:
                transaction.settle([outcome], replace(ENTRY, at=AT + at))
    except DomainError:
        return now
    return outcome.after


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0].name)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_fold_of_the_log_is_what_is_stored(sql_store: SqlStore, kind: Any, data: st.DataObject) -> None:
    noun, states, commands = kind
    project = f"project-{next(_projects)}"  # of its own, so that examples do not meet in the store
    born = replace(data.draw(states()), id=an_id(project), project=project, revision=0)
    now = settle(sql_store, noun, None, noun.birth(born), 0)
    assert now is not None
    id = now.id
    for number in range(data.draw(st.integers(0, CHANGES_MAX))):
        if now is None:
            break
        now = settle(sql_store, noun, now, data.draw(commands(now)), number + 1)
    with sql_store.read() as reader:
        log = reader.history(space_of(project), 0, 1_000_000)
        stored = reader.find(noun, id)
    assert [row.number for row in log] == list(range(1, len(log) + 1))
    folded = None
    for row in log:
        if row.id == id:
            folded = fold(NOUNS[row.noun], folded, row.events, row.at)
            assert folded == row.state
    assert folded == stored == now
