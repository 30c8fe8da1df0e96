import { GatewayError } from "./errors.js";

const MAX_ATTEMPTS = 5;

/** A quarter: callers that were held back together come back apart. */
const SPREAD = 0.25;

/**
 * How long to wait before a request is sent again; false for never.
 *
 * @param attempt how many attempts were made.
 * @param leftMs until the call's deadline: an attempt that could not be answered is not made.
 * @param random from 0 to 1.
 */
export function waitBeforeRetry(
    error: unknown,
    attempt: number,
    leftMs: number,
    random: () => number = Math.random,
): number | false {
    if (!(error instanceof GatewayError) || error.code !== "RESOURCE_EXHAUSTED") return false;
    if (error.retryDelayMs === undefined || attempt >= MAX_ATTEMPTS) return false;
    const wait = error.retryDelayMs * (1 + SPREAD * random());
    return wait < leftMs && wait;
}

/** Waits that double, each anywhere between nothing and its limit, until there is progress. */
export class Backoff {
    #failures = 0;

    /**
     * @param baseMs the limit of the first wait.
     * @param maxMs the highest limit.
     * @param random from 0 to 1.
     */
    constructor(
        private readonly baseMs: number,
        private readonly maxMs: number,
        private readonly random: () => number = Math.random,
    ) {}

    /** The wait after a failure; never less than what the gateway asks for. */
    next(floorMs = 0): number {
        const limit = Math.min(this.maxMs, this.baseMs * 2 ** this.#failures++);
        return Math.max(limit * this.random(), floorMs * (1 + SPREAD * this.random()));
    }

    /** There was progress. */
    reset(): void {
        this.#failures = 0;
    }
}
