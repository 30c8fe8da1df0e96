"""The operations that the emulator has, from botocore's service models."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel

from gateway.personalize.emulator.constraints import Check, check_of

CONTROL_PLANE = "personalize"
DATA_PLANE = "personalize-events"

_CONTROL_PLANE_OPERATIONS = frozenset(
    f"{verb}{noun}"
    for noun in ("DatasetGroup", "Schema", "Dataset", "EventTracker")
    for verb in ("Create", "Describe", "Delete")
) | {"ListDatasetGroups", "ListSchemas", "ListDatasets", "ListEventTrackers"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service.

    Attributes:
        name: as in the model (`PutEvents`).
        service: `personalize` (AWS JSON 1.1) or `personalize-events` (REST-JSON).
        check: returns the violations of a parsed input.
        error_statuses: HTTP status of each modelled error.
        records_member: the member that holds a put's records; None for the control plane.
    """

    name: str
    service: str
    check: Check
    error_statuses: Mapping[str, int]
    records_member: str | None


@cache
def operations() -> Mapping[str, Operation]:
    """Return the emulated operations by name."""
    names = {CONTROL_PLANE: _CONTROL_PLANE_OPERATIONS, DATA_PLANE: None}
    return {
        name: _operation(model.operation_model(name))
        for service, wanted in names.items()
        for model in [_service_model(service)]
        for name in sorted(wanted or model.operation_names)
    }


@cache
def operations_by_path() -> Mapping[str, Operation]:
    """Return the operations of the data plane by request path; all are POST."""
    model = _service_model(DATA_PLANE)
    return {
        model.operation_model(name).http["requestUri"]: operations()[name]
        for name in model.operation_names
    }


@cache
def operations_by_target() -> Mapping[str, Operation]:
    """Return the operations of the control plane by `X-Amz-Target`."""
    prefix = _service_model(CONTROL_PLANE).metadata["targetPrefix"]
    return {f"{prefix}.{name}": operations()[name] for name in _CONTROL_PLANE_OPERATIONS}


@cache
def _service_model(service: str) -> ServiceModel:
    # Without the search paths of this machine: only botocore's own models are the judge.
    loader = Loader(
        extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False
    )
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def _operation(model: OperationModel) -> Operation:
    shape = model.input_shape
    assert shape is not None
    lists = [n for n, member in shape.members.items() if isinstance(member, ListShape)]
    service = model.service_model.service_name
    return Operation(
        name=model.name,
        service=service,
        check=check_of(shape),
        # AWS JSON answers every modelled error with 400; REST-JSON with the status of the model.
        error_statuses={
            error.name: error.metadata.get("error", {}).get("httpStatusCode", 400)
            for error in model.error_shapes
        },
        records_member=lists[0] if service == DATA_PLANE else None,
    )
