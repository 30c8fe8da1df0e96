package com.personalizegateway.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A request was not served. Its cause is gRPC's exception; it has none where the client itself refused
 * to send the request.
 */
public final class GatewayException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String DOMAIN = "personalize-gateway";

    private final Status.Code code;
    private final transient Details details;

    private GatewayException(Status.Code code, String message, Details details, Throwable cause) {
        super(code + (details.reason.isEmpty() ? "" : " (" + details.reason + ")") + ": " + message, cause);
        this.code = code;
        this.details = details;
    }

    /**
     * Reads an exception of gRPC, for callers of the {@linkplain GatewayClient#channel() raw stubs}.
     *
     * @param error what a stub threw, or gave to an observer
     * @return the same with what the gateway tells of it
     */
    public static GatewayException of(Throwable error) {
        Status status = Status.fromThrowable(error);
        String message = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        return new GatewayException(status.getCode(), message, Details.of(error), error);
    }

    /** What a gateway would answer to fields that break rules. */
    static GatewayException refused(List<Violation> violations) {
        Violation first = violations.get(0);
        String message = first.field() + ": " + first.description();
        Details details = new Details("INVALID_FIELDS", Map.of(), violations, Optional.empty());
        return new GatewayException(Status.Code.INVALID_ARGUMENT, message, details, null);
    }

    /** What a gateway would answer to a message that it does not read. */
    static GatewayException tooLarge(int sizeBytes, int limitBytes) {
        String message = "the record has " + sizeBytes + " bytes and the limit is " + limitBytes;
        Map<String, String> metadata = Map.of("limit_bytes", Integer.toString(limitBytes));
        Details details = new Details("MESSAGE_TOO_LARGE", metadata, List.of(), Optional.empty());
        return new GatewayException(Status.Code.RESOURCE_EXHAUSTED, message, details, null);
    }

    /**
     * The kind of error.
     *
     * @return gRPC's code
     */
    public Status.Code code() {
        return code;
    }

    /**
     * Which error it is.
     *
     * @return the name of a value of {@link com.personalizegateway.v1.ErrorReason} without its prefix:
     *     {@code INVALID_FIELDS}; empty where the error is not the gateway's but a proxy's, the
     *     connection's or the deadline's
     */
    public String reason() {
        return details().reason;
    }

    /**
     * What else the gateway says of the error.
     *
     * @return the metadata of the ErrorInfo; the comments of
     *     {@link com.personalizegateway.v1.ErrorReason} tell of it
     */
    public Map<String, String> metadata() {
        return details().metadata;
    }

    /**
     * The fields at fault.
     *
     * @return at most 20; {@link #violationCount()} says how many there are
     */
    public List<Violation> violations() {
        return details().violations;
    }

    /**
     * How many violations the request has in all.
     *
     * @return the count, which may be larger than the list is long
     */
    public int violationCount() {
        String total = metadata().get("violations");
        return total == null ? violations().size() : Integer.parseInt(total);
    }

    /**
     * How long to wait before the same is sent again.
     *
     * @return empty where the gateway did not say
     */
    public Optional<Duration> retryDelay() {
        return details().retryDelay;
    }

    /**
     * Whether the same request may be served later: nothing of it was stored, or event IDs make it
     * harmless.
     *
     * @return false where it would be refused again
     */
    public boolean isRetryable() {
        return code == Status.Code.UNAVAILABLE || retryDelay().isPresent();
    }

    // Details do not outlive serialization; the message does.
    private Details details() {
        return details == null ? Details.NONE : details;
    }

    private record Details(
            String reason,
            Map<String, String> metadata,
            List<Violation> violations,
            Optional<Duration> retryDelay) {
        static final Details NONE = new Details("", Map.of(), List.of(), Optional.empty());

        static Details of(Throwable error) {
            com.google.rpc.Status told = StatusProto.fromThrowable(error);
            if (told == null) {
                return NONE;
            }
            Optional<ErrorInfo> info =
                    find(told, ErrorInfo.class).filter(one -> one.getDomain().equals(DOMAIN));
            return new Details(
                    info.map(ErrorInfo::getReason).orElse(""),
                    info.map(ErrorInfo::getMetadataMap).orElse(Map.of()),
                    find(told, BadRequest.class).map(Details::violations).orElse(List.of()),
                    find(told, RetryInfo.class).map(Details::delay));
        }

        private static List<Violation> violations(BadRequest request) {
            return request.getFieldViolationsList().stream()
                    .map(one -> new Violation(one.getField(), one.getReason(), one.getDescription()))
                    .collect(Collectors.toUnmodifiableList());
        }

        private static Duration delay(RetryInfo info) {
            var delay = info.getRetryDelay();
            return Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }

        private static <M extends com.google.protobuf.Message> Optional<M> find(
                com.google.rpc.Status told, Class<M> type) {
            for (Any detail : told.getDetailsList()) {
                if (detail.is(type)) {
                    try {
                        return Optional.of(detail.unpack(type));
                    } catch (InvalidProtocolBufferException unreadable) {
                        return Optional.empty();
                    }
                }
            }
            return Optional.empty();
        }
    }
}
