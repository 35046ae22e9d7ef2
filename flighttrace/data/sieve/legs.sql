-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t14"."track_key"
FROM (
  SELECT
    "t13"."key" AS "track_key",
    COUNT(*) AS "rows"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t11"."key",
        "t11"."place",
        "t11"."hour",
        "t11"."first_ms",
        "t11"."last_ms",
        "t11"."end_place",
        "t11"."route",
        "t11"."is_arrival",
        "t11"."moment",
        "t11"."left_ms",
        MAX("t11"."left_ms") OVER (
          PARTITION BY "t11"."key", "t11"."route"
          ORDER BY "t11"."moment" ASC, "t11"."is_arrival" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "last_left_ms"
      FROM (
        SELECT
          "t10"."key",
          "t10"."place",
          "t10"."hour",
          "t10"."first_ms",
          "t10"."last_ms",
          "t10"."end_place",
          "t10"."route",
          "t10"."is_arrival",
          CASE WHEN "t10"."is_arrival" = 0 THEN "t10"."first_ms" ELSE "t10"."last_ms" END AS "moment",
          CASE WHEN "t10"."is_arrival" = 0 THEN "t10"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
        FROM (
          SELECT
            "t9"."key",
            "t9"."place",
            "t9"."hour",
            "t9"."first_ms",
            "t9"."last_ms",
            "t3"."end_place",
            "t3"."route",
            "t3"."is_arrival"
          FROM (
            SELECT
              "t7"."key",
              "t7"."place",
              "t7"."hour",
              MIN("t7"."first_ms") AS "first_ms",
              MAX("t7"."last_ms") AS "last_ms"
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
                "t6"."key",
                "t4"."place",
                "t4"."fence_lat_cell",
                "t4"."from_lon_cell",
                "t4"."to_lon_cell"
              FROM (
                SELECT
                  "t1"."track_key",
                  "t1"."hour",
                  "t1"."lat_cell",
                  "t1"."lon_cell",
                  "t1"."positions",
                  "t1"."first_ms",
                  "t1"."last_ms",
                  "t1"."lowest_altitude_ft",
                  "t1"."highest_altitude_ft",
                  "t1"."on_ground",
                  "t1"."simulated",
                  "t1"."silence_ms",
                  "t1"."near_ground",
                  "t1"."odd",
                  "t1"."begins",
                  "t1"."stops",
                  "t1"."cut_from_ms",
                  "t1"."cut_to_ms",
                  "t1"."first_lat_mdeg",
                  "t1"."first_lon_mdeg",
                  "t1"."last_lat_mdeg",
                  "t1"."last_lon_mdeg",
                  "t1"."reach_km",
                  "t1"."end_parts",
                  "t1"."ends_from_lat",
                  "t1"."ends_from_lon",
                  "t1"."ends_to_lat",
                  "t1"."ends_to_lon",
                  "t1"."gone",
                  "t1"."strays",
                  "t1"."blocks",
                  "t1"."track_key" AS "key"
                FROM "presence" AS "t1"
                WHERE
                  "t1"."lat_cell" BETWEEN {south} AND {north}
                  AND "t1"."lon_cell" BETWEEN {west} AND {east}
                  AND "t1"."hour" >= {first_hour}
                  AND "t1"."hour" <= {last_hour}
              ) AS "t6"
              INNER JOIN "fences" AS "t4"
                ON "t6"."lat_cell" = "t4"."fence_lat_cell"
                AND "t6"."lon_cell" >= "t4"."from_lon_cell"
                AND "t6"."lon_cell" <= "t4"."to_lon_cell"
            ) AS "t7"
            GROUP BY
              1,
              2,
              3
          ) AS "t9"
          INNER JOIN "ends" AS "t3"
            ON "t9"."place" = "t3"."end_place"
        ) AS "t10"
        WHERE
          (
            NOT (
              "t10"."is_arrival" = 0
            ) OR (
              "t10"."first_ms" < {departs_before_ms}
            )
          )
          AND (
            (
              "t10"."is_arrival" = 0
            ) OR (
              "t10"."last_ms" >= {arrives_from_ms}
            )
          )
      ) AS "t11"
    ) AS "t12"
    WHERE
      "t12"."is_arrival" = 1
      AND (
        "t12"."first_ms" - "t12"."last_left_ms"
      ) <= 86400000
  ) AS "t13"
  GROUP BY
    1
) AS "t14"
ORDER BY
  "t14"."track_key" ASC
