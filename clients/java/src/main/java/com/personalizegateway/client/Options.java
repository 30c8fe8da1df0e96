package com.personalizegateway.client;

import java.time.Duration;
import java.util.Objects;

/**
 * What a {@link GatewayClient} does unless told otherwise.
 *
 * @param deadline how long a unary call may take, with its retries
 * @param retries whether the client repeats what it may; false makes every error the caller's at once
 * @param keepAliveTime how long a connection may be silent, while calls are under way, before it is asked
 *     whether it lives. A gateway, or what stands before it, may close connections that ask more often
 *     than every five minutes
 * @param keepAliveTimeout how long the answer to that may take
 */
public record Options(
        Duration deadline, boolean retries, Duration keepAliveTime, Duration keepAliveTimeout) {

    /** Makes options. */
    public Options {
        requirePositive("deadline", deadline);
        requirePositive("keepAliveTime", keepAliveTime);
        requirePositive("keepAliveTimeout", keepAliveTimeout);
    }

    /**
     * A deadline of 5 s, retries, and a keepalive after 310 s that has to be answered within 20 s.
     *
     * @return the options
     */
    public static Options defaults() {
        return builder().build();
    }

    /**
     * A builder that starts from the {@linkplain #defaults() defaults}.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    static Duration requirePositive(String name, Duration duration) {
        Objects.requireNonNull(duration, name);
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " is " + duration + " and has to be above zero");
        }
        return duration;
    }

    /** Collects options. */
    public static final class Builder {
        private Duration deadline = Duration.ofSeconds(5);
        private boolean retries = true;
        private Duration keepAliveTime = Duration.ofSeconds(310);
        private Duration keepAliveTimeout = Duration.ofSeconds(20);

        private Builder() {}

        /**
         * Sets how long a unary call may take, with its retries.
         *
         * @param deadline above zero
         * @return this
         */
        public Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        /**
         * Sets whether the client repeats what it may.
         *
         * @param retries false makes every error the caller's at once
         * @return this
         */
        public Builder retries(boolean retries) {
            this.retries = retries;
            return this;
        }

        /**
         * Sets when a silent connection is asked whether it lives.
         *
         * @param time how long it may be silent while calls are under way
         * @param timeout how long the answer may take
         * @return this
         */
        public Builder keepAlive(Duration time, Duration timeout) {
            this.keepAliveTime = time;
            this.keepAliveTimeout = timeout;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a duration is not above zero
         */
        public Options build() {
            return new Options(deadline, retries, keepAliveTime, keepAliveTimeout);
        }
    }
}
