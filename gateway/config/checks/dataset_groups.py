"""Dataset groups, each by itself and beside the others."""

from collections.abc import Iterator, Mapping

from gateway.config.checks.parts import Place, well_formed
from gateway.config.dataset_group import DatasetGroup
from gateway.config.problems import Finding, Path
from gateway.records import Kind

NEEDED: Mapping[Kind, Path] = {
    Kind.EVENTS: ("tracking_id",),
    Kind.ACTION_INTERACTIONS: ("action_interactions_tracking_id",),
    Kind.ITEMS: ("datasets", "items"),
    Kind.USERS: ("datasets", "users"),
    Kind.ACTIONS: ("datasets", "actions"),
}
"""The key by which a dataset group takes a kind that is not discovered."""

_DATASET_TYPES = frozenset({"INTERACTIONS", "ITEMS", "USERS", "ACTIONS", "ACTION_INTERACTIONS"})


def dataset_arns(groups: Mapping[str, DatasetGroup | None]) -> Iterator[Finding]:
    """Yield the ARNs that cannot be those of their key."""
    # The type ends the ARN of a dataset (Developer Guide): items sent to the users' dataset would
    # be refused one by one, long after the start.
    for name, group in well_formed(groups):
        account = group.arn.partition("dataset-group/")[0]
        for kind, arn in group.dataset_arns.items():
            path: Path = ("dataset_groups", name, "datasets", kind.value)
            if not arn.startswith(account):
                yield Finding(path, "is of another region or account than its dataset group")
            dataset_type = arn.rpartition("/")[2]
            if dataset_type in _DATASET_TYPES and dataset_type != kind.upper():
                yield Finding(path, f"is the ARN of a dataset of type {dataset_type}")


def undiscovered(groups: Mapping[str, DatasetGroup | None]) -> Iterator[Finding]:
    """Yield the dataset groups of which nothing would ever be known."""
    for name, group in well_formed(groups):
        if not group.kinds:
            path: Path = ("dataset_groups", name, "discover")
            yield Finding(
                path,
                "is false, though no tracking ID or dataset is stated: the group takes nothing",
            )


def shared_targets(groups: Mapping[str, DatasetGroup | None], place: Place) -> Iterator[Finding]:
    """Yield what two dataset groups have in common that they cannot."""
    # Two names for one target would each spend the whole quota, and a mirror would count twice.
    seen: dict[tuple[str | None, str], Path] = {}
    for name, group in well_formed(groups):
        for keys, target in _targets_of(group):
            path: Path = ("dataset_groups", name, *keys)
            first = seen.setdefault((group.endpoint_url, target), path)
            if first[1] != name:
                yield Finding(path, f"is the same as {place(first)}")


def _targets_of(group: DatasetGroup) -> Iterator[tuple[Path, str]]:
    yield ("arn",), group.arn
    if group.tracking_id:
        yield NEEDED[Kind.EVENTS], group.tracking_id
    if group.action_interactions_tracking_id:
        yield NEEDED[Kind.ACTION_INTERACTIONS], group.action_interactions_tracking_id
    for kind, arn in group.dataset_arns.items():
        yield NEEDED[kind], arn
