import { Calls } from "./calls.js";
import type { Credentials } from "./credentials.js";
import { arrives } from "./faults.js";
import { ActionSchema } from "./gen/personalize_gateway/v1/action_pb.js";
import { ActionInteractionSchema } from "./gen/personalize_gateway/v1/action_interaction_pb.js";
import type { AckLevel } from "./gen/personalize_gateway/v1/acknowledgement_pb.js";
import {
    CatalogService,
    type PutActionsResponse,
    type PutItemsResponse,
    type PutUsersResponse,
} from "./gen/personalize_gateway/v1/catalog_service_pb.js";
import { EventSchema } from "./gen/personalize_gateway/v1/event_pb.js";
import {
    EventService,
    type PutActionInteractionsResponse,
    type PutEventsResponse,
} from "./gen/personalize_gateway/v1/event_service_pb.js";
import { type IngestBatchResponse, IngestService } from "./gen/personalize_gateway/v1/ingest_service_pb.js";
import { ItemSchema } from "./gen/personalize_gateway/v1/item_pb.js";
import { UserSchema } from "./gen/personalize_gateway/v1/user_pb.js";
import type { CallOptions, ClientOptions } from "./options.js";
import {
    type ActionInput,
    type ActionInteractionInput,
    batch,
    type EventInput,
    type ItemInput,
    type RecordInput,
    records,
    type UserInput,
} from "./records.js";
import { type Stub, stub } from "./stubs.js";

/** How one put behaves. */
export interface PutOptions extends CallOptions {
    /** The short name of the dataset group. May be left out where there is one choice. */
    readonly datasetGroup?: string;

    /** When to answer: once the records are durable, as by default, or once they are delivered. */
    readonly ackLevel?: AckLevel;
}

/**
 * A client of the gateway, for as long as the process lives: one connection for all calls.
 *
 * All methods reject with a `GatewayError`. A put takes 1–500 records and at most 4 MiB, all of them or
 * none. Each event has its event ID before the first attempt, so that a repeated one counts once.
 */
export class GatewayClient {
    /** @internal */
    readonly calls: Calls;

    /**
     * @param target HOST:PORT, or another name that gRPC resolves: `dns:///gateway:50051`.
     * @param credentials how to show who calls.
     */
    constructor(target: string, credentials: Credentials, options: ClientOptions = {}) {
        this.calls = new Calls(target, credentials, options);
    }

    /** Puts what users do with items. */
    async putEvents(events: readonly EventInput[], options: PutOptions = {}): Promise<PutEventsResponse> {
        const made = records(EventSchema, events, "events");
        return this.calls.unary(EventService.method.putEvents, { events: made, ...request(options) }, options);
    }

    /** Puts what users do with actions. */
    async putActionInteractions(
        interactions: readonly ActionInteractionInput[],
        options: PutOptions = {},
    ): Promise<PutActionInteractionsResponse> {
        const actionInteractions = records(ActionInteractionSchema, interactions, "action_interactions");
        const method = EventService.method.putActionInteractions;
        return this.calls.unary(method, { actionInteractions, ...request(options) }, options);
    }

    /** Puts items: each replaces the whole record of its ID. */
    async putItems(items: readonly ItemInput[], options: PutOptions = {}): Promise<PutItemsResponse> {
        const made = records(ItemSchema, items, "items");
        return this.calls.unary(CatalogService.method.putItems, { items: made, ...request(options) }, options);
    }

    /** Puts users: each replaces the whole record of its ID. */
    async putUsers(users: readonly UserInput[], options: PutOptions = {}): Promise<PutUsersResponse> {
        const made = records(UserSchema, users, "users");
        return this.calls.unary(CatalogService.method.putUsers, { users: made, ...request(options) }, options);
    }

    /** Puts actions: each replaces the whole record of its ID. */
    async putActions(actions: readonly ActionInput[], options: PutOptions = {}): Promise<PutActionsResponse> {
        const made = records(ActionSchema, actions, "actions");
        return this.calls.unary(CatalogService.method.putActions, { actions: made, ...request(options) }, options);
    }

    /**
     * Puts records of any kinds, each for itself: the gateway keeps the good ones and answers each bad one
     * with a refusal.
     */
    async ingestBatch(inputs: readonly RecordInput[], options: PutOptions = {}): Promise<IngestBatchResponse> {
        const made = batch(inputs, (violation) => !arrives(violation));
        return this.calls.unary(IngestService.method.ingestBatch, { records: made, ...request(options) }, options);
    }

    /** The stub of any service of the API. It sends what it is given: no guards and no event IDs. */
    stub<Service extends { method: object }>(service: Service): Stub<Service> {
        return stub(service, this.calls);
    }

    /** Resolves when there is a connection. Calls need not wait for it. */
    async ready(timeoutMs = 5_000): Promise<void> {
        await this.calls.ready(timeoutMs);
    }

    /** Ends the connection once the calls under way have ended. */
    close(): void {
        this.calls.close();
    }

    [Symbol.dispose](): void {
        this.close();
    }
}

function request({ datasetGroup, ackLevel }: PutOptions): { datasetGroup?: string; ackLevel?: AckLevel } {
    return { ...(datasetGroup !== undefined && { datasetGroup }), ...(ackLevel !== undefined && { ackLevel }) };
}
