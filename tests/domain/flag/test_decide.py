"""What may be asked of a flag, and what it answers."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.clauses import Clause
from equipoise.domain.errors import Exceeded, Held, Invalid, Missing, Refused
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    Create,
    Deprecate,
    ForgetEnvironment,
    ServeVariation,
    SetAvailability,
    SetFallthrough,
    SetLifetime,
    SetOffVariation,
    SetParameters,
    SetPrerequisites,
    SetProperties,
    SetRules,
    SetTargets,
    SetTracking,
    SetVariations,
    Switch,
    Undeprecate,
)
from equipoise.domain.flag.events import DefaultKept, Switched, VariationsSet
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Fixed,
    Parameter,
    Prerequisite,
    Property,
    Rollout,
    Target,
    Variation,
    Weighted,
)
from equipoise.domain.limits import RULES_PER_FLAG_MAX, VARIATIONS_PER_FLAG_MAX
from tests.domain.builders import (
    BORN_AT,
    LATER,
    OFF,
    ON,
    a_bare_flag,
    a_flag,
    a_rollout,
    a_rule,
    a_targeting,
    after,
    events_of,
)

BOTH = a_flag().variations
THIRD = Variation("v-3", "third")


def test_a_flag_is_born_whole() -> None:
    born = after(FLAG, None, Create(a_flag()))
    assert born == a_flag(revision=1, touched_at=LATER)


def test_a_flag_that_is_there_is_not_born_again() -> None:
    with pytest.raises(Held):
        events_of(FLAG, a_flag(), Create(a_flag()))


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_flag(
        id="x",
        key="no key",
        name=" ",
        salt="",
        parameters=(Parameter("a", "date", 1),),
        variations=(Variation(ON, {"a": 1}),),
        off_variation="nowhere",
        on_at_birth=True,
    )
    with pytest.raises(Invalid) as refusal:
        events_of(FLAG, None, Create(wrong))
    places = [violation.where for violation in refusal.value.violations]
    assert places == [
        "id",
        "key",
        "name",
        "salt",
        "parameters.type",
        "off_variation",
        "variations.value",
        "on",
    ]


def test_a_birth_keeps_each_tag_and_each_target_key_once() -> None:
    targets = (Target(ON, ("ann", "ann")), Target(OFF, ()))
    flag = a_flag(tags=("web", "web"), targeting={"test": a_targeting(targets=targets)})
    born = after(FLAG, None, Create(flag))
    assert born.tags == ("web",)
    assert born.in_environment("test").targets == (Target(ON, ("ann",)),)


def test_a_birth_with_targeting_on_an_unknown_variation_is_invalid() -> None:
    stray = a_targeting(rules=(a_rule(serve=Fixed("nowhere")),))
    with pytest.raises(Invalid, match=r"targeting\.test\.rules\.0\.serve"):
        events_of(FLAG, None, Create(a_flag(targeting={"test": stray})))


@pytest.mark.parametrize(
    "command",
    [
        SetLifetime(temporary=True),
        SetAvailability(client_side=False, mobile=True),
        SetProperties(()),
        SetVariations(BOTH, ON, OFF),
        SetParameters(()),
        Undeprecate(),
        Switch("production", on=False),
        SetOffVariation("production", OFF),
        SetFallthrough("production", Fixed(ON)),
        SetRules("production", ()),
        SetTargets("production", (Target(ON, ()),)),
        SetPrerequisites("production", ()),
        SetTracking("production", track_events=False, track_events_fallthrough=False),
        ServeVariation("production", FALLTHROUGH, ON),
        ForgetEnvironment("production"),
        labels.Restore(),
    ],
)
@pytest.mark.parametrize("archived_at", [None, BORN_AT])
def test_a_change_that_changes_nothing_is_no_event(command: Any, archived_at: int | None) -> None:
    if isinstance(command, labels.Restore):
        archived_at = None
    assert events_of(FLAG, a_flag(archived_at=archived_at), command) == ()


def test_settings_are_set() -> None:
    properties = (Property("tickets", "Tickets", ("T-1", "T-2")),)
    now = after(
        FLAG,
        a_flag(),
        SetLifetime(temporary=False),
        SetAvailability(client_side=True, mobile=False),
        SetProperties(properties),
        Deprecate(),
    )
    assert (now.temporary, now.client_side, now.mobile) == (False, True, False)
    assert (now.properties, now.deprecated_at) == (properties, LATER)
    assert after(FLAG, now, Undeprecate()).deprecated_at is None


def test_a_property_stands_once() -> None:
    with pytest.raises(Invalid, match="each key stands once"):
        events_of(FLAG, a_flag(), SetProperties((Property("a", "A", ()), Property("a", "B", ()))))


def test_switching_says_where_and_when() -> None:
    assert events_of(FLAG, a_flag(), Switch("test", on=True)) == (Switched("test", LATER, True),)


def test_a_change_of_one_environment_leaves_the_others() -> None:
    now = after(FLAG, a_flag(), Switch("test", on=True))
    assert now.in_environment("test").on
    assert now.in_environment("test").changed_at == LATER
    assert not now.in_environment("production").on


def test_an_archived_flag_keeps_its_targeting_until_it_is_restored() -> None:
    archived = after(FLAG, a_flag(), labels.Archive())
    with pytest.raises(Refused, match="is archived"):
        events_of(FLAG, archived, Switch("test", on=True))
    assert after(FLAG, archived, labels.Restore(), Switch("test", on=True)).in_environment("test").on


def test_an_environment_has_a_key() -> None:
    with pytest.raises(Invalid, match="environment"):
        events_of(FLAG, a_flag(), Switch("no key", on=True))


class TestVariations:
    def test_a_value_that_only_python_holds_for_equal_is_a_change(self) -> None:
        ones = (Variation(ON, 1, "on"), Variation(OFF, 0, "off"))
        dated = tuple(replace(each, touched_at=LATER) for each in ones)
        assert events_of(FLAG, a_flag(), SetVariations(ones, ON, OFF)) == (VariationsSet(dated, ON, OFF),)

    def test_each_says_when_it_was_made_and_when_it_last_changed(self) -> None:
        more = SetVariations((*BOTH, THIRD), ON, OFF)
        third = replace(THIRD, created_at=LATER, touched_at=LATER)
        now = after(FLAG, a_flag(), more)
        assert now.variations == (*BOTH, third)
        renamed = (BOTH[0], replace(BOTH[1], name="Off"), THIRD)
        again = after(FLAG, now, SetVariations(renamed, ON, OFF), at=LATER + 5)
        assert again.variations == (BOTH[0], replace(renamed[1], touched_at=LATER + 5), third)
        assert events_of(FLAG, again, SetVariations(renamed, ON, OFF), at=LATER + 9) == ()

    def test_nobody_else_says_when_one_was_made(self) -> None:
        claimed = tuple(replace(each, created_at=1, touched_at=2) for each in BOTH)
        assert events_of(FLAG, a_flag(), SetVariations(claimed, ON, OFF)) == ()

    def test_an_id_stands_once(self) -> None:
        with pytest.raises(Invalid, match="each id stands once"):
            events_of(FLAG, a_flag(), SetVariations((*BOTH, BOTH[0]), ON, OFF))

    def test_two_variations_may_have_one_value(self) -> None:
        alike = (Variation(ON, True), Variation(OFF, True))
        values = [each.value for each in after(FLAG, a_flag(), SetVariations(alike, ON, OFF)).variations]
        assert values == [True, True]

    def test_there_are_so_many_and_no_more(self) -> None:
        many = tuple(Variation(f"v{n}", n) for n in range(VARIATIONS_PER_FLAG_MAX + 1))
        with pytest.raises(Exceeded, match="VARIATIONS_PER_FLAG_MAX"):
            events_of(FLAG, a_flag(), SetVariations(many, "v0", "v1"))
        assert events_of(FLAG, a_flag(), SetVariations(many[1:], "v1", "v2"))

    @pytest.mark.parametrize(
        "served",
        [
            a_targeting(off_variation="v-3"),
            a_targeting(fallthrough=Fixed("v-3")),
            a_targeting(fallthrough=a_rollout(outside="v-3")),
            a_targeting(rules=(a_rule(serve=Fixed("v-3")),)),
            a_targeting(targets=(Target("v-3", ("ann",)),)),
        ],
    )
    def test_one_that_is_still_served_is_not_left_out(self, served: Any) -> None:
        flag = a_flag(variations=(*BOTH, THIRD), targeting={"test": served})
        with pytest.raises(Refused, match="still serves it in test"):
            events_of(FLAG, flag, SetVariations(BOTH, ON, OFF))

    def test_one_that_nobody_is_served_is_left_out(self) -> None:
        flag = a_flag(variations=(*BOTH, THIRD), targeting={"test": a_targeting()})
        assert after(FLAG, flag, SetVariations(BOTH, ON, OFF)).variations == BOTH

    def test_new_defaults_change_nothing_for_the_environments_that_are_named(self) -> None:
        swapped = SetVariations(BOTH, on_variation=OFF, off_variation=ON, environments=("test",))
        assert events_of(FLAG, a_flag(), swapped)[0] == DefaultKept("test")
        now = after(FLAG, a_flag(), swapped)
        assert now.in_environment("test") == a_flag().in_environment("test")
        assert now.in_environment("born-later").fallthrough == Fixed(OFF)

    def test_a_default_that_is_kept_counts_as_served(self) -> None:
        others = (BOTH[1], THIRD)
        with pytest.raises(Refused, match="still serves it in test"):
            events_of(FLAG, a_flag(), SetVariations(others, "v-3", OFF, environments=("test",)))

    def test_the_same_defaults_write_nothing_down(self) -> None:
        more = SetVariations((*BOTH, THIRD), ON, OFF, environments=("test",))
        assert after(FLAG, a_flag(), more).targeting == {}


class TestUnfinished:
    @pytest.mark.parametrize("variations", [(), BOTH[:1]], ids=["none", "one"])
    def test_a_flag_may_be_born_with_fewer_than_two_variations(self, variations: Any) -> None:
        born = after(FLAG, None, Create(a_bare_flag(*variations)))
        assert not born.finished
        assert born.in_environment("test").on is False
        assert after(FLAG, None, Create(a_flag())).finished

    @pytest.mark.parametrize("variations", [(), BOTH[:1]], ids=["none", "one"])
    def test_it_is_off_everywhere(self, variations: Any) -> None:
        flag = a_bare_flag(*variations)
        with pytest.raises(Invalid, match="on: takes two variations at least"):
            events_of(FLAG, None, Create(replace(flag, on_at_birth=True)))
        with pytest.raises(Refused, match="turn it on: flag checkout has fewer than two variations"):
            events_of(FLAG, flag, Switch("test", on=True))
        assert events_of(FLAG, flag, Switch("test", on=False)) == ()

    def test_with_one_variation_it_is_not_born_on_somewhere(self) -> None:
        there = {"test": a_targeting(on=True, off_variation=ON)}
        with pytest.raises(Invalid, match="on: takes two"):
            events_of(FLAG, None, Create(a_bare_flag(BOTH[0], targeting=there)))

    def test_without_variations_no_default_is_said(self) -> None:
        for fields in ({"on_variation": ON}, {"off_variation": ON}):
            with pytest.raises(Invalid, match="must be one of the variations"):
                events_of(FLAG, None, Create(replace(a_bare_flag(), **fields)))
        for on, off in (("", OFF), (ON, "")):
            with pytest.raises(Invalid, match="must be one of the variations"):
                events_of(FLAG, a_bare_flag(), SetVariations(BOTH, on, off))

    def test_it_grows_into_a_flag_that_can_be_turned_on(self) -> None:
        first = SetVariations(BOTH[:1], ON, ON, environments=("test",))
        both = SetVariations(BOTH, ON, OFF)
        now = after(FLAG, a_bare_flag(), first, both, Switch("test", on=True))
        assert now.in_environment("test") == a_targeting(changed_at=LATER)
        assert set(now.targeting) == {"test"}

    @pytest.mark.parametrize(
        "command",
        [
            SetTracking("test", track_events=True, track_events_fallthrough=False),
            SetPrerequisites("test", (Prerequisite("login", "v1"),)),
        ],
        ids=lambda it: type(it).__name__,
    )
    def test_without_variations_there_is_nothing_to_target(self, command: Any) -> None:
        """What it serves would be written down, and that is nothing."""
        with pytest.raises(Refused, match="has no variation to serve"):
            events_of(FLAG, a_bare_flag(), command)
        assert events_of(FLAG, a_bare_flag(BOTH[0]), command)

    @pytest.mark.parametrize(
        ("fields", "where"),
        [({"targeting": {"test": a_targeting()}}, "test"), ({"on_at_birth": True}, "new environments")],
        ids=["somewhere", "at birth"],
    )
    @pytest.mark.parametrize("left", [BOTH[:1], ()], ids=["one", "none"])
    def test_a_flag_that_is_on_keeps_two_variations(self, fields: Any, where: str, left: Any) -> None:
        first = left[0].id if left else ""
        with pytest.raises(Refused, match=f"fewer than two variations: flag checkout is on in {where}"):
            events_of(FLAG, a_flag(**fields), SetVariations(left, first, first))

    def test_a_flag_that_is_off_may_lose_all_of_them(self) -> None:
        now = after(FLAG, a_flag(), SetVariations(BOTH[:1], ON, ON), SetVariations((), "", ""))
        assert (now.variations, now.on_variation, now.off_variation) == ((), "", "")
        served = a_flag(targeting={"test": a_targeting(on=False)})
        with pytest.raises(Refused, match="still serves it in test"):
            events_of(FLAG, served, SetVariations(BOTH[:1], ON, ON))


class TestServing:
    def test_a_rollout_is_served(self) -> None:
        now = after(FLAG, a_flag(), SetFallthrough("test", a_rollout(99_999, 1)))
        assert now.in_environment("test").fallthrough == a_rollout(99_999, 1)

    @pytest.mark.parametrize(
        ("serve", "rule"),
        [
            (Fixed("nowhere"), "must be a variation"),
            (Rollout(()), "has weights"),
            (a_rollout(50_000, 49_999), "sum to 100000"),
            (a_rollout(100_001, -1), "not negative"),
            (Rollout((Weighted("nowhere", 100_000),)), "must be a variation"),
            (a_rollout(outside="nowhere"), "must be a variation"),
            (a_rollout(kind="no kind"), "kind"),
            (a_rollout(scheme="fnv1a/2"), "must be sha1/15hex"),
        ],
    )
    def test_what_cannot_be_served_is_invalid(self, serve: Any, rule: str) -> None:
        with pytest.raises(Invalid, match=rule):
            events_of(FLAG, a_flag(), SetFallthrough("test", serve))

    def test_the_off_variation_is_one_of_the_flag(self) -> None:
        assert after(FLAG, a_flag(), SetOffVariation("test", ON)).in_environment("test") == (
            a_targeting(on=False, off_variation=ON, changed_at=LATER)
        )
        with pytest.raises(Invalid, match="off_variation"):
            events_of(FLAG, a_flag(), SetOffVariation("test", "nowhere"))

    def test_the_winner_is_served_by_the_rule_alone(self) -> None:
        rules = (a_rule("r1", serve=a_rollout()), a_rule("r2", serve=a_rollout()))
        flag = a_flag(targeting={"test": a_targeting(rules=rules)})
        there = after(FLAG, flag, ServeVariation("test", "r2", OFF)).in_environment("test")
        assert (there.serve("r1"), there.serve("r2")) == (a_rollout(), Fixed(OFF))
        assert there.fallthrough == Fixed(ON)

    def test_the_winner_may_be_served_by_the_last_resort(self) -> None:
        now = after(FLAG, a_flag(), ServeVariation("test", FALLTHROUGH, OFF))
        assert now.in_environment("test").fallthrough == Fixed(OFF)

    def test_a_rule_that_is_not_there_serves_nobody(self) -> None:
        with pytest.raises(Missing):
            events_of(FLAG, a_flag(), ServeVariation("test", "r1", ON))

    def test_an_unknown_winner_is_invalid(self) -> None:
        with pytest.raises(Invalid):
            events_of(FLAG, a_flag(), ServeVariation("test", FALLTHROUGH, "nowhere"))


class TestRules:
    def test_rules_are_set_in_order(self) -> None:
        rules = (a_rule("r2"), a_rule("r1"))
        now = after(FLAG, a_flag(), SetRules("test", rules))
        assert now.in_environment("test").rules == rules

    def test_another_order_is_a_change(self) -> None:
        flag = a_flag(targeting={"test": a_targeting(rules=(a_rule("r1"), a_rule("r2")))})
        assert events_of(FLAG, flag, SetRules("test", (a_rule("r2"), a_rule("r1"))))

    @pytest.mark.parametrize(
        ("rules", "fault"),
        [
            ((a_rule("r1"), a_rule("r1")), "each id stands once"),
            ((a_rule(""),), "rules.0.id"),
            ((a_rule(FALLTHROUGH),), "rules.0.id"),
            ((a_rule(serve=Fixed("nowhere")),), "must be a variation"),
            ((a_rule(clauses=(Clause("c", "email", "resembles", ()),)),), "known operator"),
            ((a_rule(clauses=(Clause("c", "a", "in", ()),) * 2),), "clause id stands once"),
        ],
    )
    def test_rules_that_cannot_be_asked_are_invalid(self, rules: Any, fault: str) -> None:
        with pytest.raises(Invalid, match=fault):
            events_of(FLAG, a_flag(), SetRules("test", rules))

    def test_there_are_so_many_and_no_more(self) -> None:
        many = tuple(a_rule(f"r{n}") for n in range(RULES_PER_FLAG_MAX + 1))
        with pytest.raises(Exceeded, match="RULES_PER_FLAG_MAX"):
            events_of(FLAG, a_flag(), SetRules("test", many))


class TestTargets:
    def test_a_key_has_one_variation_per_kind(self) -> None:
        with pytest.raises(Invalid, match="a key has one variation"):
            events_of(FLAG, a_flag(), SetTargets("test", (Target(ON, ("a",)), Target(OFF, ("a",)))))

    def test_a_key_of_another_kind_is_another_key(self) -> None:
        targets = (Target(ON, ("a",)), Target(OFF, ("a",), kind="device"))
        now = after(FLAG, a_flag(), SetTargets("test", targets))
        assert now.in_environment("test").targets == targets

    def test_a_target_without_keys_is_left_out(self) -> None:
        now = after(FLAG, a_flag(), SetTargets("test", (Target(ON, ()), Target(OFF, ("a", "a")))))
        assert now.in_environment("test").targets == (Target(OFF, ("a",)),)

    def test_an_empty_key_is_invalid(self) -> None:
        with pytest.raises(Invalid, match="a key is not empty"):
            events_of(FLAG, a_flag(), SetTargets("test", (Target(ON, ("",)),)))


class TestPrerequisites:
    def test_another_flag_may_come_first(self) -> None:
        needed = (Prerequisite("login", "v1"),)
        now = after(FLAG, a_flag(), SetPrerequisites("test", needed))
        assert now.in_environment("test").prerequisites == needed

    def test_a_flag_is_not_its_own_prerequisite(self) -> None:
        with pytest.raises(Invalid, match="not its own"):
            events_of(FLAG, a_flag(), SetPrerequisites("test", (Prerequisite("checkout", ON),)))

    def test_a_flag_is_needed_once(self) -> None:
        twice = (Prerequisite("login", "v1"), Prerequisite("login", "v2"))
        with pytest.raises(Invalid, match="each flag stands once"):
            events_of(FLAG, a_flag(), SetPrerequisites("test", twice))


def test_tracking_is_set_together() -> None:
    tracking = SetTracking("test", track_events=True, track_events_fallthrough=True)
    there = after(FLAG, a_flag(), tracking).in_environment("test")
    assert there.track_events
    assert there.track_events_fallthrough


def test_an_environment_that_is_gone_is_forgotten_even_by_an_archived_flag() -> None:
    flag = a_flag(archived_at=BORN_AT, targeting={"test": a_targeting(), "other": a_targeting()})
    assert set(after(FLAG, flag, ForgetEnvironment("test")).targeting) == {"other"}
