"""Shapes that all resources share."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

DEVICE = "device"  # the context kind that is randomised, and that segments ask

NAME_LENGTHS, DESCRIPTION_LENGTHS = (3, 255), (3, 1_024)
_UNPADDED = "^(?!.*\\x00)\\S(.*\\S)?$"


def _text(lengths: tuple[int, int]) -> Meta:
    """Said in the document alone: `texts` holds to it, with the meaning that ECMAScript gives the pattern."""
    least, most = lengths
    return Meta(extra_json_schema={"minLength": least, "maxLength": most, "pattern": _UNPADDED})


Name = Annotated[str, _text(NAME_LENGTHS)]
Description = Annotated[str, _text(DESCRIPTION_LENGTHS)]


class Error(Struct, frozen=True):
    """A refusal: the status once more, its phrase, every cause in a sentence, and a word for programs."""

    statusCode: int
    error: str
    message: str
    errorCode: str
    error_description: str | UnsetType = UNSET
