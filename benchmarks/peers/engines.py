"""The two flags of `benchmarks/evaluation/flags.py` under each engine. This runs in the environment of the
peers, where all of them are installed; each is imported when it is timed."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks.evaluation.flags import CONTEXTS, COUNTRIES, DATA

Timed = Callable[[], None]  # one pass over all contexts
Values = Callable[[], list[Any]]  # what is served to each context
KEYS = [document["key"] for document in CONTEXTS]
PERSONS = [{name: each[name] for name in ("country", "age", "version")} for each in CONTEXTS]
ARMS = {"targeted": ("red", "green", "blue"), "experiment": ("off", "on")}
SHARES = {"targeted": (34, 33, 33), "experiment": (50, 50)}


def launchdarkly(key: str) -> tuple[Timed, Values]:
    from ldclient import Context, LDClient
    from ldclient.config import Config
    from ldclient.feature_store import InMemoryFeatureStore
    from ldclient.versioned_data_kind import FEATURES, SEGMENTS

    memory: Any = InMemoryFeatureStore  # published without types
    store = memory()
    store.init({FEATURES: DATA["flags"], SEGMENTS: DATA["segments"]})
    settings: Any = {"use_ldd": True, "send_events": False, "diagnostic_opt_out": True}
    client = LDClient(Config("sdk-key", feature_store=store, **settings), 0)
    units, detail = [Context.from_dict(each) for each in CONTEXTS], client.variation_detail

    def timed() -> None:
        for each in units:
            detail(key, each, "default")

    return timed, lambda: [detail(key, each, None).value for each in units]


def growthbook(key: str) -> tuple[Timed, Values]:
    from growthbook import GrowthBook

    condition = {"country": {"$in": list(COUNTRIES)}, "age": {"$gte": 18}, "version": {"$vgt": "2.3.0"}}
    rule = {
        "key": key,
        "variations": list(ARMS[key]),
        "weights": [share / 100 for share in SHARES[key]],
        "hashAttribute": "id",
        "hashVersion": 2,
        **({"condition": condition} if key == "targeted" else {}),
    }
    features = {key: {"defaultValue": ARMS[key][0], "rules": [rule]}}
    units = [
        GrowthBook(attributes={"id": unit, **person}, features=features)
        for unit, person in zip(KEYS, PERSONS, strict=True)
    ]

    def timed() -> None:
        for each in units:
            each.eval_feature(key)

    return timed, lambda: [each.eval_feature(key).value for each in units]


def unleash(key: str) -> tuple[Timed, Values]:
    from UnleashClient import UnleashClient
    from UnleashClient.cache import FileCache

    constraints = [
        {"contextName": "country", "operator": "IN", "values": list(COUNTRIES)},
        {"contextName": "age", "operator": "NUM_GTE", "value": "18"},
        {"contextName": "version", "operator": "SEMVER_GT", "value": "2.3.0"},
    ]
    variants = [
        {
            "name": arm,
            "weight": share * 10,
            "stickiness": "userId",
            "payload": {"type": "string", "value": arm},
        }
        for arm, share in zip(ARMS[key], SHARES[key], strict=True)
    ]
    strategy = {
        "name": "flexibleRollout",
        "parameters": {"rollout": "100", "stickiness": "userId", "groupId": key},
        "constraints": constraints if key == "targeted" else [],
        "variants": variants,
    }
    toggle = {"name": key, "enabled": True, "type": "release", "strategies": [strategy], "variants": []}
    cache = FileCache("benchmark", directory=mkdtemp())
    cache.bootstrap_from_dict({"version": 2, "features": [toggle]})
    client = UnleashClient(
        "http://127.0.0.1:1/api", "benchmark", disable_metrics=True, disable_registration=True, cache=cache
    )
    client.initialize_client(fetch_toggles=False)
    units = [
        {"userId": unit, "properties": {name: str(value) for name, value in person.items()}}
        for unit, person in zip(KEYS, PERSONS, strict=True)
    ]

    def timed() -> None:
        for each in units:
            client.get_variant(key, each)

    return timed, lambda: [client.get_variant(key, each)["name"] for each in units]


def flagd(key: str) -> tuple[Timed, Values]:
    from openfeature import api
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType
    from openfeature.evaluation_context import EvaluationContext

    asked = [
        {"in": [{"var": "country"}, list(COUNTRIES)]},
        {">=": [{"var": "age"}, 18]},
        {"sem_ver": [{"var": "version"}, ">", "2.3.0"]},
    ]
    split = {"fractional": [list(each) for each in zip(ARMS[key], SHARES[key], strict=True)]}
    flag = {
        "state": "ENABLED",
        "variants": {arm: arm for arm in ARMS[key]},
        "defaultVariant": ARMS[key][0],
        "targeting": {"if": [{"and": asked}, split, None]} if key == "targeted" else split,
    }
    path = Path(mkdtemp()) / "flags.json"
    path.write_text(json.dumps({"flags": {key: flag}}))
    provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path))
    api.set_provider(provider, key)
    client = api.get_client(key)
    units = [EvaluationContext(unit, person) for unit, person in zip(KEYS, PERSONS, strict=True)]

    def timed() -> None:
        for each in units:
            client.get_string_details(key, "default", each)

    return timed, lambda: [client.get_string_value(key, "default", each) for each in units]


def eppo(key: str) -> tuple[Timed, Values]:
    import eppo_client
    from eppo_client import AssignmentLogger, ClientConfig, Configuration

    ends = [sum(SHARES[key][: at + 1]) * 100 for at in range(len(SHARES[key]))]
    starts = (0, *ends[:-1])
    splits = [
        {"variationKey": arm, "shards": [{"salt": "4f9b1c", "ranges": [{"start": start, "end": end}]}]}
        for arm, start, end in zip(ARMS[key], starts, ends, strict=True)
    ]
    asked = [
        {"attribute": "country", "operator": "ONE_OF", "value": list(COUNTRIES)},
        {"attribute": "age", "operator": "GTE", "value": 18},
        {"attribute": "version", "operator": "GT", "value": "2.3.0"},
    ]
    rules = {"rules": [{"conditions": asked}]} if key == "targeted" else {}
    flag = {
        "key": key,
        "enabled": True,
        "variationType": "STRING",
        "variations": {arm: {"key": arm, "value": arm} for arm in ARMS[key]},
        "allocations": [{"key": "split", "splits": splits, "doLog": False, **rules}],
        "totalShards": 10_000,
    }
    said = {"createdAt": "2024-01-01T00:00:00Z", "format": "SERVER", "environment": {"name": "benchmark"}}
    configuration = Configuration(flags_configuration=json.dumps({**said, "flags": {key: flag}}).encode())
    client = eppo_client.init(
        ClientConfig(
            api_key="benchmark",
            assignment_logger=AssignmentLogger(),
            poll_interval_seconds=None,
            initial_configuration=configuration,
        )
    )
    units, get = list(zip(KEYS, PERSONS, strict=True)), client.get_string_assignment

    def timed() -> None:
        for unit, person in units:
            get(key, unit, person, "default")

    return timed, lambda: [get(key, unit, person, "default") for unit, person in units]


ENGINES: dict[str, Callable[[str], tuple[Timed, Values]]] = {  # by the distribution that is installed
    "launchdarkly-server-sdk": launchdarkly,
    "growthbook": growthbook,
    "UnleashClient": unleash,
    "openfeature-provider-flagd": flagd,
    "eppo-server-sdk": eppo,
}
