"""The processes of a gateway: a supervisor over ingest processes and one delivery process.

Forwarding to Personalize beside a gRPC server costs several times as much as in a process of its
own, because its wake-ups break the server's batching; and apart, neither can stop the other.
"""
