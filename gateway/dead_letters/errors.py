"""What keeps a request for dead letters from being served."""

from collections.abc import Sequence

from gateway.errors import GatewayError


class DeadLetterUnknown(GatewayError):
    """Expected error: there is no dead letter of an ID that was named; nothing was done.

    Attributes:
        dead_letter_ids: those that there are none of, in the order in which they were named.
    """

    def __init__(self, dead_letter_ids: Sequence[str]) -> None:
        super().__init__(
            f"there is no dead letter of {len(dead_letter_ids)} of the IDs that were named:"
            " replayed, deleted or expired since, or never one"
        )
        self.dead_letter_ids = tuple(dead_letter_ids)


class DeadLettersUnavailable(GatewayError):
    """Expected error: the dead letters cannot be reached, or cannot be written, at the moment."""

    def __init__(self) -> None:
        super().__init__("the dead letters cannot be reached at the moment; ask again")


class DeadLetterUnreadable(GatewayError):
    """Unexpected error: it is not known whom a dead letter is about."""

    def __init__(self, dead_letter_id: str) -> None:
        super().__init__(
            f"the record of dead letter {dead_letter_id} cannot be read, so it may be the user's:"
            " delete it"
        )
