import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { anyUnpack, type Duration } from "@bufbuild/protobuf/wkt";
import { type Metadata, type ServiceError, status } from "@grpc/grpc-js";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "./gen/google/rpc/status_pb.js";
import type { ErrorReason } from "./gen/personalize_gateway/v1/error_reason_pb.js";
import { Rule } from "./gen/personalize_gateway/v1/violation_pb.js";

/** Of every ErrorInfo of a gateway: one of another domain is a proxy's, and no reason of ours. */
const DOMAIN = "personalize-gateway";

/** The name of a gRPC status code. */
export type Code = keyof typeof status;

/** Which error it is, by the name of a value of `ErrorReason`; empty where only the code says. */
export type Reason = keyof typeof ErrorReason | "" | (string & {});

/** A place where a request breaks a rule. */
export interface FieldViolation {
    /** The path of the field from the request: `events[3].properties["price"]`. */
    readonly field: string;
    /** UNSPECIFIED for a rule that this release of the client does not know. */
    readonly rule: Rule;
    /** What is wrong and what to send instead. Holds no value that was sent. */
    readonly description: string;
}

/** What is known of an error besides its code and message. */
export interface ErrorFacts {
    readonly reason?: Reason;
    readonly violations?: readonly FieldViolation[];
    readonly retryDelayMs?: number;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly local?: boolean;
    readonly cause?: unknown;
}

/** Expected error: a request was not served. */
export class GatewayError extends Error {
    override readonly name = "GatewayError";

    /** What kind of error it is: decides what to do. */
    readonly code: Code;

    /** Which error it is. */
    readonly reason: Reason;

    /** The rules that the request breaks: those that fit into a status, or all where `local`. */
    readonly violations: readonly FieldViolation[];

    /** How many rules the request breaks in all. */
    readonly violationCount: number;

    /** How long the gateway asks to wait before the next attempt; undefined where it does not say. */
    readonly retryDelayMs: number | undefined;

    /** What else the gateway says: `limit_bytes`, `choices`, `error_id`. */
    readonly metadata: Readonly<Record<string, string>>;

    /** Whether the client itself refused it, and nothing was sent. */
    readonly local: boolean;

    constructor(code: Code, message: string, facts: ErrorFacts = {}) {
        super(`${code}: ${message}`, { cause: facts.cause });
        this.code = code;
        this.reason = facts.reason ?? "";
        this.violations = facts.violations ?? [];
        this.metadata = facts.metadata ?? {};
        this.violationCount = Number(this.metadata["violations"] ?? this.violations.length);
        this.retryDelayMs = facts.retryDelayMs;
        this.local = facts.local ?? false;
    }

    /** The error of a request that breaks rules that the client itself can see. */
    static invalid(violations: readonly FieldViolation[]): GatewayError {
        const [first] = violations;
        const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : "";
        return new GatewayError("INVALID_ARGUMENT", `${first?.field}: ${first?.description}${more}`, {
            reason: "INVALID_FIELDS",
            violations,
            local: true,
        });
    }

    /** What gRPC tells of a call, read. Returns what is no error of gRPC as it is. */
    static from(error: unknown): unknown {
        return isServiceError(error) ? read(error) : error;
    }
}

function isServiceError(error: unknown): error is ServiceError {
    return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

function read(error: ServiceError): GatewayError {
    const told = statusOf(error.metadata);
    const found = detail(told, ErrorInfoSchema);
    const info = found?.domain === DOMAIN ? found : undefined;
    const retryDelay = detail(told, RetryInfoSchema)?.retryDelay;
    return new GatewayError((status[error.code] ?? "UNKNOWN") as Code, error.details, {
        reason: info?.reason ?? "",
        violations: (detail(told, BadRequestSchema)?.fieldViolations ?? []).map((violation) => ({
            field: violation.field,
            rule: Rule[violation.reason as keyof typeof Rule] ?? Rule.UNSPECIFIED,
            description: violation.description,
        })),
        ...(retryDelay && { retryDelayMs: milliseconds(retryDelay) }),
        metadata: info?.metadata ?? {},
        cause: error,
    });
}

/** A status without details, or with some that cannot be read, says nothing more than its code. */
function statusOf(metadata: Metadata): Status | undefined {
    const [bytes] = metadata.get("grpc-status-details-bin");
    if (!(bytes instanceof Buffer)) return undefined;
    try {
        return fromBinary(StatusSchema, bytes);
    } catch {
        return undefined;
    }
}

function detail<Schema extends DescMessage>(
    told: Status | undefined,
    schema: Schema,
): MessageShape<Schema> | undefined {
    for (const any of told?.details ?? []) {
        try {
            const found = anyUnpack(any, schema);
            if (found) return found;
        } catch {
            continue;
        }
    }
    return undefined;
}

function milliseconds(duration: Duration): number {
    return Number(duration.seconds) * 1_000 + duration.nanos / 1e6;
}
