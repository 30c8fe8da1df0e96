"""The check of every emulated operation, held against each constraint of botocore's models."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape

from gateway.personalize.emulator.constraints import compile_pattern, describe
from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.service_models import operations

MODELS = {
    service: ServiceModel(Loader().load_service_model(service, "service-2"), service)
    for service in ("personalize", "personalize-events")
}
SAMPLES = {
    "Arn": "arn:aws:personalize:us-east-1:000000000000:dataset/shop/ITEMS",
    "RoleArn": "arn:aws:iam::000000000000:role/reader",
    "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1",
    "DatasetType": "Items",
    "Domain": "ECOMMERCE",
}
# A character that the pattern of the shape does not allow.
FORBIDDEN = {"EventAttributionSource": "é", "NextToken": "é", "TagKey": "!", "TagValue": "!"}

Path = tuple[str | int, ...]


def sample(shape: Shape) -> Any:
    """Return a value with every member, that breaks nothing."""
    if isinstance(shape, StructureShape):
        return {name: sample(member) for name, member in shape.members.items()}
    if isinstance(shape, ListShape):
        return [sample(shape.member)]
    if isinstance(shape, StringShape):
        return SAMPLES.get(shape.name, "x")
    return 1


def leaves(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Yield every shape below an input's, with the path of one value of it."""
    yield path, shape
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from leaves(member, (*path, name))
    if isinstance(shape, ListShape):
        yield from leaves(shape.member, (*path, 0))


def edited(value: Any, path: Path, new: Any) -> Any:
    """Return a copy with one value replaced, or removed where the new one is ..."""
    copied = copy.deepcopy(value)
    target = copied
    for step in path[:-1]:
        target = target[step]
    if new is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = new
    return copied


def shown(path: Path) -> str:
    """Return a path as AWS's messages write it."""
    return ".".join(f"{step + 1}.member" if isinstance(step, int) else step for step in path)


def breaches() -> Iterator[Any]:
    """Yield each constraint of each operation with an input that breaks nothing else."""
    for name, operation in operations().items():
        model = MODELS[operation.service].operation_model(name)
        assert model.input_shape is not None
        sound = sample(model.input_shape)
        for path, shape in leaves(model.input_shape):
            for text, new in _breaking(shape):
                yield pytest.param(
                    name, edited(sound, path, new), shown(path), text, id=f"{name}-{path}-{text}"
                )
            if isinstance(shape, StructureShape):
                for member in shape.required_members:
                    below = (*path, member)
                    yield pytest.param(
                        name,
                        edited(sound, below, ...),
                        shown(below),
                        "Member must not be null",
                        id=f"{name}-{below}-required",
                    )


def _breaking(shape: Shape) -> Iterator[tuple[str, Any]]:
    if isinstance(shape, ListShape):
        element = sample(shape.member)
        yield from _ranges(shape, "length", lambda size: [element] * size)
    if isinstance(shape, StringShape):
        yield from _ranges(shape, "length", lambda length: "x" * length)
        yield from _words(shape)
    if shape.type_name == "integer":
        yield from _ranges(shape, "value", lambda value: value)


def _ranges(shape: Shape, what: str, of: Callable[[int], Any]) -> Iterator[tuple[str, Any]]:
    limits = shape.metadata
    if limits.get("min", 0) > 0:
        text = f"Member must have {what} greater than or equal to {limits['min']}"
        yield text, of(limits["min"] - 1)
    if "max" in limits:
        text = f"Member must have {what} less than or equal to {limits['max']}"
        yield text, of(limits["max"] + 1)


def _words(shape: StringShape) -> Iterator[tuple[str, Any]]:
    if "pattern" in shape.metadata:
        text = f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"
        yield text, SAMPLES.get(shape.name, "x") + FORBIDDEN.get(shape.name, "\n!")
    if shape.enum:
        yield "Member must satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]", "GAMES"


@pytest.mark.parametrize(("operation", "broken", "path", "text"), list(breaches()))
def test_each_constraint_of_the_models_is_enforced(
    operation: str, broken: Any, path: str, text: str
) -> None:
    """Breaking one constraint is answered with that one violation, at its path."""
    assert list(operations()[operation].check(broken)) == [(path, text)]


@pytest.mark.parametrize("name", sorted(operations()))
def test_an_input_with_every_member_breaks_nothing(name: str) -> None:
    """A sound input of each operation has no violation, with members that nobody knows too."""
    operation = operations()[name]
    shape = MODELS[operation.service].operation_model(name).input_shape
    assert shape is not None

    assert not operation.check(sample(shape) | {"unknownMember": {"nested": [1]}})


@pytest.mark.parametrize("name", ["PutItems", "PutActions", "PutUsers", "PutEvents"])
def test_the_longest_values_are_taken(name: str) -> None:
    """A string of exactly the longest length and a list of the largest size are no violation."""
    operation = operations()[name]
    shape = MODELS[operation.service].operation_model(name).input_shape
    assert shape is not None
    sound = sample(shape)
    for path, leaf in leaves(shape):
        if isinstance(leaf, StringShape) and leaf.name != "Arn":
            sound = edited(sound, path, "x" * leaf.metadata["max"])
    records = operation.records_member
    assert records is not None
    sound[records] *= 10

    assert not operation.check(sound)


def test_lengths_are_counted_in_characters() -> None:
    """A character outside the basic plane is one character."""
    check = operations()["PutEvents"].check
    event = {"eventType": "x", "sentAt": 1}

    assert not check({"trackingId": "t", "sessionId": "🛒" * 256, "eventList": [event]})
    assert check({"trackingId": "t", "sessionId": "🛒" * 257, "eventList": [event]})


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("itemId", 7),
        ("eventValue", "7"),
        ("eventValue", True),
        ("eventValue", 10**400),
        ("eventValue", 1e999),
        ("sentAt", "2024-01-01T00:00:00Z"),
        ("impression", "i"),
        ("impression", [7]),
        ("metricAttribution", []),
        ("properties", {"nested": 1}),
    ],
)
def test_a_value_of_another_json_type_cannot_be_read(member: str, value: Any) -> None:
    """A JSON type that is not the shape's is a SerializationException, as in AWS's frameworks."""
    event = {"eventType": "x", "sentAt": 1, member: value}

    with pytest.raises(AwsError) as caught:
        operations()["PutEvents"].check({"trackingId": "t", "sessionId": "s", "eventList": [event]})

    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)


def test_null_is_no_value() -> None:
    """A member that is null counts as absent: harmless where optional, missing where required."""
    event = {"eventType": None, "sentAt": 1, "itemId": None, "impression": ["i", None]}

    found = operations()["PutEvents"].check(
        {"trackingId": "t", "sessionId": "s", "userId": None, "eventList": [event]}
    )

    assert list(found) == [
        ("eventList.1.member.eventType", "Member must not be null"),
        ("eventList.1.member.impression.2.member", "Member must not be null"),
    ]


def test_the_message_names_every_violation_and_quotes_no_value() -> None:
    """Several violations stand in one message, without the values."""
    secret = "s" * 257
    found = operations()["PutEvents"].check(
        {"trackingId": secret, "sessionId": secret, "eventList": []}
    )

    message = describe(found)

    assert message == (
        "3 validation errors detected: "
        "Value at 'trackingId' failed to satisfy constraint: "
        "Member must have length less than or equal to 256; "
        "Value at 'sessionId' failed to satisfy constraint: "
        "Member must have length less than or equal to 256; "
        "Value at 'eventList' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def test_java_classes_of_patterns_are_translated() -> None:
    """The Unicode classes of the models' patterns mean what they mean in Java."""
    tag = compile_pattern(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$")

    assert [bool(tag.fullmatch(text)) for text in ("é 漢½\u3000", "a@b:c/d", "a!b", "a\tb")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_unknown_class_is_not_passed_over() -> None:
    """A pattern that cannot be translated stops the start."""
    with pytest.raises(ValueError, match="no translation"):
        compile_pattern(r"\p{Lu}+")


def test_all_models_of_the_emulated_operations_can_be_checked() -> None:
    """Sixteen operations of the control plane and five puts, none forgotten."""
    services = [operation.service for operation in operations().values()]

    assert (services.count("personalize"), services.count("personalize-events")) == (16, 5)
