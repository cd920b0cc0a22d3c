"""Flags that serve objects: what a variation overrides of the defaults, and what becomes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.clauses import Json, same
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create, SetParameters, SetVariations
from equipoise.domain.flag.events import ParametersSet
from equipoise.domain.flag.parameters import TYPES, configured, fits, lost, overrides, reconfigured
from equipoise.domain.flag.state import Flag, Parameter, Variation
from equipoise.domain.limits import PARAMETERS_PER_FLAG_MAX
from tests.domain.builders import LATER, OFF, ON, a_bare_flag, a_flag, after, events_of
from tests.properties.strategies.flags import of_type, parameters

SIZE, COLOR = Parameter("size", "number", 1), Parameter("color", "string", "red")


def configurable(*values: Any, parameters: Any = (SIZE, COLOR)) -> Flag:
    """A flag that serves objects, a variation for each value."""
    ids = (ON, OFF)[: len(values)]
    return a_bare_flag(
        *(Variation(id, value) for id, value in zip(ids, values, strict=True)), parameters=parameters
    )


RED, BLUE = {"size": 1, "color": "red"}, {"size": 2, "color": "blue"}


def test_a_flag_is_born_with_them() -> None:
    born = after(FLAG, None, Create(configurable(RED, BLUE)))
    assert born.parameters == (SIZE, COLOR)


@pytest.mark.parametrize(
    "value",
    [{}, {"size": 1}, {**RED, "more": 1}, {**RED, "size": True}, {**RED, "size": "1"}, "red", None, [RED]],
    ids=str,
)
def test_each_value_is_an_object_with_a_value_for_each(value: Any) -> None:
    with pytest.raises(Invalid, match=r"must be an object of size \(number\), color \(string\)"):
        events_of(FLAG, None, Create(configurable(RED, value)))
    variations = (Variation(ON, RED), Variation(OFF, value))
    with pytest.raises(Invalid, match=r"variations\.value"):
        events_of(FLAG, configurable(RED, BLUE), SetVariations(variations, ON, ON))


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ((SIZE, SIZE), "parameters"),
        ((Parameter("", "number", 1),), "parameters.key"),
        ((Parameter("a", "date", 1),), "parameters.type"),
        ((Parameter("a", "number", "1"),), "parameters.default"),
        ((Parameter("a", "number", True),), "parameters.default"),
        ((Parameter("a", "boolean", 1),), "parameters.default"),
        ((Parameter("a", "object", []),), "parameters.default"),
        ((Parameter("a", "array", {}),), "parameters.default"),
        ((Parameter("a", "string", None),), "parameters.default"),
        ((Parameter("a", "number", 1, "\0"),), "parameters.description"),
    ],
    ids=str,
)
def test_a_parameter_that_is_not_sound_is_invalid(parameters: Any, where: str) -> None:
    with pytest.raises(Invalid) as invalid:
        events_of(FLAG, a_bare_flag(), SetParameters(parameters))
    assert [each.where for each in invalid.value.violations] == [where]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        *(("string", ""), ("boolean", False), ("number", 0), ("number", 0.5)),
        *(("array", []), ("array", [1, "a"]), ("object", {}), ("object", {"a": {"b": None}})),
    ],
)
def test_a_parameter_is_of_any_json_type_but_null(type: str, value: Any) -> None:
    assert events_of(FLAG, a_bare_flag(), SetParameters((Parameter("a", type, value),)))


def test_there_are_so_many_and_no_more() -> None:
    full = tuple(Parameter(f"p{number}", "number", 1) for number in range(PARAMETERS_PER_FLAG_MAX))
    assert events_of(FLAG, a_bare_flag(), SetParameters(full))
    with pytest.raises(Exceeded, match="PARAMETERS_PER_FLAG_MAX"):
        events_of(FLAG, a_bare_flag(), SetParameters((*full, SIZE)))


def test_variations_keep_what_they_override_and_take_the_new_defaults() -> None:
    wanted = (replace(SIZE, default=7), Parameter("shop", "object", {}), COLOR)
    (event,) = events_of(FLAG, configurable(RED, BLUE), SetParameters(wanted))
    assert isinstance(event, ParametersSet)
    assert [each.value for each in event.variations] == [
        {"size": 7, "shop": {}, "color": "red"},
        {"size": 2, "shop": {}, "color": "blue"},
    ]
    now = after(FLAG, configurable(RED, BLUE), SetParameters(wanted))
    assert (now.parameters, now.variations) == (wanted, event.variations)
    assert events_of(FLAG, now, SetParameters(wanted)) == ()


def test_a_variation_that_they_leave_as_it_is_has_not_changed() -> None:
    now = after(FLAG, configurable(RED, BLUE), SetParameters((replace(SIZE, default=7), COLOR)))
    assert [each.touched_at for each in now.variations] == [LATER, 0]


def test_one_that_is_overridden_stays_and_keeps_its_type() -> None:
    flag = configurable(RED, BLUE)
    for wanted in ((SIZE,), (SIZE, Parameter("color", "number", 1)), (SIZE, Parameter("color", "date", 1))):
        with pytest.raises(
            Invalid, match=rf"parameters\.color: variation '{OFF}' overrides it with a string"
        ):
            events_of(FLAG, flag, SetParameters(wanted))
    assert after(FLAG, configurable(RED, RED), SetParameters((SIZE,))).variations[0].value == {"size": 1}
    other = after(FLAG, configurable(RED), SetParameters((SIZE, Parameter("color", "number", 1))))
    assert other.variations[0].value == {"size": 1, "color": 1}


@pytest.mark.parametrize(
    ("flag", "wanted"), [(a_flag(), (SIZE,)), (configurable(RED, RED), ())], ids=["given", "taken"]
)
def test_values_are_not_lost_by_giving_or_taking_all(flag: Flag, wanted: Any) -> None:
    with pytest.raises(Refused, match="has variations whose values would be lost"):
        events_of(FLAG, flag, SetParameters(wanted))


def test_without_variations_they_come_and_go() -> None:
    now = after(FLAG, a_bare_flag(), SetParameters((SIZE,)))
    assert now.parameters == (SIZE,)
    assert after(FLAG, now, SetParameters(())).parameters == ()
    assert events_of(FLAG, a_bare_flag(), SetParameters(())) == ()


def test_a_default_of_one_is_not_a_default_of_true_or_of_one_point_zero() -> None:
    flag = configurable(parameters=(SIZE,))
    assert events_of(FLAG, flag, SetParameters((replace(SIZE, default=1.0),)))


# laws


@st.composite
def overridden(draw: st.DrawFn) -> tuple[tuple[Parameter, ...], dict[str, Json]]:
    """Parameters, and values for some of them that are other than the defaults."""
    known = draw(parameters())
    picked = [each for each in known if draw(st.booleans())]
    drawn = {each.key: draw(of_type(each.type)) for each in picked}
    return known, {each.key: drawn[each.key] for each in picked if not same(drawn[each.key], each.default)}


@given(overridden())
def test_what_a_variation_overrides_can_be_told_from_its_value(said: Any) -> None:
    known, wanted = said
    value = configured(known, wanted)
    assert list(value) == [each.key for each in known]
    assert same(overrides(known, value), wanted)
    assert same(configured(known, overrides(known, value)), value)


@given(overridden(), parameters())
def test_under_other_parameters_a_variation_keeps_what_it_overrides(
    said: Any, wanted: tuple[Parameter, ...]
) -> None:
    known, told = said
    variation = Variation("v", configured(known, told))
    left = {each.key: each for each in wanted}
    faults = list(lost((variation,), known, wanted))
    gone = {key for key, value in told.items() if key not in left or not fits(left[key].type, value)}
    assert {each.where for each in faults} == {f"parameters.{key}" for key in gone}
    if gone:
        return
    (after_that,) = reconfigured((variation,), known, wanted)
    assert all(fits(each.type, after_that.value[each.key]) for each in wanted)
    assert all(same(after_that.value[key], value) for key, value in told.items())
    rest = left.keys() - told.keys()
    assert all(same(after_that.value[key], left[key].default) for key in rest)
    assert replace(after_that, value=None) == replace(variation, value=None)


@given(st.sampled_from(sorted(TYPES)), st.data())
def test_a_value_is_of_its_own_type_and_of_no_other(type: str, data: st.DataObject) -> None:
    value = data.draw(of_type(type))
    assert [each for each in TYPES if fits(each, value)] == [type]
    assert not fits("date", value)
