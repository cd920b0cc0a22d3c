"""What may be asked of a holdout, and whom it lets in."""

from typing import Any

import pytest

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.errors import Invalid
from equipoise.domain.experiment.state import MetricUse
from equipoise.domain.gates import Gate
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.commands import Create, End
from equipoise.domain.holdout.state import facets
from tests.domain.builders import BORN_AT, LATER, a_holdout, after, events_of


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"id": "short"}, "id"),
        ({"key": "no key"}, "key"),
        ({"name": ""}, "name"),
        ({"unit": ""}, "unit"),
        ({"share": 0}, "share"),
        ({"share": SHARE_WHOLE}, "share"),
        ({"salt": "undotted"}, "salt"),
        ({"flag": "no key"}, "flag"),
        ({"primary": "other", "metrics": (MetricUse("purchases"),)}, "primary"),
        ({"attributes": ("",)}, "attributes"),
    ],
)
def test_what_is_wrong_with_a_holdout_is_named(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        events_of(HOLDOUT, None, Create(a_holdout(**fields)))
    assert {each.where for each in refused.value.violations} == {where}


def test_whoever_is_not_held_out_is_let_in() -> None:
    assert a_holdout().gate == Gate("holdout.0", ((10_000, SHARE_WHOLE),))


def test_once_ended_it_lets_everybody_in_and_ends_but_once() -> None:
    now = after(HOLDOUT, None, Create(a_holdout()), End(), at=LATER)
    assert (now.ended_at, now.gate.open) == (LATER, True)
    assert events_of(HOLDOUT, now, End(), at=LATER + 1) == ()
    assert facets(now).status == "ended"


def test_a_holdout_is_found_by_its_maintainer() -> None:
    assert facets(a_holdout(maintainer="m")).links == (("maintainer", "m"),)
    assert (facets(a_holdout()).links, facets(a_holdout()).created_at) == ((), BORN_AT)
