"""Benchmarks against other implementations, each a pair measured in one run; never a timed test."""
