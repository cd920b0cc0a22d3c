"""What a person would write in DuckDB for the same figures, and the data, made by DuckDB itself."""

from pathlib import Path

import duckdb

DAY = 86_400_000_000
STARTED = 1_700_000_000_000_000
SPAN = 30 * 86_400  # seconds over which outcomes are spread, a week of them before the start


def make(folder: Path, events: int, units: int) -> None:
    """Exposures of 20 days, and outcomes of which a quarter are purchases, sorted by unit key; and the
    same outcomes in order of time, as raw files would be."""
    key = "('0x' || substr(sha1('user' || chr(0) || unit), 1, 15))::BIGINT AS unit_key"
    connection = duckdb.connect()
    connection.execute(f"""COPY (
        SELECT 'user' AS unit_kind, unit, {key},
            {STARTED} + (hash(i) % {20 * 86_400})::BIGINT * 1000000 AS "at",
            {STARTED} AS received_at, 'flag' AS flag, 1 AS version, 'rule' AS rule,
            (hash(i + 3) % 2)::INT AS variation,
            CASE hash(i + 3) % 2 WHEN 0 THEN 'variation-a' ELSE 'variation-b' END AS arm,
            'experiment' AS experiment,
            'iteration-1' AS iteration, 1 AS phase, '{{}}' AS attributes
        FROM (SELECT i, sha1(i::VARCHAR)[:18] AS unit FROM range({units}) AS t(i)) ORDER BY unit_key
    ) TO '{folder}/exposures.parquet' (FORMAT parquet, COMPRESSION zstd)""")
    connection.execute(f"""CREATE TABLE made AS
        SELECT 'user' AS unit_kind, unit, {key},
            {STARTED - 7 * DAY} + (hash(i * 13) % {37 * 86_400})::BIGINT * 1000000 AS "at",
            {STARTED} AS received_at, CASE hash(i * 17) % 4 WHEN 0 THEN 'purchase' ELSE 'view' END AS event,
            CASE hash(i * 17) % 4 WHEN 0 THEN (hash(i * 19) % 10000) / 100.0::DOUBLE END AS value,
            NULL::VARCHAR AS data
        FROM (SELECT i, sha1((hash(i * 5) % {units})::VARCHAR)[:18] AS unit FROM range({events}) AS t(i))""")
    for name, order in (("outcomes", "unit_key"), ("raw", '"at"')):
        connection.execute(
            f"COPY (FROM made ORDER BY {order}) TO '{folder}/{name}.parquet' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    connection.close()


def by_hand(folder: Path, key: str = "unit_key", outcomes: str = "outcomes") -> str:
    """Revenue in a week after first exposure with that of the week before, and whether there was a view: the
    moments of `equipoise.analysis.moments` by arm and day of first exposure."""
    return f"""
WITH seen AS (
    SELECT {key}, min("at") AS t0, min(arm) AS arm, max(arm) AS high, min(unit) AS u,
        max(unit) AS v, count(*) AS rows
    FROM '{folder}/exposures.parquet' WHERE iteration = 'iteration-1' AND unit_kind = 'user' GROUP BY {key}
), units AS (
    SELECT {key}, t0, CASE WHEN arm = high THEN arm END AS arm,
        greatest(t0 - {STARTED}, 0) // {DAY} AS day, rows,
        u <> v AS c
    FROM seen
), sums AS (
    SELECT {key}, count(*) AS happened,
        sum(value) FILTER (event = 'purchase' AND "at" >= t0 AND "at" <= t0 + {7 * DAY}) AS y,
        sum(value) FILTER (event = 'purchase' AND "at" < t0 AND "at" >= t0 - {7 * DAY}) AS x,
        count(*) FILTER (event = 'view' AND "at" >= t0) AS views
    FROM (FROM '{folder}/{outcomes}.parquet' WHERE event IN ('purchase', 'view') AND unit_kind = 'user')
    JOIN (FROM units WHERE arm IS NOT NULL) USING ({key}) GROUP BY {key}
), valued AS (
    SELECT arm, day, rows, c, happened, coalesce(y, 0) AS y, coalesce(x, 0) AS x,
        CASE WHEN views > 0 THEN 1::DOUBLE ELSE 0 END AS z
    FROM units LEFT JOIN sums USING ({key})
), means AS (
    SELECT arm, day, avg(y) AS my, avg(x) AS mx, avg(z) AS mz FROM valued GROUP BY ALL
)
SELECT arm, day, count(*), sum(rows), sum(c::INT), sum(happened), any_value(my), any_value(mx), any_value(mz),
    sum(y - my), sum((y - my) * (y - my)), sum((y - my) * (y - my) * (y - my)), min(y), max(y),
    sum(x - mx), sum((x - mx) * (x - mx)), sum((x - mx) * (x - mx) * (x - mx)), min(x), max(x),
    sum((x - mx) * (y - my)),
    sum(z - mz), sum((z - mz) * (z - mz)), sum((z - mz) * (z - mz) * (z - mz)), min(z), max(z)
FROM valued JOIN means USING (arm, day) GROUP BY arm, day"""


def looks_by_hand(folder: Path) -> str:
    """The same for every day there is, as it was known then: what units with outcomes were worth, by arm, day
    from which and day until which."""
    return f"""
WITH units AS (
    SELECT unit_key, min("at") AS t0, min(arm) AS arm, greatest(min("at") - {STARTED}, 0) // {DAY} AS day
    FROM '{folder}/exposures.parquet' WHERE iteration = 'iteration-1' AND unit_kind = 'user'
    GROUP BY unit_key HAVING min(arm) = max(arm)
), happened AS (
    SELECT unit_key, arm, greatest(day, ("at" - {STARTED}) // {DAY}) AS day,
        CASE WHEN event = 'purchase' AND "at" >= t0 AND "at" <= t0 + {7 * DAY} THEN value END AS y,
        CASE WHEN event = 'purchase' AND "at" < t0 AND "at" >= t0 - {7 * DAY} THEN value END AS x,
        CASE WHEN event = 'view' AND "at" >= t0 THEN 1 END AS z
    FROM (FROM '{folder}/outcomes.parquet' WHERE event IN ('purchase', 'view') AND unit_kind = 'user')
    JOIN units USING (unit_key)
), steps AS (
    SELECT unit_key, day, any_value(arm) AS arm, sum(y) AS y, sum(x) AS x, max(z) AS z
    FROM happened WHERE y IS NOT NULL OR x IS NOT NULL OR z IS NOT NULL GROUP BY unit_key, day
), running AS (
    SELECT arm, day, lead(day) OVER so_far AS ends, sum(y) OVER so_far AS y,
        coalesce(sum(x) OVER so_far, 0) AS x, max(z) OVER so_far AS z
    FROM steps
    WINDOW so_far AS (PARTITION BY unit_key ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT arm, day, ends, count(y), sum(y - 60), sum((y - 60) * (y - 60)),
    sum(CASE WHEN y IS NOT NULL THEN x - 20 END), sum(CASE WHEN y IS NOT NULL THEN (x - 20) * (x - 20) END),
    sum((x - 20) * (y - 60)), count(z)
FROM running GROUP BY arm, day, ends"""
