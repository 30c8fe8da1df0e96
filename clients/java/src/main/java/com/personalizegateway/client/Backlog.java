package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.IngestResponse;
import com.personalizegateway.v1.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What was published and is neither confirmed nor refused, in order: first the batches that the stream has
 * not acknowledged, then those of streams that are lost, then records that wait for a batch.
 *
 * <p>No I/O, no clock, no lock: {@link EventPublisher} has them.
 */
final class Backlog {
    /** {@link #dueInNanos} where there is nothing to send. */
    static final long NEVER = Long.MAX_VALUE;

    /** What a record takes in its request beside its own bytes: a tag and a length. */
    private static final int FRAME_BYTES = 6;

    private final PublisherOptions options;
    private final Deque<Batch> unacknowledged = new ArrayDeque<>();
    private final Deque<Batch> lost = new ArrayDeque<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long sequence;
    private long records;
    private long bytes;
    private long added;
    private long resent;
    private long urgentUpTo;

    Backlog(PublisherOptions options) {
        this.options = options;
    }

    boolean hasRoomFor(int sizeBytes) {
        return records == 0
                || (records < options.maxBufferedRecords() && bytes + sizeBytes <= options.maxBufferedBytes());
    }

    void add(IngestRecord record, long nowNanos) {
        int sizeBytes = record.getSerializedSize() + FRAME_BYTES;
        waiting.add(new Waiting(record, sizeBytes, nowNanos));
        waitingBytes += sizeBytes;
        bytes += sizeBytes;
        records++;
        added++;
    }

    /** How many records were ever added. */
    long added() {
        return added;
    }

    /** How many records of those that were added are held no more. */
    long settled() {
        return added - records;
    }

    /** How many records were sent again, each time counted. */
    long resent() {
        return resent;
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /** Lets no record that was added so far wait for its batch to fill. */
    void hurry() {
        urgentUpTo = added;
    }

    /** Whether the record that was added last is the first to wait for a batch. */
    boolean isOneWaiting() {
        return waiting.size() == 1;
    }

    /** In how long there is a batch to send, were there a stream that takes it. */
    long dueInNanos(long nowNanos) {
        if (!lost.isEmpty()) {
            return 0;
        }
        if (waiting.isEmpty()) {
            return NEVER;
        }
        if (waiting.size() >= options.maxBatchRecords() || waitingBytes >= options.maxBatchBytes() || isUrgent()) {
            return 0;
        }
        return Math.max(0, options.linger().toNanos() - (nowNanos - waiting.getFirst().sinceNanos));
    }

    private boolean isUrgent() {
        return added - waiting.size() < urgentUpTo;
    }

    /** Whether the stream may be given one more before it acknowledges one. */
    boolean mayBeSent() {
        return unacknowledged.size() < options.maxUnacknowledged();
    }

    boolean isAllAcknowledged() {
        return unacknowledged.isEmpty();
    }

    /** Takes the next batch as the next request of the stream, which owes it an acknowledgement. */
    IngestRequest next() {
        Batch batch = lost.isEmpty() ? fill() : lost.remove();
        if (batch.wasSent()) {
            resent += batch.records().size();
        }
        unacknowledged.add(batch);
        return batch.request(options.datasetGroup(), ++sequence);
    }

    private Batch fill() {
        List<IngestRecord> filled = new ArrayList<>(Math.min(waiting.size(), options.maxBatchRecords()));
        long size = 0;
        while (!waiting.isEmpty() && filled.size() < options.maxBatchRecords()) {
            Waiting first = waiting.getFirst();
            if (!filled.isEmpty() && size + first.sizeBytes > options.maxBatchBytes()) {
                break;
            }
            waiting.remove();
            filled.add(first.record);
            size += first.sizeBytes;
        }
        waitingBytes -= size;
        return new Batch(filled, size);
    }

    /** Takes note of an answer, and returns what it settles: its batches are still held. */
    List<Batch> acknowledge(IngestResponse response) {
        for (Refusal refusal : response.getRefusalsList()) {
            unacknowledged.stream()
                    .filter(batch -> batch.sequence() == refusal.getSequence())
                    .forEach(batch -> batch.refused(refusal));
        }
        List<Batch> settled = new ArrayList<>();
        long upTo = response.getAcknowledgedSequence();
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().sequence() <= upTo) {
            settled.add(unacknowledged.remove());
        }
        return settled;
    }

    /** Keeps what the stream has not acknowledged for the next one, whose sequences start anew. */
    void streamLost() {
        while (!unacknowledged.isEmpty()) {
            lost.addFirst(unacknowledged.removeLast());
        }
        sequence = 0;
    }

    /** Takes out what a verdict refuses of what the stream owes: its batches are still held. */
    List<Batch> removeRefused(Verdict verdict) {
        int count = switch (verdict) {
            case RESEND -> 0;
            case REFUSE_FIRST -> 1;
            case REFUSE_SENT -> unacknowledged.size();
        };
        List<Batch> refused = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            refused.add(unacknowledged.remove());
        }
        return refused;
    }

    /** Holds the records of a batch no more. */
    void release(Batch batch) {
        records -= batch.records().size();
        bytes -= batch.sizeBytes();
    }

    /** Takes out everything, which is still held. */
    List<Batch> abandon() {
        streamLost();
        List<Batch> all = new ArrayList<>(lost);
        lost.clear();
        while (!waiting.isEmpty()) {
            all.add(fill());
        }
        return all;
    }

    private record Waiting(IngestRecord record, int sizeBytes, long sinceNanos) {}
}
