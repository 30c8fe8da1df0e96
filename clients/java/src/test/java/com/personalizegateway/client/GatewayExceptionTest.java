package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GatewayExceptionTest {
    @Test
    void violationsAreTypedValues() {
        StatusRuntimeException cause = Statuses.invalid(30);

        GatewayException error = GatewayException.of(cause);

        assertEquals(Status.Code.INVALID_ARGUMENT, error.code());
        assertEquals("INVALID_FIELDS", error.reason());
        assertEquals(
                List.of(new Violation("events[0].session_id", "REQUIRED", "is required")), error.violations());
        assertEquals(30, error.violationCount());
        assertEquals(Map.of("violations", "30"), error.metadata());
        assertFalse(error.isRetryable());
        assertSame(cause, error.getCause());
        assertEquals(
                "INVALID_ARGUMENT (INVALID_FIELDS): events[0].session_id: is required", error.getMessage());
    }

    @Test
    void theDelayThatTheGatewayAsksForIsTold() {
        GatewayException error = GatewayException.of(Statuses.limited(250));

        assertEquals(Optional.of(Duration.ofMillis(250)), error.retryDelay());
        assertTrue(error.isRetryable());
    }

    @Test
    void anErrorOfSomebodyElseHasNoReason() {
        StatusRuntimeException cause = Statuses.status(
                Status.Code.UNAVAILABLE, "upstream", ErrorInfo.newBuilder().setReason("X").setDomain("proxy").build());

        GatewayException error = GatewayException.of(cause);

        assertEquals("", error.reason());
        assertEquals("UNAVAILABLE: upstream", error.getMessage());
        assertTrue(error.isRetryable());
    }

    @Test
    void anErrorWithoutDetailsIsRead() {
        GatewayException error = GatewayException.of(Status.CANCELLED.asRuntimeException());

        assertEquals("CANCELLED: CANCELLED", error.getMessage());
        assertEquals(List.of(), error.violations());
        assertEquals(Optional.empty(), error.retryDelay());
    }

    @Test
    void itCanBeSerialized() throws IOException, ClassNotFoundException {
        GatewayException error = GatewayException.refused(List.of(new Violation("a", "b", "c")));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(error);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            GatewayException read = (GatewayException) in.readObject();

            assertEquals(error.getMessage(), read.getMessage());
            assertEquals(error.code(), read.code());
            assertEquals(List.of(), read.violations());
        }
    }
}
