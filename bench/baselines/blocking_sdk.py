"""`python -m bench.baselines.blocking_sdk URL EVENTS`: a service that calls `put_events` by boto3.

One call after another, over a kept connection, with so many events in each, built anew.
"""

import sys

import boto3

from bench.baselines.events import put_events
from bench.baselines.turns import take_turns


def _main(url: str, events: str) -> None:
    client = boto3.client("personalize-events", endpoint_url=url)

    def calls(count: int) -> None:
        for _ in range(count):
            client.put_events(**put_events(int(events)))

    take_turns(calls)


if __name__ == "__main__":
    _main(*sys.argv[1:])
