-- Made by benchmarks/build_sieve_sql.py with ibis 12.0.0: not to be edited.
SELECT
  "t18"."key",
  "t18"."lat_cell",
  "t18"."lon_cell",
  "t18"."first_ms",
  "t18"."last_ms",
  "t18"."silence_ms",
  "t18"."near_ground",
  "t18"."begins",
  "t18"."stops",
  "t18"."cut_from_ms",
  "t18"."cut_to_ms",
  "t18"."reach_km",
  "t18"."end_parts",
  "t18"."ends_from_lat",
  "t18"."ends_from_lon",
  "t18"."ends_to_lat",
  "t18"."ends_to_lon"
FROM (
  SELECT
    "t14"."track_key",
    "t14"."hour",
    "t14"."lat_cell",
    "t14"."lon_cell",
    "t14"."positions",
    "t14"."first_ms",
    "t14"."last_ms",
    "t14"."lowest_altitude_ft",
    "t14"."highest_altitude_ft",
    "t14"."on_ground",
    "t14"."simulated",
    "t14"."silence_ms",
    "t14"."near_ground",
    "t14"."odd",
    "t14"."begins",
    "t14"."stops",
    "t14"."cut_from_ms",
    "t14"."cut_to_ms",
    "t14"."first_lat_mdeg",
    "t14"."first_lon_mdeg",
    "t14"."last_lat_mdeg",
    "t14"."last_lon_mdeg",
    "t14"."reach_km",
    "t14"."end_parts",
    "t14"."ends_from_lat",
    "t14"."ends_from_lon",
    "t14"."ends_to_lat",
    "t14"."ends_to_lon",
    "t14"."gone",
    "t14"."strays",
    "t14"."blocks",
    "t14"."alias_of",
    "t14"."alias_key",
    COALESCE("t14"."alias_key", "t14"."track_key") AS "key"
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
      "t5"."alias_of",
      "t5"."alias_key"
    FROM (
      SELECT
        *
      FROM "presence" AS "t0"
      WHERE
        (
          "t0"."reach_km" > 0
        ) OR "t0"."gone"
    ) AS "t12"
    LEFT OUTER JOIN "aliases" AS "t5"
      ON "t12"."track_key" = "t5"."alias_of"
  ) AS "t14"
) AS "t18"
SEMI JOIN (
  SELECT
    "t26"."track_key"
  FROM (
    SELECT
      "t25"."key" AS "track_key",
      COUNT(*) AS "rows"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t23"."key",
          "t23"."place",
          "t23"."hour",
          "t23"."first_ms",
          "t23"."last_ms",
          "t23"."end_place",
          "t23"."route",
          "t23"."is_arrival",
          "t23"."moment",
          "t23"."left_ms",
          MAX("t23"."left_ms") OVER (
            PARTITION BY "t23"."key", "t23"."route"
            ORDER BY "t23"."moment" ASC, "t23"."is_arrival" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS "last_left_ms"
        FROM (
          SELECT
            "t22"."key",
            "t22"."place",
            "t22"."hour",
            "t22"."first_ms",
            "t22"."last_ms",
            "t22"."end_place",
            "t22"."route",
            "t22"."is_arrival",
            CASE WHEN "t22"."is_arrival" = 0 THEN "t22"."first_ms" ELSE "t22"."last_ms" END AS "moment",
            CASE WHEN "t22"."is_arrival" = 0 THEN "t22"."last_ms" ELSE CAST(NULL AS BIGINT) END AS "left_ms"
          FROM (
            SELECT
              "t21"."key",
              "t21"."place",
              "t21"."hour",
              "t21"."first_ms",
              "t21"."last_ms",
              "t6"."end_place",
              "t6"."route",
              "t6"."is_arrival"
            FROM (
              SELECT
                "t19"."key",
                "t19"."place",
                "t19"."hour",
                MIN("t19"."first_ms") AS "first_ms",
                MAX("t19"."last_ms") AS "last_ms"
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
                  "t8"."place",
                  "t8"."fence_lat_cell",
                  "t8"."from_lon_cell",
                  "t8"."to_lon_cell"
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
                    "t13"."gone",
                    "t13"."strays",
                    "t13"."blocks",
                    "t13"."alias_of",
                    "t13"."alias_key",
                    COALESCE("t13"."alias_key", "t13"."track_key") AS "key"
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
                      "t5"."alias_of",
                      "t5"."alias_key"
                    FROM (
                      SELECT
                        *
                      FROM "presence" AS "t0"
                      WHERE
                        "t0"."lat_cell" BETWEEN {south} AND {north} AND "t0"."lon_cell" BETWEEN {west} AND {east}
                    ) AS "t10"
                    LEFT OUTER JOIN "aliases" AS "t5"
                      ON "t10"."track_key" = "t5"."alias_of"
                  ) AS "t13"
                  WHERE
                    "t13"."hour" >= {first_hour} AND "t13"."hour" <= {last_hour}
                ) AS "t16"
                SEMI JOIN "only_these" AS "t7"
                  ON "t16"."key" = "t7"."only_key"
                INNER JOIN "fences" AS "t8"
                  ON "t16"."lat_cell" = "t8"."fence_lat_cell"
                  AND "t16"."lon_cell" >= "t8"."from_lon_cell"
                  AND "t16"."lon_cell" <= "t8"."to_lon_cell"
              ) AS "t19"
              GROUP BY
                1,
                2,
                3
            ) AS "t21"
            INNER JOIN "ends" AS "t6"
              ON "t21"."place" = "t6"."end_place"
          ) AS "t22"
          WHERE
            (
              NOT (
                "t22"."is_arrival" = 0
              ) OR (
                "t22"."first_ms" < {departs_before_ms}
              )
            )
            AND (
              (
                "t22"."is_arrival" = 0
              ) OR (
                "t22"."last_ms" >= {arrives_from_ms}
              )
            )
        ) AS "t23"
      ) AS "t24"
      WHERE
        "t24"."is_arrival" = 1
        AND (
          "t24"."first_ms" - "t24"."last_left_ms"
        ) <= 86400000
    ) AS "t25"
    GROUP BY
      1
  ) AS "t26"
  ORDER BY
    "t26"."track_key" ASC
) AS "t28"
  ON "t18"."key" = "t28"."track_key"
