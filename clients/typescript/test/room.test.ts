import assert from "node:assert/strict";
import { test } from "node:test";

import { Room } from "../src/room.js";

test("It holds so many records.", () => {
    const room = new Room(2, 100);
    assert.deepEqual([room.enter(1), room.enter(1), room.enter(1)], [true, true, false]);
});

test("It holds so many bytes.", () => {
    const room = new Room(10, 100);
    assert.deepEqual([room.enter(60), room.enter(41), room.enter(40)], [true, false, true]);
});

test("Who waits comes in in turn, and nobody overtakes.", () => {
    const room = new Room(10, 100);
    const entered: string[] = [];
    room.enter(90);
    room.wait(60, () => entered.push("large"));
    room.wait(5, () => entered.push("small"));
    assert.equal(room.enter(5), false);
    assert.deepEqual(entered, []);
    room.leave(90);
    assert.deepEqual(entered, ["large", "small"]);
    assert.equal(room.enter(35), true);
});

test("What is larger than all the room comes in alone.", () => {
    const room = new Room(10, 100);
    assert.equal(room.enter(1_000), true);
    assert.equal(room.enter(1), false);
    room.leave(1_000);
    assert.equal(room.enter(1), true);
});
