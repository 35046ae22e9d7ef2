-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t19"."key",
  "t19"."mixed",
  "t19"."hour",
  "t19"."lat_cell",
  "t19"."lon_cell",
  "t19"."first_ms",
  "t19"."last_ms",
  "t19"."silence_ms",
  "t19"."near_ground",
  "t19"."odd",
  "t19"."begins",
  "t19"."stops",
  "t19"."cut_from_ms",
  "t19"."cut_to_ms",
  "t19"."first_lat_mdeg",
  "t19"."first_lon_mdeg",
  "t19"."last_lat_mdeg",
  "t19"."last_lon_mdeg",
  "t19"."reach_km",
  "t19"."end_parts",
  "t19"."ends_from_lat",
  "t19"."ends_from_lon",
  "t19"."ends_to_lat",
  "t19"."ends_to_lon"
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
    "t7"."key",
    "t7"."mixed"
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
      "t0"."track_key" AS "key",
      STARTS_WITH("t0"."track_key", '#') AS "mixed"
    FROM "presence" AS "t0"
  ) AS "t7"
  SEMI JOIN (
    SELECT
      "t16"."track_key"
    FROM (
      SELECT
        "t15"."key" AS "track_key",
        COUNT(*) AS "rows"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t13"."key",
            "t13"."place",
            "t13"."hour",
            "t13"."first_ms",
            "t13"."last_ms",
            "t13"."end_place",
            "t13"."route",
            "t13"."is_arrival",
            "t13"."moment",
            "t13"."left_ms",
            MAX("t13"."left_ms") OVER (
              PARTITION BY "t13"."key", "t13"."route"
              ORDER BY "t13"."moment" ASC, "t13"."is_arrival" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "last_left_ms"
          FROM (
            SELECT
              "t12"."key",
              "t12"."place",
              "t12"."hour",
              "t12"."first_ms",
              "t12"."last_ms",
              "t12"."end_place",
              "t12"."route",
              "t12"."is_arrival",
              CASE WHEN "t12"."is_arrival" = 0 THEN "t12"."first_ms" ELSE "t12"."last_ms" END AS "moment",
              CASE WHEN "t12"."is_arrival" = 0 THEN "t12"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
            FROM (
              SELECT
                "t11"."key",
                "t11"."place",
                "t11"."hour",
                "t11"."first_ms",
                "t11"."last_ms",
                "t3"."end_place",
                "t3"."route",
                "t3"."is_arrival"
              FROM (
                SELECT
                  "t9"."key",
                  "t9"."place",
                  "t9"."hour",
                  MIN("t9"."first_ms") AS "first_ms",
                  MAX("t9"."last_ms") AS "last_ms"
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
                    "t8"."key",
                    "t8"."mixed",
                    "t4"."place",
                    "t4"."fence_lat_cell",
                    "t4"."from_lon_cell",
                    "t4"."to_lon_cell"
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
                      "t0"."track_key" AS "key",
                      STARTS_WITH("t0"."track_key", '#') AS "mixed"
                    FROM "presence" AS "t0"
                    WHERE
                      "t0"."lat_cell" BETWEEN {south} AND {north}
                      AND "t0"."lon_cell" BETWEEN {west} AND {east}
                      AND "t0"."hour" >= {first_hour}
                      AND "t0"."hour" <= {last_hour}
                  ) AS "t8"
                  INNER JOIN "fences" AS "t4"
                    ON "t8"."lat_cell" = "t4"."fence_lat_cell"
                    AND "t8"."lon_cell" >= "t4"."from_lon_cell"
                    AND "t8"."lon_cell" <= "t4"."to_lon_cell"
                ) AS "t9"
                GROUP BY
                  1,
                  2,
                  3
              ) AS "t11"
              INNER JOIN "ends" AS "t3"
                ON "t11"."place" = "t3"."end_place"
            ) AS "t12"
            WHERE
              (
                NOT (
                  "t12"."is_arrival" = 0
                ) OR (
                  "t12"."first_ms" < {departs_before_ms}
                )
              )
              AND (
                (
                  "t12"."is_arrival" = 0
                ) OR (
                  "t12"."last_ms" >= {arrives_from_ms}
                )
              )
          ) AS "t13"
        ) AS "t14"
        WHERE
          "t14"."is_arrival" = 1
          AND (
            "t14"."first_ms" - "t14"."last_left_ms"
          ) <= 86400000
      ) AS "t15"
      GROUP BY
        1
    ) AS "t16"
    ORDER BY
      "t16"."track_key" ASC
  ) AS "t18"
    ON "t7"."key" = "t18"."track_key"
) AS "t19"
WHERE
  "t19"."reach_km" > 0
