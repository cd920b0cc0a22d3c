"""References to an attribute of a context: a plain name, or a path such as `/address/city`."""

import re

Path = tuple[str, ...]  # names from the outermost inwards
MALFORMED: Path = ()  # what a reference that leads nowhere becomes

_BAD_ESCAPE = re.compile(r"~(?![01])")


def reference(text: str) -> Path:
    """The path that a reference names; MALFORMED for none.

    Without a slash in front it is one name, taken as it stands. In a path, `~1` stands for a slash
    and `~0` for a tilde.
    """
    if not text.startswith("/"):
        return literal(text)
    parts = text[1:].split("/")
    if "" in parts or any(_BAD_ESCAPE.search(part) for part in parts):
        return MALFORMED
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def literal(name: str) -> Path:
    """The path of one attribute whose name is taken as it stands; MALFORMED when it has none."""
    return (name,) if name else MALFORMED


def spelled(path: Path) -> str:
    """A reference to the path, as people write it; "" for MALFORMED."""
    if len(path) == 1 and not path[0].startswith("/"):
        return path[0]
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)
