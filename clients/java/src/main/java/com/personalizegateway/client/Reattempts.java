package com.personalizegateway.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Decides what a failed stream means for what it owed, and when there may be another. */
final class Reattempts {
    /** How often a batch may be the first that a stream fails on for a reason that may be its own. */
    private static final int MAX_FAILURES = 5;

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofSeconds(2);
    private static final int MAX_DOUBLINGS = 5;

    private final DoubleSupplier random;
    private int failures;

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
     * Decides by the error with which a stream failed.
     *
     * <p>The gateway acknowledges everything before a request that it refuses as a whole. Who calls is
     * judged when the stream begins, and so for everything that was sent on it.
     *
     * @param error what the stream failed with
     * @param first the first batch that it had not acknowledged
     */
    Verdict judge(GatewayException error, Batch first) {
        return switch (error.code()) {
            case UNAVAILABLE -> Verdict.RESEND;
            case UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED -> Verdict.REFUSE_SENT;
            case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION -> Verdict.REFUSE_FIRST;
            case RESOURCE_EXHAUSTED -> error.retryDelay().isPresent() ? Verdict.RESEND : judgeLimit(error, first);
            default -> judgeUnclear(first);
        };
    }

    /** A limit without a delay is that of a message's size, unless it is a proxy's, which says no reason. */
    private static Verdict judgeLimit(GatewayException error, Batch first) {
        return error.reason().isEmpty() ? judgeUnclear(first) : Verdict.REFUSE_FIRST;
    }

    private static Verdict judgeUnclear(Batch first) {
        return first.failed() < MAX_FAILURES ? Verdict.RESEND : Verdict.REFUSE_FIRST;
    }

    /** A stream that ended as it should, though the publisher had not asked for it. */
    static GatewayException endedEarly() {
        Status status = Status.UNAVAILABLE.withDescription("the gateway ended the stream");
        return GatewayException.of(status.asRuntimeException());
    }
}
