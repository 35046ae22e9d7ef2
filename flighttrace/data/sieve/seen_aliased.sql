-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t12"."track_key"
FROM (
  SELECT
    "t11"."key" AS "track_key",
    COUNT(*) AS "rows"
  FROM (
    SELECT
      "t10"."key",
      "t10"."place",
      "t10"."hour",
      MIN("t10"."first_ms") AS "first_ms",
      MAX("t10"."last_ms") AS "last_ms"
    FROM (
      SELECT
        "t9"."track_key",
        "t9"."hour",
        "t9"."lat_cell",
        "t9"."lon_cell",
        "t9"."positions",
        "t9"."first_ms",
        "t9"."last_ms",
        "t9"."lowest_altitude_ft",
        "t9"."highest_altitude_ft",
        "t9"."on_ground",
        "t9"."simulated",
        "t9"."silence_ms",
        "t9"."near_ground",
        "t9"."odd",
        "t9"."begins",
        "t9"."stops",
        "t9"."cut_from_ms",
        "t9"."cut_to_ms",
        "t9"."first_lat_mdeg",
        "t9"."first_lon_mdeg",
        "t9"."last_lat_mdeg",
        "t9"."last_lon_mdeg",
        "t9"."reach_km",
        "t9"."end_parts",
        "t9"."ends_from_lat",
        "t9"."ends_from_lon",
        "t9"."ends_to_lat",
        "t9"."ends_to_lon",
        "t9"."gone",
        "t9"."strays",
        "t9"."blocks",
        "t9"."alias_of",
        "t9"."alias_key",
        "t9"."key",
        "t3"."place",
        "t3"."fence_lat_cell",
        "t3"."from_lon_cell",
        "t3"."to_lon_cell"
      FROM (
        SELECT
          "t7"."track_key",
          "t7"."hour",
          "t7"."lat_cell",
          "t7"."lon_cell",
          "t7"."positions",
          "t7"."first_ms",
          "t7"."last_ms",
          "t7"."lowest_altitude_ft",
          "t7"."highest_altitude_ft",
          "t7"."on_ground",
          "t7"."simulated",
          "t7"."silence_ms",
          "t7"."near_ground",
          "t7"."odd",
          "t7"."begins",
          "t7"."stops",
          "t7"."cut_from_ms",
          "t7"."cut_to_ms",
          "t7"."first_lat_mdeg",
          "t7"."first_lon_mdeg",
          "t7"."last_lat_mdeg",
          "t7"."last_lon_mdeg",
          "t7"."reach_km",
          "t7"."end_parts",
          "t7"."ends_from_lat",
          "t7"."ends_from_lon",
          "t7"."ends_to_lat",
          "t7"."ends_to_lon",
          "t7"."gone",
          "t7"."strays",
          "t7"."blocks",
          "t7"."alias_of",
          "t7"."alias_key",
          COALESCE("t7"."alias_key", "t7"."track_key") AS "key"
        FROM (
          SELECT
            "t6"."track_key",
            "t6"."hour",
            "t6"."lat_cell",
            "t6"."lon_cell",
            "t6"."positions",
            "t6"."first_ms",
            "t6"."last_ms",
            "t6"."lowest_altitude_ft",
            "t6"."highest_altitude_ft",
            "t6"."on_ground",
            "t6"."simulated",
            "t6"."silence_ms",
            "t6"."near_ground",
            "t6"."odd",
            "t6"."begins",
            "t6"."stops",
            "t6"."cut_from_ms",
            "t6"."cut_to_ms",
            "t6"."first_lat_mdeg",
            "t6"."first_lon_mdeg",
            "t6"."last_lat_mdeg",
            "t6"."last_lon_mdeg",
            "t6"."reach_km",
            "t6"."end_parts",
            "t6"."ends_from_lat",
            "t6"."ends_from_lon",
            "t6"."ends_to_lat",
            "t6"."ends_to_lon",
            "t6"."gone",
            "t6"."strays",
            "t6"."blocks",
            "t4"."alias_of",
            "t4"."alias_key"
          FROM (
            SELECT
              *
            FROM "presence" AS "t1"
            WHERE
              "t1"."lat_cell" BETWEEN {south} AND {north} AND "t1"."lon_cell" BETWEEN {west} AND {east}
          ) AS "t6"
          LEFT OUTER JOIN "aliases" AS "t4"
            ON "t6"."track_key" = "t4"."alias_of"
        ) AS "t7"
        WHERE
          "t7"."hour" >= {first_hour} AND "t7"."hour" <= {last_hour}
      ) AS "t9"
      INNER JOIN "fences" AS "t3"
        ON "t9"."lat_cell" = "t3"."fence_lat_cell"
        AND "t9"."lon_cell" >= "t3"."from_lon_cell"
        AND "t9"."lon_cell" <= "t3"."to_lon_cell"
    ) AS "t10"
    GROUP BY
      1,
      2,
      3
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
ORDER BY
  "t12"."track_key" ASC
