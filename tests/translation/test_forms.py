"""Bodies that may be a form or JSON."""

from typing import Any

import pytest

from equipoise.application.answers import Answer
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.errors import Unreadable
from equipoise.translation.forms import FIELDS_MAX, FORM, form_or_json
from equipoise.translation.routes import Route

ROUTE = Route("POST", "/", Act.READ, lambda call: Answer(200), "ask", {200: None})


def said(body: bytes, media: str = FORM) -> Any:
    headers = {"content-type": media} if media else {}
    nothing: Any = None
    call = Call(nothing, ROUTE, {}, b"/", "", headers, body, "request", nothing, nothing)
    return form_or_json(call)


def test_a_form_is_read_as_an_object_of_texts() -> None:
    assert said(b"a=1&b=x+y%21&c=&a=2") == {"a": "1", "b": "x y!", "c": ""}
    assert said(b"a=%C3%A9", f"{FORM.upper()}; charset=utf-8") == {"a": "é"}


@pytest.mark.parametrize("media", ["application/json", "", "text/plain"])
def test_anything_else_is_json(media: str) -> None:
    assert said(b'{"a": [1]}', media) == {"a": [1]}
    with pytest.raises(Unreadable):
        said(b"a=1", media)


@pytest.mark.parametrize(
    "body", [b"a=%FF", b"\xff=1", b"a=\0", b"a=%00", b"&".join([b"a=1"] * (FIELDS_MAX + 1))]
)
def test_a_form_that_is_no_text_or_too_long_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        said(body)
