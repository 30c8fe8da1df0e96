import { randomUUID } from "node:crypto";

import { create, type DescMessage, type Message, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";

import { type FieldViolation, GatewayError } from "./errors.js";
import { faults } from "./faults.js";
import { type Action, ActionSchema } from "./gen/personalize_gateway/v1/action_pb.js";
import { type ActionInteraction, ActionInteractionSchema } from "./gen/personalize_gateway/v1/action_interaction_pb.js";
import { type Event, EventSchema } from "./gen/personalize_gateway/v1/event_pb.js";
import { type IngestRecord, IngestRecordSchema } from "./gen/personalize_gateway/v1/ingest_service_pb.js";
import { type Item, ItemSchema } from "./gen/personalize_gateway/v1/item_pb.js";
import { type User, UserSchema } from "./gen/personalize_gateway/v1/user_pb.js";

/** A message that was made by `create`, or an object with its fields. */
type Input<M extends Message, Required extends keyof M> =
    | M
    | ({ [Name in Required]: Field<Name, M[Name]> } & {
          [Name in Exclude<keyof M, Required | "$typeName" | "$unknown">]?: Field<Name, M[Name]>;
      });

type Field<Name, Value> = Name extends "eventTime"
    ? Date | Pick<Timestamp, "seconds" | "nanos">
    : Value extends (infer Entry)[]
      ? readonly Entry[]
      : Exclude<Value, undefined>;

/** An event. Without `eventId` it gets one. */
export type EventInput = Input<Event, "sessionId" | "eventType" | "eventTime">;

/** An action interaction. Without `eventId` it gets one. */
export type ActionInteractionInput = Input<ActionInteraction, "sessionId" | "eventType" | "eventTime" | "actionId">;

/** An item. */
export type ItemInput = Input<Item, "itemId">;

/** A user. */
export type UserInput = Input<User, "userId">;

/** An action. */
export type ActionInput = Input<Action, "actionId">;

/** A record of any kind: an object with one member. */
export type RecordInput =
    | IngestRecord
    | { readonly event: EventInput }
    | { readonly actionInteraction: ActionInteractionInput }
    | { readonly item: ItemInput }
    | { readonly user: UserInput }
    | { readonly action: ActionInput };

const KINDS = {
    event: EventSchema,
    actionInteraction: ActionInteractionSchema,
    item: ItemSchema,
    user: UserSchema,
    action: ActionSchema,
} as const satisfies Record<string, DescMessage>;

const FIELDS: Readonly<Record<string, string>> = { actionInteraction: "action_interaction" };

/**
 * Makes the records of a request: their own copies, each event with an event ID.
 *
 * @param list the request's name of the field that they are in.
 * @throws GatewayError `local`: a record would not arrive as it is meant
 */
export function records<Schema extends DescMessage>(
    schema: Schema,
    inputs: readonly object[],
    list: string,
): MessageShape<Schema>[] {
    refuse(inputs.flatMap((input, index) => [...faults(schema, input, `${list}[${index}]`)]));
    return inputs.map((input) => made(schema, input));
}

/**
 * Makes the records of a batch.
 *
 * @param judge which faults refuse.
 * @throws GatewayError `local`: a record would not arrive as it is meant
 */
export function batch(
    inputs: readonly RecordInput[],
    judge: (violation: FieldViolation) => boolean = () => true,
): IngestRecord[] {
    const found: FieldViolation[] = [];
    const kinds = inputs.map((input, index) => {
        const [kind, record] = unwrapped(input);
        if (kind === undefined) return create(IngestRecordSchema);
        const path = `records[${index}].${FIELDS[kind] ?? kind}`;
        const own = [...faults(KINDS[kind], record, path)].filter(judge);
        found.push(...own);
        if (own.length > 0) return create(IngestRecordSchema);
        return create(IngestRecordSchema, {
            kind: { case: kind, value: made(KINDS[kind], record) } as IngestRecord["kind"],
        });
    });
    refuse(found);
    return kinds;
}

/** The event ID of a record; empty for items, users and actions. */
export function eventIdOf({ kind }: IngestRecord): string {
    return kind.case === "event" || kind.case === "actionInteraction" ? (kind.value.eventId ?? "") : "";
}

function unwrapped(input: RecordInput): [keyof typeof KINDS, object] | [undefined] {
    if ("$typeName" in input) return input.kind.case === undefined ? [undefined] : [input.kind.case, input.kind.value];
    const [[kind, record] = [], another] = Object.entries(input) as [string?, object?][];
    if (kind === undefined || !(kind in KINDS) || another !== undefined || record === undefined) {
        throw new TypeError(`a record is an object with one member: ${Object.keys(KINDS).join(", ")}`);
    }
    return [kind as keyof typeof KINDS, record];
}

function made<Schema extends DescMessage>(schema: Schema, input: object): MessageShape<Schema> {
    const copy: Record<string, unknown> = { ...input };
    if (copy["eventTime"] instanceof Date) copy["eventTime"] = timestampFromDate(copy["eventTime"]);
    if ("eventId" in schema.field) copy["eventId"] ??= randomUUID();
    return create(schema, copy as MessageInitShape<Schema>);
}

function refuse(violations: readonly FieldViolation[]): void {
    if (violations.length > 0) throw GatewayError.invalid(violations);
}
