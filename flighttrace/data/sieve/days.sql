-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  *
FROM (
  SELECT
    "t6"."lat_cell",
    "t6"."lon_cell",
    "t6"."day",
    COUNT(DISTINCT "t6"."track_key") AS "aircraft",
    SUM("t6"."positions") AS "positions",
    MIN("t6"."lowest_altitude_ft") AS "lowest_altitude_ft"
  FROM (
    SELECT
      "t5"."track_key",
      "t5"."hour",
      "t5"."lat_cell",
      "t5"."lon_cell",
      "t5"."positions",
      "t5"."first_ms",
      "t5"."last_ms",
      "t5"."lowest_altitude_ft",
      "t5"."highest_altitude_ft",
      "t5"."on_ground",
      "t5"."simulated",
      "t5"."silence_ms",
      "t5"."near_ground",
      "t5"."odd",
      "t5"."begins",
      "t5"."stops",
      "t5"."cut_from_ms",
      "t5"."cut_to_ms",
      "t5"."first_lat_mdeg",
      "t5"."first_lon_mdeg",
      "t5"."last_lat_mdeg",
      "t5"."last_lon_mdeg",
      "t5"."reach_km",
      "t5"."end_parts",
      "t5"."ends_from_lat",
      "t5"."ends_from_lon",
      "t5"."ends_to_lat",
      "t5"."ends_to_lon",
      "t5"."gone",
      "t5"."strays",
      "t5"."blocks",
      CAST(CAST(FLOOR((
        "t5"."hour"
      ) / (
        24
      )) AS BIGINT) AS INT) AS "day"
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
        "t4"."gone",
        "t4"."strays",
        "t4"."blocks"
      FROM (
        SELECT
          *
        FROM "presence" AS "t0"
        WHERE
          "t0"."lat_cell" BETWEEN {south} AND {north}
          AND "t0"."lon_cell" BETWEEN {west} AND {east}
          AND "t0"."hour" >= {window_first_hour}
          AND "t0"."hour" <= {window_last_hour}
      ) AS "t4"
      SEMI JOIN "fences" AS "t2"
        ON "t4"."lat_cell" = "t2"."fence_lat_cell"
        AND "t4"."lon_cell" >= "t2"."from_lon_cell"
        AND "t4"."lon_cell" <= "t2"."to_lon_cell"
    ) AS "t5"
  ) AS "t6"
  GROUP BY
    1,
    2,
    3
) AS "t7"
ORDER BY
  "t7"."lat_cell" ASC,
  "t7"."lon_cell" ASC,
  "t7"."day" ASC
