"""What publishers decide, without I/O: shared by the one for threads and the one for asyncio."""
