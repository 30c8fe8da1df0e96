import type { GatewayError } from "./errors.js";

/** How often streams may end at a request for a reason that may be its fault or may pass. */
const MAX_UNCLEAR = 5;

/** Decides what becomes of the requests that a stream leaves behind. */
export class Verdicts {
    /** So many streams have ended for an unclear reason since something was settled. */
    #unclear = 0;

    /** Something was acknowledged: another request is the first. */
    progress(): void {
        this.#unclear = 0;
    }

    /**
     * Judges the end of a stream.
     *
     * @param error what it ended with; undefined for OK.
     * @param unacknowledged how many requests on it were not acknowledged.
     * @returns how many of them are refused, the first or all; the others are sent again.
     */
    refused(error: GatewayError | undefined, unacknowledged: number): number {
        if (error === undefined || unacknowledged === 0) return 0;
        const refused = this.#refused(error, unacknowledged);
        if (refused > 0) this.#unclear = 0;
        return refused;
    }

    #refused({ code, reason, retryDelayMs }: GatewayError, unacknowledged: number): number {
        switch (code) {
            case "UNAVAILABLE":
                return 0;
            case "UNAUTHENTICATED":
            case "PERMISSION_DENIED":
            case "NOT_FOUND":
            case "UNIMPLEMENTED":
                return unacknowledged; // Who calls, or where to, is wrong.
            case "INVALID_ARGUMENT":
            case "FAILED_PRECONDITION":
            case "OUT_OF_RANGE":
                return 1; // Those before it were acknowledged, so it is about the first.
            case "INTERNAL":
            case "UNKNOWN":
            case "CANCELLED":
                if (reason === "") return 0; // A connection's, or a proxy's: a gateway says a reason.
                break;
            case "RESOURCE_EXHAUSTED":
                if (retryDelayMs !== undefined) return 0;
                if (reason === "MESSAGE_TOO_LARGE") return 1;
                break;
        }
        return ++this.#unclear < MAX_UNCLEAR ? 0 : 1;
    }
}
