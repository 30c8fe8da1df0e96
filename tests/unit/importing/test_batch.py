from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest

from gateway.importing.batch import MAX_REQUEST_BYTES, Batch, batches
from gateway.importing.row import Problem, Row


def record(line: int, size_bytes: int = 0) -> IngestRecord:
    """Return the record of a line, of about that size."""
    made = IngestRecord()
    made.user.user_id = "u" * size_bytes or str(line)
    return made


def row(line: int, size_bytes: int = 0) -> Row:
    """Return a row that is sent."""
    return Row(line, (), record(line, size_bytes))


def bad(line: int) -> Row:
    """Return a row that is not sent."""
    return Row(line, (), problems=[Problem("", "MALFORMED_ROW", "")])


def lines(found: list[Batch]) -> list[list[int]]:
    """Return the lines of each batch."""
    return [[row.line for row in batch.rows] for batch in found]


def test_batches_keep_the_order_and_rise() -> None:
    """Rows that are not sent stay where they are, and count."""
    found = [*batches([row(2), bad(3), row(4), bad(5), bad(6), bad(7), row(8)], "shop", 3)]
    assert lines(found) == [[2, 3, 4], [5, 6, 7], [8]]
    assert [batch.sequence for batch in found] == [1, 2, 3]
    first, second, third = found
    assert first.request == IngestRequest(
        sequence=1, dataset_group="shop", records=[record(2), record(4)]
    )
    assert [sent.line for sent in first.sent] == [2, 4]
    assert (second.request, second.sent) == (None, [])
    assert third.request is not None


def test_batch_is_no_larger_than_a_request_may_be() -> None:
    """Bytes count before records do."""
    third = MAX_REQUEST_BYTES // 3
    found = [*batches([row(n, third) for n in range(5)], "", 100)]
    assert lines(found) == [[0, 1], [2, 3], [4]]
    sizes = [batch.request.ByteSize() for batch in found if batch.request]
    assert max(sizes) < MAX_REQUEST_BYTES + 1000


def test_no_rows_make_no_batch() -> None:
    """An empty file has nothing to send."""
    assert [*batches([], "", 100)] == []
