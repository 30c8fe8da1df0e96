"""When too many records are refused."""

from gateway.delivery.refusals import Refusals, RefusalSettings


def _refusals(of_records: int, refused: int, taken: int) -> Refusals:
    refusals = Refusals(RefusalSettings(max_share=0.5, of_records=of_records))
    for _ in range(refused):
        refusals.record_refused()
    refusals.call_taken(taken)
    return refusals


def test_what_was_refused_counts_after_other_settings_are_taken_up() -> None:
    """Of as many records as the new settings say, the last."""
    refusals = _refusals(of_records=10, refused=4, taken=6)
    too_many = [refusals.too_many]
    for of_records in (10, 6):
        refusals.reconfigure(RefusalSettings(max_share=0.3, of_records=of_records))
        too_many.append(refusals.too_many)
    assert too_many == [False, True, False]


def test_a_longer_memory_has_to_fill_first() -> None:
    """With fewer records there is no limit yet."""
    refusals = _refusals(of_records=2, refused=2, taken=0)
    refusals.reconfigure(RefusalSettings(max_share=0.5, of_records=4))
    too_many = [refusals.too_many]
    refusals.call_taken(1)
    refusals.record_refused()
    assert [*too_many, refusals.too_many] == [False, True]
