from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.clauses import Clause
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Fixed, Flag, Prerequisite, Target, Variation, Weighted
from equipoise.domain.flag.state import Rollout as DomainRollout
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Snapshot, snapshot
from equipoise.evaluation.compile import UNKNOWN, Compiled, compile
from equipoise.evaluation.context import Context, context
from equipoise.evaluation.decision import Decision, Fault, Reason, Why
from equipoise.evaluation.ruleset import Rollout, RuledFlag, Segment, SegmentRule, Slot
from tests.domain.builders import (
    OFF,
    ON,
    a_bare_flag,
    a_flag,
    a_rollout,
    a_rule,
    a_targeting,
    an_environment,
)
from tests.domain.experiment.examples import FIRST, an_iteration, by_segment, paused, running
from tests.evaluation.answers import Both
from tests.properties.strategies.flags import flags

USER = context({"kind": "user", "key": "u"})


def unit(number: int) -> Context:
    return context({"kind": "user", "key": f"unit-{number}"})


def served(*flags: Flag, experiments: tuple[Experiment, ...] = (), **versions: int) -> Snapshot:
    return snapshot(an_environment(), 9, flags, versions, experiments)


def targeted(**fields: Any) -> Flag:
    return a_flag(targeting={an_environment().key: a_targeting(**fields)})


def compiled(**fields: Any) -> RuledFlag:
    return compile(served(targeted(**fields), checkout=7)).flags["checkout"]


def test_variations_become_indexes() -> None:
    flag = compiled(off_variation=OFF, fallthrough=Fixed(ON), targets=(Target(OFF, ("u",), "org"),))
    assert (flag.off_variation, flag.fallthrough, flag.targets[0].variation) == (1, 0, 1)
    assert (flag.key, flag.version, flag.salt, flag.variations) == ("checkout", 7, "salt", (True, False))


def test_a_variation_that_does_not_exist_is_an_error_where_it_is_served() -> None:
    ruleset = compile(served(targeted(fallthrough=Fixed("gone"))))
    decision = Both(ruleset).decide("checkout", USER, "mine")
    assert (decision.value, decision.reason.error) == ("mine", Fault.MALFORMED_FLAG)


def test_a_disabled_rule_is_not_counted() -> None:
    rules = (a_rule("one", disabled=True), a_rule("two", serve=Fixed(OFF)))
    decision = Both(compile(served(targeted(rules=rules)))).decide("checkout", USER)
    assert (decision.reason.kind, decision.reason.rule_index, decision.reason.rule_id) == (
        Why.RULE_MATCH,
        0,
        "two",
    )


def test_a_slot_without_weight_is_left_out() -> None:
    weights = (Weighted(ON, 0), Weighted(OFF, 100_000, untracked=True))
    flag = compiled(fallthrough=DomainRollout(weights, kind="org", seed=0, experiment=True))
    assert isinstance(flag.fallthrough, Rollout)
    assert flag.fallthrough.slots == (Slot(1, 100_000, True),)
    assert (flag.fallthrough.kind, flag.fallthrough.seed) == ("org", 0)


def test_attributes_are_references() -> None:
    clauses = tuple(Clause(each, each, "in", ("x",)) for each in ("country", "/address/city"))
    flag = compiled(rules=(a_rule(clauses=clauses),), fallthrough=a_rollout(bucket_by="/a~1b"))
    assert [each.path for each in flag.rules[0].clauses] == [("country",), ("address", "city")]
    assert isinstance(flag.fallthrough, Rollout)
    assert flag.fallthrough.bucket_by == ("a/b",)


def test_a_prerequisite_leads_to_the_index_in_the_other_flag() -> None:
    other = a_flag(key="login", id="b" * 24)
    needs = targeted(prerequisites=(Prerequisite("login", ON), Prerequisite("login", "gone")))
    flag = compile(served(needs, other)).flags["checkout"]
    assert [each.variation for each in flag.prerequisites] == [0, UNKNOWN]


def test_a_prerequisite_that_is_not_served_fails() -> None:
    needs = targeted(prerequisites=(Prerequisite("gone", ON),))
    decision = Both(compile(served(needs))).decide("checkout", USER)
    assert (decision.variation, decision.reason.prerequisite) == (1, "gone")


def test_segments_are_asked_by_key() -> None:
    rule = a_rule("r", clauses=(Clause("c", "", "segmentMatch", ("beta",)),), serve=Fixed(OFF))
    shown = served(targeted(rules=(rule,)))
    assert Both(compile(shown)).decide("checkout", USER).variation == 0
    everybody = Segment("beta", rules=(SegmentRule(()),))
    assert Both(compile(shown, [everybody])).decide("checkout", USER).variation == 1


def test_a_running_experiment_is_served_and_the_flag_itself_otherwise() -> None:
    shown = served(targeted(), experiments=(running(),))
    flag = compile(shown).flags["checkout"]
    assert isinstance(flag.fallthrough, Rollout)
    assert flag.fallthrough.experiment
    assert [(each.variation, each.weight) for each in flag.fallthrough.slots] == [(1, 50_000), (0, 50_000)]
    both, alone = Both(compile(shown)), Both(compile(served(targeted(), experiments=(paused(),))))
    arms = {both.decide("checkout", unit(n)).variation for n in range(50)}
    assert arms == {0, 1}
    for n in range(50):
        assert both.decide("checkout", unit(n)).reason.in_experiment
        assert alone.decide("checkout", unit(n)) == Decision(True, 0, Reason(Why.FALLTHROUGH), 1)


def test_an_experiment_by_segment_serves_its_arms_and_its_fallback() -> None:
    draft = an_iteration(proposal=by_segment())
    both = Both(compile(served(targeted(), experiments=(running(draft=draft),))))
    german, french, anybody = (
        both.decide("checkout", context({"kind": "user", "key": "u", "country": country}))
        for country in ("DE", "FR", None)
    )
    assert (german.variation, french.variation, anybody.variation) == (0, 1, 1)
    assert german.reason == Reason(Why.RULE_MATCH, 0, f"{FIRST}.{ON}.beta", in_experiment=True)
    assert french.reason == anybody.reason == Reason(Why.FALLTHROUGH, in_experiment=True)


def test_whoever_lacks_the_unit_is_served_by_segment_and_is_in_no_experiment() -> None:
    draft = an_iteration(proposal=by_segment(), unit="device")
    both = Both(compile(served(targeted(), experiments=(running(draft=draft),))))
    german = both.decide("checkout", context({"kind": "user", "key": "u", "country": "DE"}))
    assert (german.variation, german.reason.in_experiment) == (0, False)
    assert not both.decide("checkout", unit(1)).reason.in_experiment


def test_a_segment_of_the_snapshot_holds_whoever_answers_one_of_its_groups() -> None:
    german, adult = Clause("a", "country", "in", ("DE",)), Clause("b", "/age", "greaterThan", (17,))
    member = Membership("beta", ((german, adult), (replace(german, values=("FR",)),)))
    rule = a_rule("r", clauses=(Clause("c", "", "segmentMatch", ("beta",)),), serve=Fixed(OFF))
    shown = replace(served(targeted(rules=(rule,))), segments={"beta": member})
    both = Both(compile(shown))

    def inside(**attributes: Any) -> bool:
        asked = context({"kind": "user", "key": "u", **attributes})
        return both.decide("checkout", asked).variation == 1

    assert inside(country="DE", age=18)
    assert inside(country="FR")
    assert not inside(country="DE", age=17)
    assert not inside(country="DE")
    assert not inside()
    assert compile(shown).segments["beta"].rules[0].clauses[1].path == ("age",)


def test_an_unfinished_flag_is_off_and_serves_the_callers_default() -> None:
    for flag in (a_bare_flag(), a_bare_flag(Variation(ON, "only"))):
        ruled = compile(served(flag)).flags["checkout"]
        decision = Both(compile(served(flag))).decide("checkout", USER, "mine")
        assert decision.reason == Reason(Why.OFF)
        expected = ("only", 0) if flag.variations else ("mine", None)
        assert (decision.value, decision.variation) == expected
        assert ruled.off_variation == expected[1]


@given(st.lists(flags(), max_size=4, unique_by=lambda flag: flag.key), st.booleans())
def test_whatever_can_be_stored_is_compiled_and_answered(stored: list[Flag], everybody: bool) -> None:
    here = an_environment()
    for environment in {here.key, *(key for flag in stored for key in flag.targeting)}:
        held = [Segment(key, rules=(SegmentRule(()),) * everybody) for key in ("beta", "staff")]
        both = Both(compile(snapshot(replace(here, key=environment), 9, stored, {}, ()), held))
        for flag in stored:
            decision = both.decide(flag.key, unit(1))
            if decision.variation is not None:
                assert decision.value is flag.variations[decision.variation].value


@st.composite
def three(draw: st.DrawFn) -> list[Flag]:
    """Flags that need one another; a variation may stand somewhere else than before, or not at all."""
    shown = []
    for key in ("login", "search", "checkout"):
        needed = st.sampled_from(("login", "search", "gone")).map(lambda key: Prerequisite(key, ON))
        needs = draw(st.lists(needed, max_size=2).map(tuple))
        flag = replace(targeted(prerequisites=needs), key=key)
        turned = replace(flag, variations=flag.variations[::-1])
        shown.append(draw(st.sampled_from((flag, turned))))
    return shown


@given(st.data())
def test_a_ruleset_that_follows_another_is_what_would_be_made_anew(data: st.DataObject) -> None:
    first, changed = data.draw(three()), data.draw(three())
    kept = data.draw(st.lists(st.booleans(), min_size=3, max_size=3))
    second = [old if keep else new for old, new, keep in zip(first, changed, kept, strict=True)]
    second = second[: data.draw(st.integers(0, 3))]
    by_segments = running(draft=an_iteration(proposal=by_segment()))
    ran = data.draw(st.sampled_from(((), (running(),), (by_segments,))))
    before = served(*first, experiments=ran)
    ruleset = compile(before)
    after = snapshot(an_environment(), 10, second, {}, data.draw(st.sampled_from((ran, ()))), before)
    now = compile(after, before=Compiled(before, ruleset))
    assert now == compile(after)
    for key, flag in now.flags.items():
        alone = not flag.prerequisites and after.flags[key] is before.flags.get(key)
        assert not alone or flag is ruleset.flags[key]
    assert all(each is ruleset.segments[key] for key, each in now.segments.items() if ran)
