import pytest
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest

from gateway.importing.strict_json import JsonError, parse_into, read_object


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 2}', "is no JSON: the keys 'a' and 'a' are the same"),
        (
            '{"a": {"user_id": "1", "userId": "2"}}',
            "is no JSON: the keys 'user_id' and 'userId' are",
        ),
        ('{"a": NaN}', "is no JSON: NaN is no number"),
        ('{"a": -Infinity}', "is no JSON: -Infinity is no number"),
        ('{"a": 1e999}', "is no JSON: a number is too large"),
        ("[1]", "is no JSON object"),
        ("null", "is no JSON object"),
        ("", "is no JSON: Expecting value"),
        ("[" * 100_000, "is nested too deep"),
    ],
)
def test_text_that_is_no_json_object_is_refused(text: str, said: str) -> None:
    """Also where the standard parser would take it."""
    with pytest.raises(JsonError) as raised:
        read_object(text)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"userID": "u"}, 'has no field named "userID" at "PutEventsRequest.events[0]"'),
        ({"sessionId": 5}, "expected string or bytes-like object"),
        ({"eventTime": "yesterday"}, "at PutEventsRequest.events[0].eventTime"),
        ({"sessionId": "\ud800"}, "Unpaired surrogate at PutEventsRequest.events[0].sessionId"),
        ({"properties": {"a": "\ud800"}}, "surrogates not allowed"),
    ],
)
def test_json_that_is_not_the_message_is_refused(event: dict[str, object], said: str) -> None:
    """One line says what is wrong, and where the parser knows it, at which path."""
    with pytest.raises(JsonError) as raised:
        parse_into(PutEventsRequest(), {"events": [event]})
    text = str(raised.value)
    assert said in text
    assert "Failed to parse events" not in text
    assert "\n" not in text


def test_both_forms_of_field_names_are_read() -> None:
    """Protobuf's JSON form takes a field's own name and its camelCase form."""
    parsed = parse_into(Event(), read_object('{"session_id": "s", "userId": "u"}'))
    assert parsed == Event(session_id="s", user_id="u")
