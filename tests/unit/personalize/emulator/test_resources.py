"""Resources that outlast the process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.personalize.emulator.lifecycle import Lifetime, Status
from gateway.personalize.emulator.resources import Dataset, DatasetGroup, EventTracker, Schema


@pytest.mark.parametrize(
    "resource",
    [
        DatasetGroup(arn="a", name="n", lifetime=Lifetime(1.0), updated_at=2.0, domain="d"),
        Schema(arn="a", name="n", lifetime=Lifetime(1.0, 3.0), updated_at=2.0, text="{}"),
        EventTracker(
            arn="a",
            name="n",
            lifetime=Lifetime(1.0, forced=Status.CREATE_FAILED),
            updated_at=2.0,
            dataset_group_arn="g",
            tracking_id="t",
        ),
        Dataset(
            arn="a",
            name="n",
            lifetime=Lifetime(1.0),
            updated_at=2.0,
            dataset_group_arn="g",
            dataset_type="ITEMS",
            schema_arn="s",
        ),
    ],
    ids=lambda resource: type(resource).__name__,
)
def test_a_document_restores_its_resource(resource: Any) -> None:
    """What is kept of a resource is all of it."""
    assert type(resource).restore(resource.document()) == resource


def test_resources_outlast_the_process(account_of: Callable[..., Any], tmp_path: Path) -> None:
    """An account opened again on the same file has the same resources and tracking IDs."""
    first = account_of(state=tmp_path / "state.db")
    outline = first.seed()
    first.backend.store.close()
    second = account_of(state=tmp_path / "state.db")

    found = second.backend.resources.by_tracking_id(EventTracker, outline.tracking_id)
    assert found.dataset_group_arn == outline.arn
    assert second.seed() == outline
