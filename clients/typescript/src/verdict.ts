import type { Code, GatewayError } from "./errors.js";

/** Codes that are about whoever opened the stream, and so about everything on it. */
const ABOUT_THE_STREAM: ReadonlySet<Code> = new Set([
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "UNIMPLEMENTED",
]);

/** Codes that are about the first request that was not acknowledged. */
const ABOUT_A_REQUEST: ReadonlySet<Code> = new Set(["INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"]);

/** How often the gateway may fail at a record in a way that nobody foresaw. */
const MAX_FAULTS = 3;

/** What becomes of the requests that a stream left behind. */
export interface Verdict {
    /** How many of them, from the first, are refused: to send them again would change nothing. */
    readonly refused: number;
    /** How many records, from the first that is not refused, are sent one by one. */
    readonly isolated: number;
}

/**
 * Judges the end of a stream.
 *
 * @param sizes the number of records of each request that was not acknowledged.
 * @param failures how many streams ended since one was acknowledged, this one included.
 */
export function judge(error: GatewayError | undefined, sizes: readonly number[], failures: number): Verdict {
    const [first] = sizes;
    if (error === undefined || first === undefined) return { refused: 0, isolated: 0 };
    if (ABOUT_THE_STREAM.has(error.code)) return { refused: sizes.length, isolated: 0 };
    if (ABOUT_A_REQUEST.has(error.code) || error.reason === "MESSAGE_TOO_LARGE") return { refused: 1, isolated: 0 };
    if (error.reason !== "INTERNAL") return { refused: 0, isolated: 0 };
    if (first > 1) return { refused: 0, isolated: failures > 1 ? first : 0 };
    return { refused: failures < MAX_FAULTS ? 0 : 1, isolated: 0 };
}
