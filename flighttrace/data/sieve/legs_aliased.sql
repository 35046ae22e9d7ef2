-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t19"."track_key"
FROM (
  SELECT
    "t18"."key" AS "track_key",
    COUNT(*) AS "rows"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t16"."key",
        "t16"."place",
        "t16"."hour",
        "t16"."first_ms",
        "t16"."last_ms",
        "t16"."end_place",
        "t16"."route",
        "t16"."is_arrival",
        "t16"."moment",
        "t16"."left_ms",
        MAX("t16"."left_ms") OVER (
          PARTITION BY "t16"."key", "t16"."route"
          ORDER BY "t16"."moment" ASC, "t16"."is_arrival" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "last_left_ms"
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
          CASE WHEN "t15"."is_arrival" = 0 THEN "t15"."first_ms" ELSE "t15"."last_ms" END AS "moment",
          CASE WHEN "t15"."is_arrival" = 0 THEN "t15"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
        FROM (
          SELECT
            "t14"."key",
            "t14"."place",
            "t14"."hour",
            "t14"."first_ms",
            "t14"."last_ms",
            "t4"."end_place",
            "t4"."route",
            "t4"."is_arrival"
          FROM (
            SELECT
              "t12"."key",
              "t12"."place",
              "t12"."hour",
              MIN("t12"."first_ms") AS "first_ms",
              MAX("t12"."last_ms") AS "last_ms"
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
                "t11"."key",
                "t5"."place",
                "t5"."fence_lat_cell",
                "t5"."from_lon_cell",
                "t5"."to_lon_cell"
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
                  COALESCE("t9"."alias_key", "t9"."track_key") AS "key"
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
                    "t6"."alias_of",
                    "t6"."alias_key"
                  FROM (
                    SELECT
                      *
                    FROM "presence" AS "t2"
                    WHERE
                      "t2"."lat_cell" BETWEEN {south} AND {north} AND "t2"."lon_cell" BETWEEN {west} AND {east}
                  ) AS "t8"
                  LEFT OUTER JOIN "aliases" AS "t6"
                    ON "t8"."track_key" = "t6"."alias_of"
                ) AS "t9"
                WHERE
                  "t9"."hour" >= {first_hour} AND "t9"."hour" <= {last_hour}
              ) AS "t11"
              INNER JOIN "fences" AS "t5"
                ON "t11"."lat_cell" = "t5"."fence_lat_cell"
                AND "t11"."lon_cell" >= "t5"."from_lon_cell"
                AND "t11"."lon_cell" <= "t5"."to_lon_cell"
            ) AS "t12"
            GROUP BY
              1,
              2,
              3
          ) AS "t14"
          INNER JOIN "ends" AS "t4"
            ON "t14"."place" = "t4"."end_place"
        ) AS "t15"
        WHERE
          (
            NOT (
              "t15"."is_arrival" = 0
            ) OR (
              "t15"."first_ms" < {departs_before_ms}
            )
          )
          AND (
            (
              "t15"."is_arrival" = 0
            ) OR (
              "t15"."last_ms" >= {arrives_from_ms}
            )
          )
      ) AS "t16"
    ) AS "t17"
    WHERE
      "t17"."is_arrival" = 1
      AND (
        "t17"."first_ms" - "t17"."last_left_ms"
      ) <= 86400000
  ) AS "t18"
  GROUP BY
    1
) AS "t19"
ORDER BY
  "t19"."track_key" ASC
