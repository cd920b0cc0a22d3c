"""What is known of the store: who has which key, and the projects that somebody listens to.

Each look is one read transaction. A project that is followed already costs the rows of the log since
the last look, not all it holds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import LogRow, Query, Reader, Store, space_of
from equipoise.application.serving import Key
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.state import Environment
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.snapshot import Snapshot, snapshot

ROWS_MAX = 500  # further behind, a project is loaded anew
DELIVERED = frozenset({"flag", "experiment", "environment"})
_SPACE = space_of("")

Credential = tuple[Key, str]  # what kind of key, and its digest


class Followed(Struct, frozen=True):
    """A project as it is at a number of its log.

    flags        those that are served, by id; archived ones are not
    experiments  those that run, by id
    versions     (flag key, environment key) → number of the last change to what is delivered there
    """

    key: str
    number: int
    environments: Mapping[Id, Environment]
    flags: Mapping[Id, Flag]
    experiments: Mapping[Id, Experiment]
    versions: Mapping[tuple[str, str], int]


class Known(Struct, frozen=True):
    """What was found at one look.

    numbers    number space → the last number given in it
    holders    kind and digest of a key → id of the environment
    homes      id of an environment → key of its project
    snapshots  id of an environment that is wanted, and is there → what it serves
    """

    numbers: Mapping[str, int]
    holders: Mapping[Credential, Id]
    homes: Mapping[Id, str]
    projects: Mapping[str, Followed]
    snapshots: Mapping[Id, Snapshot]


NOTHING = Known({}, {}, {}, {}, {})


def look(store: Store, known: Known, wanted: Iterable[Id]) -> Known:
    """What there is now; the same object where nothing moved and nothing else is wanted.

    wanted  ids of environments
    """
    asked = frozenset(wanted)
    with store.read() as reader:
        numbers = reader.numbers()
        moved = _moved(known.numbers, numbers)
        if not moved and known is not NOTHING and asked == known.snapshots.keys():
            return known
        homes, holders = _directory(reader, known, moved)
        keys = {homes[id] for id in asked if id in homes}
        projects = {key: _follow(reader, known.projects.get(key), key, numbers) for key in keys}
    snapshots = {id: _snapshot(known, projects[homes[id]], id) for id in asked if id in homes}
    return Known(numbers, holders, homes, projects, snapshots)


def _moved(before: Mapping[str, int], now: Mapping[str, int]) -> frozenset[str]:
    """Keys of the projects whose numbers are other than before; a restore may take one away."""
    spaces = (space for space in before.keys() | now.keys() if before.get(space) != now.get(space))
    return frozenset(space.removeprefix(_SPACE) for space in spaces if space.startswith(_SPACE))


def _directory(
    reader: Reader, known: Known, moved: frozenset[str]
) -> tuple[Mapping[Id, str], Mapping[Credential, Id]]:
    """Where each environment is, and who holds each key."""
    if known is NOTHING:
        found = list(reader.select(ENVIRONMENT, Query(INSTANCE, everywhere=True)).items)
    elif not moved:
        return known.homes, known.holders
    else:
        found = [each for key in moved for each in reader.select(ENVIRONMENT, Query(Place(key))).items]
    stale = {id for id, home in known.homes.items() if home in moved}
    homes = {id: home for id, home in known.homes.items() if id not in stale}
    holders = {held: id for held, id in known.holders.items() if id not in stale}
    homes |= {each.id: each.project for each in found}
    holders |= {held: each.id for each in found for held in _keys(each)}
    return homes, holders


def _keys(environment: Environment) -> tuple[Credential, Credential]:
    return (Key.SERVER, environment.sdk_key.digest), (Key.MOBILE, environment.mobile_key.digest)


def _follow(reader: Reader, before: Followed | None, key: str, numbers: Mapping[str, int]) -> Followed:
    number = numbers.get(space_of(key), 0)
    if before is None or number < before.number:  # an older state was restored
        return _load(reader, key, number)
    if number == before.number:
        return before
    rows = reader.history(space_of(key), before.number, ROWS_MAX)
    if len(rows) == ROWS_MAX:
        return _load(reader, key, number)
    relevant = [row for row in rows if row.noun in DELIVERED]
    return _advance(reader, before, relevant, number) if relevant else replace(before, number=number)


def _load(reader: Reader, key: str, number: int) -> Followed:
    place = Place(key)
    flags = reader.select(FLAG, Query(place, archived=False)).items
    running = Query(place, everywhere=True, statuses=(Status.RUNNING,))
    return Followed(
        key,
        number,
        {each.id: each for each in reader.select(ENVIRONMENT, Query(place)).items},
        {each.id: each for each in flags},
        {each.id: each for each in reader.select(EXPERIMENT, running).items},
        reader.versions(key, [each.key for each in flags]),
    )


def _advance(reader: Reader, before: Followed, rows: list[LogRow], number: int) -> Followed:
    """The project after these changes."""
    environments, flags = dict(before.environments), dict(before.flags)
    experiments = dict(before.experiments)
    touched: set[str] = set()
    for row in rows:
        state = row.state
        if row.noun == "flag":
            touched.add(row.key)
            _put(flags, row.id, state, state is not None and state.archived_at is None)
        elif row.noun == "experiment":
            touched |= {each.flag for each in (experiments.get(row.id), state) if each is not None}
            _put(experiments, row.id, state, state is not None and state.status is Status.RUNNING)
        else:
            if row.id not in environments:  # to one that is new, every flag is
                touched |= {flag.key for flag in flags.values()}
            _put(environments, row.id, state, state is not None)
    versions = {**before.versions, **reader.versions(before.key, sorted(touched))}
    return Followed(before.key, number, environments, flags, experiments, versions)


def _put(states: dict[Id, Any], id: Id, state: Any, there: bool) -> None:
    if there:
        states[id] = state
    else:
        states.pop(id, None)


def _snapshot(known: Known, project: Followed, id: Id) -> Snapshot:
    """What the environment serves: the same object as before where nothing of it changed, made of the same
    objects where something did."""
    before, earlier = known.snapshots.get(id), known.projects.get(project.key)
    environment = project.environments[id]
    if before is not None and earlier is not None and _alike(earlier, project):
        return before
    versions = {
        flag: number for (flag, place), number in project.versions.items() if place == environment.key
    }
    flags = sorted(project.flags.values(), key=lambda flag: flag.key)  # alike in every process
    running = project.experiments.values()
    return snapshot(environment, project.number, flags, versions, running, before)


def _alike(before: Followed, now: Followed) -> bool:
    """Whether nothing that is delivered changed: then all that is kept is the same."""
    return before.number <= now.number and before.flags is now.flags and before.versions is now.versions
