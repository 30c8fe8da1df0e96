"""What a metric is: plain numbers by the values of its labels.

OpenTelemetry's SDK takes one to three microseconds to note a number, which is a tenth of what an
event may cost; a dictionary takes a tenth of that. So the numbers are kept here, and read when
somebody asks: see `gateway.telemetry.snapshot`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """What every instrument has.

    Attributes:
        name: as OpenTelemetry names metrics, without the unit.
        docs: what is measured.
        labels: the names of its labels. Their values come from bounded sets: no ID of a user,
            session or item, and no text of a caller's choosing.
        unit: in UCUM (`s`, `By`); `{record}` and the like for what is counted.
    """

    name: str
    docs: str
    labels: Labels = ()
    unit: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter(_Declared):
    """Counts what happens."""

    values: defaultdict[Labels, float] = field(
        default_factory=lambda: defaultdict(int), repr=False, compare=False
    )

    def add(self, amount: float, *labels: str) -> None:
        """Count so much more.

        Args:
            amount: how much; not negative.
            labels: the labels' values, in the order of their names.
        """
        self.values[labels] += amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge(_Declared):
    """Says how things are."""

    values: dict[Labels, float] = field(default_factory=dict, repr=False, compare=False)

    def set(self, value: float, *labels: str) -> None:
        """Replace one value.

        Args:
            value: how it is now.
            labels: the labels' values, in the order of their names.
        """
        self.values[labels] = value

    def replace(self, values: Iterable[tuple[Labels, float]]) -> None:
        """Replace all values, so that what no longer is disappears.

        Args:
            values: each after its labels' values.
        """
        self.values.clear()
        self.values.update(values)


@dataclass(slots=True)
class Distribution:
    """The values of a histogram for one set of labels.

    Attributes:
        buckets: how many values were at most each bound, and above the one before; the last one
            holds those above all bounds.
        total: their sum.
    """

    buckets: list[int]
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram(_Declared):
    """Counts values by their size.

    Attributes:
        bounds: the upper bounds of its buckets, rising.
    """

    bounds: tuple[float, ...]
    values: dict[Labels, Distribution] = field(default_factory=dict, repr=False, compare=False)

    def record(self, value: float, *labels: str) -> None:
        """Count a value.

        Args:
            value: in the instrument's unit.
            labels: the labels' values, in the order of their names.
        """
        found = self.values.get(labels)
        if found is None:
            found = self.values[labels] = Distribution([0] * (len(self.bounds) + 1))
        found.buckets[bisect_left(self.bounds, value)] += 1
        found.total += value


Instrument = Counter | Gauge | Histogram
