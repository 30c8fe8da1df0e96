package com.personalizegateway.fault;

import com.google.protobuf.Timestamp;
import com.personalizegateway.client.Credentials;
import com.personalizegateway.client.EventPublisher;
import com.personalizegateway.client.GatewayClient;
import com.personalizegateway.client.PublisherOptions;
import com.personalizegateway.v1.Event;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Publishes events while somebody kills the gateway. Prints {@code confirmed ID} or {@code refused ID REASON}
 * for each, and at the end {@code counts …} to the standard error.
 */
public final class PublisherFault {
    /** Shows each line at once: whoever kills the gateway reads what is confirmed by now. */
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** So long a gateway may stay away at the end. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private PublisherFault() {}

    /**
     * Publishes for some seconds.
     *
     * @param arguments the gateway's {@code HOST:PORT}, the seconds, and how many events a second
     * @throws InterruptedException if the process is to end
     */
    public static void main(String[] arguments) throws InterruptedException {
        double seconds = Double.parseDouble(arguments[1]);
        double rate = Double.parseDouble(arguments[2]);
        PublisherOptions options = PublisherOptions.builder()
                .onConfirmed(record -> OUT.println("confirmed " + record.getEvent().getEventId()))
                .onRefused(refused -> OUT.println(
                        "refused " + refused.record().getEvent().getEventId() + " " + refused.reason()))
                .closeTimeout(PATIENCE)
                .build();
        try (GatewayClient client = new GatewayClient(arguments[0], Credentials.insecure())) {
            EventPublisher publisher = new EventPublisher(client, options);
            publish(publisher, (long) (seconds * rate), rate);
            publisher.flush(PATIENCE);
            publisher.close();
            System.err.println("counts " + publisher.counts());
        }
    }

    private static void publish(EventPublisher publisher, long count, double rate) throws InterruptedException {
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long early = start + (long) (i / rate * 1e9) - System.nanoTime();
            if (early > 0) {
                TimeUnit.NANOSECONDS.sleep(early);
            }
            publisher.publish(event("java-" + ProcessHandle.current().pid() + "-" + i, i));
        }
    }

    private static Event event(String eventId, long number) {
        return Event.newBuilder()
                .setEventId(eventId)
                .setSessionId("session-" + number % 100)
                .setUserId("user-" + number % 100)
                .setEventType("View")
                .setItemId("item-" + number % 1000)
                .setEventTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .build();
    }
}
