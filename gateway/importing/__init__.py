"""From the rows of a file to the requests of an Ingest stream.

file → survey (rows, sessions) → rows → batches → window → stream

The stream is an interface (`gateway.importing.exchange`): nothing here knows gRPC.
"""
