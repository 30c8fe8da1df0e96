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
import org.junit.jupiter.params.provider.CsvSource;

class ReattemptsTest {
    private final Reattempts reattempts = new Reattempts(() -> 0);

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

    /** The table of docs/clients.md, for six such ends in a row: at the fifth the verdict may be another. */
    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, '', RESEND, RESEND",
        "UNAVAILABLE, DRAINING, RESEND, RESEND",
        "INTERNAL, '', RESEND, RESEND",
        "UNKNOWN, '', RESEND, RESEND",
        "CANCELLED, '', RESEND, RESEND",
        "UNAUTHENTICATED, CALLER_UNKNOWN, REFUSE_SENT, REFUSE_SENT",
        "PERMISSION_DENIED, ROUTE_MISSING, REFUSE_SENT, REFUSE_SENT",
        "NOT_FOUND, DATASET_GROUP_UNKNOWN, REFUSE_SENT, REFUSE_SENT",
        "UNIMPLEMENTED, '', REFUSE_SENT, REFUSE_SENT",
        "INVALID_ARGUMENT, MALFORMED_MESSAGE, REFUSE_FIRST, REFUSE_FIRST",
        "FAILED_PRECONDITION, KIND_NOT_AVAILABLE, REFUSE_FIRST, REFUSE_FIRST",
        "OUT_OF_RANGE, '', REFUSE_FIRST, REFUSE_FIRST",
        "RESOURCE_EXHAUSTED, MESSAGE_TOO_LARGE, REFUSE_FIRST, REFUSE_FIRST",
        "INTERNAL, INTERNAL, RESEND, REFUSE_FIRST",
        "DEADLINE_EXCEEDED, '', RESEND, REFUSE_FIRST",
        "ABORTED, '', RESEND, REFUSE_FIRST",
        "DATA_LOSS, '', RESEND, REFUSE_FIRST",
        "RESOURCE_EXHAUSTED, '', RESEND, REFUSE_FIRST",
        "RESOURCE_EXHAUSTED, OVERLOADED, RESEND, REFUSE_FIRST",
    })
    void whatTheEndOfAStreamRefuses(Status.Code code, String reason, Verdict usual, Verdict fifth) {
        assertEquals(List.of(usual, usual, usual, usual, fifth, usual), judged(error(code, reason), 6));
    }

    @Test
    void aLimitThatPassesRefusesNothing() {
        GatewayException limited = GatewayException.of(Statuses.limited(1));
        assertEquals(Collections.nCopies(9, Verdict.RESEND), judged(limited, 9));
    }

    @Test
    void unclearEndsAreCountedAnewWhenSomethingIsSettled() {
        GatewayException unclear = error(Status.Code.ABORTED, "");
        judged(unclear, 4);
        judged(error(Status.Code.INVALID_ARGUMENT, ""), 1);
        assertEquals(Collections.nCopies(4, Verdict.RESEND), judged(unclear, 4));
        reattempts.progressed();
        assertEquals(Collections.nCopies(4, Verdict.RESEND), judged(unclear, 4));
    }

    @Test
    void anotherErrorBetweenUnclearEndsSettlesNothing() {
        GatewayException unclear = error(Status.Code.ABORTED, "");
        judged(unclear, 4);
        judged(GatewayException.of(Statuses.draining()), 9);
        assertEquals(List.of(Verdict.REFUSE_FIRST), judged(unclear, 1));
    }

    private List<Verdict> judged(GatewayException error, int times) {
        return Stream.generate(() -> reattempts.judge(error)).limit(times).toList();
    }

    private List<Long> delaysMillis(int count) {
        return Stream.generate(() -> reattempts.delayNanos(Optional.empty()))
                .limit(count)
                .map(nanos -> Duration.ofNanos(nanos).toMillis())
                .toList();
    }

    private static GatewayException error(Status.Code code, String reason) {
        return GatewayException.of(
                Statuses.status(code, "said so", Statuses.info(reason).build()));
    }
}
