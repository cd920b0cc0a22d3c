"""Which phase of which experiment lay over which rule, from version to version."""

from collections.abc import Iterable

from msgspec.structs import replace

from equipoise.application.ports import Store
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, Pause, ProposeAllocation, Resume, Start, Stop
from equipoise.domain.identity import Place
from equipoise.domain.proposal import Proposal
from tests.domain.builders import OFF, ON, a_segment
from tests.domain.experiment.examples import (
    FIRST,
    SECOND,
    a_ramp,
    a_start,
    an_experiment,
    an_iteration,
    by_segment,
    halves,
    the_facts,
)
from tests.storage.desk import an_id, bear, change


def lead(store: Store, rule: str, versions: Iterable[int]) -> list[tuple[str, int] | None]:
    """Iteration and phase that lay over the rule under each version."""
    place = Place("default", "production")
    with store.read() as reader:
        found = [reader.laid(place, "checkout", rule, version) for version in versions]
    return [None if each is None else (each.iteration, each.phase) for each in found]


def test_a_version_leads_by_the_rule_of_each_segment_to_the_phase_that_lay_then(any_store: Store) -> None:
    beta, fallback = by_segment().arms
    staff = replace(beta, segment="staff", variation=OFF)
    facts = the_facts(segments=dict.fromkeys(("beta", "staff"), a_segment().rules))
    wider = ProposeAllocation(Proposal((beta, staff, fallback)), facts)
    halved = ProposeAllocation(halves(), facts)
    experiment = an_experiment(draft=an_iteration(proposal=by_segment()))
    bear(any_store, EXPERIMENT, experiment)  # 1
    commands = (Start(facts), Pause(), wider, Resume(), Pause(), halved, Resume(), Stop())  # 2 to 9
    for command in commands:
        change(any_store, EXPERIMENT, experiment.id, command)
    first, second, third = ((FIRST, phase) for phase in range(3))
    nothing = None
    asked = range(1, 11)
    of_beta, of_staff = f"{FIRST}.{ON}.beta", f"{FIRST}.{OFF}.staff"
    assert lead(any_store, of_beta, asked) == [nothing, first, *[nothing] * 2, second, *[nothing] * 5]
    assert lead(any_store, of_staff, asked) == [*[nothing] * 4, second, *[nothing] * 5]
    assert lead(any_store, "fallthrough", asked) == [
        *(nothing, first, nothing, nothing, second),
        *(nothing, nothing, third, nothing, nothing),
    ]
    assert lead(any_store, f"{FIRST}.{ON}.staff", asked) == [nothing] * 10


def test_each_level_of_a_ramp_is_a_phase_of_its_own_and_the_versions_grow(any_store: Store) -> None:
    experiment = an_experiment(draft=an_iteration(proposal=a_ramp(1_000, 2_000, 100_000)))
    bear(any_store, EXPERIMENT, experiment)  # 1
    versions = []
    for command in (a_start(), Advance(2_000), Pause(), Advance(100_000), Resume()):  # 2 to 6
        change(any_store, EXPERIMENT, experiment.id, command)
        with any_store.read() as reader:
            versions.append(reader.versions("default", ("checkout",))["checkout", "production"])
    assert versions == [2, 3, 4, 4, 6]
    assert lead(any_store, "fallthrough", range(1, 8)) == [
        *(None, (FIRST, 0), (FIRST, 1), None),
        *(None, (FIRST, 2), (FIRST, 2)),
    ]


def test_experiments_side_by_side_lead_each_to_its_own(any_store: Store) -> None:
    """To end the one leaves the other's rules open."""
    facts = the_facts(rules=("rule-1",))
    one = an_experiment(draft=an_iteration(proposal=by_segment()))
    other = an_experiment(
        id=an_id("other"), key="other", draft=an_iteration(id=SECOND, rule="rule-1", proposal=by_segment())
    )
    bear(any_store, EXPERIMENT, one, other)  # 1 and 2
    change(any_store, EXPERIMENT, one.id, Start(facts))  # 3
    change(any_store, EXPERIMENT, other.id, Start(facts))  # 4
    change(any_store, EXPERIMENT, one.id, Stop())  # 5
    assert lead(any_store, f"{FIRST}.{ON}.beta", range(2, 7)) == [None, (FIRST, 0), (FIRST, 0), None, None]
    for rule in (f"{SECOND}.{ON}.beta", "rule-1"):
        assert lead(any_store, rule, range(2, 7)) == [None, None, *[(SECOND, 0)] * 3]
