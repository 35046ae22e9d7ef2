-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t7"."key",
  "t7"."lat_cell",
  "t7"."lon_cell",
  "t7"."first_ms",
  "t7"."last_ms",
  "t7"."silence_ms",
  "t7"."near_ground",
  "t7"."begins",
  "t7"."stops",
  "t7"."cut_from_ms",
  "t7"."cut_to_ms",
  "t7"."reach_km",
  "t7"."end_parts",
  "t7"."ends_from_lat",
  "t7"."ends_from_lon",
  "t7"."ends_to_lat",
  "t7"."ends_to_lon"
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
    "t0"."reach_km" > 0
) AS "t7"
SEMI JOIN (
  SELECT
    "t15"."track_key"
  FROM (
    SELECT
      "t14"."key" AS "track_key",
      COUNT(*) AS "rows"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t12"."key",
          "t12"."route",
          MIN("t12"."is_arrival") AS "first",
          MAX("t12"."is_arrival") AS "last"
        FROM (
          SELECT
            "t11"."key",
            "t11"."near_place",
            "t11"."groups",
            "t3"."end_place",
            "t3"."route",
            "t3"."is_arrival"
          FROM (
            SELECT
              "t9"."key",
              "t9"."near_place",
              COUNT(*) AS "groups"
            FROM (
              SELECT
                "t8"."track_key",
                "t8"."hour",
                "t8"."lat_cell",
                "t8"."lon_cell",
                "t8"."positions",
                "t8"."first_ms",
                "t8"."last_ms",
                "t8"."lowest_altitude_ft",
                "t8"."highest_altitude_ft",
                "t8"."on_ground",
                "t8"."simulated",
                "t8"."silence_ms",
                "t8"."near_ground",
                "t8"."odd",
                "t8"."begins",
                "t8"."stops",
                "t8"."cut_from_ms",
                "t8"."cut_to_ms",
                "t8"."first_lat_mdeg",
                "t8"."first_lon_mdeg",
                "t8"."last_lat_mdeg",
                "t8"."last_lon_mdeg",
                "t8"."reach_km",
                "t8"."end_parts",
                "t8"."ends_from_lat",
                "t8"."ends_from_lon",
                "t8"."ends_to_lat",
                "t8"."ends_to_lon",
                "t8"."gone",
                "t8"."strays",
                "t8"."blocks",
                "t8"."key",
                "t4"."near_place",
                "t4"."near_lat_cell",
                "t4"."near_lon_cell",
                "t4"."from_km"
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
                  "t0"."reach_km" > 0
                  AND "t0"."lat_cell" BETWEEN {south} AND {north}
                  AND "t0"."lon_cell" BETWEEN {west} AND {east}
              ) AS "t8"
              INNER JOIN "near" AS "t4"
                ON "t8"."lat_cell" = "t4"."near_lat_cell"
                AND "t8"."lon_cell" = "t4"."near_lon_cell"
                AND "t8"."reach_km" >= "t4"."from_km"
            ) AS "t9"
            GROUP BY
              1,
              2
          ) AS "t11"
          INNER JOIN "ends" AS "t3"
            ON "t11"."near_place" = "t3"."end_place"
        ) AS "t12"
        GROUP BY
          1,
          2
      ) AS "t13"
      WHERE
        "t13"."first" = 0 AND "t13"."last" = 1
    ) AS "t14"
    GROUP BY
      1
  ) AS "t15"
  ORDER BY
    "t15"."track_key" ASC
) AS "t17"
  ON "t7"."key" = "t17"."track_key"
