"""What a gateway shows of itself over HTTP: is it alive, is it ready, its metrics.

Each child serves the numbers of its own process on a Unix socket in the outbox's directory; the
supervisor collects them and answers for all.
"""
