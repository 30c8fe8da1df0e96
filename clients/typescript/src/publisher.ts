import { fromBinary } from "@bufbuild/protobuf";

import type { GatewayClient } from "./client.js";
import { type Code, GatewayError } from "./errors.js";
import { Flushes } from "./flushes.js";
import { ErrorReason } from "./gen/personalize_gateway/v1/error_reason_pb.js";
import { IngestRecordSchema } from "./gen/personalize_gateway/v1/ingest_service_pb.js";
import { IngestStream, type Settled } from "./ingest_stream.js";
import { made, type Pending } from "./pending.js";
import type { PublisherCounts, PublisherOptions, RefusedRecord } from "./publisher_options.js";
import { Queue } from "./queue.js";
import type { ActionInteractionInput, EventInput, RecordInput } from "./records.js";
import { Backoff } from "./retry.js";
import { Room } from "./room.js";
import { Verdicts } from "./verdict.js";

/**
 * Publishes events in the background: batched, on one stream, sent again until they are acknowledged.
 *
 * Every event that is published is settled once, by `onConfirmed` or `onRefused`. They are sent in the
 * order in which they were published, and again in that order, with the same event IDs, after the stream
 * was lost. What a callback throws is thrown on, as an uncaught exception, and stops nothing here.
 */
export class EventPublisher {
    readonly #client: GatewayClient;
    readonly #options: PublisherOptions;
    readonly #queue: Queue;
    readonly #room: Room;
    readonly #backoff: Backoff;
    readonly #verdicts = new Verdicts();
    readonly #flushes = new Flushes();
    readonly #counts = {
        published: 0,
        confirmed: 0,
        refused: 0,
        dropped: 0,
        blocked: 0,
        raised: 0,
        resent: 0,
        disconnected: 0,
    };

    #stream: IngestStream | undefined;
    /** Set while a record lingers, and until the stream is opened again. */
    #timer: NodeJS.Timeout | undefined;
    #state: "open" | "reconnecting" | "given up" = "open";
    #closing = false;
    #onEnded: (() => void) | undefined;

    constructor(client: GatewayClient, options: PublisherOptions = {}) {
        this.#client = client;
        this.#options = options;
        const { maxBatchRecords = 100, maxBatchBytes = 1024 * 1024, lingerMs = 10 } = options;
        this.#queue = new Queue(maxBatchRecords, maxBatchBytes, lingerMs);
        const { maxBufferedRecords = 10_000, maxBufferedBytes = 32 * 1024 * 1024, reconnect } = options;
        this.#room = new Room(maxBufferedRecords, maxBufferedBytes);
        this.#backoff = new Backoff(reconnect?.baseMs ?? 100, reconnect?.maxMs ?? 5_000);
    }

    /** What it has done so far. */
    get counts(): PublisherCounts {
        return { ...this.#counts };
    }

    /** How many events are published and not yet settled. */
    get pending(): number {
        return this.#counts.published - this.#settledCount;
    }

    /**
     * Takes an event, as it is at this moment.
     *
     * @returns its event ID, as soon as it is in the buffer; undefined where it was dropped
     * @throws GatewayError `local`: it would not arrive as it is meant, the buffer is full
     *     (RESOURCE_EXHAUSTED) or the publisher is closed (FAILED_PRECONDITION)
     */
    async publish(event: EventInput): Promise<string | undefined> {
        return this.#publish({ event });
    }

    /** Takes an action interaction, as `publish` does an event. */
    async publishActionInteraction(actionInteraction: ActionInteractionInput): Promise<string | undefined> {
        return this.#publish({ actionInteraction });
    }

    /**
     * Resolves once all that was published before is settled. It is sent without further waiting.
     *
     * @throws GatewayError DEADLINE_EXCEEDED: it took longer. Nothing is given up.
     */
    async flush(timeoutMs = 30_000): Promise<void> {
        const through = this.#counts.published;
        if (this.#settledCount >= through) return;
        const settled = this.#flushes.wait(through, timeoutMs);
        this.#pump();
        if (await settled) return;
        throw local("DEADLINE_EXCEEDED", `${through - this.#settledCount} events are not yet settled`);
    }

    /**
     * Takes no more, flushes, and ends the stream.
     *
     * @throws GatewayError DEADLINE_EXCEEDED: it took longer. What is not settled by then is refused: it may
     *     have been stored, and with its event ID it does no harm to publish it again.
     */
    async close(timeoutMs = 30_000): Promise<void> {
        this.#closing = true;
        const deadline = performance.now() + timeoutMs;
        try {
            await this.flush(timeoutMs);
            await this.#endStream(deadline - performance.now());
        } catch (error) {
            this.#giveUp(error as GatewayError);
            throw error;
        } finally {
            clearTimeout(this.#timer);
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.close();
    }

    get #settledCount(): number {
        return this.#counts.confirmed + this.#counts.refused;
    }

    async #publish(input: RecordInput): Promise<string | undefined> {
        if (this.#closing) throw local("FAILED_PRECONDITION", "the publisher is closed");
        const pending = made(input);
        if (!this.#room.enter(pending.bytes.length)) return this.#publishWhenFull(pending);
        this.#counts.published++;
        this.#enqueue(pending);
        return pending.eventId;
    }

    async #publishWhenFull(pending: Pending): Promise<string | undefined> {
        switch (this.#options.whenFull ?? "block") {
            case "raise":
                this.#counts.raised++;
                throw local("RESOURCE_EXHAUSTED", "the publisher's buffer is full");
            case "drop-newest":
                this.#counts.dropped++;
                return undefined;
            case "block":
                this.#counts.blocked++;
                this.#counts.published++;
                await new Promise<void>((resolve) => {
                    this.#room.wait(pending.bytes.length, () => {
                        this.#enqueue(pending);
                        resolve();
                    });
                });
                return pending.eventId;
        }
    }

    #enqueue(pending: Pending): void {
        this.#queue.push(pending);
        this.#pump();
    }

    /** Sends what is due, as far as the stream takes it. */
    #pump(): void {
        while (this.#queue.length > 0 && this.#state === "open") {
            const waitMs = this.#flushes.areWaiting ? 0 : this.#queue.waitMs(performance.now());
            if (waitMs > 0) {
                this.#timer ??= setTimeout(() => this.#wake(), waitMs);
                return;
            }
            this.#stream ??= this.#open();
            if (!this.#stream.takes) return;
            this.#stream.send(this.#queue.batch());
        }
    }

    #wake(): void {
        this.#timer = undefined;
        this.#pump();
    }

    #open(): IngestStream {
        const { datasetGroup = "", maxUnacknowledged = 16 } = this.#options;
        return new IngestStream(this.#client.calls, datasetGroup, maxUnacknowledged, {
            settled: (settled) => this.#settled(settled),
            writable: () => this.#pump(),
            ended: (unsettled, error) => this.#ended(unsettled, error),
        });
    }

    #settled(settled: readonly Settled[]): void {
        if (settled.length > 0) {
            this.#backoff.reset();
            this.#verdicts.progress();
        }
        this.#confirm(settled.filter(({ refusal }) => refusal === undefined).map(({ pending }) => pending));
        for (const { pending, refusal } of settled) {
            if (refusal === undefined) continue;
            const { message, violations } = refusal;
            this.#refuse(pending, { reason: ErrorReason[refusal.reason] ?? "", message, violations, error: undefined });
        }
        this.#pump();
    }

    #confirm(confirmed: readonly Pending[]): void {
        if (confirmed.length === 0) return;
        this.#counts.confirmed += confirmed.length;
        this.#tell(
            this.#options.onConfirmed,
            confirmed.map(({ eventId }) => eventId),
        );
        this.#leave(confirmed);
    }

    #refuse(pending: Pending, why: Omit<RefusedRecord, "eventId" | "record">): void {
        this.#counts.refused++;
        const record = fromBinary(IngestRecordSchema, pending.bytes);
        this.#tell(this.#options.onRefused, { eventId: pending.eventId, record, ...why });
        this.#leave([pending]);
    }

    #refuseAll(records: readonly Pending[], error: GatewayError): void {
        const { reason, code, message, violations } = error;
        for (const pending of records) this.#refuse(pending, { reason: reason || code, message, violations, error });
    }

    #leave(settled: readonly Pending[]): void {
        for (const { bytes } of settled) this.#room.leave(bytes.length);
        this.#flushes.settled(this.#settledCount);
    }

    #tell<Told>(callback: ((told: Told) => void) | undefined, told: Told): void {
        try {
            callback?.(told);
        } catch (error) {
            queueMicrotask(() => {
                throw error;
            });
        }
    }

    #ended(unsettled: readonly (readonly Pending[])[], error: GatewayError | undefined): void {
        this.#stream = undefined;
        this.#onEnded?.();
        if (this.#onEnded || this.#state === "given up") return;
        this.#counts.disconnected++;
        this.#reconnectAfter(this.#backoff.next(error?.retryDelayMs));
        const count = this.#verdicts.refused(error, unsettled.length);
        const refused = unsettled.slice(0, count).flat();
        const again = unsettled.slice(count).flat();
        this.#counts.resent += again.length;
        this.#queue.putBack(again);
        if (error) this.#refuseAll(refused, error);
    }

    #reconnectAfter(waitMs: number): void {
        this.#state = "reconnecting";
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            this.#state = "open";
            this.#wake();
        }, waitMs);
    }

    /** All is settled: the gateway has nothing to answer but that the stream has ended. */
    async #endStream(timeoutMs: number): Promise<void> {
        const stream = this.#stream;
        if (stream === undefined) return;
        const timer = setTimeout(() => stream.cancel(), timeoutMs);
        await new Promise<void>((resolve) => {
            this.#onEnded = resolve;
            stream.halfClose();
        });
        clearTimeout(timer);
    }

    #giveUp(why: GatewayError): void {
        this.#state = "given up";
        const stream = this.#stream;
        this.#stream = undefined;
        const sent = stream?.abandon() ?? [];
        const error = new GatewayError("CANCELLED", "the publisher was closed before this was settled", {
            local: true,
            cause: why,
        });
        this.#refuseAll(sent, error);
        // Those that wait for room come in as others leave.
        while (this.#queue.length > 0) this.#refuseAll(this.#queue.drain(), error);
    }
}

function local(code: Code, message: string): GatewayError {
    return new GatewayError(code, message, { local: true });
}
