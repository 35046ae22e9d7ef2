-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t10"."key",
  "t10"."lat_cell",
  "t10"."lon_cell",
  "t10"."first_ms",
  "t10"."last_ms",
  "t10"."silence_ms",
  "t10"."near_ground",
  "t10"."begins",
  "t10"."stops",
  "t10"."cut_from_ms",
  "t10"."cut_to_ms",
  "t10"."reach_km",
  "t10"."end_parts",
  "t10"."ends_from_lat",
  "t10"."ends_from_lon",
  "t10"."ends_to_lat",
  "t10"."ends_to_lon"
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
    (
      "t0"."reach_km" > 0
    ) OR "t0"."gone"
) AS "t10"
SEMI JOIN (
  SELECT
    "t18"."track_key"
  FROM (
    SELECT
      "t17"."key" AS "track_key",
      COUNT(*) AS "rows"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t15"."key",
          "t15"."place",
          "t15"."hour",
          "t15"."first_ms",
          "t15"."last_ms",
          "t15"."end_place",
          "t15"."route",
          "t15"."is_arrival",
          "t15"."moment",
          "t15"."left_ms",
          MAX("t15"."left_ms") OVER (
            PARTITION BY "t15"."key", "t15"."route"
            ORDER BY "t15"."moment" ASC, "t15"."is_arrival" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS "last_left_ms"
        FROM (
          SELECT
            "t14"."key",
            "t14"."place",
            "t14"."hour",
            "t14"."first_ms",
            "t14"."last_ms",
            "t14"."end_place",
            "t14"."route",
            "t14"."is_arrival",
            CASE WHEN "t14"."is_arrival" = 0 THEN "t14"."first_ms" ELSE "t14"."last_ms" END AS "moment",
            CASE WHEN "t14"."is_arrival" = 0 THEN "t14"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
          FROM (
            SELECT
              "t13"."key",
              "t13"."place",
              "t13"."hour",
              "t13"."first_ms",
              "t13"."last_ms",
              "t4"."end_place",
              "t4"."route",
              "t4"."is_arrival"
            FROM (
              SELECT
                "t11"."key",
                "t11"."place",
                "t11"."hour",
                MIN("t11"."first_ms") AS "first_ms",
                MAX("t11"."last_ms") AS "last_ms"
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
                  "t6"."place",
                  "t6"."fence_lat_cell",
                  "t6"."from_lon_cell",
                  "t6"."to_lon_cell"
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
                ) AS "t8"
                SEMI JOIN "only_these" AS "t5"
                  ON "t8"."key" = "t5"."only_key"
                INNER JOIN "fences" AS "t6"
                  ON "t8"."lat_cell" = "t6"."fence_lat_cell"
                  AND "t8"."lon_cell" >= "t6"."from_lon_cell"
                  AND "t8"."lon_cell" <= "t6"."to_lon_cell"
              ) AS "t11"
              GROUP BY
                1,
                2,
                3
            ) AS "t13"
            INNER JOIN "ends" AS "t4"
              ON "t13"."place" = "t4"."end_place"
          ) AS "t14"
          WHERE
            (
              NOT (
                "t14"."is_arrival" = 0
              ) OR (
                "t14"."first_ms" < {departs_before_ms}
              )
            )
            AND (
              (
                "t14"."is_arrival" = 0
              ) OR (
                "t14"."last_ms" >= {arrives_from_ms}
              )
            )
        ) AS "t15"
      ) AS "t16"
      WHERE
        "t16"."is_arrival" = 1
        AND (
          "t16"."first_ms" - "t16"."last_left_ms"
        ) <= 86400000
    ) AS "t17"
    GROUP BY
      1
  ) AS "t18"
  ORDER BY
    "t18"."track_key" ASC
) AS "t20"
  ON "t10"."key" = "t20"."track_key"
