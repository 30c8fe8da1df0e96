package com.personalizegateway.example;

import com.google.protobuf.Timestamp;
import com.personalizegateway.client.Credentials;
import com.personalizegateway.client.EventPublisher;
import com.personalizegateway.client.GatewayClient;
import com.personalizegateway.client.GatewayException;
import com.personalizegateway.client.PublisherOptions;
import com.personalizegateway.client.RecordProperties;
import com.personalizegateway.v1.Event;
import com.personalizegateway.v1.Item;
import com.personalizegateway.v1.PutEventsRequest;
import com.personalizegateway.v1.PutItemsRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A shop that tells the gateway what it sells and what its visitors do. */
public final class Example {
    private Example() {}

    /**
     * Plays it.
     *
     * @param arguments the gateway's {@code HOST:PORT}; {@code localhost:50051} without
     * @throws InterruptedException if the process is to end
     */
    public static void main(String[] arguments) throws InterruptedException {
        String target = arguments.length > 0 ? arguments[0] : "localhost:50051";
        try (GatewayClient client = new GatewayClient(target, Credentials.insecure().withCaller("web"))) {
            putItem(client);
            putEvents(client);
            publish(client);
        }
    }

    private static void putItem(GatewayClient client) {
        Item item = Item.newBuilder()
                .setItemId("i-42")
                .setProperties(RecordProperties.of(
                        Map.of("price", 9.99, "category", List.of("Books", "Gifts"), "promoted", true)))
                .build();
        client.putItems(PutItemsRequest.newBuilder().addItems(item).build());
    }

    private static void putEvents(GatewayClient client) {
        PutEventsRequest request = PutEventsRequest.newBuilder().addEvents(view("i-42")).build();
        System.out.println("stored " + client.putEvents(request).getEventIdsList());

        Event anonymous = view("i-42").toBuilder().setUserId("").build();
        try {
            client.putEvents(PutEventsRequest.newBuilder().addEvents(anonymous).build());
        } catch (GatewayException error) {
            System.out.println("refused " + error.code() + " " + error.reason());
            error.violations().forEach(violation -> System.out.println("  " + violation));
        }
    }

    private static void publish(GatewayClient client) throws InterruptedException {
        PublisherOptions options = PublisherOptions.builder()
                .onRefused(refused -> System.out.println("refused " + refused.reason() + " " + refused.violations()))
                .build();
        try (EventPublisher publisher = new EventPublisher(client, options)) {
            for (int i = 0; i < 1000; i++) {
                publisher.publish(view("i-" + i));
            }
            publisher.flush(Duration.ofSeconds(10));
            System.out.println(publisher.counts());
        }
    }

    private static Event view(String itemId) {
        return Event.newBuilder()
                .setSessionId("s-1")
                .setUserId("u-7")
                .setEventType("View")
                .setItemId(itemId)
                .setEventTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .build();
    }
}
