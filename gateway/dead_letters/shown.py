"""A dead letter as the API shows it."""

from contextlib import suppress

from gateway import api
from gateway.encoding.inverse import ElementUnreadable, decode
from gateway.outbox.dead_letters import DeadLetter


def shown(dead_letter: DeadLetter) -> api.DeadLetter:
    """Return the message of a dead letter; without the record where that cannot be read."""
    message = api.DeadLetter(
        dead_letter_id=dead_letter.dead_letter_id,
        dataset_group=dead_letter.lane.dataset_group,
        kind=f"RECORD_KIND_{dead_letter.lane.kind.name}",
        reason=f"DEAD_LETTER_REASON_{dead_letter.reason.name}",
        aws_code=_aws_code(dead_letter),
        aws_message=dead_letter.detail,
        attempts=dead_letter.attempts,
        caller=dead_letter.caller,
        route=dead_letter.route,
        superseded=dead_letter.superseded,
    )
    message.accept_time.FromMilliseconds(dead_letter.accepted_at_ms)
    message.dead_letter_time.FromMilliseconds(dead_letter.dead_at_ms)
    # One record that a fault of the gateway wrote must not hide all the others.
    with suppress(ElementUnreadable):
        message.record.CopyFrom(decode(dead_letter.lane.kind, dead_letter.record))
    return message


def _aws_code(dead_letter: DeadLetter) -> str:
    """Leave out the codes by which delivery names what Personalize never said."""
    return "" if dead_letter.code == dead_letter.reason.name else dead_letter.code
