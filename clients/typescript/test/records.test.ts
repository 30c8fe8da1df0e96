import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";

import { arrives } from "../src/faults.js";
import { EventSchema, GatewayError, IngestRecordSchema, ItemSchema, Rule } from "../src/index.js";
import { batch, eventIdOf, type RecordInput, records } from "../src/records.js";

const TIME = new Date("2026-11-21T10:00:00.250Z");
const EVENT = { sessionId: "s", eventType: "View", eventTime: TIME };

test("An event gets an event ID of its own, and a Date becomes its time.", () => {
    const [first, second] = records(EventSchema, [EVENT, EVENT], "events");
    assert.match(first!.eventId!, /^[0-9a-f-]{36}$/);
    assert.notEqual(first!.eventId, second!.eventId);
    assert.deepEqual(first!.eventTime, timestampFromDate(TIME));
});

test("An event keeps the event ID that it has, an empty one too.", () => {
    const made = records(
        EventSchema,
        [
            { ...EVENT, eventId: "mine" },
            { ...EVENT, eventId: "" },
        ],
        "events",
    );
    assert.deepEqual(
        made.map(({ eventId }) => eventId),
        ["mine", ""],
    );
});

test("The caller's message is left as it was.", () => {
    const event = create(EventSchema, { sessionId: "s", eventType: "View", eventTime: timestampFromDate(TIME) });
    const [made] = records(EventSchema, [event], "events");
    assert.equal(event.eventId, undefined);
    assert.deepEqual({ ...made, eventId: undefined }, { ...event, eventId: undefined });
});

test("An item gets no event ID.", () => {
    assert.deepEqual(records(ItemSchema, [{ itemId: "i" }], "items"), [create(ItemSchema, { itemId: "i" })]);
});

test("All faults of all records are in one error.", () => {
    const bad = { ...EVENT, eventValue: Number.NaN };
    assert.throws(
        () => records(EventSchema, [bad, EVENT, { ...bad, itemId: "\ud800" }], "events"),
        (error: unknown) => {
            assert(error instanceof GatewayError);
            const fields = error.violations.map(({ field, rule }) => [field, Rule[rule]]);
            assert.deepEqual(fields, [
                ["events[0].event_value", "FINITE"],
                ["events[2].event_value", "FINITE"],
                ["events[2].item_id", "LONE_SURROGATE"],
            ]);
            assert.deepEqual([error.code, error.reason, error.local], ["INVALID_ARGUMENT", "INVALID_FIELDS", true]);
            return true;
        },
    );
});

test("A batch takes records of every kind, and messages.", () => {
    const inputs: RecordInput[] = [
        { event: EVENT },
        { actionInteraction: { ...EVENT, actionId: "a", eventId: "e" } },
        { item: { itemId: "i" } },
        { user: { userId: "u" } },
        { action: { actionId: "a" } },
        create(IngestRecordSchema, { kind: { case: "item", value: { itemId: "i" } } }),
        create(IngestRecordSchema),
    ];
    const made = batch(inputs);
    const kinds = made.map(({ kind }) => kind.case);
    assert.deepEqual(kinds, ["event", "actionInteraction", "item", "user", "action", "item", undefined]);
    assert.deepEqual(
        made.map((one) => eventIdOf(one).length),
        [36, 1, 0, 0, 0, 0, 0],
    );
});

test("A fault that the gateway sees, too, is left to it: it refuses the one record.", () => {
    const bad: RecordInput = { item: { itemId: "i", properties: { price: Number.NaN } } };
    assert.throws(() => batch([bad]), {
        violations: [
            { field: 'records[0].item.properties["price"]', rule: Rule.FINITE, description: "is not a finite number" },
        ],
    });
    assert.deepEqual(batch([bad], (fault) => !arrives(fault))[0]!.kind.case, "item");
});

test("A fault that would not arrive refuses the batch.", () => {
    const bad = { actionInteraction: { ...EVENT, actionId: "\ud800" } };
    assert.throws(() => batch([bad], (fault) => !arrives(fault)), /records\[0\]\.action_interaction\.action_id/);
});

for (const input of [
    {},
    { itme: { itemId: "i" } },
    { item: undefined },
    { item: { itemId: "i" }, user: { userId: "u" } },
]) {
    test(`No record: ${JSON.stringify(input)}.`, () => {
        assert.throws(() => batch([input as unknown as RecordInput]), TypeError);
    });
}
