"""Simulated traffic of any size, as OpenSky and adsb.lol publish it, with planted legs whose truth is known.

`airports` → `fleet` (who flies where, day by day) → `paths` (how one flight moves, in closed form) → `heard` (which
rows receivers would have passed on) → `opensky`, `traces` (the files). Everything is simulated and marked so.
"""
