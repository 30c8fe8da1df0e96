package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.time.Duration;
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
    void unavailableIsNeverFinal() {
        for (int i = 0; i < 100; i++) {
            assertFalse(reattempts.isFinal(GatewayException.of(Statuses.draining()), batch));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"INVALID_ARGUMENT", "PERMISSION_DENIED", "NOT_FOUND", "FAILED_PRECONDITION",
                "UNIMPLEMENTED", "UNAUTHENTICATED"})
    void whatWouldBeRefusedAgainIsFinal(Status.Code code) {
        assertTrue(reattempts.isFinal(error(code), batch));
    }

    @Test
    void aStreamThatWasLetInMayNeedAFreshToken() {
        reattempts.progressed();
        assertFalse(reattempts.isFinal(error(Status.Code.UNAUTHENTICATED), batch));
        reattempts.delayNanos(Optional.empty());

        assertTrue(reattempts.isFinal(error(Status.Code.UNAUTHENTICATED), batch));
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"INTERNAL", "UNKNOWN", "CANCELLED", "ABORTED", "DATA_LOSS", "DEADLINE_EXCEEDED",
                "RESOURCE_EXHAUSTED"})
    void whatMayBeTheBatchsOwnFaultIsFinalAtTheFifthTime(Status.Code code) {
        List<Boolean> told = Stream.generate(() -> reattempts.isFinal(error(code), batch)).limit(5).toList();

        assertEquals(List.of(false, false, false, false, true), told);
    }

    @Test
    void aLimitThatPassesIsNeverFinal() {
        for (int i = 0; i < 100; i++) {
            assertFalse(reattempts.isFinal(GatewayException.of(Statuses.limited(1)), batch));
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
