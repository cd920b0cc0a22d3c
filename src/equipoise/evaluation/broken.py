"""Which regular expressions nobody takes: those never match, as published clients have it."""

import re

_PIECE = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\\\]])*\])|(?P<open>\()|(?P<close>\))|(?P<or>\|)"
    r"|(?P<more>[*+?])|(?P<bounds>\{(?P<low>\d{1,4}),(?P<high>\d{1,4})\})|(?P<other>[^\\\[])",
    re.DOTALL,
)
# Where one engine may read something else than another: comments, literal text, classes by name, empty ones.
_UNSURE = re.compile(r"\[\^?\]|\[[:.=]|\\[QENpP]|\(\?#|\(\?[a-zA-Z^-]*x")
_RANGE = re.compile(r"(.)-(.)|.", re.DOTALL)


def broken(pattern: str) -> bool:
    """Whether Python's engine and RE2 both refuse the pattern, by its structure alone: brackets that are not
    closed, repeats of nothing or of a repeat, bounds the wrong way round, a backslash at the end.

    It says no where it does not know. It depends on no engine, so everybody takes the same for broken.
    """
    if _UNSURE.search(pattern):
        return False
    at, depth, before = 0, 0, "open"  # the start takes as little of a repeat as a group's
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None:
            return True
        kind = piece.lastgroup or ""
        if kind == "open" and pattern.startswith("(?", at):
            kind, at = "extension", at + 1  # what stands here is the engine's own
        depth += (kind in ("open", "extension")) - (kind == "close")
        if depth < 0 or _out_of_place(piece, kind, before) or _reversed(piece):
            return True
        at, before = (at + 1 if kind == "extension" else piece.end()), kind
    return depth > 0


def _out_of_place(piece: re.Match[str], kind: str, before: str) -> bool:
    """Whether a repeat has nothing before it that can be repeated."""
    return kind == "more" and (before in ("open", "or") or (before == "more" and piece.group() == "*"))


def _reversed(piece: re.Match[str]) -> bool:
    low, high, chars = piece["low"], piece["high"], piece["set"]
    if low is not None:
        return int(low) > int(high)
    if chars is None or "\\" in chars:
        return False
    pairs = (each.groups() for each in _RANGE.finditer(chars[1:-1].removeprefix("^")))
    return any(first is not None and first > last for first, last in pairs)
