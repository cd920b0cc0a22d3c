"""What is served of a flag, in the one form that all clients read alike.

Rulesets and payloads are both made of this, so that both serve the same and name the same rule.
"""

from collections.abc import Iterable
from itertools import takewhile

from msgspec.structs import replace

from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Serve, Target, Targeting
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served
from equipoise.domain.values import plain
from equipoise.evaluation.reference import MALFORMED, reference

USER = "user"
NOTHING = Rollout(())  # whoever is led here gets an error, and no variation


def normal(served: Served) -> Served:
    """The flag as everybody reads it:

    - A disabled rule is left out, and not counted in the index of those after it.
    - A slot without weight is left out of a rollout: clients disagree on an empty first one.
    - Targets of users for one variation are one, where the first of them stands: clients know no more.
    - A rule is cut at the first clause whose attribute leads nowhere, and then serves nothing; so does a
      rollout by such an attribute. Clients disagree on who gets an error there; so everybody does who gets
      so far.
    - A clause about segments keeps texts alone: clients fail on anything else as a key.
    - A flag with a number beyond doubles, or with a value nested beyond VALUE_LEVELS_MAX, serves nothing:
      a client may stop at it, and with it at the whole environment.
    """
    if not _readable(served):
        return replace(served, flag=replace(served.flag, variations=()), targeting=_NEVER)
    targeting = served.targeting
    return replace(
        served,
        targeting=replace(
            targeting,
            fallthrough=_serve(targeting.fallthrough),
            rules=tuple(_rule(each) for each in targeting.rules if not each.disabled),
            targets=_targets(targeting.targets),
        ),
    )


def members(membership: Membership) -> Membership:
    """The segment as everybody reads it: without groups that ask for an attribute which leads nowhere, or for
    a value that a client may stop at; clients disagree on who is in those."""
    return replace(
        membership,
        groups=tuple(
            tuple(map(_clause, group))
            for group in membership.groups
            if all(map(_leads_somewhere, group)) and plain([each.values for each in group], -1)
        ),
    )


def index(flag: Flag, variation: str) -> int:
    """The position of a variation; -1 for one that is not there, which is an error wherever it is served."""
    try:
        return flag.index(variation)
    except LookupError:
        return -1


_NEVER = Targeting(on=True, off_variation="", fallthrough=NOTHING)


def _targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    turns: dict[object, Target] = {}
    for at, each in enumerate(targets):
        turn = each.variation if each.kind == USER else at
        before = turns.get(turn)
        turns[turn] = each if before is None else replace(before, keys=before.keys + each.keys)
    return tuple(turns.values())


def _rule(rule: Rule) -> Rule:
    asked = tuple(map(_clause, takewhile(_leads_somewhere, rule.clauses)))
    serve = _serve(rule.serve) if len(asked) == len(rule.clauses) else NOTHING
    return replace(rule, clauses=asked, serve=serve)


def _leads_somewhere(clause: Clause) -> bool:
    return clause.op == SEGMENT_MATCH or reference(clause.attribute) != MALFORMED


def _clause(clause: Clause) -> Clause:
    if clause.op != SEGMENT_MATCH:
        return clause
    return replace(clause, values=tuple(each for each in clause.values if isinstance(each, str)))


def _serve(serve: Serve) -> Serve:
    if isinstance(serve, Fixed):
        return serve
    hashed = "" if serve.experiment else serve.bucket_by
    if hashed and reference(hashed) == MALFORMED:
        return NOTHING
    weights = tuple(each for each in serve.weights if each.weight) or serve.weights
    if len(weights) == len(serve.weights) and hashed == serve.bucket_by:
        return serve
    return replace(serve, weights=weights, bucket_by=hashed)


def _readable(served: Served) -> bool:
    rules = served.targeting.rules
    asked = [clause.values for rule in rules if not rule.disabled for clause in rule.clauses]
    return plain([each.value for each in served.flag.variations]) and plain(asked, -1)
