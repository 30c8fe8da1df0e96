import assert from "node:assert/strict";
import { test } from "node:test";

import { Queue } from "../src/queue.js";

function pending(eventId: string, bytes = 10, publishedAtMs = 1_000) {
    return { eventId, bytes: new Uint8Array(bytes), publishedAtMs };
}

function ids(queue: Queue): string[] {
    return queue.batch().map(({ eventId }) => eventId);
}

test("A request is due when its first record has lingered.", () => {
    const queue = new Queue(10, 1_000_000, 20);
    queue.push(pending("a"));
    queue.push(pending("b", 10, 1_015));
    assert.deepEqual([queue.waitMs(1_000), queue.waitMs(1_015.5), queue.waitMs(1_020)], [20, 5, 0]);
});

test("A request with as many records as it may have is due.", () => {
    const queue = new Queue(2, 1_000_000, 20);
    for (const one of ["a", "b", "c"]) queue.push(pending(one));
    assert.equal(queue.waitMs(1_000), 0);
    assert.deepEqual([ids(queue), queue.waitMs(1_000), ids(queue)], [["a", "b"], 20, ["c"]]);
});

test("A request with as many bytes as it may have is due.", () => {
    const queue = new Queue(10, 400, 20);
    for (const one of ["a", "b", "c"]) queue.push(pending(one, 100));
    assert.equal(queue.waitMs(1_000), 0);
    assert.deepEqual([ids(queue), ids(queue)], [["a", "b"], ["c"]]);
});

test("A record that is larger than a request should be goes alone.", () => {
    const queue = new Queue(10, 400, 20);
    for (const one of ["a", "b"]) queue.push(pending(one, 1_000));
    assert.deepEqual([ids(queue), ids(queue)], [["a"], ["b"]]);
});

test("What is put back goes first.", () => {
    const queue = new Queue(10, 400_000, 20);
    queue.push(pending("c"));
    queue.putBack([pending("a"), pending("b")]);
    assert.deepEqual(ids(queue), ["a", "b", "c"]);
});
