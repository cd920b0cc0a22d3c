"""From events to verdict in one process: bodies as SDKs send them, the compactor's own step, Parquet, DuckDB,
the desk for results. Figures are held against scipy."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import stats

from equipoise.analysis.results import Call, Check, Compared, Grade, Results
from equipoise.analysis.statistics.sequential import boundary
from equipoise.application.queries import Library, ReadRequest
from equipoise.application.results import ResultsDesk, Wanted
from equipoise.dialects.launchdarkly.sdk.events import decode
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Start
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place as Home
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.state import Measure
from equipoise.domain.records import Received
from equipoise.events.compaction import compact_once
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.storage import open_store
from equipoise.warehouse import DuckDb
from tests.analysis.found import facts, reported
from tests.domain.builders import ID, OFF, ON, a_definition, a_flag, a_metric, a_targeting, an_environment
from tests.domain.experiment.examples import an_experiment, the_facts
from tests.events.shop import HERE, Place
from tests.fakes import FakeClock, FakeEntropy, FakeVault
from tests.storage.desk import bear, change

START_MS, DAY_MS = 1_759_000_000_000, 86_400_000
READER = Principal(token="t", member="m", role="reader", project="default", environment="production")
INDEX = {ON: 0, OFF: 1}
AMOUNT = Measure("purchase", numeric=True)
WHETHER = Measure("purchase", aggregation="average")
Values = Sequence[float | None]


class Shop:
    """An experiment of ON against OFF, the control, on purchases; a lake and a desk for its results."""

    def __init__(self, folder: Path, started: bool = True, **definition: Any) -> None:
        self.store = open_store(folder / "store", threads=1)
        self.place = Place(folder, self.store, launchdarkly=decode)
        self.clock, self.sent = FakeClock(START_MS), 0
        self.duckdb = DuckDb(folder / "lake", memory_limit="512MB", threads=1)
        library = Library(self.store, self.clock, FakeEntropy(), FakeVault())
        self.desk = ResultsDesk(library, self.duckdb)
        bear(self.store, ENVIRONMENT, an_environment())
        bear(self.store, METRIC, a_metric(definition=a_definition(**definition)))
        bear(self.store, FLAG, a_flag(id=ID, targeting={"production": a_targeting()}))
        bear(self.store, EXPERIMENT, an_experiment())
        if started:
            start = Start(the_facts(), pins={"purchases": 1})
            change(self.store, EXPERIMENT, an_experiment().id, start, at=START_MS)
        with self.store.read() as reader:
            self.version = reader.versions("default", ["checkout"])["checkout", "production"]

    def close(self) -> None:
        self.duckdb.close()
        self.store.close()

    def send(self, *events: dict[str, Any], day: int = 0) -> None:
        """One body, that came at the end of a day, and is compacted."""
        came = START_MS + (day + 1) * DAY_MS - 1
        body = json.dumps(events).encode()
        self.sent += 1
        self.place.segment(Received("launchdarkly", HERE, f"body {self.sent}", came * 1_000, body))
        flush = compact_once(self.place.shop)
        assert (flush.faults, flush.dead) == ((), {})
        self.clock.now = max(self.clock.now, came + 1)

    def seen(self, unit: str, arm: str, day: int = 0) -> dict[str, Any]:
        return {
            "kind": "feature",
            "creationDate": START_MS + day * DAY_MS + 1_000,
            "key": "checkout",
            "version": self.version,
            "variation": INDEX[arm],
            "value": arm == ON,
            "default": False,
            "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
            "context": {"kind": "user", "key": unit},
        }

    def values(self, values: Mapping[str, Values]) -> None:
        """A unit for each value; None is one of whom no purchase is heard."""
        events = []
        for arm, some in values.items():
            for at, value in enumerate(some):
                unit = f"{arm}-{at}"
                events.append(self.seen(unit, arm))
                if value is not None:
                    events.append(bought(unit, value))
        self.send(*events)

    def results(self, until_day: int | None = None, key: str = "new-checkout") -> Results:
        until = None if until_day is None else (START_MS + (until_day + 1) * DAY_MS) * 1_000
        request = ReadRequest(READER, Act.READ, Home("default", "production"))
        return self.desk.compute(request, Wanted(key, until=until))


def bought(unit: str, value: float) -> dict[str, Any]:
    context = {"kind": "user", "key": unit}
    said = {"kind": "custom", "creationDate": START_MS + 2_000, "key": "purchase", "context": context}
    return {**said, "metricValue": value}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """Opens shops; all of them are closed at the end."""
    shops: list[Shop] = []

    def open_one(**said: Any) -> Shop:
        folder = tmp_path / str(len(shops))
        folder.mkdir()
        shops.append(Shop(folder, **said))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.close()


def only(results: Results) -> Compared:
    (compared,) = results.comparisons
    return compared


def ratio(results: Results) -> Check:
    return next(each for each in results.health if each.code == "sample_ratio")


def remedies(results: Results) -> dict[str, str]:
    """Code -> what to do, of every warning and every check that is not well; each says something."""
    unwell = [each for each in results.health if each.grade in (Grade.WARNING, Grade.BAD)]
    said = [(each.code, each.sentence, each.remedy) for each in unwell]
    for compared in results.comparisons:
        said += [(each.code, each.sentence, each.remedy) for each in compared.warnings]
    assert all(sentence and remedy for _, sentence, remedy in said)
    assert results.verdict.sentence
    assert results.verdict.next_step
    return {code: remedy for code, _, remedy in said}


def assert_welch(compared: Compared, on: Sequence[float], off: Sequence[float]) -> None:
    """The estimate for one look is scipy's, to nine digits."""
    fixed, expected = compared.fixed, stats.ttest_ind(on, off, equal_var=False)
    assert fixed is not None
    assert fixed.method == "welch"
    bounds = expected.confidence_interval(0.95)
    found = (fixed.difference, fixed.standard_error, fixed.p_value, fixed.interval.low, fixed.interval.high)
    difference = np.mean(on) - np.mean(off)
    error = difference / expected.statistic
    assert found == pytest.approx((difference, error, expected.pvalue, bounds.low, bounds.high), rel=1e-9)


# bad input


def test_without_exposures_it_says_where_to_look(opened: Any) -> None:
    shop = opened()
    shop.send(bought("stranger", 5))
    results = shop.results()
    assert results.verdict.call is Call.NO_DATA
    assert "SDK key" in results.verdict.next_step
    assert "exposures" in remedies(results)
    assert (only(results).always, only(results).fixed, results.bounds, results.exposed) == (
        None,
        None,
        (),
        (),
    )
    assert {(each.units, each.measurements[0].mean) for each in results.arms} == {(0, None)}


def test_a_draft_says_that_it_is_to_be_started(opened: Any) -> None:
    results = opened(started=False).results()
    assert (results.verdict.call, results.verdict.next_step) == (Call.NO_DATA, "Start the iteration.")
    assert (results.started_at, only(results).fixed) == (None, None)


def test_an_experiment_that_nobody_knows_is_missing_by_its_name(opened: Any) -> None:
    with pytest.raises(Missing, match="no experiment 'nowhere'"):
        opened().results(key="nowhere")


EMPTY = [
    (5, Call.UNDECIDED, Grade.GOOD),
    (60, Call.UNDECIDED, Grade.WARNING),
    (600, Call.UNTRUSTED, Grade.BAD),
]


@pytest.mark.parametrize(("units", "call", "split"), EMPTY)
def test_an_empty_arm_is_compared_with_nothing(opened: Any, units: int, call: Call, split: Grade) -> None:
    shop = opened(measure=AMOUNT)
    shop.values({OFF: [float(at) for at in range(units)]})
    results = shop.results()
    assert (results.verdict.call, ratio(results).grade) == (call, split)
    assert {"empty_arm", "no_units"} <= remedies(results).keys()
    assert (only(results).always, only(results).fixed, results.bounds) == (None, None, ())
    empty, full = sorted(results.arms, key=lambda arm: arm.units)
    assert (empty.units, empty.measurements[0].mean, full.units) == (0, None, units)
    assert full.measurements[0].mean == pytest.approx((units - 1) / 2)


@pytest.mark.parametrize("apart", [0.0, 2.0])
def test_without_variance_there_is_no_figure_to_err_with(opened: Any, apart: float) -> None:
    shop = opened(measure=AMOUNT)
    shop.values({ON: [5.0 + apart] * 200, OFF: [5.0] * 200})
    results = shop.results()
    assert results.verdict.call is Call.UNDECIDED
    assert "no_variance" in remedies(results)
    assert (only(results).always, only(results).fixed) == (None, None)
    assert {arm.measurements[0].mean for arm in results.arms} == {5.0, 5.0 + apart}
    assert {arm.measurements[0].deviation for arm in results.arms} == {0.0}


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy's, of an arm whose values are all the same
def test_one_arm_without_variance_leaves_the_other_to_say(opened: Any) -> None:
    values = [float(at % 7) for at in range(200)]
    shop = opened(measure=AMOUNT)
    shop.values({ON: values, OFF: [5.0] * 200})
    results = shop.results()
    assert "no_variance" in remedies(results)
    assert_welch(only(results), values, [5.0] * 200)


def test_a_control_mean_of_zero_has_a_difference_and_no_lift(opened: Any) -> None:
    on, off = [1.0 + at % 5 for at in range(200)], [float(at % 3 - 1) for at in range(201)]
    shop = opened(measure=AMOUNT)
    shop.values({ON: on, OFF: off})
    results, compared = shop.results(), only(shop.results())
    assert sum(off) == 0
    assert "no_lift" in remedies(results)
    assert_welch(compared, on, off)
    for estimate in (compared.always, compared.fixed):
        assert estimate is not None
        assert (estimate.relative_interval, estimate.interval.excludes(0)) == (None, True)
    assert results.verdict.call is Call.BETTER
    assert "%" not in results.verdict.sentence.split("(")[0]


def test_missing_values_are_counted_and_the_rest_is_compared(opened: Any) -> None:
    on, off = [float(at % 11) for at in range(300)], [float(at % 13) for at in range(280)]
    shop = opened(measure=AMOUNT, missing=None)
    shop.values({ON: [*on, *[None] * 40], OFF: [*off, *[None] * 60]})
    results = shop.results()
    assert "missing_values" in remedies(results)
    counts = {arm.id: (arm.units, arm.measurements[0].n, arm.measurements[0].missing) for arm in results.arms}
    assert counts == {ON: (340, 300, 40), OFF: (340, 280, 60)}
    assert_welch(only(results), on, off)


def chance_of_twelve_more(units: int) -> float:
    """The greatest chance of a score statistic as far out as 12 against 0, over the rates in question: those
    under which none at all has a chance worth counting."""
    hits = np.arange(units + 1)
    pooled = np.add.outer(hits, hits) / (2 * units)
    with np.errstate(all="ignore"):
        score = np.subtract.outer(hits, hits) / np.sqrt(pooled * (1 - pooled))
    out = np.nan_to_num(score) >= score[12, 0] - 1e-9
    laws = (
        stats.binom.pmf(hits, units, rate) for rate in np.linspace(0.001, 1 - 1.25e-11 ** (1 / units), 400)
    )
    return max(float(law @ out @ law) for law in laws)


def test_none_of_four_hundred_against_twelve_is_an_exact_test(opened: Any) -> None:
    shop = opened(measure=WHETHER)
    shop.values({OFF: [None] * 400, ON: [*[1.0] * 12, *[None] * 388]})
    results, fixed = shop.results(), only(shop.results()).fixed
    assert fixed is not None
    assert (fixed.method, fixed.difference, fixed.relative_interval) == ("exact", 0.03, None)
    assert fixed.p_value == pytest.approx(2 * chance_of_twelve_more(400), rel=0.002)
    assert fixed.p_value == pytest.approx(stats.fisher_exact([[0, 12], [400, 388]]).pvalue, rel=0.2)
    assert (fixed.interval.low, fixed.interval.high) == pytest.approx((0.013, 0.054), abs=0.001)
    assert {"few_conversions", "no_lift"} <= remedies(results).keys()


def test_a_unit_in_two_arms_is_counted_and_left_out(opened: Any) -> None:
    on, off = [float(at % 11) for at in range(300)], [float(at % 13) for at in range(300)]
    shop = opened(measure=AMOUNT)
    both = [each for at in range(20) for each in (f"both-{at}",) * 2]
    seen = [shop.seen(unit, arm) for unit, arm in zip(both, [ON, OFF] * 20, strict=True)]
    shop.send(*seen, *(bought(unit, 1e6) for unit in both), day=0)
    shop.values({ON: on, OFF: off})
    results = shop.results()
    (check,) = (each for each in results.health if each.code == "doubled")
    assert (check.grade, check.figures["units"]) == (Grade.WARNING, 20)
    assert "two arms" in check.sentence
    assert "doubled" in remedies(results)
    assert {arm.units for arm in results.arms} == {300}
    assert_welch(only(results), on, off)


# a split that is broken

DAYS, EACH_DAY = 7, 1_000


def by_day(shop: Shop, share: float) -> list[Results]:
    """What was said at the end of each day; so much of the units came into ON, by chance."""
    random, found = Random(55), []
    for day in range(DAYS):
        arms = [ON if random.random() < share else OFF for _ in range(EACH_DAY)]
        shop.send(*(shop.seen(f"{day}-{at}", arm, day) for at, arm in enumerate(arms)), day=day)
        found.append(shop.results())
    return found


def test_a_split_of_55_to_45_is_not_trusted_from_some_day_on(opened: Any) -> None:
    shop = opened()
    said = by_day(shop, 0.55)
    calls = [each.verdict.call for each in said]
    since = calls.index(Call.UNTRUSTED)
    assert since <= 4
    assert calls[since:] == [Call.UNTRUSTED] * (DAYS - since)
    last = said[-1]
    check = ratio(last)
    counts = [arm.units for arm in last.arms]
    assert check.grade is Grade.BAD
    assert check.figures["chi_square_p_value"] == pytest.approx(stats.chisquare(counts).pvalue, rel=1e-9)
    assert check.figures["p_value"] < 0.001
    assert "50.0 % : 50.0 %" in last.verdict.sentence
    assert "new iteration" in last.verdict.next_step


def test_a_look_back_at_each_day_says_what_was_said_then(opened: Any) -> None:
    shop = opened()
    said = by_day(shop, 0.55)
    for day in range(DAYS):
        again = shop.results(until_day=day)
        assert again.verdict.call is said[day].verdict.call
        assert [arm.units for arm in again.arms] == [arm.units for arm in said[day].arms]
        assert sum(each.units for each in again.exposed) == EACH_DAY * (day + 1)


def test_a_sound_split_is_trusted_on_every_day(opened: Any) -> None:
    for results in by_day(opened(), 0.5):
        assert results.verdict.call is not Call.UNTRUSTED
        assert ratio(results).grade is Grade.GOOD


# a null that is looked at a thousand times; by glance and for other metrics: tests/analysis/statistics

SEEDS, RATE = 400, 0.2
LOOKED = np.concatenate(
    [np.arange(25, 525), np.linspace(525, 5_000, 500).round().astype(int)]
)  # units of an arm
EDGES = np.array([boundary(2 * int(each), 5_000, 0.05) for each in LOOKED])
assert len(set(LOOKED)) == 1_000


def farthest(random: np.random.Generator) -> tuple[Any, Any, int]:
    """Conversions of two arms that are alike, and the look at which they stand farthest apart."""
    one, two = (random.random((2, LOOKED[-1])) < RATE).astype(float)
    hits = [np.cumsum(each)[LOOKED - 1] for each in (one, two)]
    spread = sum(hit * (1 - hit / LOOKED) / (LOOKED - 1) / LOOKED for hit in hits)
    with np.errstate(all="ignore"):
        apart = np.nan_to_num(np.abs(hits[0] - hits[1]) / LOOKED / np.sqrt(spread), posinf=0)
    return one, two, int(LOOKED[np.argmax(apart / EDGES)])


def test_a_planted_null_is_seldom_given_a_verdict_over_a_thousand_looks() -> None:
    random, called = np.random.default_rng(20_261_121), 0
    for _ in range(SEEDS):
        one, two, at = farthest(random)
        said = reported(facts({ON: one[:at].tolist(), OFF: two[:at].tolist()}, buckets=1)).verdict.call
        assert said in (Call.UNDECIDED, Call.BETTER, Call.WORSE)
        called += said is not Call.UNDECIDED
    assert called / SEEDS <= 0.05 + 3 * (0.05 * 0.95 / SEEDS) ** 0.5
    assert called, "a boundary that nobody ever crosses proves nothing"
