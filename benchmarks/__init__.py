"""Benchmarks: numbers with units, printed by `make bench`, never asserted."""
