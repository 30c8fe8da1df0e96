"""Which calls a fault hits, and what they are answered with."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.personalize.emulator.faults import Answer, Fault, Faults

SHOP = "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop"


def faults_of(*faults: Fault, seed: int = 0) -> Faults:
    """Return faults that are set."""
    standing = Faults(seed)
    for fault in faults:
        standing.add(fault)
    return standing


def answers(
    faults: Faults, calls: int, operation: str = "PutEvents", group: str | None = SHOP
) -> list[str]:
    """Return how so many calls end."""
    drawn = [faults.draw(operation, group) for _ in range(calls)]
    return [one[0].value if one else "-" for one in drawn]


def test_every_call() -> None:
    """A fault without a selection hits all calls."""
    assert answers(faults_of(Fault(answer=Answer.THROTTLE)), 3) == ["throttle"] * 3


def test_the_next_calls() -> None:
    """`next` hits so many calls and then none."""
    assert answers(faults_of(Fault(answer=Answer.INTERNAL, next=2)), 4) == ["500", "500", "-", "-"]


def test_a_sequence() -> None:
    """Each call has its own answer, until there is none left."""
    sequence = (Answer.THROTTLE, Answer.NORMAL, Answer.RESET_AFTER)

    assert answers(faults_of(Fault(sequence=sequence)), 4) == [
        "throttle",
        "normal",
        "reset_after",
        "-",
    ]


def test_a_share_is_reproducible() -> None:
    """The same seed hits the same calls, about as many as asked for; another seed others."""
    fault = Fault(answer=Answer.UNAVAILABLE, share=0.3)
    drawn = answers(faults_of(fault, seed=7), 1000)

    assert drawn == answers(faults_of(fault, seed=7), 1000)
    assert drawn != answers(faults_of(fault, seed=8), 1000)
    assert 250 < drawn.count("503") < 350


@pytest.mark.parametrize(("share", "hits"), [(0.0, 0), (1.0, 50)])
def test_shares_at_the_ends(share: float, hits: int) -> None:
    """No share hits nothing, the whole share everything."""
    fault = Fault(answer=Answer.UNAVAILABLE, share=share)

    assert answers(faults_of(fault), 50).count("503") == hits


def test_a_seed_of_its_own() -> None:
    """A fault's own seed does not depend on the emulator's."""
    fault = Fault(answer=Answer.UNAVAILABLE, share=0.5, seed=3)

    assert answers(faults_of(fault, seed=1), 50) == answers(faults_of(fault, seed=2), 50)


@pytest.mark.parametrize("group", ["shop", SHOP])
def test_operation_and_dataset_group(group: str) -> None:
    """A fault may be for one operation and one dataset group, by name or ARN."""
    faults = faults_of(Fault(answer=Answer.REFUSE, operation="PutItems", dataset_group=group))

    assert [
        answers(faults, 1, "PutItems"),
        answers(faults, 1, "PutEvents"),
        answers(faults, 1, "PutItems", SHOP + "2"),
        answers(faults, 1, "PutItems", None),
    ] == [["refuse"], ["-"], ["-"], ["-"]]


def test_the_first_that_hits_counts() -> None:
    """A fault that is spent, or for other calls, leaves the call to the next one."""
    faults = faults_of(
        Fault(answer=Answer.REFUSE, operation="PutItems"),
        Fault(answer=Answer.THROTTLE, next=1),
        Fault(answer=Answer.INTERNAL),
    )

    assert answers(faults, 2) == ["throttle", "500"]


def test_shown_and_cleared() -> None:
    """What is set can be seen with its hits, and taken back."""
    faults = faults_of(Fault(answer=Answer.THROTTLE, next=3, operation="PutEvents"), Fault())
    answers(faults, 1)
    shown = faults.shown()
    faults.clear()

    assert shown == [
        {
            "number": 1,
            "answer": "throttle",
            "next": 3,
            "operation": "PutEvents",
            "hits": 1,
            "left": 2,
        },
        {"number": 2, "hits": 0, "left": None},
    ]
    assert (faults.shown(), answers(faults, 1)) == ([], ["-"])


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(answer=Answer.THROTTLE), ("ThrottlingException", 429, None)),
        (Fault(answer=Answer.INTERNAL), ("InternalFailure", 500, None)),
        (Fault(answer=Answer.UNAVAILABLE), ("ServiceUnavailable", 503, None)),
        (Fault(answer=Answer.REFUSE), ("InvalidInputException", 400, None)),
        (
            Fault(answer=Answer.REFUSE, code="ExpiredTokenException", status=403),
            ("ExpiredTokenException", 403, None),
        ),
        (
            Fault(answer=Answer.THROTTLE, retry_after_s=2),
            ("ThrottlingException", 429, 2),
        ),
    ],
)
def test_errors(fault: Fault, expected: tuple[str, int, float | None]) -> None:
    """Each answer has AWS's code and status, unless the fault names others."""
    error = fault.error(fault.answer, throttling_status=429)

    assert error is not None
    assert (error.code, error.status, error.retry_after_s) == expected


@pytest.mark.parametrize("answer", [Answer.NORMAL, Answer.RESET_BEFORE, Answer.RESET_AFTER])
def test_answers_that_are_no_errors(answer: Answer) -> None:
    """A late answer and a reset are no AWS errors."""
    assert Fault().error(answer, throttling_status=400) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"answer": "explode"},
        {"operation": "PutEverything"},
        {"share": 1.1},
        {"next": 0},
        {"sequence": []},
        {"share": 0.5, "next": 2},
        {"sequence": ["throttle"], "answer": "500"},
        {"latency_s": -1},
        {"status": 200},
        {"unknown": 1},
    ],
)
def test_what_is_no_fault(settings: dict[str, Any]) -> None:
    """A setting that would do nothing, or two that contradict, are refused."""
    with pytest.raises(ValidationError):
        Fault.model_validate(settings)


def test_a_status_may_be_a_number() -> None:
    """`500` need not be quoted."""
    assert Fault.model_validate_json('{"answer": 500}').answer is Answer.INTERNAL
