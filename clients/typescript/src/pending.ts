import { GatewayError } from "./errors.js";
import { IngestRecordSchema } from "./gen/personalize_gateway/v1/ingest_service_pb.js";
import { Rule } from "./gen/personalize_gateway/v1/violation_pb.js";
import { MAX_RECORD_BYTES } from "./queue.js";
import { batch, eventIdOf, type RecordInput } from "./records.js";
import { serialize } from "./serialization.js";

/** A record that was published and is not yet settled: as bytes, which nobody changes any more. */
export interface Pending {
    readonly eventId: string;
    readonly bytes: Uint8Array;
    readonly publishedAtMs: number;
}

/**
 * Makes what is published of what was given.
 *
 * @throws GatewayError `local`: it would not arrive as it is meant, or fits into no request
 */
export function made(input: RecordInput): Pending {
    const [record] = batch([input]);
    const bytes = serialize(IngestRecordSchema, record!);
    if (bytes.length > MAX_RECORD_BYTES) {
        const description = `has ${bytes.length} bytes, and a request takes 4 MiB`;
        throw GatewayError.invalid([{ field: "records[0]", rule: Rule.RECORD_SIZE, description }]);
    }
    return { eventId: eventIdOf(record!), bytes, publishedAtMs: performance.now() };
}
