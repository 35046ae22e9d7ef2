-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t0"."track_key" AS "key",
  STARTS_WITH("t0"."track_key", '#') AS "mixed",
  "t0"."hour",
  "t0"."first_ms",
  "t0"."last_ms",
  "t0"."odd",
  "t0"."begins",
  "t0"."stops",
  "t0"."first_lat_mdeg",
  "t0"."first_lon_mdeg",
  "t0"."last_lat_mdeg",
  "t0"."last_lon_mdeg"
FROM "presence" AS "t0"
WHERE
  "t0"."reach_km" > 0
  AND (
    "t0"."odd"
    OR STARTS_WITH("t0"."track_key", '#')
    OR (
      "t0"."begins" > 0
    )
    OR "t0"."stops"
  )
