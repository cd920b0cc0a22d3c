"""What a flag knows of itself."""

from equipoise.domain.flag.state import FALLTHROUGH, Fixed, Prerequisite, Target, facets
from tests.domain.builders import BORN_AT, OFF, ON, a_flag, a_rollout, a_rule, a_targeting


def test_an_environment_never_set_has_the_default_targeting() -> None:
    there = a_flag(on_at_birth=True).in_environment("production")
    assert (there.on, there.off_variation, there.fallthrough) == (True, OFF, Fixed(ON))
    assert there.changed_at == BORN_AT


def test_a_targeting_names_what_its_rules_targets_and_fallthrough_serve() -> None:
    targeting = a_targeting(
        off_variation="v-off",
        fallthrough=a_rollout(outside="v-outside"),
        rules=(a_rule(serve=Fixed("v-rule")),),
        targets=(Target("v-target", ("ann",)),),
    )
    assert targeting.variations == {"v-off", ON, OFF, "v-outside", "v-rule", "v-target"}


def test_a_rule_is_found_by_its_id_and_the_last_resort_by_its_name() -> None:
    targeting = a_targeting(rules=(a_rule("rule-1", serve=Fixed(OFF)),))
    assert targeting.serve("rule-1") == Fixed(OFF)
    assert targeting.serve(FALLTHROUGH) == Fixed(ON)
    assert targeting.serve("rule-2") is None


def test_a_flag_is_found_by_its_tags_its_maintainer_and_its_prerequisites() -> None:
    needs = a_targeting(prerequisites=(Prerequisite("login", "v1"),))
    flag = a_flag(tags=("web",), maintainer="ann", targeting={"test": needs, "production": needs})
    found = facets(flag)
    assert found.links == (("tag", "web"), ("maintainer", "ann"), ("prerequisite", "login"))
    assert (found.name, found.status, found.created_at) == ("Checkout", "", BORN_AT)


def test_an_archived_flag_is_found_as_archived() -> None:
    assert facets(a_flag(archived_at=BORN_AT)).archived
    assert not facets(a_flag()).archived
