// Sends every case of the vectors to a gateway, and prints what came of each: see
// tests/vectors/README.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type DescMessage, fromBinary, fromJson, type JsonValue, type MessageShape } from "@bufbuild/protobuf";

import {
    Credentials,
    ErrorReason,
    GatewayClient,
    GatewayError,
    IngestBatchRequestSchema,
    type IngestBatchResponse,
    PutActionInteractionsRequestSchema,
    PutActionsRequestSchema,
    PutEventsRequestSchema,
    PutItemsRequestSchema,
    PutUsersRequestSchema,
    Rule,
} from "../src/index.js";

interface Case {
    readonly name: string;
    readonly rpc: string;
    readonly request?: JsonValue;
    readonly request_wire?: string;
}

interface Fate {
    code: string;
    reason: string;
    violations: { field: string; rule: string }[];
    refused: { record_index: number; reason: string }[];
    error: string;
}

const TAKEN: Fate = { code: "OK", reason: "", violations: [], refused: [], error: "" };

const [target = "", directory = ""] = process.argv.slice(2);
const client = new GatewayClient(target, Credentials.insecure(), { timeoutMs: 30_000 });

function parsed<Schema extends DescMessage>(
    schema: Schema,
    { request, request_wire: wire }: Case,
): MessageShape<Schema> {
    return wire === undefined ? fromJson(schema, request ?? {}) : fromBinary(schema, Buffer.from(wire, "base64"));
}

async function send(one: Case): Promise<Fate> {
    switch (one.rpc) {
        case "PutEvents": {
            const { events, ...options } = parsed(PutEventsRequestSchema, one);
            await client.putEvents(events, options);
            return TAKEN;
        }
        case "PutActionInteractions": {
            const { actionInteractions, ...options } = parsed(PutActionInteractionsRequestSchema, one);
            await client.putActionInteractions(actionInteractions, options);
            return TAKEN;
        }
        case "PutItems": {
            const { items, ...options } = parsed(PutItemsRequestSchema, one);
            await client.putItems(items, options);
            return TAKEN;
        }
        case "PutUsers": {
            const { users, ...options } = parsed(PutUsersRequestSchema, one);
            await client.putUsers(users, options);
            return TAKEN;
        }
        case "PutActions": {
            const { actions, ...options } = parsed(PutActionsRequestSchema, one);
            await client.putActions(actions, options);
            return TAKEN;
        }
        case "IngestBatch": {
            const { records, ...options } = parsed(IngestBatchRequestSchema, one);
            return refusals(await client.ingestBatch(records, options));
        }
        default:
            throw new TypeError(`no RPC ${one.rpc}`);
    }
}

function refusals({ refusals }: IngestBatchResponse): Fate {
    return {
        ...TAKEN,
        violations: refusals.flatMap(({ violations }) => named(violations)),
        refused: refusals.map((one) => ({ record_index: one.recordIndex, reason: ErrorReason[one.reason] })),
    };
}

function named(violations: readonly { field: string; rule: Rule }[]): Fate["violations"] {
    return violations.map(({ field, rule }) => ({ field, rule: Rule[rule] }));
}

function failed(error: unknown): Fate {
    if (!(error instanceof GatewayError) || error.local) return { ...TAKEN, code: "CLIENT", error: String(error) };
    const { code, reason, violations, message } = error;
    return { ...TAKEN, code, reason, violations: named(violations), error: message };
}

for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith(".json")) continue;
    const { name, cases } = JSON.parse(readFileSync(join(directory, file), "utf8")) as { name: string; cases: Case[] };
    for (const one of cases) {
        const fate = await send(one).catch(failed);
        console.log(JSON.stringify({ name: `${name}/${one.name}`, ...fate }));
    }
}
client.close();
