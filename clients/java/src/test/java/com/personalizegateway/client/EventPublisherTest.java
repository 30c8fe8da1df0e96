package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.personalizegateway.v1.ErrorReason;
import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.Refusal;
import com.personalizegateway.v1.Rule;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class EventPublisherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(FakeGateway.PATIENCE_S);

    private final List<String> confirmed = new CopyOnWriteArrayList<>();
    private final List<RefusedRecord> refused = new CopyOnWriteArrayList<>();
    private final Logger log = Logger.getLogger(EventPublisher.class.getName());
    private FakeGateway gateway;
    private GatewayClient client;

    @BeforeEach
    void start() throws IOException {
        gateway = new FakeGateway();
        client = gateway.client();
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        gateway.close();
        List.of(log.getHandlers()).forEach(log::removeHandler);
        log.setUseParentHandlers(true);
    }

    @Test
    void whatIsAcknowledgedIsConfirmed() throws InterruptedException {
        try (EventPublisher publisher = publisher(options())) {
            assertTrue(publisher.publish(Records.event("1")));
            FakeGateway.Stream stream = gateway.stream();
            assertEquals(
                    IngestRequest.newBuilder().setSequence(1).addRecords(Records.record("1")).build(),
                    stream.request());
            stream.acknowledge(1);

            assertTrue(publisher.flush(PATIENCE));
            assertEquals(new PublisherCounts(1, 1, 0, 0, 0, 1, 0, 0), publisher.counts());
        }
        assertEquals(List.of("1"), confirmed);
        assertEquals(List.of(), refused);
    }

    @Test
    void anEventWithoutAnIdGetsOne() throws InterruptedException {
        try (EventPublisher publisher = publisher(options())) {
            publisher.publish(Records.anonymous().build());
            FakeGateway.Stream stream = gateway.stream();
            String id = stream.request().getRecords(0).getEvent().getEventId();
            stream.acknowledge(1);
            publisher.flush(PATIENCE);

            assertEquals(List.of(id), confirmed);
        }
    }

    @Test
    void whatIsRefusedIsToldWithItsViolations() throws InterruptedException {
        var violation = com.personalizegateway.v1.Violation.newBuilder()
                .setField("records[1].event.session_id")
                .setRule(Rule.RULE_REQUIRED)
                .setDescription("is required")
                .build();
        Refusal refusal = Refusal.newBuilder()
                .setSequence(1)
                .setRecordIndex(1)
                .setReason(ErrorReason.ERROR_REASON_INVALID_FIELDS)
                .setMessage("no")
                .addViolations(violation)
                .build();
        try (EventPublisher publisher = publisher(options().maxBatch(2, 1 << 20).linger(PATIENCE))) {
            publisher.publish(Records.event("1"));
            publisher.publish(Records.event("2"));
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1, refusal);
            publisher.flush(PATIENCE);
        }
        var told = new Violation(
                "records[1].event.session_id", "REQUIRED", "is required");
        assertEquals(List.of("1"), confirmed);
        assertEquals(
                List.of(new RefusedRecord(
                        Records.record("2"), "INVALID_FIELDS", "no", List.of(told), false)),
                refused);
    }

    @Test
    void whatADrainingGatewayDidNotAcknowledgeIsSentAgain() throws InterruptedException {
        try (EventPublisher publisher = publisher(options().maxBatch(1, 1))) {
            List.of("1", "2", "3").forEach(id -> publisher.publish(Records.event(id)));
            FakeGateway.Stream first = gateway.stream();
            for (long sequence = 1; sequence <= 3; sequence++) {
                assertEquals(sequence, first.request().getSequence());
            }
            first.acknowledge(1);
            first.fail(Statuses.draining());

            FakeGateway.Stream second = gateway.stream();
            IngestRequest again = second.request();
            assertEquals(List.of(1L, List.of("2")), List.of(again.getSequence(), Records.ids(again)));
            assertEquals(List.of("3"), Records.ids(second.request()));
            second.acknowledge(2);
            assertTrue(publisher.flush(PATIENCE));
            assertEquals(new PublisherCounts(3, 3, 0, 0, 2, 2, 0, 0), publisher.counts());
        }
        assertEquals(List.of("1", "2", "3"), confirmed);
    }

    @Test
    void afterAnErrorOfARequestItIsRefusedAndTheRestSentAgain() throws InterruptedException {
        try (EventPublisher publisher = publisher(options().maxBatch(1, 1))) {
            List.of("1", "2", "3").forEach(id -> publisher.publish(Records.event(id)));
            FakeGateway.Stream first = gateway.stream();
            for (int i = 0; i < 3; i++) {
                first.request();
            }
            first.acknowledge(1);
            first.fail(Statuses.invalid(1));

            FakeGateway.Stream second = gateway.stream();
            assertEquals(List.of("3"), Records.ids(second.request()));
            second.acknowledge(1);
            publisher.flush(PATIENCE);
        }
        assertEquals(List.of("1", "3"), confirmed);
        assertEquals(List.of("2"), refusedIds());
        assertEquals("INVALID_FIELDS", refused.get(0).reason());
        assertFalse(refused.get(0).mayBeStored());
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAUTHENTICATED", "PERMISSION_DENIED"})
    void afterAnErrorOfTheCallerAllThatWasSentIsRefused(Status.Code code) throws InterruptedException {
        try (EventPublisher publisher = publisher(options().maxBatch(1, 1).maxUnacknowledged(2))) {
            List.of("1", "2", "3", "4").forEach(id -> publisher.publish(Records.event(id)));
            FakeGateway.Stream first = gateway.stream();
            first.request();
            first.request();
            first.acknowledge(1);
            first.request();
            first.fail(Statuses.status(code, "no", Statuses.info("CALLER_UNKNOWN").build()));

            FakeGateway.Stream second = gateway.stream();
            IngestRequest next = second.request();
            assertEquals(List.of(1L, List.of("4")), List.of(next.getSequence(), Records.ids(next)));
            second.acknowledge(1);
            assertTrue(publisher.flush(PATIENCE));
            assertEquals(new PublisherCounts(4, 2, 2, 0, 0, 2, 0, 0), publisher.counts());
        }
        assertEquals(List.of("1", "4"), confirmed);
        assertEquals(List.of("2", "3"), refusedIds());
        assertEquals(
                List.of("CALLER_UNKNOWN", "CALLER_UNKNOWN"),
                refused.stream().map(RefusedRecord::reason).toList());
    }

    @Test
    void aStreamThatTheGatewayEndsEarlyIsFollowedByAnother() throws InterruptedException {
        try (EventPublisher publisher = publisher(options())) {
            publisher.publish(Records.event("1"));
            FakeGateway.Stream first = gateway.stream();
            first.request();
            first.onCompleted();
            FakeGateway.Stream second = gateway.stream();
            assertEquals(List.of("1"), Records.ids(second.request()));
            second.acknowledge(1);

            assertTrue(publisher.flush(PATIENCE));
        }
        assertEquals(List.of("1"), confirmed);
    }

    @Test
    void requestsOnTheirWayAreBounded() throws InterruptedException {
        try (EventPublisher publisher = publisher(options().maxBatch(1, 1).maxUnacknowledged(2))) {
            List.of("1", "2", "3").forEach(id -> publisher.publish(Records.event(id)));
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.request();
            assertFalse(publisher.flush(Duration.ofMillis(50)));
            assertTrue(stream.hasNoMore());
            stream.acknowledge(1);

            assertEquals(3, stream.request().getSequence());
            stream.acknowledge(3);
        }
        assertEquals(List.of("1", "2", "3"), confirmed);
    }

    @Test
    void theNewestIsDroppedAndCountedWhereThatIsChosen() throws InterruptedException {
        try (EventPublisher publisher = publisher(full().whenFull(WhenFull.DROP_NEWEST))) {
            assertTrue(publisher.publish(Records.event("1")));
            assertFalse(publisher.publish(Records.event("2")));
            assertEquals(1, publisher.counts().dropped());
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1);
        }
        assertEquals(List.of("1"), confirmed);
        assertEquals(List.of(), refused);
    }

    @Test
    void anExceptionIsThrownAndCountedWhereThatIsChosen() throws InterruptedException {
        try (EventPublisher publisher = publisher(full().whenFull(WhenFull.RAISE))) {
            publisher.publish(Records.event("1"));
            assertThrows(BufferFullException.class, () -> publisher.publish(Records.event("2")));
            assertEquals(1, publisher.counts().dropped());
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1);
        }
    }

    @Test
    void publishWaitsForRoomWhereThatIsChosen() throws Exception {
        try (EventPublisher publisher = publisher(full())) {
            publisher.publish(Records.event("1"));
            CompletableFuture<Boolean> second =
                    CompletableFuture.supplyAsync(() -> publisher.publish(Records.event("2")));
            FakeGateway.Stream stream = gateway.stream();
            assertEquals(List.of("1"), Records.ids(stream.request()));
            assertFalse(second.isDone());
            stream.acknowledge(1);

            assertTrue(second.get(FakeGateway.PATIENCE_S, TimeUnit.SECONDS));
            assertEquals(List.of("2"), Records.ids(stream.request()));
            stream.acknowledge(2);
        }
        assertEquals(List.of("1", "2"), confirmed);
    }

    @Test
    void anInterruptEndsTheWaitForRoom() throws InterruptedException {
        try (EventPublisher publisher = publisher(full())) {
            publisher.publish(Records.event("1"));
            Thread.currentThread().interrupt();

            assertThrows(BufferFullException.class, () -> publisher.publish(Records.event("2")));
            assertTrue(Thread.interrupted());
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1);
        }
    }

    @Test
    void aCallbackThatFailsIsLoggedAndStopsNothing() throws InterruptedException {
        List<LogRecord> logged = logged();
        PublisherOptions.Builder failing = options().onConfirmed(record -> {
            confirmed.add(record.getEvent().getEventId());
            throw new IllegalStateException("a callback of a test");
        });
        try (EventPublisher publisher = new EventPublisher(client, failing.build())) {
            publisher.publish(Records.event("1"));
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1);
            assertTrue(publisher.flush(PATIENCE));
            publisher.publish(Records.event("2"));
            stream.request();
            stream.acknowledge(2);
        }
        assertEquals(List.of("1", "2"), confirmed);
        assertEquals(
                List.of("a callback of a test", "a callback of a test"),
                logged.stream().map(record -> record.getThrown().getMessage()).toList());
    }

    @Test
    void aCallbackNeitherFlushesNorWaits() throws InterruptedException {
        AtomicReference<EventPublisher> publisher = new AtomicReference<>();
        BlockingQueue<RuntimeException> errors = new ArrayBlockingQueue<>(3);
        PublisherOptions.Builder reentrant = full().onConfirmed(record -> {
            errors.add(assertThrows(RuntimeException.class, () -> publisher.get().flush(PATIENCE)));
            errors.add(assertThrows(RuntimeException.class, () -> publisher.get().close()));
            errors.add(assertThrows(RuntimeException.class, () -> publisher.get().publish(Records.event("2"))));
        });
        try (EventPublisher one = new EventPublisher(client, reentrant.build())) {
            publisher.set(one);
            one.publish(Records.event("1"));
            FakeGateway.Stream stream = gateway.stream();
            stream.request();
            stream.acknowledge(1);
            assertTrue(one.flush(PATIENCE));
        }
        assertInstanceOf(IllegalStateException.class, errors.remove());
        assertInstanceOf(IllegalStateException.class, errors.remove());
        assertInstanceOf(BufferFullException.class, errors.remove());
    }

    @Test
    void whatIsLeftWhenItClosesIsHandedBack() throws InterruptedException {
        PublisherOptions.Builder hasty =
                options().maxBatch(1, 1).maxUnacknowledged(1).closeTimeout(Duration.ofMillis(50));
        EventPublisher publisher = publisher(hasty);
        publisher.publish(Records.event("1"));
        publisher.publish(Records.event("2"));
        FakeGateway.Stream stream = gateway.stream();
        stream.request();
        publisher.close();

        stream.awaitEnd();
        assertEquals(List.of("1", "2"), refusedIds());
        assertEquals(List.of(true, false), refused.stream().map(RefusedRecord::mayBeStored).toList());
        assertEquals(0, publisher.counts().bufferedRecords());
        assertThrows(IllegalStateException.class, () -> publisher.publish(Records.event("3")));
    }

    @Test
    void closingSendsWhatLingersAndEndsTheStream() throws Exception {
        EventPublisher publisher = publisher(options().linger(PATIENCE));
        publisher.publish(Records.event("1"));
        CompletableFuture<Void> closed = CompletableFuture.runAsync(publisher::close);
        FakeGateway.Stream stream = gateway.stream();
        stream.request();
        stream.acknowledge(1);
        closed.get(FakeGateway.PATIENCE_S, TimeUnit.SECONDS);

        stream.awaitEnd();
        assertEquals(List.of("1"), confirmed);
        publisher.close();
    }

    @Test
    void whatCanNeverBeSentIsTheCallersAtOnce() {
        try (EventPublisher publisher = publisher(options())) {
            GatewayException broken = assertThrows(GatewayException.class, () ->
                    publisher.publish(Records.anonymous().setSessionId("\uDE00").build()));
            GatewayException large = assertThrows(GatewayException.class, () ->
                    publisher.publish(Records.anonymous().setSessionId("x".repeat(4_000_000)).build()));

            assertEquals("event.session_id", broken.violations().get(0).field());
            assertEquals(
                    List.of(Status.Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
                    List.of(large.code(), large.reason()));
            assertEquals(0, publisher.counts().published());
        }
    }

    @Test
    void whatARefusedRecordPrintsIsNotPersonal() {
        RefusedRecord record = RefusedRecord.abandoned(Records.record("secret"), true);

        assertFalse(record.toString().contains("secret"));
    }

    /** What the publisher logs from here on, instead of printing it. */
    private List<LogRecord> logged() {
        List<LogRecord> records = new CopyOnWriteArrayList<>();
        log.setUseParentHandlers(false);
        log.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        return records;
    }

    private PublisherOptions.Builder options() {
        return PublisherOptions.builder()
                .linger(Duration.ZERO)
                .onConfirmed(record -> confirmed.add(record.getEvent().getEventId()))
                .onRefused(refused::add);
    }

    private PublisherOptions.Builder full() {
        return options().maxBuffered(1, 1 << 20);
    }

    private EventPublisher publisher(PublisherOptions.Builder options) {
        return new EventPublisher(client, options.build());
    }

    private List<String> refusedIds() {
        List<IngestRecord> records = refused.stream().map(RefusedRecord::record).toList();
        return Records.ids(records);
    }
}
