package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What an {@link EventPublisher} does unless told otherwise.
 *
 * @param datasetGroup where the records go, by the short name; empty where the caller has one choice
 * @param maxBufferedRecords how many records may be held that are neither confirmed nor refused
 * @param maxBufferedBytes how many bytes they may have; a larger record is taken while there is no other
 * @param maxBatchRecords how many records are sent in one request, 1 to 500
 * @param maxBatchBytes how many bytes, up to 4,000,000; a larger record is sent alone
 * @param linger how long a record waits for others to fill its request
 * @param maxUnacknowledged how many requests may be on their way without an acknowledgement
 * @param whenFull what becomes of a record for which there is no room
 * @param closeTimeout how long {@link EventPublisher#close()} waits for answers
 * @param onConfirmed called for each record that the gateway has stored
 * @param onRefused called for each record that it has not
 */
public record PublisherOptions(
        String datasetGroup,
        int maxBufferedRecords,
        long maxBufferedBytes,
        int maxBatchRecords,
        int maxBatchBytes,
        Duration linger,
        int maxUnacknowledged,
        WhenFull whenFull,
        Duration closeTimeout,
        Consumer<IngestRecord> onConfirmed,
        Consumer<RefusedRecord> onRefused) {
    private static final int MAX_BATCH_RECORDS = 500;
    private static final int MAX_BATCH_BYTES = 4_000_000;

    /** Makes options. */
    public PublisherOptions {
        Objects.requireNonNull(datasetGroup, "datasetGroup");
        requireWithin("maxBufferedRecords", maxBufferedRecords, Integer.MAX_VALUE);
        requireWithin("maxBufferedBytes", maxBufferedBytes, Long.MAX_VALUE);
        requireWithin("maxBatchRecords", maxBatchRecords, MAX_BATCH_RECORDS);
        requireWithin("maxBatchBytes", maxBatchBytes, MAX_BATCH_BYTES);
        requireWithin("maxUnacknowledged", maxUnacknowledged, Integer.MAX_VALUE);
        Objects.requireNonNull(linger, "linger");
        if (linger.isNegative()) {
            throw new IllegalArgumentException("linger is " + linger + " and cannot be below zero");
        }
        Objects.requireNonNull(whenFull, "whenFull");
        Options.requirePositive("closeTimeout", closeTimeout);
        Objects.requireNonNull(onConfirmed, "onConfirmed");
        Objects.requireNonNull(onRefused, "onRefused");
    }

    /**
     * A builder that starts from 10,000 records and 32 MiB in the buffer, 100 records and 1 MiB in a request,
     * a linger of 10 ms, 32 requests without an acknowledgement, {@link WhenFull#BLOCK}, 30 s to close, and
     * callbacks that do nothing.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The options of a fresh {@linkplain #builder() builder}.
     *
     * @return the options
     */
    public static PublisherOptions defaults() {
        return builder().build();
    }

    private static void requireWithin(String name, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " is " + value + " and has to be within 1 and " + most);
        }
    }

    /** Collects options. */
    public static final class Builder {
        private String datasetGroup = "";
        private int maxBufferedRecords = 10_000;
        private long maxBufferedBytes = 32 << 20;
        private int maxBatchRecords = 100;
        private int maxBatchBytes = 1 << 20;
        private Duration linger = Duration.ofMillis(10);
        private int maxUnacknowledged = 32;
        private WhenFull whenFull = WhenFull.BLOCK;
        private Duration closeTimeout = Duration.ofSeconds(30);
        private Consumer<IngestRecord> onConfirmed = record -> { };
        private Consumer<RefusedRecord> onRefused = refused -> { };

        private Builder() {}

        /**
         * Sets where the records go.
         *
         * @param datasetGroup the short name of the dataset group
         * @return this
         */
        public Builder datasetGroup(String datasetGroup) {
            this.datasetGroup = datasetGroup;
            return this;
        }

        /**
         * Sets how much may be held that is neither confirmed nor refused.
         *
         * @param records how many records
         * @param bytes how many bytes
         * @return this
         */
        public Builder maxBuffered(int records, long bytes) {
            this.maxBufferedRecords = records;
            this.maxBufferedBytes = bytes;
            return this;
        }

        /**
         * Sets how much is sent in one request.
         *
         * @param records how many records, 1 to 500
         * @param bytes how many bytes, up to 4,000,000
         * @return this
         */
        public Builder maxBatch(int records, int bytes) {
            this.maxBatchRecords = records;
            this.maxBatchBytes = bytes;
            return this;
        }

        /**
         * Sets how long a record waits for others to fill its request.
         *
         * @param linger zero for not at all
         * @return this
         */
        public Builder linger(Duration linger) {
            this.linger = linger;
            return this;
        }

        /**
         * Sets how many requests may be on their way without an acknowledgement.
         *
         * @param requests at least 1
         * @return this
         */
        public Builder maxUnacknowledged(int requests) {
            this.maxUnacknowledged = requests;
            return this;
        }

        /**
         * Sets what becomes of a record for which there is no room.
         *
         * @param whenFull the choice
         * @return this
         */
        public Builder whenFull(WhenFull whenFull) {
            this.whenFull = whenFull;
            return this;
        }

        /**
         * Sets how long {@link EventPublisher#close()} waits for answers.
         *
         * @param timeout above zero
         * @return this
         */
        public Builder closeTimeout(Duration timeout) {
            this.closeTimeout = timeout;
            return this;
        }

        /**
         * Sets what is called for each record that the gateway has stored. See {@link EventPublisher} for
         * what callbacks may do.
         *
         * @param callback takes the record
         * @return this
         */
        public Builder onConfirmed(Consumer<IngestRecord> callback) {
            this.onConfirmed = callback;
            return this;
        }

        /**
         * Sets what is called for each record that the gateway has not stored, or not surely. See
         * {@link EventPublisher} for what callbacks may do.
         *
         * @param callback takes the record and why
         * @return this
         */
        public Builder onRefused(Consumer<RefusedRecord> callback) {
            this.onRefused = callback;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a number is out of its range
         */
        public PublisherOptions build() {
            return new PublisherOptions(
                    datasetGroup,
                    maxBufferedRecords,
                    maxBufferedBytes,
                    maxBatchRecords,
                    maxBatchBytes,
                    linger,
                    maxUnacknowledged,
                    whenFull,
                    closeTimeout,
                    onConfirmed,
                    onRefused);
        }
    }
}
