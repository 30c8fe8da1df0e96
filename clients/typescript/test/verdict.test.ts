import assert from "node:assert/strict";
import { test } from "node:test";

import { GatewayError } from "../src/index.js";
import { judge } from "../src/verdict.js";

const INTERNAL = new GatewayError("INTERNAL", "unforeseen", { reason: "INTERNAL" });

for (const [name, error, sizes, failures, expected] of [
    ["draining", new GatewayError("UNAVAILABLE", "", { reason: "DRAINING" }), [5, 5], 1, [0, 0]],
    ["a lost connection", new GatewayError("UNAVAILABLE", ""), [5], 99, [0, 0]],
    ["OK", undefined, [5], 1, [0, 0]],
    ["no identity", new GatewayError("UNAUTHENTICATED", ""), [5, 5], 1, [2, 0]],
    ["not allowed", new GatewayError("PERMISSION_DENIED", ""), [5, 5, 1], 1, [3, 0]],
    ["a bad request", new GatewayError("INVALID_ARGUMENT", ""), [5, 5], 1, [1, 0]],
    ["too large", new GatewayError("RESOURCE_EXHAUSTED", "", { reason: "MESSAGE_TOO_LARGE" }), [5, 5], 1, [1, 0]],
    ["overloaded", new GatewayError("RESOURCE_EXHAUSTED", "", { reason: "OVERLOADED" }), [5, 5], 1, [0, 0]],
    ["a reset stream", new GatewayError("INTERNAL", "RST_STREAM"), [1], 99, [0, 0]],
    ["unforeseen", INTERNAL, [5, 5], 1, [0, 0]],
    ["unforeseen again", INTERNAL, [5, 5], 2, [0, 5]],
    ["unforeseen with one record", INTERNAL, [1, 5], 2, [0, 0]],
    ["unforeseen with one record, the third time", INTERNAL, [1, 5], 3, [1, 0]],
    ["nothing on the stream", new GatewayError("UNAUTHENTICATED", ""), [], 1, [0, 0]],
] as const) {
    test(`A stream that ends: ${name}.`, () => {
        const [refused, isolated] = expected;
        assert.deepEqual(judge(error, sizes, failures), { refused, isolated });
    });
}
