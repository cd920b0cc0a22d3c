"""Flags are read and deleted."""

from tests.dialects.launchdarkly.flags.builders import FLAGS, HERE, Flags
from tests.fixtures_surface import conforms


def test_a_flag_is_shown_in_all_environments_or_in_those_asked_for(flags: Flags) -> None:
    made = flags.make()
    assert flags.get() == made
    for query in (f"env={HERE}&env=test", f"env={HERE}%2Ctest"):
        shown = conforms(flags.surface.call("GET", f"{FLAGS}/checkout?{query}"), "getFeatureFlag")
        assert shown["environments"].keys() == {HERE, "test"}
    shown = flags.surface.call("GET", f"{FLAGS}/checkout?env={HERE}").json()
    assert shown["environments"].keys() == {HERE}


def test_what_is_not_there_is_missing(flags: Flags) -> None:
    for path in (f"{FLAGS}/nothing", "/api/v2/flags/nowhere/checkout", "/api/v2/flags/nowhere"):
        assert flags.surface.call("GET", path).status_code == 404
    assert flags.surface.call("DELETE", f"{FLAGS}/nothing").status_code == 404
    assert flags.instruct({"kind": "turnFlagOn"}, key="nothing").status_code == 404


def test_a_flag_is_deleted_and_its_version_grows_over_its_rebirth(flags: Flags) -> None:
    before = flags.make()["environments"][HERE]["version"]
    gone = flags.surface.call("DELETE", f"{FLAGS}/checkout")
    assert conforms(gone, "deleteFeatureFlag") is None
    assert flags.surface.call("GET", f"{FLAGS}/checkout").status_code == 404
    assert flags.make()["environments"][HERE]["version"] > before


def test_the_version_of_an_environment_grows_where_the_flag_changes_and_not_elsewhere(flags: Flags) -> None:
    made = flags.make()["environments"]
    told = flags.told({"kind": "turnFlagOn"})["environments"]
    assert told[HERE]["version"] > made[HERE]["version"]
    assert told["test"]["version"] == made["test"]["version"]


def test_a_patch_of_what_has_changed_since_is_refused(flags: Flags) -> None:
    flags.make()
    path = f"{FLAGS}/checkout"
    tag = flags.surface.call("GET", path).headers["etag"]
    flags.told({"kind": "turnFlagOn"})
    body = {"instructions": [{"kind": "updateName", "value": "x"}]}
    assert flags.surface.call("PATCH", path, json=body, headers={"If-Match": tag}).status_code == 412
    fresh = flags.surface.call("GET", path).headers["etag"]
    assert flags.surface.call("PATCH", path, json=body, headers={"If-Match": fresh}).status_code == 200


def test_a_flag_is_shown_as_it_was(flags: Flags) -> None:
    flags.make()
    number = flags.surface.rows("project/default")[-1].number
    flags.told({"kind": "updateName", "value": "New"})
    past = flags.surface.call("GET", f"{FLAGS}/checkout?asOf={number}")
    assert past.json()["name"] == "Checkout"


def test_a_reader_reads(flags: Flags) -> None:
    flags.make()
    assert flags.surface.call("GET", f"{FLAGS}/checkout", token="reader").status_code == 200
    assert flags.instruct({"kind": "turnFlagOn"}, token="reader").status_code == 403


def test_a_token_of_one_environment_sees_the_flag_there(flags: Flags) -> None:
    flags.make()
    token = flags.surface.token("reader", "default", "test")
    shown = flags.surface.call("GET", f"{FLAGS}/checkout", token=token).json()
    assert shown["environments"].keys() == {"test"}


def test_links_lead_to_the_flag_and_to_its_list(flags: Flags) -> None:
    links = flags.make()["_links"]
    for name in ("self", "parent"):
        assert flags.surface.call("GET", links[name]["href"]).status_code == 200
