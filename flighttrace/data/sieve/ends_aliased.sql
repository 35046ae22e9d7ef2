-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t15"."key",
  "t15"."lat_cell",
  "t15"."lon_cell",
  "t15"."first_ms",
  "t15"."last_ms",
  "t15"."silence_ms",
  "t15"."near_ground",
  "t15"."begins",
  "t15"."stops",
  "t15"."cut_from_ms",
  "t15"."cut_to_ms",
  "t15"."reach_km",
  "t15"."end_parts",
  "t15"."ends_from_lat",
  "t15"."ends_from_lon",
  "t15"."ends_to_lat",
  "t15"."ends_to_lon"
FROM (
  SELECT
    "t11"."track_key",
    "t11"."hour",
    "t11"."lat_cell",
    "t11"."lon_cell",
    "t11"."positions",
    "t11"."first_ms",
    "t11"."last_ms",
    "t11"."lowest_altitude_ft",
    "t11"."highest_altitude_ft",
    "t11"."on_ground",
    "t11"."simulated",
    "t11"."silence_ms",
    "t11"."near_ground",
    "t11"."odd",
    "t11"."begins",
    "t11"."stops",
    "t11"."cut_from_ms",
    "t11"."cut_to_ms",
    "t11"."first_lat_mdeg",
    "t11"."first_lon_mdeg",
    "t11"."last_lat_mdeg",
    "t11"."last_lon_mdeg",
    "t11"."reach_km",
    "t11"."end_parts",
    "t11"."ends_from_lat",
    "t11"."ends_from_lon",
    "t11"."ends_to_lat",
    "t11"."ends_to_lon",
    "t11"."gone",
    "t11"."strays",
    "t11"."blocks",
    "t11"."alias_of",
    "t11"."alias_key",
    COALESCE("t11"."alias_key", "t11"."track_key") AS "key"
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
      "t4"."alias_of",
      "t4"."alias_key"
    FROM (
      SELECT
        *
      FROM "presence" AS "t0"
      WHERE
        "t0"."reach_km" > 0
    ) AS "t9"
    LEFT OUTER JOIN "aliases" AS "t4"
      ON "t9"."track_key" = "t4"."alias_of"
  ) AS "t11"
) AS "t15"
SEMI JOIN (
  SELECT
    "t23"."track_key"
  FROM (
    SELECT
      "t22"."key" AS "track_key",
      COUNT(*) AS "rows"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t20"."key",
          "t20"."route",
          MIN("t20"."is_arrival") AS "first",
          MAX("t20"."is_arrival") AS "last"
        FROM (
          SELECT
            "t19"."key",
            "t19"."near_place",
            "t19"."groups",
            "t5"."end_place",
            "t5"."route",
            "t5"."is_arrival"
          FROM (
            SELECT
              "t17"."key",
              "t17"."near_place",
              COUNT(*) AS "groups"
            FROM (
              SELECT
                "t16"."track_key",
                "t16"."hour",
                "t16"."lat_cell",
                "t16"."lon_cell",
                "t16"."positions",
                "t16"."first_ms",
                "t16"."last_ms",
                "t16"."lowest_altitude_ft",
                "t16"."highest_altitude_ft",
                "t16"."on_ground",
                "t16"."simulated",
                "t16"."silence_ms",
                "t16"."near_ground",
                "t16"."odd",
                "t16"."begins",
                "t16"."stops",
                "t16"."cut_from_ms",
                "t16"."cut_to_ms",
                "t16"."first_lat_mdeg",
                "t16"."first_lon_mdeg",
                "t16"."last_lat_mdeg",
                "t16"."last_lon_mdeg",
                "t16"."reach_km",
                "t16"."end_parts",
                "t16"."ends_from_lat",
                "t16"."ends_from_lon",
                "t16"."ends_to_lat",
                "t16"."ends_to_lon",
                "t16"."gone",
                "t16"."strays",
                "t16"."blocks",
                "t16"."alias_of",
                "t16"."alias_key",
                "t16"."key",
                "t6"."near_place",
                "t6"."near_lat_cell",
                "t6"."near_lon_cell",
                "t6"."from_km"
              FROM (
                SELECT
                  "t12"."track_key",
                  "t12"."hour",
                  "t12"."lat_cell",
                  "t12"."lon_cell",
                  "t12"."positions",
                  "t12"."first_ms",
                  "t12"."last_ms",
                  "t12"."lowest_altitude_ft",
                  "t12"."highest_altitude_ft",
                  "t12"."on_ground",
                  "t12"."simulated",
                  "t12"."silence_ms",
                  "t12"."near_ground",
                  "t12"."odd",
                  "t12"."begins",
                  "t12"."stops",
                  "t12"."cut_from_ms",
                  "t12"."cut_to_ms",
                  "t12"."first_lat_mdeg",
                  "t12"."first_lon_mdeg",
                  "t12"."last_lat_mdeg",
                  "t12"."last_lon_mdeg",
                  "t12"."reach_km",
                  "t12"."end_parts",
                  "t12"."ends_from_lat",
                  "t12"."ends_from_lon",
                  "t12"."ends_to_lat",
                  "t12"."ends_to_lon",
                  "t12"."gone",
                  "t12"."strays",
                  "t12"."blocks",
                  "t12"."alias_of",
                  "t12"."alias_key",
                  COALESCE("t12"."alias_key", "t12"."track_key") AS "key"
                FROM (
                  SELECT
                    "t10"."track_key",
                    "t10"."hour",
                    "t10"."lat_cell",
                    "t10"."lon_cell",
                    "t10"."positions",
                    "t10"."first_ms",
                    "t10"."last_ms",
                    "t10"."lowest_altitude_ft",
                    "t10"."highest_altitude_ft",
                    "t10"."on_ground",
                    "t10"."simulated",
                    "t10"."silence_ms",
                    "t10"."near_ground",
                    "t10"."odd",
                    "t10"."begins",
                    "t10"."stops",
                    "t10"."cut_from_ms",
                    "t10"."cut_to_ms",
                    "t10"."first_lat_mdeg",
                    "t10"."first_lon_mdeg",
                    "t10"."last_lat_mdeg",
                    "t10"."last_lon_mdeg",
                    "t10"."reach_km",
                    "t10"."end_parts",
                    "t10"."ends_from_lat",
                    "t10"."ends_from_lon",
                    "t10"."ends_to_lat",
                    "t10"."ends_to_lon",
                    "t10"."gone",
                    "t10"."strays",
                    "t10"."blocks",
                    "t4"."alias_of",
                    "t4"."alias_key"
                  FROM (
                    SELECT
                      *
                    FROM "presence" AS "t0"
                    WHERE
                      "t0"."reach_km" > 0
                      AND "t0"."lat_cell" BETWEEN {south} AND {north}
                      AND "t0"."lon_cell" BETWEEN {west} AND {east}
                  ) AS "t10"
                  LEFT OUTER JOIN "aliases" AS "t4"
                    ON "t10"."track_key" = "t4"."alias_of"
                ) AS "t12"
              ) AS "t16"
              INNER JOIN "near" AS "t6"
                ON "t16"."lat_cell" = "t6"."near_lat_cell"
                AND "t16"."lon_cell" = "t6"."near_lon_cell"
                AND "t16"."reach_km" >= "t6"."from_km"
            ) AS "t17"
            GROUP BY
              1,
              2
          ) AS "t19"
          INNER JOIN "ends" AS "t5"
            ON "t19"."near_place" = "t5"."end_place"
        ) AS "t20"
        GROUP BY
          1,
          2
      ) AS "t21"
      WHERE
        "t21"."first" = 0 AND "t21"."last" = 1
    ) AS "t22"
    GROUP BY
      1
  ) AS "t23"
  ORDER BY
    "t23"."track_key" ASC
) AS "t25"
  ON "t15"."key" = "t25"."track_key"
