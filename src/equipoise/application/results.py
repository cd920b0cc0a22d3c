"""Results: a plan from the store, facts from the warehouse, a document from both.

The store is read in one transaction, and let go before the warehouse is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from equipoise.analysis.data import compaction
from equipoise.analysis.plan import Plan, plan
from equipoise.analysis.report import NOTHING, Circumstances, report
from equipoise.analysis.results import Results
from equipoise.application.admission import admission_of
from equipoise.application.kept import Kept
from equipoise.application.lake import DataFile, Kind, Warehouse
from equipoise.application.ports import AsOf
from equipoise.application.queries import Library, ReadRequest
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Held, Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.admission import Admission
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id, Place
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.state import Metric
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal

KEPT_MAX = 256  # documents in memory
FRESH_MS = 3_600_000  # how long one is kept where no event has come: it says how old its data is
ATTEMPTS_MAX = 3  # files that were read of may have been compacted by the time they are opened


class Wanted(Struct, frozen=True):
    """Which result.

    key        of the experiment
    iteration  id; "" for the current one, else the last, else the draft
    until      microseconds since 1970; nothing after it counts. None for all there is
    """

    key: str
    iteration: Id = ""
    until: int | None = None


# Since when events of this server wait to be made into files, in microseconds since 1970; None for none.
Waiting = Callable[[], int | None]


class Known(Struct, frozen=True):
    """What the store says of it."""

    experiment: Experiment
    iteration: Iteration
    plan: Plan
    files: tuple[DataFile, ...]
    dead: dict[str, int]
    admission: Admission
    serving: bool


class ResultsDesk:
    """Where every surface asks for results."""

    def __init__(self, library: Library, warehouse: Warehouse, waiting: Waiting = lambda: None) -> None:
        self._library, self._warehouse, self._waiting = library, warehouse, waiting
        self._kept: Kept[Results] = Kept(KEPT_MAX)

    def __call__(self, principal: Principal, place: Place, key: str) -> Results:
        """The results of an experiment as of now. raises DomainError"""
        return self.compute(ReadRequest(principal, Act.READ, place), Wanted(key))

    def compute(self, request: ReadRequest, wanted: Wanted) -> Results:
        """The document, computed again only when something that it is made of has changed.

        raises  DomainError; Held where files are gone or damaged that the manifest still names
        """
        now = self._library.clock()
        as_of = request.as_of
        if as_of is not None and as_of.at is not None and wanted.until is None:
            wanted = replace(wanted, until=as_of.at * 1_000)  # as it was then, the data too
        since = self._waiting()  # what is made into a file from here on is found there
        for _ in range(ATTEMPTS_MAX):
            with suppress(OSError):  # merged away meanwhile
                found = self._answered(self._look(request, wanted, now), now)
                return found if since is None else _noting(found, since, now * 1_000)
        why = "a file of events is gone or damaged; bring the lake back from where it was kept"
        raise Held(f"compute the result of {wanted.key}", why)

    def _look(self, request: ReadRequest, wanted: Wanted, now: int) -> Known:
        return self._library.read(request, lambda world: look(world, request.place, wanted, now))

    def _answered(self, known: Known, now: int) -> Results:
        return self._kept.get(_fingerprint(known, now), lambda: self._computed(known, now))

    def _computed(self, known: Known, now: int) -> Results:
        started = known.iteration.started_at is not None
        facts = self._warehouse.ask(known.plan.question, known.files) if started else NOTHING
        around = Circumstances(known.dead, len(known.files), now * 1_000, known.admission, known.serving)
        return report(known.plan, known.experiment, known.iteration, facts, around)


def _is_on(flag: Flag | None, environment: str) -> bool:
    """Of one that is gone nothing is said."""
    targeting = flag.targeting.get(environment) if flag is not None else None
    return targeting is None or targeting.on


def _noting(results: Results, since: int, now: int) -> Results:
    """The kept document is the same for as long as its figures are; who waits is another matter."""
    if results.started_at is None:
        return results
    return replace(results, health=(*results.health, compaction(since, now)))


def look(world: World, place: Place, wanted: Wanted, now: int) -> Known:
    """All that the store knows of it. `now` in milliseconds since 1970. raises Missing"""
    experiment = world.named(EXPERIMENT, place, wanted.key)
    iteration = _iteration(experiment, wanted.iteration)
    home = Place(experiment.project)
    environment = world.named(ENVIRONMENT, home, experiment.environment)
    metrics = {use.key: _pinned(world, home, use, iteration) for use in iteration.metrics if not use.group}
    flag = world.peek(FLAG, home, experiment.flag)
    files = world.reader.files(environment.id, (Kind.EXPOSURE, Kind.OUTCOME))
    newest = max((file.last for file in files), default=now * 1_000)  # time without data coarsens nothing
    return Known(
        experiment=experiment,
        iteration=iteration,
        plan=plan(iteration, metrics, flag, environment.id, min(newest, now * 1_000), wanted.until),
        files=files,
        dead=world.reader.dead(environment.id),
        admission=admission_of(world, experiment, iteration),
        serving=_is_on(flag, environment.key),
    )


def _iteration(experiment: Experiment, id: Id) -> Iteration:
    if not id:
        last = experiment.previous[-1] if experiment.previous else None
        found = experiment.current or last or experiment.draft
    else:
        found = next((each for each in experiment.iterations if each.id == id), None)
    if found is None:
        raise Missing("iteration", id or experiment.key)
    return found


def _pinned(world: World, home: Place, use: MetricUse, iteration: Iteration) -> Metric | None:
    """The metric as it was when the iteration began to measure it; as near to that as the log goes."""
    present = world.peek(METRIC, home, use.key)
    if present is None and iteration.started_at is not None:
        present = world.reader.named(METRIC, home, use.key, AsOf(at=iteration.started_at))
    if present is None or not use.version:
        return present
    return next((each for each in _versions(world, present) if each.version <= use.version), present)


def _versions(world: World, metric: Metric | None) -> Iterator[Metric]:
    """The metric, and its earlier meanings, the newest first."""
    while metric is not None:
        yield metric
        if metric.version == 1:
            return
        metric = world.reader.find(METRIC, metric.id, AsOf(at=metric.changed_at - 1))


def _fingerprint(known: Known, now: int) -> tuple[object, ...]:
    """What a document depends on."""
    return (
        known.plan.digest,
        known.plan.question.bucket,
        known.experiment.id,
        known.experiment.revision,
        tuple(file.id for file in known.files),
        tuple(sorted(known.dead.items())),
        known.admission,
        known.serving,
        now // FRESH_MS,
    )
