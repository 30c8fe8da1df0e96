import pytest

from gateway.encoding.body import (
    action_interactions_body,
    actions_body,
    events_body,
    items_body,
    users_body,
)

ELEMENTS = [b'{"a":1}', '{"b":"é"}'.encode()]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            events_body('t"', "s\\", "é\n", ELEMENTS[:1]),
            '{"trackingId":"t\\"","sessionId":"s\\\\","userId":"é\\n","eventList":[{"a":1}]}',
        ),
        (
            events_body("t}", "s}", None, ELEMENTS[:1]),
            '{"trackingId":"t}","sessionId":"s}","eventList":[{"a":1}]}',
        ),
        (
            action_interactions_body("t", iter(ELEMENTS)),
            '{"trackingId":"t","actionInteractions":[{"a":1},{"b":"é"}]}',
        ),
        (items_body("arn", ELEMENTS), '{"datasetArn":"arn","items":[{"a":1},{"b":"é"}]}'),
        (users_body("arn", ELEMENTS), '{"datasetArn":"arn","users":[{"a":1},{"b":"é"}]}'),
        (actions_body("arn", ELEMENTS), '{"datasetArn":"arn","actions":[{"a":1},{"b":"é"}]}'),
    ],
)
def test_a_body_names_its_target_and_holds_the_elements(body: bytes, expected: str) -> None:
    """Elements stay as they are, in their order; strings are escaped."""
    assert body.decode() == expected
