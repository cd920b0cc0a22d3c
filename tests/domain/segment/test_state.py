"""What a segment knows of itself."""

from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.identity import Place
from equipoise.domain.segment.state import facets
from tests.domain.builders import BORN_AT, a_segment, a_segment_rule


def within(*segments: str) -> Clause:
    return Clause("", "", SEGMENT_MATCH, segments)


def test_a_segment_is_found_by_its_tags_and_the_segments_that_it_names() -> None:
    rules = (
        a_segment_rule(clauses=(within("staff"),)),
        a_segment_rule("others", unless=((within("testers", "staff"),),)),
    )
    found = facets(a_segment(tags=("eu",), rules=rules))
    assert found.links == (("tag", "eu"), ("segment", "staff"), ("segment", "testers"))
    assert (found.name, found.status, found.created_at) == ("Beta", "", BORN_AT)


def test_a_segment_is_found_by_nothing_that_other_clauses_ask_for() -> None:
    assert facets(a_segment()).links == ()


def test_an_archived_segment_is_found_as_archived() -> None:
    assert facets(a_segment(archived_at=BORN_AT)).archived


def test_a_key_of_a_segment_is_unique_in_its_environment() -> None:
    segment = a_segment()
    assert segment.place == segment.territory == Place("default", "production")
