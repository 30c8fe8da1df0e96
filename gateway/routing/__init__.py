"""Routing: which callers may send which kinds of record to which dataset groups."""
