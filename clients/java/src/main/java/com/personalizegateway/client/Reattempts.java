package com.personalizegateway.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Decides what a failed stream means for what it owed, and when there may be another. */
final class Reattempts {
    /** How often streams may end at a request for a reason that may be its fault or may pass. */
    private static final int MAX_UNCLEAR = 5;

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofSeconds(2);
    private static final int MAX_DOUBLINGS = 5;

    private final DoubleSupplier random;
    private int failures;

    /** So many streams have ended for an unclear reason since something was settled. */
    private int unclear;

    /**
     * Makes one that knows of no failure.
     *
     * @param random numbers from 0 on and below 1
     */
    Reattempts(DoubleSupplier random) {
        this.random = random;
    }

    /** The stream has acknowledged something. */
    void progressed() {
        failures = 0;
        unclear = 0;
    }

    /** The stream is over: returns how long to wait before there is another. */
    long delayNanos(Optional<Duration> asked) {
        long most = FIRST_DELAY.toNanos() << Math.min(failures, MAX_DOUBLINGS);
        failures++;
        double share = 0.5 + random.getAsDouble() / 2;
        long delay = (long) (Math.min(most, MAX_DELAY.toNanos()) * share);
        return asked.map(Duration::toNanos).orElse(0L) + delay;
    }

    /**
     * Decides by the error with which a stream failed that owed something.
     *
     * <p>The gateway acknowledges everything before a request that it refuses as a whole.
     *
     * @param error what the stream failed with
     */
    Verdict judge(GatewayException error) {
        Verdict verdict = switch (error.code()) {
            case UNAVAILABLE -> Verdict.RESEND;
            case UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND, UNIMPLEMENTED -> Verdict.REFUSE_SENT;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> Verdict.REFUSE_FIRST;
            // Without a reason it is a connection's, or a proxy's: a gateway says one.
            case INTERNAL, UNKNOWN, CANCELLED -> error.reason().isEmpty() ? Verdict.RESEND : judgeUnclear();
            case RESOURCE_EXHAUSTED -> error.retryDelay().isPresent() ? Verdict.RESEND : judgeLimit(error);
            default -> judgeUnclear();
        };
        if (verdict != Verdict.RESEND) {
            unclear = 0;
        }
        return verdict;
    }

    /** A limit without a delay is that of a message's size, or a proxy's. */
    private Verdict judgeLimit(GatewayException error) {
        return error.reason().equals("MESSAGE_TOO_LARGE") ? Verdict.REFUSE_FIRST : judgeUnclear();
    }

    private Verdict judgeUnclear() {
        unclear++;
        return unclear < MAX_UNCLEAR ? Verdict.RESEND : Verdict.REFUSE_FIRST;
    }

    /** A stream that ended as it should, though the publisher had not asked for it. */
    static GatewayException endedEarly() {
        Status status = Status.UNAVAILABLE.withDescription("the gateway ended the stream");
        return GatewayException.of(status.asRuntimeException());
    }
}
