import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

import type { FieldViolation } from "./errors.js";
import { Rule } from "./gen/personalize_gateway/v1/violation_pb.js";

/**
 * What in a record would not arrive as it is meant: JavaScript or its protobuf library would drop it,
 * make null of it or round it without a word.
 *
 * A message that was made by `create` may have fields that are undefined: there that is unset. In an
 * object literal it is nearly always a value that is missing, and an event without its user is an
 * anonymous event.
 *
 * @param path of the record in its request: `events[3]`.
 */
export function* faults(schema: DescMessage, record: object, path: string): Generator<FieldViolation> {
    for (const [name, value] of Object.entries(record)) {
        if (name === "$typeName" || name === "$unknown") continue;
        const field = schema.field[name];
        if (field === undefined) {
            yield fault(`${path}.${name}`, Rule.UNKNOWN_FIELD, `${schema.name} has no such field: check the name`);
        } else if (value !== undefined || !("$typeName" in record)) {
            yield* fieldFaults(field, value, `${path}.${field.name}`);
        }
    }
}

function fieldFaults(field: DescField, value: unknown, path: string): Iterable<FieldViolation> {
    if (value === null || value === undefined) {
        return [fault(path, Rule.REQUIRED, `is ${value}: leave the field out where there is no value`)];
    }
    if (field.fieldKind === "list") return listFaults(value, path);
    if (field.fieldKind === "scalar") {
        return scalarFaults(value, field.scalar === ScalarType.DOUBLE ? "number" : "string", path);
    }
    if (field.message?.typeName === "google.protobuf.Struct") return propertyFaults(value, path);
    return value instanceof Date ? dateFaults(value, path) : [];
}

function* listFaults(value: unknown, path: string): Generator<FieldViolation> {
    if (!Array.isArray(value)) {
        yield fault(path, Rule.JSON, "is no list");
        return;
    }
    for (const [index, entry] of value.entries()) yield* scalarFaults(entry, "string", `${path}[${index}]`);
}

function* scalarFaults(value: unknown, type: "number" | "string", path: string): Generator<FieldViolation> {
    if (typeof value !== type) {
        yield fault(path, Rule.JSON, `is no ${type}`);
    } else if (typeof value === "string") {
        yield* textFaults(value, path);
    } else if (!Number.isFinite(value)) {
        yield fault(path, Rule.FINITE, "is not a finite number");
    }
}

function* textFaults(text: string, path: string): Generator<FieldViolation> {
    if (!text.isWellFormed()) {
        yield fault(path, Rule.LONE_SURROGATE, "has half of a surrogate pair: cut texts between characters");
    }
}

function* dateFaults(date: Date, path: string): Generator<FieldViolation> {
    if (Number.isNaN(date.getTime())) yield fault(path, Rule.TIMESTAMP, "is an invalid Date");
}

function* propertyFaults(properties: unknown, path: string): Generator<FieldViolation> {
    if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
        yield fault(path, Rule.JSON, "is no object of keys and values");
        return;
    }
    for (const [key, value] of Object.entries(properties)) {
        yield* textFaults(key, `${path}[…]`);
        yield* valueFaults(value, `${path}[${JSON.stringify(key)}]`);
    }
}

/** What is in an object, or in a list beside strings, the gateway refuses whatever it is. */
function* valueFaults(value: unknown, path: string): Generator<FieldViolation> {
    switch (typeof value) {
        case "string":
            yield* textFaults(value, path);
            break;
        case "number":
            yield* numberFaults(value, path);
            break;
        case "boolean":
            break;
        case "object":
            if (value === null) yield fault(path, Rule.NULL_PROPERTY, "is null: leave the key out");
            else if (Array.isArray(value)) yield* categoryFaults(value, path);
            break;
        case "bigint":
            yield fault(path, Rule.JSON, "is a bigint: send it as a string, the column's type makes it a number");
            break;
        default:
            yield fault(path, Rule.JSON, `is ${typeof value}: leave the key out`);
    }
}

function* categoryFaults(categories: readonly unknown[], path: string): Generator<FieldViolation> {
    for (const [index, entry] of categories.entries()) {
        if (typeof entry === "string") yield* textFaults(entry, `${path}[${index}]`);
    }
}

function* numberFaults(value: number, path: string): Generator<FieldViolation> {
    if (!Number.isFinite(value)) {
        yield fault(path, Rule.FINITE, "is not a finite number");
    } else if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        yield fault(path, Rule.PRECISION, "is beyond ±2^53, where numbers are rounded: send it as a string");
    }
}

function fault(field: string, rule: Rule, description: string): FieldViolation {
    return { field, rule, description };
}

const ARRIVES: ReadonlySet<Rule> = new Set([Rule.FINITE, Rule.NULL_PROPERTY, Rule.PRECISION]);

/** Whether the gateway sees the fault, too: of a batch it refuses the one record, and takes the others. */
export function arrives(violation: FieldViolation): boolean {
    return ARRIVES.has(violation.rule);
}
