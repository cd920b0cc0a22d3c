"""The key file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from equipoise.storage import Unusable, keyfile


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert keyfile.read(folder) is None
    made = keyfile.make(folder)
    assert len(made) >= 32
    assert keyfile.make(folder) == keyfile.read(folder) == made
    assert (folder / keyfile.NAME).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in folder.iterdir()] == [keyfile.NAME]


def test_of_many_that_make_a_key_at_once_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(keyfile.make, [tmp_path] * 8))) == 1


def test_a_key_that_others_may_read_is_noticed(tmp_path: Path) -> None:
    keyfile.make(tmp_path)
    assert keyfile.open_to_others(tmp_path) is False
    (tmp_path / keyfile.NAME).chmod(0o640)
    assert keyfile.open_to_others(tmp_path) is True


def test_a_folder_that_cannot_hold_a_key_is_said_to_be_such(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with pytest.raises(Unusable, match="EQUIPOISE_SECRET_KEY"):
        keyfile.make(tmp_path / "plain")
    (tmp_path / keyfile.NAME).write_bytes(b"\xff")
    with pytest.raises(Unusable, match="cannot be read"):
        keyfile.read(tmp_path)
