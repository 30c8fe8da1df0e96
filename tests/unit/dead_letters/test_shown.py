from gateway import api
from gateway.api import IngestRecord
from gateway.dead_letters.shown import shown
from gateway.outbox.interface import DeadLetterReason
from gateway.records import Record
from tests.support.dead_letters import dead_letter, event


def test_all_that_is_known_is_shown() -> None:
    """Every field of the message has what is kept, the record as it can be sent again."""
    kept = dead_letter(
        "d1",
        event(event_id="e1", user_id="u"),
        detail="itemId 5",
        attempts=3,
        accepted_at_ms=1_790_000_000_001,
        dead_at_ms=1_790_000_000_999,
        superseded=True,
    )
    message = shown(kept)
    assert message == api.DeadLetter(
        dead_letter_id="d1",
        dataset_group="shop",
        kind="RECORD_KIND_EVENTS",
        reason="DEAD_LETTER_REASON_REFUSED",
        aws_code="InvalidInputException",
        aws_message="itemId 5",
        attempts=3,
        accept_time={"seconds": 1_790_000_000, "nanos": 1_000_000},
        dead_letter_time={"seconds": 1_790_000_000, "nanos": 999_000_000},
        caller="web",
        route="storefront",
        superseded=True,
        record=IngestRecord(event=event(event_id="e1", user_id="u")),
    )
    unset = [field.name for field in message.DESCRIPTOR.fields if not getattr(message, field.name)]
    assert unset == []


def test_a_code_of_the_gateways_own_is_no_code_of_personalize() -> None:
    """Where the reason says it all, `aws_code` is empty."""
    kept = dead_letter(
        "d1", event(), reason=DeadLetterReason.INTERNAL, code="INTERNAL", detail="", attempts=0
    )
    assert (shown(kept).aws_code, shown(kept).reason) == ("", 3)


def test_a_record_that_cannot_be_read_hides_nothing_else() -> None:
    """Then the dead letter is shown without it."""
    kept = dead_letter("d1", event(), record=Record("e1", b'{"eventId":'))
    message = shown(kept)
    assert not message.HasField("record")
    assert message.dead_letter_id == "d1"
