// Publishes events at a rate, and prints the ID of each that is confirmed and of each that is refused.

import { setTimeout as sleep } from "node:timers/promises";

import { Credentials, EventPublisher, GatewayClient } from "../src/index.js";

const [target = "", seconds = "10", rate = "100"] = process.argv.slice(2);
const client = new GatewayClient(target, Credentials.insecure());
const publisher = new EventPublisher(client, {
    onConfirmed: (eventIds) => eventIds.forEach((eventId) => console.log(`confirmed ${eventId}`)),
    onRefused: ({ eventId, reason }) => console.log(`refused ${eventId} ${reason}`),
});

const run = `typescript-${process.pid}-${Date.now()}`;
const startMs = performance.now();
const total = Math.floor(Number(seconds) * Number(rate));
for (let published = 0; published < total;) {
    const due = Math.min(total, Math.ceil(((performance.now() - startMs) / 1_000) * Number(rate)));
    for (; published < due; published++) {
        await publisher.publish({
            sessionId: `${run}-${published % 50}`,
            eventId: `${run}-${published}`,
            eventType: "View",
            eventTime: new Date(),
            itemId: `item-${published % 10}`,
        });
    }
    await sleep(10);
}
await publisher.flush(120_000);
await publisher.close();
client.close();
console.error(JSON.stringify(publisher.counts));
