import assert from "node:assert/strict";
import { test } from "node:test";

import { GatewayError } from "../src/index.js";
import { Backoff, waitBeforeRetry } from "../src/retry.js";

const FULL = new GatewayError("RESOURCE_EXHAUSTED", "full", { retryDelayMs: 100 });

test("What the gateway asks for is the least wait, and a quarter more the longest.", () => {
    const waits = [0, 0.5, 1].map((random) => waitBeforeRetry(FULL, 1, 1_000, () => random));
    assert.deepEqual(waits, [100, 112.5, 125]);
});

for (const [name, error, attempt, leftMs] of [
    ["without a RetryInfo", new GatewayError("RESOURCE_EXHAUSTED", "too large"), 1, 1_000],
    ["of another code", new GatewayError("UNAVAILABLE", "away", { retryDelayMs: 1 }), 1, 1_000],
    ["after the fifth attempt", FULL, 5, 1_000],
    ["past the deadline", FULL, 1, 100],
    ["of something else", new TypeError("x"), 1, 1_000],
] as const) {
    test(`Never again: an error ${name}.`, () => {
        assert.equal(
            waitBeforeRetry(error, attempt, leftMs, () => 0),
            false,
        );
    });
}

test("Waits double to a limit, and begin anew after progress.", () => {
    const backoff = new Backoff(100, 500, () => 1);
    assert.deepEqual([backoff.next(), backoff.next(), backoff.next(), backoff.next()], [100, 200, 400, 500]);
    backoff.reset();
    assert.deepEqual([backoff.next(), backoff.next(1_000)], [100, 1_250]);
});

test("A wait may be none.", () => {
    assert.equal(new Backoff(100, 500, () => 0).next(), 0);
});
