import pytest

from equipoise.evaluation.reference import MALFORMED, literal, reference


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("name", ("name",)),
        ("a/b~1", ("a/b~1",)),
        ("/name", ("name",)),
        ("/address/city", ("address", "city")),
        ("/a~1b/~0c", ("a/b", "~c")),
        ("/~01", ("~1",)),
    ],
)
def test_a_reference_names_a_path(text: str, path: tuple[str, ...]) -> None:
    assert reference(text) == path


@pytest.mark.parametrize("text", ["", "/", "//", "/a/", "/a//b", "/a~", "/a~2", "/a~/b"])
def test_a_reference_that_leads_nowhere_is_malformed(text: str) -> None:
    assert reference(text) == MALFORMED


def test_a_literal_is_taken_as_it_stands() -> None:
    assert literal("/a~2") == ("/a~2",)
    assert literal("") == MALFORMED
