package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReattemptsTest {
    private final Reattempts reattempts = new Reattempts(() -> 0);
    private final Batch batch = new Batch(List.of(Records.record("1")), 1);

    @Test
    void delaysGrowUntilSomethingIsAcknowledged() {
        assertEquals(List.of(50L, 100L, 200L, 400L, 800L, 1000L, 1000L), delaysMillis(7));

        reattempts.progressed();

        assertEquals(List.of(50L, 100L), delaysMillis(2));
    }

    @Test
    void theDelayThatTheGatewayAsksForIsTheLeast() {
        assertEquals(
                Duration.ofMillis(3050).toNanos(), reattempts.delayNanos(Optional.of(Duration.ofSeconds(3))));
    }

    @Test
    void unavailableRefusesNothing() {
        for (int i = 0; i < 100; i++) {
            assertEquals(Verdict.RESEND, reattempts.judge(GatewayException.of(Statuses.draining()), batch));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"})
    void whatIsWrongWithARequestRefusesIt(Status.Code code) {
        assertEquals(Verdict.REFUSE_FIRST, reattempts.judge(error(code), batch));
    }

    @Test
    void aMessageThatIsTooLargeIsRefused() {
        var info = Statuses.info("MESSAGE_TOO_LARGE").build();
        var error = GatewayException.of(Statuses.status(Status.Code.RESOURCE_EXHAUSTED, "large", info));

        assertEquals(Verdict.REFUSE_FIRST, reattempts.judge(error, batch));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED"})
    void whatIsWrongWithTheCallerRefusesAllThatWasSent(Status.Code code) {
        assertEquals(Verdict.REFUSE_SENT, reattempts.judge(error(code), batch));
        reattempts.progressed();
        assertEquals(Verdict.REFUSE_SENT, reattempts.judge(error(code), batch));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"INTERNAL", "UNKNOWN", "CANCELLED", "ABORTED", "DATA_LOSS", "DEADLINE_EXCEEDED",
                "RESOURCE_EXHAUSTED"})
    void whatMayBeTheBatchsOwnFaultRefusesItAtTheFifthTime(Status.Code code) {
        List<Verdict> told = Stream.generate(() -> reattempts.judge(error(code), batch)).limit(5).toList();

        assertEquals(Collections.nCopies(4, Verdict.RESEND), told.subList(0, 4));
        assertEquals(Verdict.REFUSE_FIRST, told.get(4));
    }

    @Test
    void aLimitThatPassesRefusesNothing() {
        for (int i = 0; i < 100; i++) {
            assertEquals(Verdict.RESEND, reattempts.judge(GatewayException.of(Statuses.limited(1)), batch));
        }
    }

    private List<Long> delaysMillis(int count) {
        return Stream.generate(() -> reattempts.delayNanos(Optional.empty()))
                .limit(count)
                .map(nanos -> Duration.ofNanos(nanos).toMillis())
                .toList();
    }

    private static GatewayException error(Status.Code code) {
        return GatewayException.of(Statuses.status(code, "said so"));
    }
}
