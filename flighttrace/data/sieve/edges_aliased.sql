-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  COALESCE("t5"."alias_key", "t5"."track_key") AS "key",
  STARTS_WITH("t5"."track_key", '#') OR (
    "t5"."alias_key" IS NOT NULL
  ) AS "mixed",
  "t5"."hour",
  "t5"."first_ms",
  "t5"."last_ms",
  "t5"."odd",
  "t5"."begins",
  "t5"."stops",
  "t5"."first_lat_mdeg",
  "t5"."first_lon_mdeg",
  "t5"."last_lat_mdeg",
  "t5"."last_lon_mdeg"
FROM (
  SELECT
    "t4"."track_key",
    "t4"."hour",
    "t4"."lat_cell",
    "t4"."lon_cell",
    "t4"."positions",
    "t4"."first_ms",
    "t4"."last_ms",
    "t4"."lowest_altitude_ft",
    "t4"."highest_altitude_ft",
    "t4"."on_ground",
    "t4"."simulated",
    "t4"."silence_ms",
    "t4"."near_ground",
    "t4"."odd",
    "t4"."begins",
    "t4"."stops",
    "t4"."cut_from_ms",
    "t4"."cut_to_ms",
    "t4"."first_lat_mdeg",
    "t4"."first_lon_mdeg",
    "t4"."last_lat_mdeg",
    "t4"."last_lon_mdeg",
    "t4"."reach_km",
    "t4"."end_parts",
    "t4"."ends_from_lat",
    "t4"."ends_from_lon",
    "t4"."ends_to_lat",
    "t4"."ends_to_lon",
    "t2"."alias_of",
    "t2"."alias_key"
  FROM (
    SELECT
      *
    FROM "presence" AS "t0"
    WHERE
      "t0"."reach_km" > 0
  ) AS "t4"
  LEFT OUTER JOIN "aliases" AS "t2"
    ON "t4"."track_key" = "t2"."alias_of"
) AS "t5"
WHERE
  "t5"."odd"
  OR (
    STARTS_WITH("t5"."track_key", '#') OR (
      "t5"."alias_key" IS NOT NULL
    )
  )
  OR (
    "t5"."begins" > 0
  )
  OR "t5"."stops"
