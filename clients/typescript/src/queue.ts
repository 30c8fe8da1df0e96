import type { Pending } from "./pending.js";

/** For the other fields of a request, and for what stands before each record. */
const REQUEST_OVERHEAD_BYTES = 128;
const RECORD_OVERHEAD_BYTES = 6;

/** The largest request that the gateway takes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** The largest record that fits into a request. */
export const MAX_RECORD_BYTES = MAX_REQUEST_BYTES - REQUEST_OVERHEAD_BYTES - RECORD_OVERHEAD_BYTES;

/** The records that wait to be sent, in their order, and how they become requests. */
export class Queue {
    #records: Pending[] = [];
    readonly #maxBytes: number;

    /**
     * @param maxRecords of a request.
     * @param maxBytes of a request.
     * @param lingerMs how long a record waits for others.
     */
    constructor(
        private readonly maxRecords: number,
        maxBytes: number,
        private readonly lingerMs: number,
    ) {
        this.#maxBytes = Math.min(maxBytes, MAX_REQUEST_BYTES);
    }

    /** How many records it has. */
    get length(): number {
        return this.#records.length;
    }

    /** Adds a record behind all others. */
    push(record: Pending): void {
        this.#records.push(record);
    }

    /** Adds records before all others. */
    putBack(records: readonly Pending[]): void {
        this.#records = [...records, ...this.#records];
    }

    /** Takes all records. */
    drain(): Pending[] {
        return this.#records.splice(0);
    }

    /** Takes the records of the next request. */
    batch(): Pending[] {
        return this.#records.splice(0, this.#batchSize());
    }

    /** How long the next request waits for more records; 0 or less where it is due. */
    waitMs(nowMs: number): number {
        const [first] = this.#records;
        if (first === undefined) return 0;
        const isFull = this.length >= this.maxRecords || this.#batchSize() < this.length;
        return isFull ? 0 : Math.ceil(first.publishedAtMs + this.lingerMs - nowMs);
    }

    #batchSize(): number {
        const most = Math.min(this.length, this.maxRecords);
        let bytes = REQUEST_OVERHEAD_BYTES;
        for (let size = 0; size < most; size++) {
            bytes += this.#records[size]!.bytes.length + RECORD_OVERHEAD_BYTES;
            if (bytes > this.#maxBytes) return Math.max(1, size);
        }
        return most;
    }
}
