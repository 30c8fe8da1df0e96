package com.personalizegateway.client;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Errors as a gateway answers them. */
final class Statuses {
    private Statuses() {}

    static StatusRuntimeException status(Status.Code code, String message, Message... details) {
        com.google.rpc.Status.Builder status =
                com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage(message);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    static StatusRuntimeException draining() {
        return status(Status.Code.UNAVAILABLE, "stopping", info("DRAINING").build());
    }

    static StatusRuntimeException limited(long retryAfterMillis) {
        Duration delay = Duration.newBuilder()
                .setSeconds(retryAfterMillis / 1000)
                .setNanos((int) (retryAfterMillis % 1000) * 1_000_000)
                .build();
        RetryInfo retry = RetryInfo.newBuilder().setRetryDelay(delay).build();
        return status(Status.Code.RESOURCE_EXHAUSTED, "full", info("CALLER_LIMIT_REACHED").build(), retry);
    }

    static StatusRuntimeException invalid(int total) {
        BadRequest.FieldViolation violation = BadRequest.FieldViolation.newBuilder()
                .setField("events[0].session_id")
                .setReason("REQUIRED")
                .setDescription("is required")
                .build();
        return status(
                Status.Code.INVALID_ARGUMENT,
                "events[0].session_id: is required",
                info("INVALID_FIELDS").putMetadata("violations", Integer.toString(total)).build(),
                BadRequest.newBuilder().addFieldViolations(violation).build());
    }

    static ErrorInfo.Builder info(String reason) {
        return ErrorInfo.newBuilder().setReason(reason).setDomain("personalize-gateway");
    }
}
