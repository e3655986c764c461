"""Readers: one module a format, each turning the bytes of a file into an `Extract`."""
