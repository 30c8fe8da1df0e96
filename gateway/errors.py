"""The errors of the gateway.

A class stands for what its catcher decides, not for where it came from. Nothing here knows gRPC or
AWS: the status that a caller sees is decided in `gateway.rpc.status`, and AWS's answers are
translated in `gateway.personalize`.

No message holds a secret or personal data. What Personalize says may quote either, so it travels
apart from the message, in `CallError.detail`, and is shown only where a dead letter is.
"""


class GatewayError(Exception):
    """The root of all errors that the gateway raises on purpose."""


class CallError(GatewayError):
    """Expected error: a call to Personalize did not succeed.

    Attributes:
        code: AWS's error code (`ThrottlingException`), or the transport's own name for what
            happened (`ConnectionReset`). Bounded, so it may be a metric's label.
        detail: the text that came with it. May quote records: never logged.
        outcome_unknown: True where Personalize may have taken the records all the same, because
            the request had been sent and no answer to it was read.
    """

    def __init__(self, code: str, detail: str = "", *, outcome_unknown: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.outcome_unknown = outcome_unknown


class CallRefused(CallError):
    """Expected error: Personalize will never take this call as it is (at least one bad record)."""


class CallThrottled(CallError):
    """Expected error: the quota is used up; the same call succeeds later.

    Attributes:
        retry_after_s: the wait that the answer asked for, in seconds; None where it named none.
    """

    def __init__(self, code: str, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after_s = retry_after_s


class CallFailed(CallError):
    """Expected error: a passing fault (5xx, connection, time-out); the same call may succeed."""


class LaneBlocked(CallError):
    """Expected error: no call of this lane can succeed until somebody mends its surroundings.

    Not found, access denied, credentials missing or refused. The records are not at fault.
    """
