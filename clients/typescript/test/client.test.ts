import assert from "node:assert/strict";
import { test } from "node:test";

import type { Metadata } from "@grpc/grpc-js";

import {
    AckLevel,
    CatalogService,
    Credentials,
    EventService,
    GatewayClient,
    GatewayError,
    type IngestBatchRequest,
    IngestService,
    type PutEventsRequest,
    type PutItemsRequest,
    Rule,
} from "../src/index.js";
import { type Handler, PATIENCE_MS, refusal, type Stream, withGateway } from "./fake_gateway.js";

const EVENT = { sessionId: "s", eventType: "View", eventTime: new Date(1_000_000) };

async function rejection(promise: Promise<unknown>): Promise<GatewayError> {
    try {
        await promise;
    } catch (error) {
        assert(error instanceof GatewayError, String(error));
        return error;
    }
    assert.fail("it was not rejected");
}

/** Answers with each of these in turn. */
function answers(...each: object[]): { calls: PutEventsRequest[]; unary: Record<string, Handler> } {
    const calls: PutEventsRequest[] = [];
    const putEvents = (request: never): object => {
        calls.push(request);
        const answer = each.shift()!;
        if ("code" in answer) throw answer;
        return answer;
    };
    return { calls, unary: { putEvents } };
}

test("Events arrive with the request's options and the caller's name.", async () => {
    const requests: [PutEventsRequest, Metadata][] = [];
    const putEvents = (request: never, metadata: Metadata): object => {
        requests.push([request, metadata]);
        return { eventIds: ["derived"], ackLevel: AckLevel.DELIVERED };
    };
    await withGateway({ unary: { putEvents } }, async (client) => {
        const response = await client.putEvents([{ ...EVENT, eventId: "e", properties: { discount: "yes" } }], {
            datasetGroup: "shop",
            ackLevel: AckLevel.DELIVERED,
            headers: { traceparent: "00-1-2-00" },
        });
        const [[request, metadata] = []] = requests;
        assert.deepEqual([response.eventIds, response.ackLevel], [["derived"], AckLevel.DELIVERED]);
        assert.deepEqual([request?.datasetGroup, request?.ackLevel], ["shop", AckLevel.DELIVERED]);
        assert.deepEqual(
            request?.events.map(({ eventId, properties }) => [eventId, properties]),
            [["e", { discount: "yes" }]],
        );
        assert.deepEqual([metadata?.get("x-caller"), metadata?.get("traceparent")], [["web"], ["00-1-2-00"]]);
    });
});

test("A token is sent without TLS, too, where that is meant.", async () => {
    const tokens: unknown[] = [];
    const putItems = (_: never, metadata: Metadata): object => {
        tokens.push(...metadata.get("authorization"));
        return {};
    };
    await withGateway({ unary: { putItems } }, async (_, { target }) => {
        const client = new GatewayClient(target, Credentials.insecure({ token: "opaque" }), {
            timeoutMs: PATIENCE_MS,
        });
        await client.putItems([{ itemId: "i" }]);
        client.close();
    });
    assert.deepEqual(tokens, ["Bearer opaque"]);
});

test("Every method calls its RPC.", async () => {
    const called: string[] = [];
    const names = ["putEvents", "putActionInteractions", "putItems", "putUsers", "putActions", "ingestBatch"];
    const unary = Object.fromEntries(
        names.map((name) => [
            name,
            () => {
                called.push(name);
                return {};
            },
        ]),
    );
    await withGateway({ unary }, async (client) => {
        await client.putEvents([EVENT]);
        await client.putActionInteractions([{ ...EVENT, actionId: "a" }]);
        await client.putItems([{ itemId: "i" }]);
        await client.putUsers([{ userId: "u" }]);
        await client.putActions([{ actionId: "a" }]);
        await client.ingestBatch([{ event: EVENT }]);
        assert.deepEqual(called, names);
    });
});

test("An error has its code, reason, metadata and violations.", async () => {
    const violations = [
        { field: "events[0].user_id", reason: "MIN_LENGTH", description: "leave it unset" },
        { field: "events[0].item_id", reason: "OF_TOMORROW", description: "new" },
    ];
    const error = refusal("INVALID_ARGUMENT", { reason: "INVALID_FIELDS", violations, metadata: { violations: "7" } });
    await withGateway(answers(error), async (client) => {
        const found = await rejection(client.putEvents([EVENT]));
        assert.deepEqual(
            [found.code, found.reason, found.message, found.violationCount, found.retryDelayMs, found.local],
            ["INVALID_ARGUMENT", "INVALID_FIELDS", "INVALID_ARGUMENT: told", 7, undefined, false],
        );
        assert.deepEqual(found.violations, [
            { field: "events[0].user_id", rule: Rule.MIN_LENGTH, description: "leave it unset" },
            { field: "events[0].item_id", rule: Rule.UNSPECIFIED, description: "new" },
        ]);
    });
});

test("A reason of another domain is not the gateway's.", async () => {
    const error = refusal("PERMISSION_DENIED", { reason: "RBAC", domain: "proxy.example", metadata: { policy: "x" } });
    await withGateway(answers(error), async (client) => {
        const found = await rejection(client.putEvents([EVENT]));
        assert.deepEqual([found.code, found.reason, found.metadata], ["PERMISSION_DENIED", "", {}]);
    });
});

test("UNAVAILABLE is tried again, with the same event IDs.", async () => {
    const gateway = answers(refusal("UNAVAILABLE"), refusal("UNAVAILABLE"), { eventIds: ["e"] });
    await withGateway(gateway, async (client) => {
        await client.putEvents([EVENT]);
        const ids = gateway.calls.map(({ events }) => events[0]!.eventId);
        assert.deepEqual(ids, [ids[0], ids[0], ids[0]]);
    });
});

test("UNAVAILABLE is tried again for the largest request, too.", async () => {
    let calls = 0;
    const putItems = ({ items }: PutItemsRequest): object => {
        assert.equal(items.length, 120);
        if (++calls === 1) throw refusal("UNAVAILABLE");
        return {};
    };
    await withGateway({ unary: { putItems: putItems as (request: never) => object } }, async (client) => {
        const description = "x".repeat(32_000);
        await client.putItems(Array.from({ length: 120 }, (_, i) => ({ itemId: `${i}`, properties: { description } })));
        assert.equal(calls, 2);
    });
});

test("RESOURCE_EXHAUSTED is tried again where the gateway says when.", async () => {
    const gateway = answers(refusal("RESOURCE_EXHAUSTED", { reason: "BUDGET_EXHAUSTED", retryDelayMs: 1 }), {});
    await withGateway(gateway, async (client) => {
        await client.putEvents([EVENT]);
        assert.equal(gateway.calls.length, 2);
    });
});

test("RESOURCE_EXHAUSTED is not tried again where that would be past the deadline.", async () => {
    const retryDelayMs = PATIENCE_MS + 1_000;
    const gateway = answers(refusal("RESOURCE_EXHAUSTED", { reason: "BUDGET_EXHAUSTED", retryDelayMs }));
    await withGateway(gateway, async (client) => {
        const error = await rejection(client.putEvents([EVENT], { timeoutMs: PATIENCE_MS }));
        const found = [error.reason, error.retryDelayMs, gateway.calls.length];
        assert.deepEqual(found, ["BUDGET_EXHAUSTED", retryDelayMs, 1]);
    });
});

for (const error of [
    refusal("RESOURCE_EXHAUSTED", { reason: "MESSAGE_TOO_LARGE" }),
    refusal("INTERNAL", { reason: "INTERNAL", metadata: { error_id: "1" } }),
    refusal("FAILED_PRECONDITION", { reason: "KIND_NOT_AVAILABLE" }),
    refusal("PERMISSION_DENIED", { reason: "ROUTE_MISSING" }),
]) {
    test(`Nothing else is tried again: ${error.code}.`, async () => {
        const gateway = answers(error);
        await withGateway(gateway, async (client) => {
            await rejection(client.putEvents([EVENT]));
            assert.equal(gateway.calls.length, 1);
        });
    });
}

test("Without retries the first error is the caller's.", async () => {
    const gateway = answers(refusal("UNAVAILABLE"), refusal("RESOURCE_EXHAUSTED", { retryDelayMs: 1 }));
    await withGateway(
        gateway,
        async (client) => {
            assert.equal((await rejection(client.putEvents([EVENT]))).code, "UNAVAILABLE");
            assert.equal((await rejection(client.putEvents([EVENT]))).code, "RESOURCE_EXHAUSTED");
        },
        { retries: false },
    );
});

test("A call has a deadline, and a stream has none.", async () => {
    const unary = { putEvents: () => new Promise<object>(() => {}) };
    await withGateway(
        { unary, ingest: (stream) => stream.resume().on("end", () => stream.end()) },
        async (client) => {
            const stream = client.stub(IngestService).ingest();
            const end = new Promise((resolve) => stream.on("status", ({ code }) => resolve(code)));
            stream.resume();
            assert.equal((await rejection(client.putEvents([EVENT]))).code, "DEADLINE_EXCEEDED");
            stream.end();
            assert.equal(await end, 0);
        },
        { timeoutMs: 50 },
    );
});

test("A signal ends a call, and one that is aborted already lets none begin.", async () => {
    const abort = new AbortController();
    const putEvents = (): Promise<object> => {
        abort.abort();
        return new Promise(() => {});
    };
    await withGateway({ unary: { putEvents } }, async (client) => {
        assert.equal((await rejection(client.putEvents([EVENT], { signal: abort.signal }))).code, "CANCELLED");
        assert.equal((await rejection(client.putItems([], { signal: AbortSignal.abort() }))).code, "CANCELLED");
    });
});

test("A signal ends the wait for another attempt.", async () => {
    const abort = new AbortController();
    const full = refusal("RESOURCE_EXHAUSTED", { retryDelayMs: 900 });
    const putEvents = (): never => {
        setTimeout(() => abort.abort(), 20);
        throw full;
    };
    await withGateway({ unary: { putEvents } }, async (client) => {
        assert.equal((await rejection(client.putEvents([EVENT], { signal: abort.signal }))).code, "CANCELLED");
    });
});

test("What would not arrive as it is meant is not sent.", async () => {
    const gateway = answers({});
    await withGateway(gateway, async (client) => {
        const error = await rejection(client.putEvents([{ ...EVENT, properties: { views: 2 ** 53 } }]));
        assert.deepEqual([error.local, error.code, gateway.calls.length], [true, "INVALID_ARGUMENT", 0]);
    });
});

test("What protobuf cannot write is the caller's fault, and not sent.", async () => {
    await withGateway({}, async (client) => {
        const seconds = "soon" as unknown as bigint;
        const error = await rejection(client.putEvents([{ ...EVENT, eventTime: { seconds, nanos: 0 } }]));
        assert.deepEqual([error.local, error.code], [true, "INVALID_ARGUMENT"]);
    });
});

test("A stub sends what it is given.", async () => {
    const gateway = answers({ eventIds: ["derived"] });
    await withGateway(gateway, async (client) => {
        const response = await client.stub(EventService).putEvents({ events: [{ sessionId: "s" }] });
        assert.deepEqual([response.eventIds, gateway.calls[0]?.events[0]?.eventId], [["derived"], undefined]);
        const error = await rejection(client.stub(CatalogService).putItems({}));
        assert.equal(error.code, "UNIMPLEMENTED");
    });
});

test("A stub's stream sends and receives messages.", async () => {
    const ingest = (stream: Stream): void => {
        stream.on("data", ({ sequence }) => stream.write({ acknowledgedSequence: sequence }));
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const stream = client.stub(IngestService).ingest();
        for (const sequence of [3n, 5n])
            stream.write({
                $typeName: "personalize_gateway.v1.IngestRequest",
                sequence,
                datasetGroup: "",
                records: [],
            });
        stream.end();
        const acknowledged = [];
        for await (const response of stream) acknowledged.push(response.acknowledgedSequence);
        assert.deepEqual(acknowledged, [3n, 5n]);
    });
});

test("In a batch, the gateway judges what it can see.", async () => {
    const requests: IngestBatchRequest[] = [];
    const ingestBatch = (request: never): object => {
        requests.push(request);
        return { refusals: [{ recordIndex: 1 }] };
    };
    await withGateway({ unary: { ingestBatch } }, async (client) => {
        const response = await client.ingestBatch([
            { event: EVENT },
            { item: { itemId: "i", properties: { price: 1e300 } } },
        ]);
        assert.deepEqual(
            response.refusals.map(({ recordIndex }) => recordIndex),
            [1],
        );
        assert.equal(requests[0]?.records.length, 2);
    });
});

test("A client that finds no gateway says UNAVAILABLE, within its deadline.", async () => {
    const options = { retries: false, timeoutMs: PATIENCE_MS };
    const client = new GatewayClient("unix:/nowhere/gateway.sock", Credentials.insecure(), options);
    const error = await rejection(client.putEvents([EVENT]));
    assert.deepEqual([error.code, error.reason, error.local], ["UNAVAILABLE", "", false]);
    assert.equal((await rejection(client.ready(10))).code, "DEADLINE_EXCEEDED");
    client.close();
});

test("A client is ready once it is connected.", async () => {
    await withGateway({}, (client) => client.ready(PATIENCE_MS));
});
