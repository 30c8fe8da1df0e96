"""The counts."""

from gateway.personalize.emulator.statistics import (
    Statistics,
    count_error,
    count_records,
)

SHOP = "arn:aws:personalize:us-east-1:000000000000:dataset-group/shop"
NOTHING = {
    "calls": 0,
    "succeeded": 0,
    "throttled": 0,
    "refused": 0,
    "failed": 0,
    "reset": 0,
    "records": 0,
    "dropped": 0,
    "errors": {},
    "records_per_call": {},
    "mean_records_per_call": 0.0,
}


def test_counts_by_operation_and_dataset_group() -> None:
    """Calls are summed by operation, and by dataset group where they have one."""
    statistics = Statistics()
    for records in (10, 10, 3):
        tally = statistics.call("PutEvents", SHOP)
        tally.succeeded += 1
        count_records(tally, records, dropped=0)
    count_error(statistics.call("PutEvents", None), "InvalidSignatureException", 403)
    count_error(statistics.call("PutEvents", SHOP), "ThrottlingException", 400)
    count_error(statistics.call("PutEvents", SHOP), "InternalFailure", 500)
    of_shop = NOTHING | {
        "calls": 5,
        "succeeded": 3,
        "throttled": 1,
        "failed": 1,
        "records": 23,
        "errors": {"InternalFailure": 1, "ThrottlingException": 1},
        "records_per_call": {"3": 1, "10": 2},
        "mean_records_per_call": 7.67,
    }
    of_all = of_shop | {
        "calls": 6,
        "refused": 1,
        "errors": {
            "InternalFailure": 1,
            "InvalidSignatureException": 1,
            "ThrottlingException": 1,
        },
    }

    assert statistics.shown() == {
        "operations": {"PutEvents": of_all},
        "dataset_groups": {"shop": {"PutEvents": of_shop}},
    }


def test_nothing_was_asked() -> None:
    """Without a call there are no counts."""
    assert Statistics().shown() == {"operations": {}, "dataset_groups": {}}
