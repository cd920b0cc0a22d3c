"""Bodies that may be a form or JSON, as OAuth has them."""

from typing import Any
from urllib.parse import parse_qs

from equipoise.translation.call import Call
from equipoise.translation.decode import readable
from equipoise.translation.errors import Unreadable

FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 20


def form_or_json(call: Call) -> Any:
    """The body as JSON would have it; of a form, the first value of each name. raises Unreadable"""
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != FORM:
        return call.json()
    readable(call.body)
    try:
        text = call.body.decode()
        form = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise Unreadable("the body is no form") from None
    said = {name: values[0] for name, values in form.items()}
    if any("\0" in value for value in said.values()):
        raise Unreadable("the body holds a NUL character")
    return said
