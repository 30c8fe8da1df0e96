import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import type { ServiceError } from "@grpc/grpc-js";

import {
    Credentials,
    ErrorReason,
    EventPublisher,
    GatewayClient,
    GatewayError,
    type IngestRequest,
    type PublisherOptions,
    Rule,
} from "../src/index.js";
import { FakeGateway, refusal, type Stream, withGateway } from "./fake_gateway.js";

function event(eventId: string, more: object = {}) {
    return { sessionId: "s", eventType: "View", eventTime: new Date(1_000_000), eventId, ...more };
}

function idsOf({ records }: IngestRequest): string[] {
    return records.map(({ kind }) => (kind.value as { eventId: string }).eventId);
}

/** What a publisher says of its events, and a publisher that is quick. */
function publisherOf(client: GatewayClient, options: PublisherOptions = {}) {
    const confirmed: string[] = [];
    const refused: [string, string][] = [];
    const publisher = new EventPublisher(client, {
        lingerMs: 1,
        reconnect: { baseMs: 1, maxMs: 20 },
        onConfirmed: (eventIds) => confirmed.push(...eventIds),
        onRefused: ({ eventId, reason }) => refused.push([eventId, reason]),
        ...options,
    });
    return { publisher, confirmed, refused };
}

/** A gateway that takes all, and tells what came. */
function taking(requests: [bigint, string[]][] = []) {
    return (stream: Stream): void => {
        stream.on("data", (request: IngestRequest) => {
            requests.push([request.sequence, idsOf(request)]);
            stream.write({ acknowledgedSequence: request.sequence });
        });
        stream.on("end", () => stream.end());
    };
}

function fail(stream: Stream, error: Partial<ServiceError>): void {
    stream.emit("error", error);
}

test("Events arrive in batches, in order, and are confirmed.", async () => {
    const requests: [bigint, string[]][] = [];
    await withGateway({ ingest: taking(requests) }, async (client) => {
        const { publisher, confirmed, refused } = publisherOf(client, { maxBatchRecords: 2, lingerMs: 60_000 });
        for (const id of ["a", "b", "c", "d", "e"]) assert.equal(await publisher.publish(event(id)), id);
        await publisher.close();
        assert.deepEqual(requests, [
            [1n, ["a", "b"]],
            [2n, ["c", "d"]],
            [3n, ["e"]],
        ]);
        assert.deepEqual([confirmed, refused, publisher.pending], [["a", "b", "c", "d", "e"], [], 0]);
    });
});

test("An event without an event ID gets one, and action interactions too.", async () => {
    await withGateway({ ingest: taking() }, async (client) => {
        const { publisher, confirmed } = publisherOf(client);
        const { eventId: _, ...anonymous } = event("");
        const first = await publisher.publish(anonymous);
        const second = await publisher.publishActionInteraction({ ...anonymous, actionId: "a" });
        await publisher.flush();
        assert.deepEqual(confirmed, [first, second]);
        assert.match(first!, /^[0-9a-f-]{36}$/);
        await publisher.close();
    });
});

test("The dataset group is named, and an event is sent as it was when it was published.", async () => {
    const requests: IngestRequest[] = [];
    const ingest = (stream: Stream): void => {
        stream.on("data", (request: IngestRequest) => {
            requests.push(request);
            stream.write({ acknowledgedSequence: request.sequence });
        });
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const { publisher } = publisherOf(client, { datasetGroup: "shop" });
        const mine = event("a", { properties: { views: 1 } });
        await publisher.publish(mine);
        mine.sessionId = "another";
        await publisher.close();
        const [{ kind } = {}] = requests[0]!.records;
        assert.equal(requests[0]!.datasetGroup, "shop");
        assert(kind?.case === "event");
        assert.deepEqual([kind.value.sessionId, kind.value.properties], ["s", { views: 1 }]);
    });
});

test("What the gateway refuses is told with the record and its violations, and the rest is confirmed.", async () => {
    const violations = [{ field: "records[1].event.user_id", rule: Rule.MIN_LENGTH, description: "leave it unset" }];
    const ingest = (stream: Stream): void => {
        stream.on("data", ({ sequence }: IngestRequest) => {
            const refused = {
                sequence,
                recordIndex: 1,
                reason: ErrorReason.INVALID_FIELDS,
                message: "told",
                violations,
            };
            stream.write({ acknowledgedSequence: sequence, refusals: [refused] });
        });
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const told: unknown[] = [];
        const { publisher, confirmed } = publisherOf(client, {
            lingerMs: 60_000,
            onRefused: ({ eventId, record, reason, message, violations: [violation], error }) =>
                told.push([eventId, record.kind.case, reason, message, violation?.rule, error]),
        });
        for (const id of ["a", "b", "c"]) await publisher.publish(event(id));
        await publisher.close();
        assert.deepEqual(told, [["b", "event", "INVALID_FIELDS", "told", Rule.MIN_LENGTH, undefined]]);
        assert.deepEqual(confirmed, ["a", "c"]);
    });
});

test("No more requests are sent than may be unacknowledged.", async () => {
    const requests: bigint[] = [];
    let most = 0;
    let acknowledged = 0n;
    const ingest = (stream: Stream): void => {
        stream.on("data", ({ sequence }: IngestRequest) => {
            requests.push(sequence);
            most = Math.max(most, Number(sequence - acknowledged));
            // Each is acknowledged some time after the next has come, so that two are under way until the end.
            if (sequence === 1n) return;
            const upTo = sequence === 20n ? 20n : sequence - 1n;
            setTimeout(() => stream.write({ acknowledgedSequence: (acknowledged = upTo) }), 1);
        });
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const { publisher } = publisherOf(client, { maxBatchRecords: 1, maxUnacknowledged: 2 });
        for (let i = 0; i < 20; i++) await publisher.publish(event(`${i}`));
        await publisher.close();
        assert.deepEqual(
            requests,
            Array.from({ length: 20 }, (_, i) => BigInt(i + 1)),
        );
        assert.equal(most, 2);
    });
});

test("After DRAINING what was not acknowledged is sent again, in order, on a stream of its own.", async () => {
    const requests: [bigint, string[]][] = [];
    let streams = 0;
    const ingest = (stream: Stream): void => {
        if (++streams > 1) return taking(requests)(stream);
        stream.on("data", (request: IngestRequest) => {
            requests.push([request.sequence, idsOf(request)]);
            if (request.sequence < 3n) return;
            stream.write({ acknowledgedSequence: 1n });
            fail(stream, refusal("UNAVAILABLE", { reason: "DRAINING" }));
        });
    };
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed, refused } = publisherOf(client, { maxBatchRecords: 1 });
        for (const id of ["a", "b", "c"]) await publisher.publish(event(id));
        await publisher.close();
        assert.deepEqual(requests, [
            [1n, ["a"]],
            [2n, ["b"]],
            [3n, ["c"]],
            [1n, ["b"]],
            [2n, ["c"]],
        ]);
        assert.deepEqual([confirmed, refused], [["a", "b", "c"], []]);
        assert.deepEqual([publisher.counts.resent, publisher.counts.disconnected], [2, 1]);
    });
});

test("Events are confirmed by a gateway that was killed and started again.", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gateway-"));
    const address = `unix:${join(directory, "socket")}`; // Nobody else takes it in the meantime, as a port.
    const silent = await FakeGateway.start({ ingest: (stream) => stream.on("data", () => silent.stop()) }, { address });
    const client = new GatewayClient(silent.target, Credentials.insecure());
    const { publisher, confirmed } = publisherOf(client);
    await publisher.publish(event("a"));
    await publisher.publish(event("b"));
    // It has lost the stream, and found nobody when it opened the next.
    while (publisher.counts.disconnected < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const gateway = await FakeGateway.start({ ingest: taking() }, { address });
    await publisher.close();
    assert.deepEqual(confirmed, ["a", "b"]);
    client.close();
    gateway.stop();
    rmSync(directory, { recursive: true });
});

test("Where the caller is not known, all that was sent is refused.", async () => {
    const ingest = (stream: Stream): void => fail(stream, refusal("UNAUTHENTICATED", { reason: "CALLER_UNKNOWN" }));
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed, refused } = publisherOf(client, { maxBatchRecords: 1 });
        for (const id of ["a", "b"]) await publisher.publish(event(id));
        await publisher.close();
        assert.deepEqual(
            [confirmed, refused],
            [
                [],
                [
                    ["a", "CALLER_UNKNOWN"],
                    ["b", "CALLER_UNKNOWN"],
                ],
            ],
        );
    });
});

test("A request that is refused is not sent again, and those behind it are.", async () => {
    const ingest = (stream: Stream): void => {
        stream.on("data", (request: IngestRequest) => {
            if (idsOf(request).includes("bad")) return fail(stream, refusal("INVALID_ARGUMENT"));
            return stream.write({ acknowledgedSequence: request.sequence });
        });
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed, refused } = publisherOf(client, { maxBatchRecords: 1 });
        for (const id of ["a", "bad", "b"]) await publisher.publish(event(id));
        await publisher.close();
        assert.deepEqual([confirmed, refused], [["a", "b"], [["bad", "INVALID_ARGUMENT"]]]);
    });
});

test("A request at which the gateway fails is refused the fifth time, and those behind it are taken.", async () => {
    let streams = 0;
    const ingest = (stream: Stream): void => {
        streams++;
        let failed = false;
        stream.on("data", (request: IngestRequest) => {
            failed ||= idsOf(request).includes("bad");
            if (failed) fail(stream, refusal("INTERNAL", { reason: "INTERNAL" }));
            else stream.write({ acknowledgedSequence: request.sequence });
        });
        stream.on("end", () => stream.end());
    };
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed, refused } = publisherOf(client, { maxBatchRecords: 2, lingerMs: 60_000 });
        for (const id of ["a", "b", "bad", "c", "d", "e"]) await publisher.publish(event(id));
        await publisher.close();
        assert.deepEqual(refused, [
            ["bad", "INTERNAL"],
            ["c", "INTERNAL"],
        ]);
        assert.deepEqual(confirmed, ["a", "b", "d", "e"]);
        assert.equal(streams, 6);
    });
});

/** A gateway that acknowledges when it is told to. */
function holding() {
    const waiting: (() => void)[] = [];
    const ingest = (stream: Stream): void => {
        stream.on("data", ({ sequence }: IngestRequest) => {
            waiting.push(() => stream.write({ acknowledgedSequence: sequence }));
        });
        stream.on("end", () => stream.end());
    };
    const release = async (): Promise<void> => {
        while (waiting.length === 0) await new Promise(setImmediate);
        waiting.splice(0).forEach((acknowledge) => acknowledge());
    };
    return { ingest, release };
}

test("A full buffer blocks: who publishes waits for room, and order is kept.", async () => {
    const { ingest, release } = holding();
    await withGateway({ ingest }, async (client) => {
        const options = { maxBufferedRecords: 2, maxBatchRecords: 2, lingerMs: 60_000 }; // One request each time.
        const { publisher, confirmed } = publisherOf(client, options);
        const published: string[] = [];
        const waiting = ["a", "b", "c", "d"].map(async (id) => published.push((await publisher.publish(event(id)))!));
        await new Promise(setImmediate);
        assert.deepEqual([published, publisher.counts.blocked, publisher.pending], [["a", "b"], 2, 4]);
        await release();
        await Promise.all(waiting);
        const closed = publisher.close();
        await release();
        await closed;
        assert.deepEqual(
            [published, confirmed],
            [
                ["a", "b", "c", "d"],
                ["a", "b", "c", "d"],
            ],
        );
    });
});

test("A full buffer drops the newest, and counts it.", async () => {
    const { ingest, release } = holding();
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed } = publisherOf(client, { maxBufferedRecords: 1, whenFull: "drop-newest" });
        assert.deepEqual([await publisher.publish(event("a")), await publisher.publish(event("b"))], ["a", undefined]);
        const closed = publisher.close();
        await release();
        await closed;
        assert.deepEqual([confirmed, publisher.counts.dropped, publisher.counts.published], [["a"], 1, 1]);
    });
});

test("A full buffer raises, and counts it.", async () => {
    const { ingest, release } = holding();
    await withGateway({ ingest }, async (client) => {
        const { publisher } = publisherOf(client, { maxBufferedBytes: 1, whenFull: "raise" });
        await publisher.publish(event("a"));
        await assert.rejects(publisher.publish(event("b")), { code: "RESOURCE_EXHAUSTED", local: true });
        const closed = publisher.close();
        await release();
        await closed;
        assert.deepEqual([publisher.counts.raised, publisher.counts.published], [1, 1]);
    });
});

test("A flush that takes too long gives nothing up.", async () => {
    const { ingest, release } = holding();
    await withGateway({ ingest }, async (client) => {
        const { publisher, confirmed } = publisherOf(client);
        await publisher.publish(event("a"));
        await assert.rejects(publisher.flush(10), { code: "DEADLINE_EXCEEDED" });
        const closed = publisher.close();
        await release();
        await closed;
        assert.deepEqual(confirmed, ["a"]);
    });
});

test("A close that takes too long refuses what is not settled, also what waits for room.", async () => {
    await withGateway({ ingest: holding().ingest }, async (client) => {
        const { publisher, refused } = publisherOf(client, {
            maxBufferedRecords: 2,
            maxBatchRecords: 1,
            maxUnacknowledged: 1,
        });
        const published = Promise.all(["a", "b", "c"].map((id) => publisher.publish(event(id))));
        await assert.rejects(publisher.close(20), { code: "DEADLINE_EXCEEDED" });
        assert.deepEqual(await published, ["a", "b", "c"]);
        assert.deepEqual(refused, [
            ["a", "CANCELLED"],
            ["b", "CANCELLED"],
            ["c", "CANCELLED"],
        ]);
        assert.equal(publisher.pending, 0);
    });
});

test("A closed publisher takes nothing, and closing it again does nothing.", async () => {
    await withGateway({ ingest: taking() }, async (client) => {
        const { publisher } = publisherOf(client);
        await publisher.close();
        await publisher.close();
        await assert.rejects(publisher.publish(event("a")), { code: "FAILED_PRECONDITION", local: true });
    });
});

test("What would not arrive as it is meant, or fits into no request, is the publisher's own error.", async () => {
    await withGateway({ ingest: taking() }, async (client) => {
        const { publisher } = publisherOf(client);
        await assert.rejects(publisher.publish(event("a", { eventValue: Number.NaN })), GatewayError);
        const properties = { text: "x".repeat(4 * 1024 * 1024) };
        await assert.rejects(publisher.publish(event("a", { properties })), (error) => {
            assert(error instanceof GatewayError);
            return error.violations[0]?.rule === Rule.RECORD_SIZE;
        });
        assert.equal(publisher.counts.published, 0);
    });
});
