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


class ControlPlaneError(GatewayError):
    """The root of what keeps a call of Personalize's control plane from being done.

    Attributes:
        operation: AWS's name of what was asked (`CreateEventTracker`).
        code: AWS's error code (`ResourceInUseException`), or the transport's own name for what
            happened. Bounded, so it may be a metric's label.
        detail: AWS's own words, at most 512 bytes, for the administrator who asked; empty where AWS
            said nothing. May quote the request: never logged.
    """

    def __init__(self, operation: str, code: str, detail: str = "") -> None:
        super().__init__(f"{operation}: {code}")
        self.operation = operation
        self.code = code
        self.detail = detail


class ResourceNotFound(ControlPlaneError):
    """Expected error: AWS has no such resource; or has it no longer, or not yet."""


class ResourceExists(ControlPlaneError):
    """Expected error: AWS has such a resource already."""


class AccountLimitReached(ControlPlaneError):
    """Expected error: the AWS account has as many of these resources as it may."""


class ResourceInUse(ControlPlaneError):
    """Expected error: AWS is changing the resource, or another needs it; later it may be done."""


class RequestRefused(ControlPlaneError):
    """Expected error: AWS will never do this as it was asked: a value, a tag or a token is bad."""


class ControlPlaneUnavailable(ControlPlaneError):
    """Expected error: AWS is throttling, failing or out of reach; the same call may be done later.

    What was asked may have been done all the same, where its answer was lost.

    Attributes:
        retry_after_s: the wait that the answer asked for, in seconds; None where it named none.
    """

    def __init__(
        self, operation: str, code: str, detail: str = "", *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(operation, code, detail)
        self.retry_after_s = retry_after_s


class AccessDenied(ControlPlaneError):
    """Expected error: nothing can be done until somebody mends the gateway's access to AWS.

    The IAM policy does not allow it, credentials are missing or refused, or the endpoint is none.
    """
