package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.personalizegateway.v1.ErrorReason;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.IngestResponse;
import com.personalizegateway.v1.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final long LINGER = Duration.ofMillis(10).toNanos();

    @Test
    void aRecordWaitsForOthersUntilItHasLingered() {
        Backlog backlog = with(PublisherOptions.builder());

        assertEquals(Backlog.NEVER, backlog.dueInNanos(5));
        backlog.add(Records.record("1"), 5);

        assertEquals(LINGER, backlog.dueInNanos(5));
        assertEquals(1, backlog.dueInNanos(5 + LINGER - 1));
        assertEquals(0, backlog.dueInNanos(5 + LINGER + 7));
    }

    @Test
    void aFullBatchWaitsNoMore() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(2, 1 << 20));
        add(backlog, "1", "2", "3");

        assertEquals(0, backlog.dueInNanos(0));
        assertEquals(List.of("1", "2"), Records.ids(backlog.next()));
        assertEquals(LINGER, backlog.dueInNanos(0));
    }

    @Test
    void aBatchIsBoundedByBytes() {
        int sizeBytes = Records.record("1").getSerializedSize();
        Backlog backlog = with(PublisherOptions.builder().maxBatch(100, 2 * sizeBytes + 20));
        add(backlog, "1", "2", "3");

        assertEquals(0, backlog.dueInNanos(0));
        IngestRequest request = backlog.next();
        assertEquals(List.of("1", "2"), Records.ids(request));
        assertTrue(request.getSerializedSize() <= 2 * sizeBytes + 20);
    }

    @Test
    void aRecordLargerThanABatchIsSentAlone() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(100, 1));
        add(backlog, "1", "2");

        assertEquals(List.of("1"), Records.ids(backlog.next()));
        assertEquals(List.of("2"), Records.ids(backlog.next()));
    }

    @Test
    void whatIsHurriedDoesNotLingerAndWhatComesAfterDoes() {
        Backlog backlog = with(PublisherOptions.builder());
        add(backlog, "1");
        backlog.hurry();

        assertEquals(0, backlog.dueInNanos(0));
        backlog.next();
        add(backlog, "2");
        assertEquals(LINGER, backlog.dueInNanos(0));
    }

    @Test
    void theBufferIsBoundedByRecordsAndBytesUntilTheyAreReleased() {
        int sizeBytes = Records.record("1").getSerializedSize();
        Backlog backlog = with(PublisherOptions.builder().maxBuffered(2, 3L * sizeBytes));
        assertTrue(backlog.hasRoomFor(100 * sizeBytes));
        add(backlog, "1");
        assertFalse(backlog.hasRoomFor(3 * sizeBytes));
        assertTrue(backlog.hasRoomFor(sizeBytes));
        add(backlog, "2");
        assertFalse(backlog.hasRoomFor(1));

        backlog.next();
        Batch batch = backlog.acknowledge(acknowledgement(1)).get(0);
        assertEquals(2, backlog.records());
        backlog.release(batch);

        assertEquals(0, backlog.records());
        assertEquals(0, backlog.bytes());
        assertEquals(2, backlog.settled());
    }

    @Test
    void noMoreThanSoManyRequestsAreOnTheirWay() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(1, 1).maxUnacknowledged(2));
        add(backlog, "1", "2", "3");
        backlog.next();
        assertTrue(backlog.mayBeSent());
        backlog.next();
        assertFalse(backlog.mayBeSent());

        backlog.acknowledge(acknowledgement(1));
        assertTrue(backlog.mayBeSent());
    }

    @Test
    void anAnswerSettlesEverythingUpToIt() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(1, 1));
        add(backlog, "1", "2", "3");
        List.of(1L, 2L, 3L).forEach(sequence -> assertEquals(sequence, backlog.next().getSequence()));

        assertEquals(List.of(), ids(backlog.acknowledge(acknowledgement(0))));
        assertEquals(List.of("1", "2"), ids(backlog.acknowledge(acknowledgement(2))));
        assertEquals(List.of("3"), ids(backlog.acknowledge(acknowledgement(3))));
        assertTrue(backlog.isAllAcknowledged());
    }

    @Test
    void refusalsBelongToTheirRecords() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(2, 1 << 20));
        add(backlog, "1", "2", "3");
        backlog.next();
        backlog.hurry();
        backlog.next();
        IngestResponse response = acknowledgement(2).toBuilder()
                .addRefusals(refusal(1, 1))
                .addRefusals(refusal(2, 0))
                .addRefusals(refusal(2, 7))
                .build();

        List<String> told = new ArrayList<>();
        backlog.acknowledge(response).forEach(batch -> batch.forEach((record, refusal) ->
                told.add(record.getEvent().getEventId() + (refusal == null ? " stored" : " refused"))));

        assertEquals(List.of("1 stored", "2 refused", "3 refused"), told);
    }

    @Test
    void whatALostStreamOwedComesFirstOnTheNext() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(2, 1 << 20).datasetGroup("shop"));
        add(backlog, "1", "2", "3", "4", "5");
        IngestRequest first = backlog.next();
        IngestRequest second = backlog.next();
        backlog.acknowledge(acknowledgement(1));

        backlog.streamLost();

        assertEquals(0, backlog.dueInNanos(0));
        IngestRequest again = backlog.next();
        assertEquals(second.toBuilder().setSequence(1).build(), again);
        assertEquals("shop", again.getDatasetGroup());
        assertEquals(2, backlog.resent());
        backlog.hurry();
        assertEquals(List.of("5"), Records.ids(backlog.next()));
        assertEquals(List.of("1", "2"), Records.ids(first));
    }

    @Test
    void whatAVerdictRefusesIsTakenOutOfWhatTheStreamOwes() {
        assertEquals(List.of(), refused(Verdict.RESEND, "1", "2", "3", "4"));
        assertEquals(List.of("1"), refused(Verdict.REFUSE_FIRST, "2", "3", "4"));
        assertEquals(List.of("1", "2"), refused(Verdict.REFUSE_SENT, "3", "4"));
    }

    /** Of four batches, the stream before was sent three, and this one the first two of them. */
    private static List<String> refused(Verdict verdict, String... left) {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(1, 1));
        assertTrue(backlog.isAllAcknowledged());
        add(backlog, "1", "2", "3", "4");
        IntStream.range(0, 3).forEach(i -> backlog.next());
        backlog.streamLost();
        backlog.next();
        backlog.next();
        assertFalse(backlog.isAllAcknowledged());

        List<Batch> refused = backlog.removeRefused(verdict);

        assertEquals(4, backlog.records());
        assertEquals(List.of(left), ids(backlog.abandon()));
        return ids(refused);
    }

    @Test
    void everythingThatIsHeldIsAbandonedInOrder() {
        Backlog backlog = with(PublisherOptions.builder().maxBatch(1, 1));
        add(backlog, "1", "2", "3", "4");
        backlog.next();
        backlog.next();
        backlog.acknowledge(acknowledgement(1)).forEach(backlog::release);

        List<Batch> abandoned = backlog.abandon();

        assertEquals(List.of("2", "3", "4"), ids(abandoned));
        assertEquals(List.of(true, false, false), abandoned.stream().map(Batch::wasSent).toList());
        abandoned.forEach(backlog::release);
        assertEquals(0, backlog.records());
    }

    /** Whatever happens to streams, every record is settled once, in the order in which it was added. */
    @Test
    void everyRecordIsSettledOnceAndInOrder() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Backlog backlog = with(PublisherOptions.builder()
                    .maxBatch(1 + random.nextInt(4), 300 + random.nextInt(300))
                    .maxUnacknowledged(1 + random.nextInt(3)));
            List<String> added = new ArrayList<>();
            List<String> settled = new ArrayList<>();
            long sequence = 0;
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        String id = Integer.toString(added.size());
                        added.add(id);
                        add(backlog, id);
                    }
                    case 2 -> {
                        if (backlog.mayBeSent() && backlog.dueInNanos(LINGER) == 0) {
                            long next = backlog.next().getSequence();
                            assertEquals(sequence + 1, next);
                            sequence = next;
                        }
                    }
                    case 3 -> settled.addAll(settle(backlog, random.nextInt((int) sequence + 1)));
                    default -> {
                        if (random.nextInt(4) == 0) {
                            backlog.streamLost();
                            sequence = 0;
                        }
                    }
                }
                assertEquals(added.size() - settled.size(), backlog.records());
            }
            List<Batch> rest = backlog.abandon();
            settled.addAll(ids(rest));
            rest.forEach(backlog::release);
            assertEquals(added, settled);
            assertEquals(0, backlog.bytes());
        }
    }

    private static List<String> settle(Backlog backlog, int upTo) {
        List<Batch> batches = backlog.acknowledge(acknowledgement(upTo));
        batches.forEach(backlog::release);
        return ids(batches);
    }

    private static Backlog with(PublisherOptions.Builder options) {
        return new Backlog(options.build());
    }

    private static void add(Backlog backlog, String... ids) {
        IntStream.range(0, ids.length).forEach(i -> backlog.add(Records.record(ids[i]), 0));
    }

    private static IngestResponse acknowledgement(long sequence) {
        return IngestResponse.newBuilder().setAcknowledgedSequence(sequence).build();
    }

    private static Refusal refusal(long sequence, int index) {
        return Refusal.newBuilder()
                .setSequence(sequence)
                .setRecordIndex(index)
                .setReason(ErrorReason.ERROR_REASON_INVALID_FIELDS)
                .build();
    }

    private static List<String> ids(List<Batch> batches) {
        return batches.stream().flatMap(batch -> Records.ids(batch.records()).stream()).toList();
    }
}
