"""Events of a project are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.project import PROJECT
from equipoise.domain.project.events import ContextKindPut, UnitsSet
from equipoise.domain.project.state import ContextKind, RandomizationUnit
from tests.domain.builders import LATER, a_project


def test_a_kind_comes_to_stand_once_wherever_it_came_from() -> None:
    put = ContextKindPut(ContextKind("account", "Account", 1, 1))
    now = fold(PROJECT, a_project(), (put, put), LATER)
    assert now is not None
    assert [kind.key for kind in now.context_kinds] == ["user", "device", "account"]


def test_units_are_believed_though_no_such_kind_is_known() -> None:
    now = fold(PROJECT, a_project(), (UnitsSet((RandomizationUnit("unheard-of"),)),), LATER)
    assert now is not None
    assert now.randomises("unheard-of")
