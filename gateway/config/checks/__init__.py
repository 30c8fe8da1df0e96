"""The rules that concern several keys at once.

They are judged on whatever parts are well-formed, so that a fault in one place does not hide
another elsewhere. A part that is not is left out, or None where its name still counts.
"""

from collections.abc import Iterator

from gateway.config.checks.ambiguity import ambiguities
from gateway.config.checks.dataset_groups import dataset_arns, shared_targets, undiscovered
from gateway.config.checks.exposure import exposure
from gateway.config.checks.parts import Parts, Place, parts_of
from gateway.config.checks.ports import worker_ports
from gateway.config.checks.routes import route_limits, route_mirrors, route_names, route_targets
from gateway.config.checks.times import delivery_times
from gateway.config.problems import Finding

__all__ = ["Parts", "check", "parts_of"]


def check(parts: Parts, place: Place) -> Iterator[Finding]:
    """Yield what is wrong between the parts."""
    yield from exposure(parts)
    yield from worker_ports(parts.server)
    yield from delivery_times(parts.delivery)
    yield from dataset_arns(parts.dataset_groups)
    yield from undiscovered(parts.dataset_groups)
    yield from shared_targets(parts.dataset_groups, place)
    yield from route_names(parts.routes, place)
    yield from route_mirrors(parts.routes, place)
    yield from route_limits(parts.routes)
    # Without any dataset group, that is what there is to say.
    for index, route in parts.routes.items() if parts.dataset_groups else ():
        yield from route_targets(index, route, parts.dataset_groups, place)
    yield from ambiguities(parts.routes, place)
