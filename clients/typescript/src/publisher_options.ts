import type { FieldViolation, GatewayError, Reason } from "./errors.js";
import type { IngestRecord } from "./gen/personalize_gateway/v1/ingest_service_pb.js";

/** How a publisher behaves. */
export interface PublisherOptions {
    /** The short name of the dataset group. May be left out where there is one choice. */
    readonly datasetGroup?: string;

    /** Most records of a request, up to 500; 100 by default. */
    readonly maxBatchRecords?: number;

    /** A request is sent before it has more bytes than this; 1 MiB by default. */
    readonly maxBatchBytes?: number;

    /** How long a record waits for others; 10 by default. */
    readonly lingerMs?: number;

    /** Most records that are published and not yet settled; 10,000 by default. */
    readonly maxBufferedRecords?: number;

    /** Most bytes of them; 32 MiB by default. */
    readonly maxBufferedBytes?: number;

    /** Most requests that are sent and not yet acknowledged; 16 by default. */
    readonly maxUnacknowledged?: number;

    /**
     * What `publish` does while the buffer is full: `block` resolves once there is room, `drop-newest`
     * forgets the event and counts it, `raise` rejects with RESOURCE_EXHAUSTED.
     */
    readonly whenFull?: "block" | "drop-newest" | "raise";

    /** The limits of the wait before the stream is opened again; 100 and 5,000 by default. */
    readonly reconnect?: { readonly baseMs?: number; readonly maxMs?: number };

    /** Is told the IDs of events that are durable, in the order in which they were published. */
    readonly onConfirmed?: (eventIds: readonly string[]) => void;

    /** Is told each record that was not taken and will not be sent again. */
    readonly onRefused?: (refused: RefusedRecord) => void;
}

/** A record that was published and not taken. */
export interface RefusedRecord {
    readonly eventId: string;
    readonly record: IngestRecord;
    /** Why; the code of `error` where that has no reason. */
    readonly reason: Reason;
    readonly message: string;
    readonly violations: readonly FieldViolation[];
    /** The error that ended the stream, where it was that and not a refusal of this one record. */
    readonly error: GatewayError | undefined;
}

/** What a publisher has done since it was made. */
export interface PublisherCounts {
    readonly published: number;
    readonly confirmed: number;
    readonly refused: number;
    /** While the buffer was full: forgotten, made to wait, rejected. */
    readonly dropped: number;
    readonly blocked: number;
    readonly raised: number;
    /** Records that were sent once more. */
    readonly resent: number;
    /** Streams that ended without being asked to. */
    readonly disconnected: number;
}
