"""What can still be asked of a document that is not whole."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import UNSET, Struct, UnsetType

from equipoise.domain.errors import VIOLATIONS_MAX, Invalid, Violation
from equipoise.translation.salvage import read, settle


class Arm(Struct):
    name: str
    weight: int | UnsetType = UNSET


class Document(Struct):
    name: str
    arms: list[Arm] | UnsetType = UNSET
    named: dict[str, Arm] | UnsetType = UNSET
    levels: list[int] | UnsetType = UNSET
    only: Arm | UnsetType = UNSET


def salvaged(value: Any) -> Document:
    document, _ = read(value, Document)
    return document


def test_what_is_whole_is_read_as_it_is() -> None:
    assert read({"name": "one", "levels": [1]}, Document) == (Document("one", levels=[1]), ())


def test_what_is_not_is_neutral_and_named() -> None:
    document, unreadable = read({"name": 1, "levels": [1, "x"], "only": {}}, Document)
    assert document == Document("")
    assert [each.where for each in unreadable] == ["name", "levels[1]", "only.name"]


def test_documents_in_a_list_or_an_object_are_each_salvaged_for_themselves() -> None:
    arms = [{"name": "one", "weight": 1}, "x", {"name": "two", "weight": "x"}]
    assert salvaged({"name": "one", "arms": arms}).arms == [Arm("one", 1), Arm(""), Arm("two")]
    assert salvaged({"name": "one", "named": {"a": arms[0], "b": None}}).named == {
        "a": Arm("one", 1),
        "b": Arm(""),
    }
    assert salvaged({"name": "one", "arms": {}, "named": []}) == Document("one")


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_of_what_is_no_document_nothing_is_left(value: Any) -> None:
    assert salvaged(value) == Document("")


def found(*places: str) -> Iterator[bool | Violation]:
    yield True
    yield from (Violation(place, "must be otherwise") for place in places)


def refused(unreadable: tuple[Violation, ...], *places: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        settle(unreadable, found(*places))
    return [each.where for each in caught.value.violations]


def test_all_that_holds_is_settled() -> None:
    settle((), found())


def test_a_finding_where_nothing_could_be_read_is_left_out() -> None:
    unreadable = (Violation("arms[1]", "must be an object"), Violation("name", "must be a text"))
    places = ("arms[1]", "arms[1].name", "arms[10].name", "arms", "name", "names", "name[0]")
    assert refused(unreadable, *places) == ["arms[1]", "name", "arms[10].name", "arms", "names"]


def test_no_more_is_looked_for_than_anybody_reads() -> None:
    looked: list[int] = []

    def endless() -> Iterator[bool | Violation]:
        while True:
            looked.append(1)
            yield Violation("everywhere", "must be otherwise")

    for unreadable in ((), (Violation("x", "must be otherwise"),) * (VIOLATIONS_MAX + 1)):
        with pytest.raises(Invalid) as caught:
            settle(unreadable, endless())
        assert len(caught.value.violations) == VIOLATIONS_MAX + 1
    assert len(looked) <= VIOLATIONS_MAX + 2
