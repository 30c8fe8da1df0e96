package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.personalizegateway.v1.EventServiceGrpc;
import com.personalizegateway.v1.PutEventsResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayClientTest {
    private static final Metadata.Key<String> CALLER = header("x-caller");
    private static final Metadata.Key<String> AUTHORIZATION = header("authorization");

    private FakeGateway gateway;

    @BeforeEach
    void start() throws IOException {
        gateway = new FakeGateway();
    }

    @AfterEach
    void stop() throws InterruptedException {
        gateway.close();
    }

    @Test
    void whatWasPutIsAnswered() {
        try (GatewayClient client = gateway.client()) {
            PutEventsResponse response = client.putEvents(Records.putOf(Records.event("e-1")));

            assertEquals(List.of("e-1"), List.copyOf(response.getEventIdsList()));
        }
    }

    @Test
    void unavailableIsRepeatedWithTheSameEventIds() {
        gateway.failing(Statuses.draining(), Statuses.draining());
        try (GatewayClient client = gateway.client()) {
            client.putEvents(Records.putOf(Records.anonymous().build()));
        }

        assertEquals(3, gateway.puts.size());
        assertEquals(1, Set.copyOf(gateway.puts).size());
        assertTrue(gateway.puts.get(0).getEvents(0).hasEventId());
    }

    @Test
    void aLargeRequestIsRepeatedToo() {
        gateway.failing(Statuses.draining());
        try (GatewayClient client = gateway.client()) {
            client.putEvents(Records.putOf(
                    Records.anonymous().setSessionId("x".repeat(3_000_000)).build()));
        }

        assertEquals(2, gateway.puts.size());
    }

    @Test
    void aLimitIsWaitedForWhereTheGatewaySaysHowLong() {
        gateway.failing(Statuses.limited(1), Statuses.limited(1));
        try (GatewayClient client = gateway.client()) {
            client.putEvents(Records.putOf(Records.anonymous().build()));
        }

        assertEquals(3, gateway.puts.size());
        assertEquals(1, Set.copyOf(gateway.puts).size());
    }

    @Test
    void aLimitBeyondTheDeadlineIsTheCallersAtOnce() {
        gateway.failing(Statuses.limited(61_000));
        Options options = Options.builder().deadline(Duration.ofSeconds(60)).build();
        try (GatewayClient client = gateway.client(options)) {
            GatewayException error = refusal(client);

            assertEquals("CALLER_LIMIT_REACHED", error.reason());
            assertEquals(1, gateway.puts.size());
        }
    }

    @Test
    void exhaustionWithoutADelayIsNotRepeated() {
        gateway.failing(Statuses.status(Status.Code.RESOURCE_EXHAUSTED, "too large"));
        try (GatewayClient client = gateway.client()) {
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal(client).code());
            assertEquals(1, gateway.puts.size());
        }
    }

    @Test
    void whatBreaksRulesIsNotRepeated() {
        gateway.failing(Statuses.invalid(1));
        try (GatewayClient client = gateway.client()) {
            assertEquals("INVALID_FIELDS", refusal(client).reason());
            assertEquals(1, gateway.puts.size());
        }
    }

    @Test
    void nothingIsRepeatedWithoutRetries() {
        Options options = FakeGateway.patient().retries(false).build();
        try (GatewayClient client = gateway.client(options)) {
            gateway.failing(Statuses.draining());
            assertEquals("DRAINING", refusal(client).reason());
            gateway.failing(Statuses.limited(1));
            assertEquals("CALLER_LIMIT_REACHED", refusal(client).reason());

            assertEquals(2, gateway.puts.size());
        }
    }

    @Test
    void aCallWithoutAnAnswerEndsAtTheDeadline() {
        gateway.silent();
        try (GatewayClient client = gateway.client()) {
            GatewayClient hurried = client.withDeadline(Duration.ofMillis(50));

            assertEquals(Status.Code.DEADLINE_EXCEEDED, refusal(hurried).code());
        }
    }

    @Test
    void theDeadlineOfTheContextCountsWhereItIsSooner() {
        gateway.failing(Statuses.limited(61_000));
        Options options = Options.builder().deadline(Duration.ofSeconds(120)).build();
        try (GatewayClient client = gateway.client(options)) {
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
            AtomicReference<GatewayException> error = new AtomicReference<>();
            Context.current()
                    .withDeadlineAfter(60, TimeUnit.SECONDS, clock)
                    .run(() -> error.set(refusal(client)));
            clock.shutdownNow();

            assertEquals("CALLER_LIMIT_REACHED", error.get().reason());
        }
    }

    @Test
    void rawStubsHaveTheDeadlineAndTheCaller() {
        Credentials credentials = Credentials.insecure().withCaller("web");
        try (GatewayClient client = gateway.client(credentials, FakeGateway.patient().build())) {
            EventServiceGrpc.newBlockingStub(client.channel()).putEvents(Records.putOf(Records.event("e-1")));
        }

        Deadline latest = Deadline.after(FakeGateway.PATIENCE_S, TimeUnit.SECONDS);
        assertTrue(gateway.deadlines.get(0).isBefore(latest));
        assertEquals("web", gateway.headers.get(0).get(CALLER));
    }

    @Test
    void everyCallAsksForItsToken() {
        List<String> tokens = new CopyOnWriteArrayList<>(List.of("one", "two"));
        Credentials credentials = Credentials.insecure().withBearerToken(() -> tokens.remove(0));
        try (GatewayClient client = gateway.client(credentials, FakeGateway.patient().build())) {
            client.putEvents(Records.putOf(Records.event("e-1")));
            client.putEvents(Records.putOf(Records.event("e-2")));
        }

        assertEquals(
                List.of("Bearer one", "Bearer two"),
                gateway.headers.stream().map(sent -> sent.get(AUTHORIZATION)).toList());
    }

    @Test
    void aBrokenTextIsNotSent() {
        try (GatewayClient client = gateway.client()) {
            CompletableFuture<?> call =
                    client.putEventsAsync(Records.putOf(Records.anonymous().setUserId("\uD83D").build()));
            ExecutionException failed = assertThrows(ExecutionException.class, call::get);

            GatewayException error = assertInstanceOf(GatewayException.class, failed.getCause());
            assertNull(error.getCause());
            assertEquals("events[0].user_id", error.violations().get(0).field());
            assertEquals(List.of(), gateway.puts);
        }
    }

    @Test
    void cancellingTheFutureCancelsTheCall() throws InterruptedException {
        gateway.silent();
        try (GatewayClient client = gateway.client()) {
            CompletableFuture<?> call = client.putEventsAsync(Records.putOf(Records.event("e-1")));
            awaitPut();
            assertTrue(call.cancel(true));

            assertTrue(gateway.cancelled.await(FakeGateway.PATIENCE_S, TimeUnit.SECONDS));
            assertTrue(call.isCancelled());
        }
    }

    @Test
    void anInterruptCancelsTheCall() throws InterruptedException {
        gateway.silent();
        try (GatewayClient client = gateway.client()) {
            Thread.currentThread().interrupt();
            GatewayException error = refusal(client);

            assertTrue(Thread.interrupted());
            assertEquals(Status.Code.CANCELLED, error.code());
        }
    }

    @Test
    void aCallHasFiveSecondsUnlessToldOtherwise() {
        assertEquals(Duration.ofSeconds(5), Options.defaults().deadline());
    }

    @Test
    void optionsAreChecked() {
        Options.Builder builder = Options.builder().deadline(Duration.ZERO);

        assertThrows(IllegalArgumentException.class, builder::build);
    }

    private void awaitPut() throws InterruptedException {
        for (int i = 0; i < 1000 * FakeGateway.PATIENCE_S && gateway.puts.isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        assertEquals(1, gateway.puts.size());
    }

    private static GatewayException refusal(GatewayClient client) {
        return assertThrows(
                GatewayException.class, () -> client.putEvents(Records.putOf(Records.event("e-1"))));
    }

    private static Metadata.Key<String> header(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
