"""The errors that the emulator answers with."""


class AwsError(Exception):
    """Expected error: the call is answered with an AWS error.

    Attributes:
        code: AWS's name of the error, as it goes into `__type` and `x-amzn-ErrorType`.
        message: for the caller. Never quotes a value of the request.
        status: HTTP status; None where the service model and the protocol decide.
        retry_after_s: value of a Retry-After header, in seconds; None for no such header.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s


def invalid_input(message: str) -> AwsError:
    """The request breaks a rule of the service."""
    return AwsError("InvalidInputException", message)


def not_found(message: str) -> AwsError:
    """The request names a resource that does not exist."""
    return AwsError("ResourceNotFoundException", message)


def in_use(message: str) -> AwsError:
    """The resource's state, or another resource that depends on it, forbids the request."""
    return AwsError("ResourceInUseException", message)


def already_exists(message: str) -> AwsError:
    """A resource of that name, or in that place, exists."""
    return AwsError("ResourceAlreadyExistsException", message)


def malformed(message: str) -> AwsError:
    """The body cannot be read as what the operation takes: not JSON, or of another JSON type."""
    return AwsError("SerializationException", message, status=400)


def unknown_operation(status: int) -> AwsError:
    """The request names no operation that the emulator has."""
    return AwsError("UnknownOperationException", "The operation is not emulated", status=status)
