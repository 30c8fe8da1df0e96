"""What keeps a request for event trackers from being served."""

from gateway.errors import GatewayError


class TrackerUnknown(GatewayError):
    """Expected error: the dataset group has no event tracker of that name."""

    def __init__(self, dataset_group: str, name: str) -> None:
        super().__init__(
            f"dataset group {dataset_group!r} has no event tracker {name!r};"
            " ListEventTrackers tells which it has"
        )
        self.dataset_group = dataset_group
        self.name = name


class TrackerExists(GatewayError):
    """Expected error: the dataset group has an event tracker, and can have no other beside it.

    Attributes:
        name: the tracker's; the one that was asked for where AWS does not tell.
    """

    def __init__(self, dataset_group: str, name: str) -> None:
        super().__init__(
            f"dataset group {dataset_group!r} has the event tracker {name!r} already, and may have"
            " one: use it, or delete it first"
        )
        self.dataset_group = dataset_group
        self.name = name


class TrackerLimitReached(GatewayError):
    """Expected error: the AWS account has as many event trackers as it may.

    Attributes:
        account_id: the account's.
        detail: AWS's own words.
    """

    def __init__(self, account_id: str, detail: str) -> None:
        super().__init__(
            f"AWS account {account_id} has as many event trackers as it may: delete one, or have"
            " the quota raised"
        )
        self.account_id = account_id
        self.detail = detail


class TrackerInUse(GatewayError):
    """Expected error: AWS is changing what the request is about; it may be asked again later.

    Attributes:
        resource: what is being changed: `dataset_group:shop`, or `event_tracker:shop/clicks`.
        detail: AWS's own words.
    """

    def __init__(self, resource: str, detail: str) -> None:
        super().__init__(f"AWS is changing {resource}: wait until it has settled, and ask again")
        self.resource = resource
        self.detail = detail


class DatasetGroupMissing(GatewayError):
    """Expected error: the configuration names a dataset group that AWS does not have."""

    def __init__(self, dataset_group: str, arn: str) -> None:
        super().__init__(
            f"AWS has no {arn}, which the configuration names as dataset group {dataset_group!r}:"
            " mend its ARN, or create it"
        )
        self.dataset_group = dataset_group
