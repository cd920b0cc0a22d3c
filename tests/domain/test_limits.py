"""Limits are named, and a limit met says its name."""

import ast
from pathlib import Path

import pytest

from equipoise.domain import limits
from equipoise.domain.errors import Exceeded


def test_what_is_within_a_limit_passes() -> None:
    limits.within("TAGS_MAX", limits.TAGS_MAX)


def test_a_limit_met_says_its_name_and_both_numbers() -> None:
    with pytest.raises(Exceeded) as refusal:
        limits.within("TAGS_MAX", limits.TAGS_MAX + 1)
    assert (refusal.value.limit, refusal.value.most, refusal.value.found) == (
        "TAGS_MAX",
        limits.TAGS_MAX,
        limits.TAGS_MAX + 1,
    )


def test_each_limit_is_said_once() -> None:
    written = ast.parse(Path(limits.__file__).read_text()).body
    names = [target.id for each in written if isinstance(each, ast.Assign) for target in each.targets]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))
