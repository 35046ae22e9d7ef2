"""Write flighttrace/data/sieve/*.sql: the sieve's expressions as Ibis makes them into SQL for DuckDB.

    python benchmarks/build_sieve_sql.py      after any change of flighttrace/match/sieve.py, or of the version of Ibis

Same expressions and same Ibis, same bytes.
"""

from __future__ import annotations

from flighttrace.match.engines.ready import FOLDER, compiled


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    texts = compiled()
    for path in FOLDER.glob("*.sql"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / f"{name}.sql").write_text(text, "utf-8")
        print(f"{name}: {len(text):,} characters")


if __name__ == "__main__":
    main()
