import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ClientDuplexStream, ServiceError } from "@grpc/grpc-js";

import type { Calls } from "./calls.js";
import { GatewayError } from "./errors.js";
import {
    IngestRequestSchema,
    type IngestResponse,
    IngestService,
    type Refusal,
} from "./gen/personalize_gateway/v1/ingest_service_pb.js";
import type { Pending } from "./pending.js";
import { asBuffer } from "./serialization.js";

/** What became of a record: it was stored, or there is a refusal. */
export interface Settled {
    readonly pending: Pending;
    readonly refusal: Refusal | undefined;
}

interface Request {
    readonly sequence: number;
    readonly records: readonly Pending[];
}

interface Listener {
    /** Records were settled, in the order in which they were sent. */
    readonly settled: (settled: readonly Settled[]) => void;
    /** There may be room for a request again. */
    readonly writable: () => void;
    /** The stream has ended, with what is still to be settled; with OK where there is no error. */
    readonly ended: (unsettled: readonly (readonly Pending[])[], error: GatewayError | undefined) => void;
}

/** One Ingest stream: its sequences begin at 1. */
export class IngestStream {
    readonly #call: ClientDuplexStream<Buffer, IngestResponse>;
    readonly #unacknowledged: Request[] = [];
    #sequence = 0;
    #hasRoom = true;

    constructor(
        calls: Calls,
        private readonly datasetGroup: string,
        private readonly maxUnacknowledged: number,
        private readonly listener: Listener,
    ) {
        this.#call = calls.duplex(IngestService.method.ingest, {}, (bytes: Buffer) => bytes);
        this.#call.on("data", (response: IngestResponse) => this.#acknowledge(response));
        this.#call.on("drain", () => this.#drained());
        void this.#end();
    }

    /** Whether `send` may be called: neither gRPC nor the gateway holds the stream. */
    get takes(): boolean {
        return this.#hasRoom && this.#unacknowledged.length < this.maxUnacknowledged;
    }

    /** Sends a request. */
    send(records: readonly Pending[]): void {
        const sequence = ++this.#sequence;
        this.#unacknowledged.push({ sequence, records });
        this.#hasRoom = this.#call.write(encoded(sequence, this.datasetGroup, records));
    }

    /** Sends no more: the gateway answers what it has, and ends the stream. */
    halfClose(): void {
        this.#call.end();
    }

    /** Ends the stream at once. */
    cancel(): void {
        this.#call.cancel();
    }

    /** Ends the stream at once, and returns what is not settled, of which nobody is told any more. */
    abandon(): Pending[] {
        this.#call.cancel();
        return this.#unacknowledged.splice(0).flatMap((request) => request.records);
    }

    #drained(): void {
        this.#hasRoom = true;
        this.listener.writable();
    }

    #acknowledge(response: IngestResponse): void {
        const refusals = new Map(response.refusals.map((one) => [`${one.sequence}/${one.recordIndex}`, one]));
        const settled: Settled[] = [];
        let [request] = this.#unacknowledged;
        while (request && request.sequence <= response.acknowledgedSequence) {
            for (const [index, pending] of request.records.entries()) {
                settled.push({ pending, refusal: refusals.get(`${request.sequence}/${index}`) });
            }
            this.#unacknowledged.shift();
            [request] = this.#unacknowledged;
        }
        this.listener.settled(settled);
    }

    /** Both events have to be awaited: the last responses may come after the status. */
    async #end(): Promise<void> {
        let error: ServiceError | undefined;
        this.#call.on("error", (one: ServiceError) => (error ??= one));
        await Promise.all(["status", "end"].map((event) => new Promise((resolve) => this.#call.once(event, resolve))));
        this.listener.ended(
            this.#unacknowledged.splice(0).map((request) => request.records),
            error && (GatewayError.from(error) as GatewayError),
        );
    }
}

const { sequence: SEQUENCE, datasetGroup: DATASET_GROUP, records: RECORDS } = IngestRequestSchema.field;

/** The bytes of an IngestRequest, around those of its records. */
function encoded(sequence: number, datasetGroup: string, records: readonly Pending[]): Buffer {
    const writer = new BinaryWriter().tag(SEQUENCE.number, WireType.Varint).int64(sequence);
    if (datasetGroup !== "") writer.tag(DATASET_GROUP.number, WireType.LengthDelimited).string(datasetGroup);
    for (const { bytes } of records) writer.tag(RECORDS.number, WireType.LengthDelimited).bytes(bytes);
    return asBuffer(writer.finish());
}
