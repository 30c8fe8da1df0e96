// A shop's front end: an item, a purchase that has to be safe before the page goes on, and views that
// are published in the background.
//
//   npm ci && npm run example localhost:50051

import { Credentials, EventPublisher, GatewayClient, GatewayError } from "personalize-gateway-client";

const [target = "localhost:50051"] = process.argv.slice(2);
using client = new GatewayClient(target, Credentials.insecure({ caller: "storefront" }));

await client.putItems([{ itemId: "i-42", properties: { price: 31.5, category: ["film", "drama"] } }]);

const session = { sessionId: "s-1", userId: "u-7" };

const { eventIds } = await client.putEvents([
    { ...session, eventType: "Purchase", eventTime: new Date(), itemId: "i-42", eventValue: 31.5 },
]);
console.log(`purchase ${eventIds[0]} is safe`);

try {
    await client.putEvents([{ sessionId: "null", eventType: "View", eventTime: new Date() }]);
} catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    for (const { field, description } of error.violations) console.log(`${field}: ${description}`);
}

await using publisher = new EventPublisher(client, {
    onConfirmed: (eventIds) => console.log(`${eventIds.length} views are safe`),
    onRefused: ({ eventId, message }) => console.log(`view ${eventId} was refused: ${message}`),
});
for (let view = 0; view < 250; view++) {
    await publisher.publish({ ...session, eventType: "View", eventTime: new Date(), itemId: `i-${view}` });
}
