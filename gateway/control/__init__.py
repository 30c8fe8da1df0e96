"""Operating a running gateway: HTTP over a Unix socket that the delivery process serves.

The socket lies in the outbox's directory, so that whoever may read the records may operate on them,
and nobody else.
"""
