"""A ruleset as a document: what whoever evaluates by themselves is sent, or keeps in a file.

It is the ruleset's own structs as JSON, so that what was compiled once is not compiled again, and decides
the same wherever it is read.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from equipoise.evaluation.ruleset import RuledFlag, Ruleset, Segment

T = TypeVar("T")

# Raised when a reader who passes over what is new would decide otherwise. Fields are passed over.
FORMAT = 1


class Changes(Struct, frozen=True):
    """What became of a ruleset: flags and segments that are new or other than before, and keys of those that
    are gone."""

    flags: Mapping[str, RuledFlag] = {}
    segments: Mapping[str, Segment] = {}
    gone_flags: tuple[str, ...] = ()
    gone_segments: tuple[str, ...] = ()

    def applied(self, before: Ruleset) -> Ruleset:
        return Ruleset(
            _without({**before.flags, **self.flags}, self.gone_flags),
            _without({**before.segments, **self.segments}, self.gone_segments),
        )


class NoRuleset(Exception):
    """The document is none of this format; the text says what to do."""


class _Head(Struct):
    format: int = 0


# sets in one order: the same ruleset is the same bytes in every process
_encode = msgspec.json.Encoder(order="deterministic").encode
_head = msgspec.json.Decoder(_Head).decode
_ruleset = msgspec.json.Decoder(Ruleset).decode
_changes = msgspec.json.Decoder(Changes).decode


def encode(ruleset: Ruleset) -> bytes:
    """One line of JSON. A flag that cannot be said in JSON (half of a surrogate pair) is said as one that
    serves nothing, and such a segment as one that holds nobody."""
    return _encode({"format": FORMAT, **_said(ruleset.flags, ruleset.segments)})


def encode_changes(changes: Changes) -> bytes:
    """The same of what changed."""
    gone = {"gone_flags": changes.gone_flags, "gone_segments": changes.gone_segments}
    return _encode({"format": FORMAT, **_said(changes.flags, changes.segments), **gone})


def decode(document: bytes) -> Ruleset:
    """raises NoRuleset"""
    _expect(document)
    try:
        return _ruleset(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _odd(error) from error


def decode_changes(document: bytes) -> Changes:
    """raises NoRuleset"""
    _expect(document)
    try:
        return _changes(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _odd(error) from error


def _expect(document: bytes) -> None:
    try:
        found = _head(document).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _odd(error) from error
    if found > FORMAT:
        raise NoRuleset(
            f"the ruleset is of format {found}, and this equipoise reads format {FORMAT}: upgrade the package"
        )
    if found < FORMAT:
        raise NoRuleset(f"this is no ruleset of format {FORMAT}: its format is {found}")


def _odd(error: Exception) -> NoRuleset:
    return NoRuleset(
        f"the ruleset cannot be read ({error}); if its sender is newer than this release, upgrade"
    )


def _said(flags: Mapping[str, RuledFlag], segments: Mapping[str, Segment]) -> dict[str, object]:
    try:
        return {"flags": Raw(_encode(flags)), "segments": Raw(_encode(segments))}
    except UnicodeEncodeError:
        return {
            "flags": {key: _flag(each) for key, each in flags.items()},
            "segments": {key: _segment(each) for key, each in segments.items()},
        }


def _flag(flag: RuledFlag) -> Raw:
    try:
        return Raw(_encode(flag))
    except UnicodeEncodeError:
        return Raw(_encode(RuledFlag(flag.key, flag.version, True, "", (), None, None)))


def _segment(segment: Segment) -> Raw:
    try:
        return Raw(_encode(segment))
    except UnicodeEncodeError:
        return Raw(_encode(Segment(segment.key)))


def _without(held: Mapping[str, T], gone: tuple[str, ...]) -> dict[str, T]:
    return {key: each for key, each in held.items() if key not in gone}
