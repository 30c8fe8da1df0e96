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
    private boolean hasProgress;

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
        hasProgress = true;
    }

    /** The stream is over: returns how long to wait before there is another. */
    long delayNanos(Optional<Duration> asked) {
        long most = FIRST_DELAY.toNanos() << Math.min(failures, MAX_DOUBLINGS);
        failures++;
        hasProgress = false;
        double share = 0.5 + random.getAsDouble() / 2;
        long delay = (long) (Math.min(most, MAX_DELAY.toNanos()) * share);
        return asked.map(Duration::toNanos).orElse(0L) + delay;
    }

    /**
     * Whether an error is the answer to the first batch that the stream had not acknowledged, which is
     * then refused. To be asked before {@link #delayNanos}.
     *
     * <p>The gateway acknowledges everything before a request that it refuses as a whole.
     */
    boolean isFinal(GatewayException error, Batch first) {
        return switch (error.code()) {
            case UNAVAILABLE -> false;
            case INVALID_ARGUMENT, PERMISSION_DENIED, NOT_FOUND, FAILED_PRECONDITION, UNIMPLEMENTED -> true;
            // On a stream that had been let in, a token may have expired: the next one has a fresh one.
            case UNAUTHENTICATED -> !hasProgress;
            case RESOURCE_EXHAUSTED -> error.retryDelay().isEmpty() && first.failed() >= MAX_FAILURES;
            default -> first.failed() >= MAX_FAILURES;
        };
    }

    /** A stream that ended as it should, though the publisher had not asked for it. */
    static GatewayException endedEarly() {
        Status status = Status.UNAVAILABLE.withDescription("the gateway ended the stream");
        return GatewayException.of(status.asRuntimeException());
    }
}
