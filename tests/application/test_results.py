"""Results by way of the desk: what is read, what is asked, what is kept."""

from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.analysis.data import LATE
from equipoise.analysis.question import Facts
from equipoise.analysis.results import Call, Grade
from equipoise.application.lake import DataFile, Kind
from equipoise.application.ports import AsOf
from equipoise.application.queries import ReadRequest
from equipoise.application.results import ATTEMPTS_MAX, FRESH_MS, ResultsDesk, Wanted
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Forbidden, Held, Missing, Unknown
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment import commands as experiments
from equipoise.domain.experiment.commands import DraftIteration, Start, Stop
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from equipoise.domain.identity import Place
from equipoise.domain.labels import Delete
from equipoise.domain.metric import METRIC
from equipoise.domain.metric import commands as metrics
from equipoise.domain.metric.commands import Define
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from tests.analysis.found import facts
from tests.domain.builders import OFF, ON, a_definition, a_flag, a_metric, a_targeting
from tests.domain.experiment.examples import SECOND, an_experiment, an_iteration, the_facts
from tests.fakes.answering import AnsweringWarehouse
from tests.fixtures_surface import Surface

HERE = Place("default", "production")
KEY = "new-checkout"
READER = Principal(token="t", member="m", role="reader", project="default", environment="production")
NOTHING = Facts((), ())


class Shop:
    """A running experiment on purchases, version 1, in a fresh store."""

    def __init__(self, surface: Surface, facts: Facts = NOTHING, failures: int = 0) -> None:
        self.surface, self.warehouse = surface, AnsweringWarehouse(facts, failures)
        self.waiting: int | None = None
        self.desk = ResultsDesk(surface.library, self.warehouse, lambda: self.waiting)
        flag = a_flag(targeting={"production": a_targeting()})
        surface.plant((FLAG, None, flags.Create(flag)), (METRIC, None, metrics.Create(a_metric())))
        surface.plant((EXPERIMENT, None, experiments.Create(an_experiment())))

    def do(self, *commands: Any) -> None:
        self.surface.clock.pass_ms(1_000)
        for command in commands:
            self.surface.plant((EXPERIMENT, self.found(EXPERIMENT, HERE, KEY), command))

    def start(self) -> "Shop":
        self.do(Start(the_facts(), pins={"purchases": 1}))
        return self

    def redefine(self, **fields: Any) -> None:
        self.surface.clock.pass_ms(1_000)
        metric = self.found(METRIC, Place("default"), "purchases")
        self.surface.plant((METRIC, metric, Define(replace(a_definition(), **fields))))

    def found(self, noun: Any, place: Place, key: str) -> Any:
        with self.surface.store.read() as reader:
            return reader.named(noun, place, key)

    def file(self, id: str) -> None:
        """Another file of the environment."""
        environment = self.found(ENVIRONMENT, Place("default"), "production").id
        with self.surface.store.write() as transaction:
            made = DataFile(id, environment, Kind.OUTCOME, "2026-01-01", f"{id}.parquet", 1, 1, 1, 1, (0, 1))
            transaction.swap_files((made,), (), 1)

    def bury(self) -> None:
        environment = self.found(ENVIRONMENT, Place("default"), "production").id
        with self.surface.store.write() as transaction:
            transaction.count_dead(environment, {"no key": 1})

    def results(self, who: Any = READER, as_of: AsOf | None = None, key: str = KEY, **wanted: Any) -> Any:
        return self.desk.compute(ReadRequest(who, Act.READ, HERE, as_of), Wanted(key, **wanted))


@pytest.fixture
def shop(surface: Surface) -> Shop:
    return Shop(surface).start()


def seen(*arms: str) -> Facts:
    """Ten units in each arm, a half of which bought."""
    return facts({arm: [0.0, 1.0] * 5 for arm in arms})


def test_the_warehouse_is_asked_for_what_the_plan_says_and_only_of_its_environment(shop: Shop) -> None:
    shop.file("f1")
    results = shop.results()
    ((question, files),) = shop.warehouse.asked
    assert (question.unit, question.arms) == ("user", (OFF, ON))
    assert [measured.name for measured in question.measured] == ["purchases"]
    assert [file.id for file in files] == ["f1"]
    assert (results.computation.files, results.experiment, results.status) == (1, KEY, "running")


def test_the_store_is_let_go_before_the_warehouse_is_asked(surface: Surface) -> None:
    shop = Shop(surface).start()
    open_reads: list[int] = []
    read = surface.store.read

    @contextmanager
    def counted() -> Any:
        open_reads.append(1)
        with read() as reader:
            yield reader
        open_reads.pop()

    surface.store.read = counted  # type: ignore[method-assign]
    shop.warehouse.ask = lambda question, files: facts({}, exposures=len(open_reads))  # type: ignore[method-assign]
    assert shop.results().computation.exposures == 0


def test_a_result_is_computed_once_while_nothing_changes(shop: Shop) -> None:
    first = shop.results()
    shop.surface.clock.pass_ms(1_000)
    assert shop.results() is first
    assert len(shop.warehouse.asked) == 1


@pytest.mark.parametrize("what", ["a file", "a change", "a dead letter", "time"])
def test_a_result_is_computed_again_when_what_it_is_made_of_changes(shop: Shop, what: str) -> None:
    first = shop.results()
    match what:
        case "a file":
            shop.file("f2")
        case "a change":
            shop.do(Stop())
        case "a dead letter":
            shop.bury()
        case "time":
            shop.surface.clock.pass_ms(FRESH_MS)
    assert shop.results() is not first
    assert len(shop.warehouse.asked) == 2


def test_a_flag_that_is_off_while_its_experiment_runs_is_said(shop: Shop) -> None:
    def said() -> list[str]:
        return [each.sentence for each in shop.results().health if each.code == "flag_off"]

    assert said() == []
    shop.surface.clock.pass_ms(1_000)
    flag = shop.found(FLAG, Place("default"), "checkout")
    shop.surface.plant((FLAG, flag, flags.Switch("production", on=False)))
    assert said() == ["The flag is off, so nobody is let in, though the experiment runs."]


def test_events_that_wait_are_said_and_once_more_when_they_wait_for_too_long(shop: Shop) -> None:
    def said() -> list[Grade]:
        return [each.grade for each in shop.results().health if each.code == "compaction"]

    assert said() == []
    shop.waiting = shop.surface.clock() * 1_000
    assert said() == [Grade.GOOD]
    shop.surface.clock.pass_ms(LATE // 1_000 + 1)
    assert said() == [Grade.WARNING]
    shop.waiting = None
    assert said() == []
    assert len(shop.warehouse.asked) == 1, "it is the same result"


def test_files_that_were_compacted_meanwhile_are_looked_up_again(surface: Surface) -> None:
    shop = Shop(surface, failures=ATTEMPTS_MAX - 1).start()
    assert shop.results().verdict.call is Call.NO_DATA
    assert len(shop.warehouse.asked) == ATTEMPTS_MAX


def test_files_that_stay_away_are_an_error(surface: Surface) -> None:
    shop = Shop(surface, failures=ATTEMPTS_MAX).start()
    with pytest.raises(Held, match="gone or damaged"):
        shop.results()


def test_a_draft_has_a_result_that_says_so_and_nobody_is_asked(surface: Surface) -> None:
    shop = Shop(surface)
    assert shop.results().verdict.call is Call.NO_DATA
    assert shop.warehouse.asked == []


def test_the_metric_is_measured_as_it_was_when_the_iteration_started(shop: Shop) -> None:
    shop.redefine(higher=False)
    shop.redefine(missing=None)
    results = shop.results()
    (compared,) = results.comparisons
    assert (compared.version, compared.direction) == (1, 1)
    assert results.computation.metrics == {"purchases": 1}
    assert not any(check.code == "metric_changed" for check in results.health)


def test_a_metric_that_was_deleted_is_measured_as_it_was(shop: Shop) -> None:
    shop.surface.clock.pass_ms(1_000)
    shop.surface.plant((METRIC, shop.found(METRIC, Place("default"), "purchases"), Delete()))
    assert [each.metric for each in shop.results().comparisons] == ["purchases"]


def test_an_earlier_iteration_is_shown_when_it_is_named(shop: Shop) -> None:
    first = shop.results().iteration
    shop.do(Stop(), DraftIteration(an_iteration(id=SECOND)), Start(the_facts(), pins={"purchases": 1}))
    assert shop.results().iteration == SECOND
    earlier = shop.results(iteration=first)
    assert (earlier.iteration, earlier.status) == (first, "stopped")
    with pytest.raises(Missing):
        shop.results(iteration="f" * 24)


def test_a_draft_that_waits_does_not_hide_what_ran(shop: Shop) -> None:
    first = shop.results().iteration
    shop.do(Stop(), DraftIteration(an_iteration(id=SECOND)))
    assert shop.results().iteration == first


def test_a_time_in_the_past_shows_the_experiment_and_its_data_as_they_were(shop: Shop) -> None:
    then = shop.surface.clock.now
    shop.surface.clock.pass_ms(60_000)
    shop.do(Stop())
    assert shop.results(as_of=AsOf(at=then)).status == "running"
    question, _ = shop.warehouse.asked[-1]
    assert question.until == then * 1_000


def test_only_who_may_read_there_gets_a_result(shop: Shop) -> None:
    stranger = Principal(token="t", member="m", role="admin", project="other")
    with pytest.raises(Missing):
        shop.results(who=stranger)
    with pytest.raises(Unknown):
        shop.results(who="api-nobody")
    with pytest.raises(Forbidden):
        shop.results(who=Principal(token="t", member="m", role="nothing"))
    with pytest.raises(Missing):
        shop.results(key="no-such")


def test_pages_ask_by_principal_place_and_key(surface: Surface) -> None:
    shop = Shop(surface, seen(OFF, ON)).start()
    results = shop.desk(READER, HERE, KEY)
    assert [arm.units for arm in results.arms] == [10, 10]
