"""What a query asks for, as conditions and an order."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from equipoise.application.ports import Query
from equipoise.domain.limits import CATALOG_TEXT_LENGTH_MAX, KEY_LENGTH_MAX
from equipoise.storage.tables import links, subjects

_s, _l = subjects.c, links.c
_SORTABLE = {"created_at": _s.created_at, "key": _s.key, "name": _s.name}
LOOKED_UP_MAX = 4
# What is searched, without its case, may be three times as long; SQLite refuses a pattern of 50,000 bytes.
TEXT_LENGTH_MAX = 3 * (3 * CATALOG_TEXT_LENGTH_MAX + KEY_LENGTH_MAX)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates


def storable(*texts: str) -> bool:
    """Whether a database may hold these. What it cannot hold it has not."""
    return not any(map(_UNSTORABLE.search, texts))


def answerable(query: Query) -> bool:
    """Whether anything can hold what is asked for."""
    if len(query.text) > TEXT_LENGTH_MAX:
        return False
    linked = (part for link in query.links for part in link)
    return storable(query.place.project, query.place.environment, query.text, *query.statuses, *linked)


def by_keys_alone(query: Query) -> bool:
    """Whether a few look-ups by key answer it: they cost less than putting a statement together."""
    few = query.keys is not None and len(query.keys) <= LOOKED_UP_MAX
    return few and query == Query(query.place, keys=query.keys)


def conditions(noun: str, query: Query) -> list[ColumnElement[bool]]:
    asked = [_s.noun == noun]
    # SQLite would rather walk through a place than look up a link, which finds far fewer.
    project = func.coalesce(_s.project, "") if query.links else _s.project
    if query.place.project or not query.everywhere:
        asked.append(project == query.place.project)
    if not query.everywhere:
        asked.append(_s.environment == query.place.environment)
    if query.keys is not None:
        asked.append(_s.key.in_([key for key in query.keys if storable(key)]))
    if query.archived is not None:
        asked.append(_s.archived == query.archived)
    if query.statuses:
        asked.append(_s.status.in_(query.statuses))
    for relation, target in query.links:
        linked = select(_l.id).where(_l.relation == relation, _l.target == target, _l.noun == noun)
        asked.append(_s.id.in_(linked))
    if query.since is not None:
        created_at, id = query.since
        later = and_(_s.created_at == created_at, _s.id >= id)
        asked.append(or_(_s.created_at > created_at, later))
    if query.text:
        asked.append(_s.searched.contains(query.text.casefold(), autoescape=True))
    return asked


def ordered(asked: Select[Any], query: Query) -> Select[Any]:
    fields = (_SORTABLE[field].desc() if descending else _SORTABLE[field] for field, descending in query.sort)
    asked = asked.order_by(*fields, _s.id)
    if query.limit is not None:
        asked = asked.limit(query.limit)
    return asked.offset(query.offset) if query.offset else asked
