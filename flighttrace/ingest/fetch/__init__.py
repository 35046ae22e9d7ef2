"""Bringing public data: what a source holds, how it is asked for, and the record of what came.

Built on `requests`. Nothing here is imported by reading, matching or weighing: a machine without a network loses only
this package.
"""
