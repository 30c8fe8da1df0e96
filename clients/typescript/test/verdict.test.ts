import assert from "node:assert/strict";
import { test } from "node:test";

import { type Code, type ErrorFacts, GatewayError } from "../src/errors.js";
import { Verdicts } from "../src/verdict.js";

const UNCLEAR = new GatewayError("ABORTED", "");

/** How many of three requests are refused at each of so many such ends. */
function refused(verdicts: Verdicts, error: GatewayError | undefined, times: number): number[] {
    return Array.from({ length: times }, () => verdicts.refused(error, 3));
}

const AGAIN = [0, 0, 0, 0, 0, 0];
const ALL = [3, 3, 3, 3, 3, 3];
const FIRST = [1, 1, 1, 1, 1, 1];
const FIFTH = [0, 0, 0, 0, 1, 0];

// The table of docs/clients.md.
for (const [code, facts, expected] of [
    ["UNAVAILABLE", {}, AGAIN],
    ["UNAVAILABLE", { reason: "DRAINING" }, AGAIN],
    ["RESOURCE_EXHAUSTED", { reason: "OVERLOADED", retryDelayMs: 0 }, AGAIN],
    ["INTERNAL", {}, AGAIN],
    ["UNKNOWN", {}, AGAIN],
    ["CANCELLED", {}, AGAIN],
    ["UNAUTHENTICATED", { reason: "CALLER_UNKNOWN" }, ALL],
    ["PERMISSION_DENIED", { reason: "ROUTE_MISSING" }, ALL],
    ["NOT_FOUND", { reason: "DATASET_GROUP_UNKNOWN" }, ALL],
    ["UNIMPLEMENTED", {}, ALL],
    ["INVALID_ARGUMENT", { reason: "MALFORMED_MESSAGE" }, FIRST],
    ["FAILED_PRECONDITION", { reason: "KIND_NOT_AVAILABLE" }, FIRST],
    ["OUT_OF_RANGE", {}, FIRST],
    ["RESOURCE_EXHAUSTED", { reason: "MESSAGE_TOO_LARGE" }, FIRST],
    ["INTERNAL", { reason: "INTERNAL" }, FIFTH],
    ["DEADLINE_EXCEEDED", {}, FIFTH],
    ["ABORTED", {}, FIFTH],
    ["DATA_LOSS", {}, FIFTH],
    ["RESOURCE_EXHAUSTED", {}, FIFTH],
    ["RESOURCE_EXHAUSTED", { reason: "OVERLOADED" }, FIFTH],
] as const satisfies readonly (readonly [Code, ErrorFacts, readonly number[]])[]) {
    test(`What the end of a stream refuses: ${code} ${JSON.stringify(facts)}.`, () => {
        assert.deepEqual(refused(new Verdicts(), new GatewayError(code, "", facts), 6), expected);
    });
}

test("A stream that ends with OK refuses nothing.", () => {
    assert.deepEqual(refused(new Verdicts(), undefined, 6), AGAIN);
});

test("Unclear ends are counted anew when something is settled.", () => {
    const verdicts = new Verdicts();
    refused(verdicts, UNCLEAR, 4);
    assert.equal(verdicts.refused(new GatewayError("INVALID_ARGUMENT", ""), 3), 1);
    assert.deepEqual(refused(verdicts, UNCLEAR, 4), [0, 0, 0, 0]);
    verdicts.progress();
    assert.deepEqual(refused(verdicts, UNCLEAR, 4), [0, 0, 0, 0]);
});

test("Another error between unclear ends settles nothing.", () => {
    const verdicts = new Verdicts();
    refused(verdicts, UNCLEAR, 4);
    refused(verdicts, new GatewayError("UNAVAILABLE", ""), 9);
    assert.equal(verdicts.refused(UNCLEAR, 3), 1);
});

test("The end of a stream that owes nothing is about no request.", () => {
    const verdicts = new Verdicts();
    for (const error of [new GatewayError("PERMISSION_DENIED", ""), ...Array<GatewayError>(9).fill(UNCLEAR)]) {
        assert.equal(verdicts.refused(error, 0), 0);
    }
    assert.deepEqual(refused(verdicts, UNCLEAR, 4), [0, 0, 0, 0]);
});
