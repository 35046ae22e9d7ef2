-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t7"."track_key"
FROM (
  SELECT
    "t6"."key" AS "track_key",
    COUNT(*) AS "rows"
  FROM (
    SELECT
      "t5"."key",
      "t5"."place",
      "t5"."hour",
      MIN("t5"."first_ms") AS "first_ms",
      MAX("t5"."last_ms") AS "last_ms"
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
        "t4"."blocks",
        "t4"."key",
        "t2"."place",
        "t2"."fence_lat_cell",
        "t2"."from_lon_cell",
        "t2"."to_lon_cell"
      FROM (
        SELECT
          "t0"."track_key",
          "t0"."hour",
          "t0"."lat_cell",
          "t0"."lon_cell",
          "t0"."positions",
          "t0"."first_ms",
          "t0"."last_ms",
          "t0"."lowest_altitude_ft",
          "t0"."highest_altitude_ft",
          "t0"."on_ground",
          "t0"."simulated",
          "t0"."silence_ms",
          "t0"."near_ground",
          "t0"."odd",
          "t0"."begins",
          "t0"."stops",
          "t0"."cut_from_ms",
          "t0"."cut_to_ms",
          "t0"."first_lat_mdeg",
          "t0"."first_lon_mdeg",
          "t0"."last_lat_mdeg",
          "t0"."last_lon_mdeg",
          "t0"."reach_km",
          "t0"."end_parts",
          "t0"."ends_from_lat",
          "t0"."ends_from_lon",
          "t0"."ends_to_lat",
          "t0"."ends_to_lon",
          "t0"."gone",
          "t0"."strays",
          "t0"."blocks",
          "t0"."track_key" AS "key"
        FROM "presence" AS "t0"
        WHERE
          "t0"."lat_cell" BETWEEN {south} AND {north}
          AND "t0"."lon_cell" BETWEEN {west} AND {east}
          AND "t0"."hour" >= {first_hour}
          AND "t0"."hour" <= {last_hour}
      ) AS "t4"
      INNER JOIN "fences" AS "t2"
        ON "t4"."lat_cell" = "t2"."fence_lat_cell"
        AND "t4"."lon_cell" >= "t2"."from_lon_cell"
        AND "t4"."lon_cell" <= "t2"."to_lon_cell"
    ) AS "t5"
    GROUP BY
      1,
      2,
      3
  ) AS "t6"
  GROUP BY
    1
) AS "t7"
ORDER BY
  "t7"."track_key" ASC
