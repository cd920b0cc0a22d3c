"""What one object may not undergo while an experiment, or a flag, needs it."""

from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Outcome, apply
from equipoise.domain.clauses import Clause
from equipoise.domain.errors import Held
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import CloneIteration, Place, Stop
from equipoise.domain.experiment.state import Experiment, MetricUse
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    ForgetEnvironment,
    ServeVariation,
    SetFallthrough,
    SetRules,
    SetTargets,
    SetVariations,
    Switch,
)
from equipoise.domain.flag.state import Fixed, Flag, Prerequisite, Target, Variation
from equipoise.domain.guards import guard
from equipoise.domain.labels import Rename
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Release, Reserve, Vacate
from equipoise.domain.layer.state import Layer, Reservation
from equipoise.domain.metric import METRIC
from equipoise.domain.nouns import NOUNS
from equipoise.domain.proposal import Proposal
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.commands import SetRules as SetSegmentRules
from tests.domain.builders import (
    OFF,
    ON,
    a_flag,
    a_layer,
    a_metric,
    a_moment,
    a_project,
    a_rule,
    a_segment,
    a_targeting,
    after,
    an_environment,
)
from tests.domain.experiment.examples import (
    STOPPED_AT,
    THIRD,
    a_start,
    an_arm,
    an_iteration,
    by_segment,
    drafted,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)

CLAUSE = Clause("c", "country", "in", ("DE",))
RULES = (a_rule("rule-0"), a_rule("rule-1", clauses=(CLAUSE,)))
SPARE = Variation("spare", "spare")


class Around(Struct, frozen=True):
    """The experiments and flags as they are after the change."""

    experiments: tuple[Experiment, ...] = ()
    flags: tuple[Flag, ...] = ()

    def active_on(self, project: str, flag: str) -> tuple[Experiment, ...]:
        return self._those(lambda each: each.active and (each.project, each.flag) == (project, flag))

    def using(self, project: str, relation: str, key: str) -> tuple[Experiment, ...]:
        return self._those(
            lambda each: (
                each.project == project
                and each.archived_at is None
                and (relation, key) in EXPERIMENT.facets(each).links
            )
        )

    def active_in(self, project: str, environment: str | None) -> tuple[Experiment, ...]:
        return self._those(
            lambda each: each.active and each.project == project and environment in (None, each.environment)
        )

    def flags_named(self, project: str, keys: Any) -> tuple[Flag, ...]:
        return tuple(each for each in self.flags if each.project == project and each.key in keys)

    def needing(self, project: str, flag: str) -> tuple[Flag, ...]:
        link = ("prerequisite", flag)
        return tuple(
            each
            for each in self.flags
            if each.project == project and each.archived_at is None and link in FLAG.facets(each).links
        )

    def _those(self, holds: Any) -> tuple[Experiment, ...]:
        return tuple(filter(holds, self.experiments))


def the_flag() -> Flag:
    """Two rules in production, and a variation that nobody serves."""
    flag = a_flag()
    return replace(
        flag,
        variations=(*flag.variations, SPARE),
        targeting={"production": a_targeting(rules=RULES)},
    )


def asked(command: Command, *around: Experiment, flag: Flag | None = None) -> None:
    """Raises Held where one of the experiments stands in the way of this command to the flag."""
    outcome = apply(FLAG, flag or the_flag(), command, a_moment())
    assert outcome.events
    guard(outcome, Around(around))


def on_rule(rule: str = "rule-1") -> Experiment:
    return running(Place(rule)) if rule == "fallthrough" else _ruled(rule)


def _ruled(rule: str) -> Experiment:
    placed = after(EXPERIMENT, drafted(), Place(rule))
    return after(EXPERIMENT, placed, a_start(flag=the_facts(rules=("rule-0", "rule-1"))))


def variations(*kept: Variation) -> SetVariations:
    return SetVariations(kept, ON, OFF)


ON_FALLTHROUGH: list[Command] = [
    SetFallthrough("production", Fixed(OFF)),
    ServeVariation("production", "fallthrough", OFF),
    variations(replace(the_flag().variations[0], value="other"), the_flag().variations[1], SPARE),
    labels.Archive(),
    labels.Delete(),
]
ON_RULE: list[Command] = [
    SetRules("production", RULES[:1]),
    SetRules("production", ()),
    SetRules("production", (RULES[0], replace(RULES[1], serve=Fixed(OFF)))),
    SetRules("production", (RULES[0], replace(RULES[1], clauses=()))),
    SetRules("production", (RULES[0], replace(RULES[1], disabled=True))),
    ServeVariation("production", "rule-1", OFF),
    ForgetEnvironment("production"),
    labels.Archive(),
]
FREE: list[Command] = [
    Switch("production", False),
    Switch("test", True),
    SetFallthrough("test", Fixed(OFF)),
    SetTargets("production", (Target(OFF, ("ann",)),)),
    variations(*the_flag().variations[:2]),
    variations(*(replace(each, name="renamed") for each in the_flag().variations)),
    labels.Rename("Other"),
    labels.Annotate("some", "field", 1),
]


@pytest.mark.parametrize("command", ON_FALLTHROUGH, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("holder", [running(), paused()], ids=["running", "paused"])
def test_an_active_experiment_holds_what_it_stands_on(command: Command, holder: Experiment) -> None:
    with pytest.raises(Held, match=f"new-checkout in production is {holder.status}"):
        asked(command, holder)
    if not isinstance(command, labels.Delete):
        asked(command, stopped(), with_draft(stopped()), drafted())


@pytest.mark.parametrize("command", ON_RULE, ids=lambda it: type(it).__name__)
def test_an_active_experiment_holds_its_rule(command: Command) -> None:
    with pytest.raises(Held, match="new-checkout"):
        asked(command, on_rule())
    asked(command)


@pytest.mark.parametrize("command", FREE, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("rule", ["fallthrough", "rule-1"])
def test_what_it_does_not_stand_on_is_free(command: Command, rule: str) -> None:
    asked(command, on_rule(rule))


@pytest.mark.parametrize(
    "rules",
    [
        RULES[1:],
        RULES[::-1],
        (*RULES, a_rule("rule-2")),
        (replace(RULES[0], serve=Fixed(OFF)), RULES[1]),
        (RULES[0], replace(RULES[1], description="Germans", ref="de", track_events=True)),
    ],
    ids=str,
)
def test_other_rules_and_what_a_rule_is_called_are_free(rules: Any) -> None:
    asked(SetRules("production", rules), on_rule("rule-1"))


def test_the_fallthrough_of_an_experiment_on_a_rule_is_free() -> None:
    asked(SetFallthrough("production", Fixed(OFF)), on_rule("rule-1"))
    asked(SetRules("production", ()), on_rule("fallthrough"))


def test_the_same_rule_in_another_environment_is_free() -> None:
    asked(SetFallthrough("test", Fixed(OFF)), running())
    with pytest.raises(Held):
        asked(SetFallthrough("test", Fixed(OFF)), running(environment="test"))


def test_a_variation_in_an_arm_or_outside_is_not_removed() -> None:
    flag = replace(the_flag(), targeting={"production": a_targeting()})
    arms = Proposal((an_arm("spare", 50_000), an_arm(OFF, control=True)))
    outside = Proposal((an_arm(OFF, 50_000, control=True),), outside="spare")
    facts = the_facts(variations=(ON, OFF, "spare"))
    for proposal in (arms, outside):
        holder = after(EXPERIMENT, drafted(draft=an_iteration(proposal=proposal)), a_start(flag=facts))
        with pytest.raises(Held, match="remove variation spare"):
            asked(variations(*flag.variations[:2]), holder, flag=flag)
        elsewhere = replace(holder, environment="test")
        with pytest.raises(Held, match="in test"):
            asked(variations(*flag.variations[:2]), elsewhere, flag=flag)


def test_a_variation_that_only_a_draft_names_may_go() -> None:
    proposal = Proposal((an_arm("spare"),))
    asked(variations(*the_flag().variations[:2]), with_draft(running(), proposal=proposal))


def test_a_value_of_another_json_type_is_another_value() -> None:
    on, *others = the_flag().variations
    with pytest.raises(Held, match="change variation"):
        asked(variations(replace(on, value=1), *others), running())


def test_a_flag_is_not_deleted_while_an_experiment_may_still_use_it() -> None:
    for user in (drafted(), stopped(), running()):
        with pytest.raises(Held, match="delete flag checkout: experiment new-checkout in production"):
            asked(labels.Delete(), user)
    asked(labels.Delete(), after(EXPERIMENT, stopped(), labels.Archive()))
    asked(labels.Delete(), drafted(flag="other"), drafted(project="other"))


def test_a_winner_is_served_in_the_change_that_stops() -> None:
    asked(ServeVariation("production", "fallthrough", OFF), stopped(OFF))


def test_a_winner_is_served_in_the_change_that_stops_and_starts_again() -> None:
    again = _again(stopped(OFF), STOPPED_AT)
    asked(ServeVariation("production", "fallthrough", OFF), again)
    with pytest.raises(Held):
        asked(SetFallthrough("production", Fixed("spare")), again)


def test_the_winner_of_an_earlier_change_is_no_licence() -> None:
    for again in (_again(stopped(OFF), STOPPED_AT + 1), _again(stopped(), STOPPED_AT)):
        with pytest.raises(Held):
            asked(ServeVariation("production", "fallthrough", OFF), again)


def _again(now: Experiment, at: int) -> Experiment:
    return after(EXPERIMENT, now, CloneIteration(THIRD), a_start(), at=at)


def test_a_rule_that_is_born_with_the_start_is_nobodys_yet() -> None:
    flag = replace(the_flag(), targeting={"production": a_targeting()})
    asked(SetRules("production", RULES), on_rule("rule-1"), flag=flag)


def needing(variation: str = "spare", **fields: Any) -> Flag:
    """Another flag, which needs a variation of the flag first."""
    targeting = a_targeting(prerequisites=(Prerequisite("checkout", variation),))
    return a_flag(key="payment", targeting={"test": targeting}, **fields)


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (labels.Archive(), "archive flag checkout"),
        (labels.Delete(), "delete flag checkout"),
        (variations(*the_flag().variations[:2]), "remove variation spare of flag checkout"),
    ],
    ids=["archive", "delete", "remove variation"],
)
def test_what_another_flag_needs_first_stays(command: Command, action: str) -> None:
    taken = apply(FLAG, the_flag(), command, a_moment())
    with pytest.raises(Held, match=f"cannot {action}: flag payment needs it first") as held:
        guard(taken, Around(flags=(needing(),)))
    assert held.value.within == needing().place
    guard(taken, Around(flags=(needing(archived_at=STOPPED_AT),)))
    guard(taken, Around(flags=(needing(project="other"), a_flag(key="payment"))))


def test_a_flag_that_is_needed_may_change_otherwise() -> None:
    revalued = variations(*(replace(each, value=each.name) for each in the_flag().variations))
    archived = replace(the_flag(), archived_at=STOPPED_AT)
    for flag, command in (
        (the_flag(), revalued),
        (the_flag(), labels.Rename("Other")),
        (archived, labels.Rename("Other")),
        (archived, labels.Restore()),
    ):
        guard(apply(FLAG, flag, command, a_moment()), Around(flags=(needing(),)))


def test_a_variation_that_no_other_flag_needs_may_go() -> None:
    taken = apply(FLAG, the_flag(), variations(*the_flag().variations[:2]), a_moment())
    guard(taken, Around(flags=(needing(ON),)))


def test_a_flag_is_needed_by_whoever_needs_a_variation_that_it_has_no_more() -> None:
    deleted = apply(FLAG, the_flag(), labels.Delete(), a_moment())
    with pytest.raises(Held, match="flag payment needs it first"):
        guard(deleted, Around(flags=(needing("lost"),)))


def test_a_metric_is_not_deleted_while_an_experiment_measures_it() -> None:
    deleted = apply(METRIC, a_metric(), labels.Delete(), a_moment())
    for user in (drafted(), stopped()):
        with pytest.raises(
            Held, match="delete metric purchases: experiment new-checkout in production uses it"
        ):
            guard(deleted, Around((user,)))
    guard(deleted, Around((after(EXPERIMENT, drafted(), labels.Archive()),)))
    guard(deleted, Around((drafted(draft=an_iteration(metrics=(MetricUse("visits"),))),)))
    grouped = an_iteration(metrics=(MetricUse("purchases", group=True),))
    guard(deleted, Around((drafted(draft=grouped),)))


def test_a_metric_that_is_measured_may_change_otherwise() -> None:
    guard(apply(METRIC, a_metric(), labels.Rename("Other"), a_moment()), Around((running(),)))


def test_a_segment_is_not_deleted_while_an_experiment_serves_it() -> None:
    deleted = apply(SEGMENT, a_segment(), labels.Delete(), a_moment())
    user = drafted(draft=an_iteration(proposal=by_segment()))
    with pytest.raises(Held, match="delete segment beta: experiment new-checkout in production uses it"):
        guard(deleted, Around((user,)))
    guard(deleted, Around((after(EXPERIMENT, user, labels.Archive()),)))
    guard(deleted, Around((drafted(),)))
    guard(deleted, Around((replace(user, environment="test"), replace(user, project="other"))))


def test_a_segment_that_is_served_may_change_otherwise() -> None:
    user = drafted(draft=an_iteration(proposal=by_segment()))
    for command in (SetSegmentRules(()), labels.Archive()):
        guard(apply(SEGMENT, a_segment(), command, a_moment()), Around((user,)))


@pytest.mark.parametrize(("noun", "state"), [("environment", an_environment()), ("project", a_project())])
def test_where_an_experiment_is_active_is_not_deleted(noun: str, state: Any) -> None:
    deleted: Outcome[Any] = Outcome(NOUNS[noun], state, None, (labels.Deleted(),))
    for holder in (running(), paused()):
        with pytest.raises(Held, match=f"delete {noun} {state.key}: experiment new-checkout"):
            guard(deleted, Around((holder,)))
    guard(deleted, Around((drafted(), stopped())))
    guard(deleted, Around((running(project="other"),)))
    guard(Outcome(NOUNS[noun], state, state, (labels.Renamed("Other"),)), Around((running(),)))


def test_an_environment_goes_while_its_neighbour_is_experimented_in() -> None:
    deleted: Outcome[Any] = Outcome(NOUNS["environment"], an_environment(key="test"), None, ())
    guard(deleted, Around((running(),)))


def test_a_birth_and_an_experiment_itself_have_no_guard() -> None:
    guard(Outcome(FLAG, None, the_flag(), ()), Around((running(),)))
    guard(apply(EXPERIMENT, running(), Stop(), a_moment()), Around((running(),)))


# layers

RESERVED = Reservation("production", "new-checkout", ((0, 20_000),))
LAID = a_layer(reservations=(RESERVED,))


def of_layer(layer: Layer, *commands: Command) -> Outcome[Any]:
    now: Layer | None = layer
    for command in commands:
        now = apply(LAYER, now, command, a_moment()).after
    return Outcome(LAYER, layer, now, ())


@pytest.mark.parametrize("holder", [running(), paused()])
@pytest.mark.parametrize(
    "command",
    [
        Reserve("production", "new-checkout", 10),
        Release("production", "new-checkout"),
        Vacate("production"),
        labels.Delete(),
    ],
)
def test_what_a_layer_reserves_for_an_active_experiment_stays(holder: Experiment, command: Command) -> None:
    with pytest.raises(Held, match="stop it first"):
        guard(of_layer(LAID, command), Around((holder,)))
    guard(of_layer(LAID, command), Around((stopped(),)))


def test_what_a_layer_reserves_for_an_active_experiment_may_grow_and_others_may_come() -> None:
    around = Around((running(),))
    guard(of_layer(LAID, Reserve("production", "new-checkout", 30)), around)
    guard(of_layer(LAID, Reserve("production", "other", 30), Rename("Other")), around)
    guard(of_layer(LAID, Reserve("test", "new-checkout", 30), Release("test", "new-checkout")), around)


def test_an_active_experiment_joins_no_layer() -> None:
    command = Reserve("production", "new-checkout", 0)
    with pytest.raises(Held, match="put experiment new-checkout into layer checkout"):
        guard(of_layer(a_layer(), command), Around((running(),)))
    guard(of_layer(a_layer(), command), Around((drafted(),)))
