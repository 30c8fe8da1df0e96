import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";

import { faults } from "../src/faults.js";
import { EventSchema, ItemSchema, Rule } from "../src/index.js";

function found(event: object): [string, string][] {
    return [...faults(EventSchema, event, "events[3]")].map(({ field, rule }) => [field, Rule[rule]]);
}

const GOOD = { sessionId: "s", eventType: "View", eventTime: new Date(1_000_000) };

test("What arrives as it is meant has no faults.", () => {
    const properties = { a: "x", b: -0.5, c: true, d: ["x", "y"], e: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(found({ ...GOOD, userId: "u", eventValue: 1e300, impression: ["i"], properties }), []);
});

for (const [name, event, expected] of [
    ["a field that is undefined", { userId: undefined }, [["events[3].user_id", "REQUIRED"]]],
    ["a field that is null", { userId: null }, [["events[3].user_id", "REQUIRED"]]],
    ["a name that no field has", { userID: "u" }, [["events[3].userID", "UNKNOWN_FIELD"]]],
    ["a field of another type", { userId: 7 }, [["events[3].user_id", "JSON"]]],
    ["a value that is no number", { eventValue: Number.NaN }, [["events[3].event_value", "FINITE"]]],
    ["an invalid date", { eventTime: new Date("never") }, [["events[3].event_time", "TIMESTAMP"]]],
    ["half of a surrogate pair", { itemId: "\ud83d" }, [["events[3].item_id", "LONE_SURROGATE"]]],
    ["an entry of a list", { impression: ["a", undefined] }, [["events[3].impression[1]", "JSON"]]],
    ["a list that is none", { impression: "abc" }, [["events[3].impression", "JSON"]]],
    ["properties that are none", { properties: [1] }, [["events[3].properties", "JSON"]]],
] as const) {
    test(`A fault of an event: ${name}.`, () => {
        assert.deepEqual(found({ ...GOOD, ...event }), expected);
    });
}

for (const [name, value, rule] of [
    ["null", null, "NULL_PROPERTY"],
    ["undefined", undefined, "JSON"],
    ["a bigint", 1n, "JSON"],
    ["a function", () => 1, "JSON"],
    ["a symbol", Symbol("x"), "JSON"],
    ["NaN", Number.NaN, "FINITE"],
    ["an infinite number", Number.NEGATIVE_INFINITY, "FINITE"],
    ["2^53", 2 ** 53, "PRECISION"],
    ["-2^53", -(2 ** 53), "PRECISION"],
    ["a number far beyond", 1e300, "PRECISION"],
    ["half of a surrogate pair", "a\udc00", "LONE_SURROGATE"],
] as const) {
    test(`A fault of a property: ${name}.`, () => {
        assert.deepEqual(found({ ...GOOD, properties: { 'a"b': value } }), [['events[3].properties["a\\"b"]', rule]]);
    });
}

test("A category with half of a surrogate pair has its index.", () => {
    const fault = found({ ...GOOD, properties: { genre: ["a", "\udc00"] } });
    assert.deepEqual(fault, [['events[3].properties["genre"][1]', "LONE_SURROGATE"]]);
});

test("What the gateway refuses whatever is in it, is not looked into.", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    assert.deepEqual(found({ ...GOOD, properties: { cycle } }), []);
});

test("In a message that was made by create, undefined is unset.", () => {
    const event = create(EventSchema, { sessionId: "s", userId: "u" });
    event.userId = undefined;
    assert.deepEqual(found(event), []);
});

test("Items have the same guards.", () => {
    const item = { itemId: "i", properties: { price: 2 ** 60 } };
    const [fault] = [...faults(ItemSchema, item, "items[0]")];
    assert.equal(fault?.field, 'items[0].properties["price"]');
});
