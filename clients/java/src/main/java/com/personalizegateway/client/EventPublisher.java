package com.personalizegateway.client;

import com.personalizegateway.v1.ActionInteraction;
import com.personalizegateway.v1.Event;
import com.personalizegateway.v1.IngestRecord;
import java.time.Duration;

/**
 * Sends a flow of events over one Ingest stream. Thread-safe.
 *
 * <p>{@link #publish} puts a record into a bounded buffer and returns. A thread of the publisher sends what is
 * in it in batches, and keeps it until the gateway acknowledges that it is stored. What a lost stream had
 * not acknowledged is sent again on the next one, in the same order and with the same event IDs. So every
 * record that was published ends in one of two callbacks, each called once for it: for what was confirmed
 * and for what was refused.
 *
 * <p>Callbacks run one after the other on the publisher's thread, which sends nothing meanwhile. A record
 * has its place in the buffer until its callback has returned. A callback may publish, but not flush or
 * close; where the buffer is full it gets a {@link BufferFullException}, even with {@link WhenFull#BLOCK}.
 *
 * <p>Close it before its client. What is in the buffer is lost with the process.
 */
public final class EventPublisher implements AutoCloseable {
    /** The gateway's limit is 4 MiB, and the request has a frame of its own. */
    private static final int MAX_RECORD_BYTES = 4_000_000;

    private final PublisherOptions options;
    private final Sender sender;
    private final Thread thread;

    /**
     * Makes a publisher. It opens its stream with the first record.
     *
     * @param client whose connection and credentials it uses
     * @param options what it does unless told otherwise
     */
    public EventPublisher(GatewayClient client, PublisherOptions options) {
        this.options = options;
        this.sender = new Sender(client.channel(), options);
        this.thread = new Thread(sender, "personalize-gateway-publisher");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Publishes an event. See {@link #publish(IngestRecord)}.
     *
     * @param event the event
     * @return whether it was taken
     */
    public boolean publish(Event event) {
        return publish(IngestRecord.newBuilder().setEvent(event).build());
    }

    /**
     * Publishes an action interaction. See {@link #publish(IngestRecord)}.
     *
     * @param interaction the action interaction
     * @return whether it was taken
     */
    public boolean publish(ActionInteraction interaction) {
        return publish(IngestRecord.newBuilder().setActionInteraction(interaction).build());
    }

    /**
     * Publishes a record: takes it into the buffer. An event or action interaction without an
     * {@code event_id} gets one.
     *
     * @param record the record
     * @return whether it was taken; false only with {@link WhenFull#DROP_NEWEST}
     * @throws BufferFullException if there is no room, with {@link WhenFull#RAISE}; with
     *     {@link WhenFull#BLOCK} only if the thread is interrupted while it waits, or is the publisher's
     * @throws GatewayException if the record can never be sent
     * @throws IllegalStateException if the publisher is closed
     */
    public boolean publish(IngestRecord record) {
        IngestRecord named = EventIds.in(LoneSurrogates.refuse(record));
        int sizeBytes = named.getSerializedSize();
        if (sizeBytes > MAX_RECORD_BYTES) {
            throw GatewayException.tooLarge(sizeBytes, MAX_RECORD_BYTES);
        }
        return sender.add(named, !isOwnThread());
    }

    /**
     * Waits until everything that was published before is confirmed or refused.
     *
     * @param timeout how long at most
     * @return whether it is
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        requireOtherThread("flush");
        return sender.flush(timeout.toNanos());
    }

    /**
     * What the publisher has done so far.
     *
     * @return the counts
     */
    public PublisherCounts counts() {
        return sender.counts();
    }

    /**
     * Takes no more, and waits until everything that was published is confirmed or refused, up to
     * {@link PublisherOptions#closeTimeout()}. What is left then is handed to the callback for what was
     * refused. An interrupt ends the waiting.
     */
    @Override
    public void close() {
        requireOtherThread("close");
        sender.close(options.closeTimeout().toNanos());
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            sender.close(0);
            Thread.currentThread().interrupt();
        }
    }

    private void requireOtherThread(String method) {
        if (isOwnThread()) {
            throw new IllegalStateException("a callback may not " + method + " the publisher that it waits for");
        }
    }

    private boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }
}
