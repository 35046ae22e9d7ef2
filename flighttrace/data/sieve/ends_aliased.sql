-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t26"."key",
  "t26"."mixed",
  "t26"."hour",
  "t26"."lat_cell",
  "t26"."lon_cell",
  "t26"."first_ms",
  "t26"."last_ms",
  "t26"."silence_ms",
  "t26"."near_ground",
  "t26"."odd",
  "t26"."begins",
  "t26"."stops",
  "t26"."cut_from_ms",
  "t26"."cut_to_ms",
  "t26"."first_lat_mdeg",
  "t26"."first_lon_mdeg",
  "t26"."last_lat_mdeg",
  "t26"."last_lon_mdeg",
  "t26"."reach_km",
  "t26"."end_parts",
  "t26"."ends_from_lat",
  "t26"."ends_from_lon",
  "t26"."ends_to_lat",
  "t26"."ends_to_lon"
FROM (
  SELECT
    "t13"."track_key",
    "t13"."hour",
    "t13"."lat_cell",
    "t13"."lon_cell",
    "t13"."positions",
    "t13"."first_ms",
    "t13"."last_ms",
    "t13"."lowest_altitude_ft",
    "t13"."highest_altitude_ft",
    "t13"."on_ground",
    "t13"."simulated",
    "t13"."silence_ms",
    "t13"."near_ground",
    "t13"."odd",
    "t13"."begins",
    "t13"."stops",
    "t13"."cut_from_ms",
    "t13"."cut_to_ms",
    "t13"."first_lat_mdeg",
    "t13"."first_lon_mdeg",
    "t13"."last_lat_mdeg",
    "t13"."last_lon_mdeg",
    "t13"."reach_km",
    "t13"."end_parts",
    "t13"."ends_from_lat",
    "t13"."ends_from_lon",
    "t13"."ends_to_lat",
    "t13"."ends_to_lon",
    "t13"."alias_of",
    "t13"."alias_key",
    "t13"."key",
    "t13"."mixed"
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
      "t10"."alias_of",
      "t10"."alias_key",
      COALESCE("t10"."alias_key", "t10"."track_key") AS "key",
      STARTS_WITH("t10"."track_key", '#') OR (
        "t10"."alias_key" IS NOT NULL
      ) AS "mixed"
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
        "t5"."alias_of",
        "t5"."alias_key"
      FROM "presence" AS "t4"
      LEFT OUTER JOIN "aliases" AS "t5"
        ON "t4"."track_key" = "t5"."alias_of"
    ) AS "t10"
  ) AS "t13"
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
            "t20"."place",
            "t20"."hour",
            "t20"."first_ms",
            "t20"."last_ms",
            "t20"."end_place",
            "t20"."route",
            "t20"."is_arrival",
            "t20"."moment",
            "t20"."left_ms",
            MAX("t20"."left_ms") OVER (
              PARTITION BY "t20"."key", "t20"."route"
              ORDER BY "t20"."moment" ASC, "t20"."is_arrival" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "last_left_ms"
          FROM (
            SELECT
              "t19"."key",
              "t19"."place",
              "t19"."hour",
              "t19"."first_ms",
              "t19"."last_ms",
              "t19"."end_place",
              "t19"."route",
              "t19"."is_arrival",
              CASE WHEN "t19"."is_arrival" = 0 THEN "t19"."first_ms" ELSE "t19"."last_ms" END AS "moment",
              CASE WHEN "t19"."is_arrival" = 0 THEN "t19"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
            FROM (
              SELECT
                "t18"."key",
                "t18"."place",
                "t18"."hour",
                "t18"."first_ms",
                "t18"."last_ms",
                "t6"."end_place",
                "t6"."route",
                "t6"."is_arrival"
              FROM (
                SELECT
                  "t16"."key",
                  "t16"."place",
                  "t16"."hour",
                  MIN("t16"."first_ms") AS "first_ms",
                  MAX("t16"."last_ms") AS "last_ms"
                FROM (
                  SELECT
                    "t15"."track_key",
                    "t15"."hour",
                    "t15"."lat_cell",
                    "t15"."lon_cell",
                    "t15"."positions",
                    "t15"."first_ms",
                    "t15"."last_ms",
                    "t15"."lowest_altitude_ft",
                    "t15"."highest_altitude_ft",
                    "t15"."on_ground",
                    "t15"."simulated",
                    "t15"."silence_ms",
                    "t15"."near_ground",
                    "t15"."odd",
                    "t15"."begins",
                    "t15"."stops",
                    "t15"."cut_from_ms",
                    "t15"."cut_to_ms",
                    "t15"."first_lat_mdeg",
                    "t15"."first_lon_mdeg",
                    "t15"."last_lat_mdeg",
                    "t15"."last_lon_mdeg",
                    "t15"."reach_km",
                    "t15"."end_parts",
                    "t15"."ends_from_lat",
                    "t15"."ends_from_lon",
                    "t15"."ends_to_lat",
                    "t15"."ends_to_lon",
                    "t15"."alias_of",
                    "t15"."alias_key",
                    "t15"."key",
                    "t15"."mixed",
                    "t7"."place",
                    "t7"."fence_lat_cell",
                    "t7"."from_lon_cell",
                    "t7"."to_lon_cell"
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
                      "t11"."alias_of",
                      "t11"."alias_key",
                      COALESCE("t11"."alias_key", "t11"."track_key") AS "key",
                      STARTS_WITH("t11"."track_key", '#') OR (
                        "t11"."alias_key" IS NOT NULL
                      ) AS "mixed"
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
                        "t5"."alias_of",
                        "t5"."alias_key"
                      FROM (
                        SELECT
                          *
                        FROM "presence" AS "t0"
                        WHERE
                          "t0"."lat_cell" BETWEEN {south} AND {north} AND "t0"."lon_cell" BETWEEN {west} AND {east}
                      ) AS "t9"
                      LEFT OUTER JOIN "aliases" AS "t5"
                        ON "t9"."track_key" = "t5"."alias_of"
                    ) AS "t11"
                    WHERE
                      "t11"."hour" >= {first_hour} AND "t11"."hour" <= {last_hour}
                  ) AS "t15"
                  INNER JOIN "fences" AS "t7"
                    ON "t15"."lat_cell" = "t7"."fence_lat_cell"
                    AND "t15"."lon_cell" >= "t7"."from_lon_cell"
                    AND "t15"."lon_cell" <= "t7"."to_lon_cell"
                ) AS "t16"
                GROUP BY
                  1,
                  2,
                  3
              ) AS "t18"
              INNER JOIN "ends" AS "t6"
                ON "t18"."place" = "t6"."end_place"
            ) AS "t19"
            WHERE
              (
                NOT (
                  "t19"."is_arrival" = 0
                ) OR (
                  "t19"."first_ms" < {departs_before_ms}
                )
              )
              AND (
                (
                  "t19"."is_arrival" = 0
                ) OR (
                  "t19"."last_ms" >= {arrives_from_ms}
                )
              )
          ) AS "t20"
        ) AS "t21"
        WHERE
          "t21"."is_arrival" = 1
          AND (
            "t21"."first_ms" - "t21"."last_left_ms"
          ) <= 86400000
      ) AS "t22"
      GROUP BY
        1
    ) AS "t23"
    ORDER BY
      "t23"."track_key" ASC
  ) AS "t25"
    ON "t13"."key" = "t25"."track_key"
) AS "t26"
WHERE
  "t26"."reach_km" > 0
