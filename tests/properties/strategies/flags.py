"""Flags, and what may be asked of one."""

from collections.abc import Mapping
from functools import cache

from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Command
from equipoise.domain.clauses import Json
from equipoise.domain.flag import commands
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Fixed,
    Flag,
    Parameter,
    Prerequisite,
    Property,
    Rollout,
    Rule,
    Serve,
    Target,
    Targeting,
    Variation,
    Weighted,
)
from equipoise.domain.labels import Delete
from tests.properties.strategies.basics import (
    ALL_LABELS,
    KEYS,
    T,
    annotations,
    clauses,
    ids,
    json_values,
    keys,
    label_commands,
    mostly,
    names,
    sound_clauses,
    sound_keys,
    sound_names,
    sound_tags,
    sound_texts,
    texts,
    times,
)

ENVIRONMENTS = ("production", "test", "staging")
VARIATIONS = tuple(f"variation-{number}" for number in range(5))
RULES = ("rule-1", "rule-2", "rule-3")
OTHER_FLAGS = ("login", "search")


@cache
@st.composite
def flags(draw: st.DrawFn) -> Flag:
    """Sound ones, some with targeting, some with parameters, now and then an unfinished one."""
    known = draw(parameters()) if draw(st.integers(0, 3)) == 3 else ()
    variations = draw(mostly(_sound_variations(known), _sound_variations(known, least=0, most=1)))
    finished = len(variations) > 1
    named = st.sampled_from([variation.id for variation in variations] or [""])
    switched = st.booleans() if finished else st.just(False)
    there = ENVIRONMENTS if variations else ()
    targetings = st.dictionaries(st.sampled_from(there), _targetings(named, switched), max_size=2)
    return Flag(
        id=draw(ids()),
        project=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=draw(times()),
        variations=variations,
        on_variation=draw(named),
        off_variation=draw(named),
        salt=draw(ids()),
        description=draw(sound_texts()),
        tags=draw(sound_tags()),
        maintainer=draw(sound_texts()),
        temporary=draw(st.booleans()),
        on_at_birth=draw(switched),
        parameters=known,
        archived_at=draw(mostly(st.none(), times())),
        targeting=draw(targetings) if there else {},
        annotations=draw(annotations()),
    )


def flag_commands(flag: Flag) -> st.SearchStrategy[Command]:
    """Most of them make sense for this flag."""
    ids = frozenset(variation.id for variation in flag.variations)
    own = _set_own_variations(flag) | _reset_parameters(flag.parameters)
    usual = mostly(_commands_naming(ids), own)
    if flag.finished and not flag.parameters:
        return usual
    return st.booleans().flatmap(lambda again: own if again else usual)


@cache
def _commands_naming(ids: frozenset[str]) -> st.SearchStrategy[Command]:
    known = st.sampled_from(sorted(ids) or [""])
    named = mostly(known, st.just("nowhere"))
    there = mostly(st.sampled_from(ENVIRONMENTS), st.sampled_from(("", "no key")))
    booleans = st.booleans()
    return st.one_of(
        label_commands(*ALL_LABELS),
        mostly(st.just(commands.Undeprecate()), st.just(Delete())),
        st.just(commands.Deprecate()),
        st.builds(commands.SetLifetime, booleans),
        st.builds(commands.SetAvailability, booleans, booleans),
        st.builds(commands.SetProperties, _tuples(_properties())),
        _set_variations(st.one_of(_sound_variations(), _tuples(_variations())), known),
        _set_variations(_sound_variations(least=0, most=2), st.sampled_from(("", *VARIATIONS))),
        st.builds(commands.SetParameters, mostly(parameters(), _tuples(_unsound_parameters()))),
        st.builds(commands.Switch, there, booleans),
        st.builds(commands.SetOffVariation, there, named),
        st.builds(commands.SetFallthrough, there, _serves(named)),
        st.builds(commands.SetRules, there, _tuples(_rules(named))),
        st.builds(commands.SetTargets, there, _tuples(_targets(named))),
        st.builds(commands.SetPrerequisites, there, _tuples(_prerequisites())),
        st.builds(commands.SetTracking, there, booleans, booleans),
        st.builds(commands.ServeVariation, there, st.sampled_from((FALLTHROUGH, *RULES)), named),
        st.builds(commands.ForgetEnvironment, there),
    )


def _set_own_variations(flag: Flag) -> st.SearchStrategy[Command]:
    """The same with new defaults; or as many that fit the parameters; or one less."""
    own = st.sampled_from([variation.id for variation in flag.variations] or [""])
    others = _sound_variations(flag.parameters)
    return _set_variations(st.sampled_from((flag.variations, flag.variations[:-1])) | others, own)


def _reset_parameters(known: tuple[Parameter, ...]) -> st.SearchStrategy[Command]:
    """Some of those there are, some of them with another default."""
    kept = st.sampled_from((known, known[:-1], known[::-1]))
    changed = kept.flatmap(lambda left: st.tuples(*(_redefaulted(each) for each in left)))
    return st.builds(commands.SetParameters, kept | changed)


def _redefaulted(parameter: Parameter) -> st.SearchStrategy[Parameter]:
    return of_type(parameter.type).map(lambda default: replace(parameter, default=default))


def _set_variations(
    variations: st.SearchStrategy[tuple[Variation, ...]], defaults: st.SearchStrategy[str]
) -> st.SearchStrategy[Command]:
    there = st.lists(st.sampled_from(ENVIRONMENTS), max_size=3).map(tuple)
    return st.builds(commands.SetVariations, variations, defaults, defaults, there)


def _tuples(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=3).map(tuple)


@cache
def _variations() -> st.SearchStrategy[Variation]:
    return st.builds(Variation, st.sampled_from(VARIATIONS), json_values(), texts())


def _sound_variations(
    known: tuple[Parameter, ...] = (), least: int = 2, most: int = 5
) -> st.SearchStrategy[tuple[Variation, ...]]:
    """Where there are parameters, with a value for each: the default, or another."""
    each = st.builds(Variation, st.sampled_from(VARIATIONS), _values(known), sound_texts())
    return st.lists(each, min_size=least, max_size=most, unique_by=lambda it: it.id).map(tuple)


def _values(known: tuple[Parameter, ...]) -> st.SearchStrategy[Json]:
    if not known:
        return json_values()
    return st.fixed_dictionaries({each.key: st.just(each.default) | of_type(each.type) for each in known})


_TYPED: Mapping[str, st.SearchStrategy[Json]] = {
    "string": sound_texts(),
    "boolean": st.booleans(),
    "number": st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    "array": st.lists(json_values(), max_size=2),
    "object": st.dictionaries(sound_texts(), json_values(), max_size=2),
}


def of_type(type: str) -> st.SearchStrategy[Json]:
    """Values of a parameter's type."""
    return _TYPED[type]


@cache
def parameters() -> st.SearchStrategy[tuple[Parameter, ...]]:
    """Sound ones, few of each key, so that another draw has some of them with another type or default."""
    each = st.sampled_from(sorted(_TYPED)).flatmap(
        lambda type: st.builds(
            Parameter, st.sampled_from(("size", "color", "shop")), st.just(type), of_type(type)
        )
    )
    return st.lists(each, max_size=3, unique_by=lambda it: it.key).map(tuple)


@cache
def _unsound_parameters() -> st.SearchStrategy[Parameter]:
    return st.builds(Parameter, names(), st.sampled_from((*_TYPED, "date")), json_values(), texts())


@st.composite
def _sound_rollouts(draw: st.DrawFn, named: st.SearchStrategy[str]) -> Rollout:
    first = draw(st.integers(0, SHARE_WHOLE))
    weights = (Weighted(draw(named), first), Weighted(draw(named), SHARE_WHOLE - first))
    seed = draw(st.none() | st.integers(0, 2**31))
    return Rollout(weights, kind=draw(sound_keys()), seed=seed, outside=draw(named | st.just("")))


def _serves(named: st.SearchStrategy[str]) -> st.SearchStrategy[Serve]:
    weights = st.lists(st.builds(Weighted, named, st.integers(-1, SHARE_WHOLE)), max_size=2)
    unsound: st.SearchStrategy[Serve] = st.builds(Rollout, weights.map(tuple))
    return mostly(_sound_serves(named), unsound)


def _sound_serves(named: st.SearchStrategy[str]) -> st.SearchStrategy[Serve]:
    return st.one_of(st.builds(Fixed, named), _sound_rollouts(named))


def _rules(named: st.SearchStrategy[str]) -> st.SearchStrategy[Rule]:
    one_clause = st.lists(clauses(), max_size=1).map(tuple)
    id = mostly(st.sampled_from(RULES), st.sampled_from(("", FALLTHROUGH)))
    return st.builds(Rule, id, one_clause, _serves(named), description=texts())


def _targets(named: st.SearchStrategy[str]) -> st.SearchStrategy[Target]:
    held = st.lists(st.sampled_from(("ann", "ben", "cleo", "dan", "")), max_size=2).map(tuple)
    return st.builds(Target, named, held, keys())


@cache
def _prerequisites() -> st.SearchStrategy[Prerequisite]:
    needed = st.sampled_from((*OTHER_FLAGS, *KEYS))
    return st.builds(Prerequisite, needed, st.sampled_from(VARIATIONS))


@cache
def _properties() -> st.SearchStrategy[Property]:
    return st.builds(Property, keys(), names(), st.lists(texts(), max_size=2).map(tuple))


@st.composite
def _targetings(
    draw: st.DrawFn, named: st.SearchStrategy[str], switched: st.SearchStrategy[bool]
) -> Targeting:
    serves = _sound_serves(named)
    one_clause = st.lists(sound_clauses(), max_size=1).map(tuple)
    rules = st.lists(
        st.builds(Rule, st.sampled_from(RULES), one_clause, serves),
        max_size=2,
        unique_by=lambda rule: rule.id,
    )
    return Targeting(
        on=draw(switched),
        off_variation=draw(named),
        fallthrough=draw(serves),
        rules=tuple(draw(rules)),
        targets=(Target(draw(named), draw(st.sampled_from((("ann",), ("ben", "cleo"))))),),
        prerequisites=draw(st.sampled_from(((), (Prerequisite("login", "variation-0"),)))),
        changed_at=draw(times()),
    )
