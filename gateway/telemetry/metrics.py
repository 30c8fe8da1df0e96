"""Every metric of the gateway, declared once; `docs/metrics.md` is made from here."""

from collections.abc import Iterator

from gateway.telemetry.instruments import Counter, Gauge, Histogram, Instrument

_LANE = ("dataset_group", "kind")

# OpenTelemetry's advice for `rpc.server.call.duration`, with one more below for a commit's linger.
_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

RPC_DURATION = Histogram(
    name="rpc.server.call.duration",
    docs="RPCs served, and how long each took. `rpc.method` is its full name,"
    " `rpc.response.status_code` the name of gRPC's code.",
    labels=("rpc.method", "rpc.response.status_code"),
    unit="s",
    bounds=_SECONDS,
)

RPCS_UNDER_WAY = Gauge(
    name="gateway.rpcs.active", docs="RPCs that are not yet answered.", unit="{call}"
)

RECORDS_ACCEPTED = Counter(
    name="gateway.records.accepted",
    docs="Records that are on disk and were, or are about to be, answered so; without the copies"
    " for mirrors.",
    labels=(*_LANE, "route"),
    unit="{record}",
)

RECORDS_REFUSED = Counter(
    name="gateway.records.refused",
    docs="Records that were not taken, by the reason that the caller was told; `route` where it was"
    " found out. Those of requests that could not be read, or whose caller is not known, are not"
    " counted: such requests are in `rpc.server.call.duration`.",
    labels=("route", "reason"),
    unit="{record}",
)

RULES_BROKEN = Counter(
    name="gateway.rules.broken",
    docs="Records, or requests, that break a rule of validation; `action` says whether they were"
    " `refused` or only `counted`.",
    labels=("route", "rule", "action"),
)

IDENTITIES_REFUSED = Counter(
    name="gateway.identities.refused",
    docs="Calls whose proof of identity did not hold, by where it was taken from.",
    labels=("source", "reason"),
)

LIMITS_EXCEEDED = Counter(
    name="gateway.limits.exceeded",
    docs="Requests refused because their caller has used up a limit of its route.",
    labels=("route", "limit"),
)

RECORDS_SHED = Counter(
    name="gateway.mirror.records.shed",
    docs="Records that a mirror did not get because its budget was used up.",
    labels=("dataset_group", "kind"),
)

COMMIT_DURATION = Histogram(
    name="gateway.outbox.commit.duration",
    docs="Commits of ingest processes to the outbox: from the first request of a group to disk.",
    unit="s",
    bounds=_SECONDS,
)

OUTBOX_BYTES = Gauge(
    name="gateway.outbox.size",
    docs="What the outbox holds for a dataset group, as its budget counts it.",
    labels=("dataset_group",),
    unit="By",
)

OUTBOX_BUDGET = Gauge(
    name="gateway.outbox.budget",
    docs="What the outbox may hold for a dataset group.",
    labels=("dataset_group",),
    unit="By",
)

OUTBOX_WRITABLE = Gauge(
    name="gateway.outbox.writable", docs="1 while the outbox can be written, otherwise 0."
)

RECORDS_WAITING = Gauge(
    name="gateway.lane.records.waiting",
    docs="Records of a lane whose outcome is not final, as far as delivery has read ahead.",
    labels=_LANE,
    unit="{record}",
)

OLDEST_RECORD_AGE = Gauge(
    name="gateway.lane.oldest_record.age",
    docs="For how long the oldest record of a lane has been waiting; what was accepted before the"
    " gateway's last start, since delivery was started.",
    labels=_LANE,
    unit="s",
)

LANE_STATE = Gauge(
    name="gateway.lane.state",
    docs="1 for the state in which a lane is: `flowing`, `backing_off`, `parked` or `paused`;"
    " `reason` is the error code that brought it there, if one did.",
    labels=(*_LANE, "state", "reason"),
)

LANE_RATE = Gauge(
    name="gateway.lane.rate",
    docs="Calls a second that a lane may make now: its share of the quota, or less after"
    " throttling.",
    labels=_LANE,
    unit="{call}/s",
)

LANE_QUOTA = Gauge(
    name="gateway.lane.quota",
    docs="Calls a second that the configuration gives a lane.",
    labels=_LANE,
    unit="{call}/s",
)

CALL_DURATION = Histogram(
    name="gateway.personalize.call.duration",
    docs="Calls of Personalize's data plane, and how long each took; `outcome` is `ok` or the error"
    " code.",
    labels=(*_LANE, "outcome"),
    unit="s",
    bounds=_SECONDS,
)

CALL_RECORDS = Histogram(
    name="gateway.personalize.call.records",
    docs="How many records each call had, of ten at most.",
    labels=_LANE,
    unit="{record}",
    bounds=tuple(map(float, range(1, 11))),
)

RECORDS_SETTLED = Counter(
    name="gateway.records.settled",
    docs="Records whose outcome became final: `delivered`, `superseded` (a newer one of the same ID"
    " was delivered instead), `discarded` (by an operator) or `dead_lettered`.",
    labels=(*_LANE, "outcome"),
    unit="{record}",
)

RECORDS_RETRIED = Counter(
    name="gateway.records.retried",
    docs="Records that were in a call that failed, by its error code, and are sent again.",
    labels=(*_LANE, "reason"),
    unit="{record}",
)

DEAD_LETTERS = Gauge(
    name="gateway.dead_letters",
    docs="Dead letters that are kept, those included that are being replayed.",
    labels=("dataset_group",),
    unit="{record}",
)

LOOP_LAG = Histogram(
    name="gateway.event_loop.lag",
    docs="How much later than asked for the event loop called back: work that blocked it.",
    unit="s",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)

CERTIFICATE_EXPIRY = Gauge(
    name="gateway.certificate.expiry",
    docs="When the server's certificate ends, in seconds since 1970.",
    unit="s",
)

DISCOVERY_AGE = Gauge(
    name="gateway.discovery.age",
    docs="How long ago AWS last said how a dataset group is.",
    labels=("dataset_group",),
    unit="s",
)

CONTROL_PLANE_CALLS = Counter(
    name="gateway.control_plane.calls",
    docs="Calls of Personalize's control plane, each counted once however often it was tried."
    " `code` is AWS's error code, `OK` where it was done.",
    labels=("operation", "code"),
    unit="{call}",
)

PROCESS_STARTS = Gauge(
    name="gateway.process.starts",
    docs="How often the supervisor has started the process.",
    unit="{start}",
)


def declared() -> Iterator[Instrument]:
    """Yield every instrument of this module, in the order of their declaration."""
    for found in globals().values():
        if isinstance(found, Counter | Gauge | Histogram):
            yield found
