"""What the instance knows of itself."""

from functools import partial

from equipoise.storage import SqlStore
from tests.storage.test_concurrency import at_once


def test_a_fact_is_set_once_and_all_hear_the_same(sql_store: SqlStore) -> None:
    def note(value: str) -> str:
        with sql_store.write() as transaction:
            return transaction.note("owner", value)

    with sql_store.read() as reader:
        assert reader.fact("owner") is None
    heard = at_once(partial(note, str(number)) for number in range(8))
    assert len(set(heard)) == 1
    with sql_store.read() as reader:
        assert reader.fact("owner") == heard[0]
