package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.Refusal;
import io.grpc.Status;
import java.util.List;

/**
 * A record that was published and is not, or not surely, in the gateway.
 *
 * @param record the record, with its event ID
 * @param reason the name of a value of {@link com.personalizegateway.v1.ErrorReason} without its prefix;
 *     empty where the refusal is not the gateway's
 * @param message what happened and what to do, for a developer
 * @param violations every rule that it breaks, where the reason is {@code INVALID_FIELDS}; their paths start
 *     at the request in which it was sent
 * @param mayBeStored whether it was sent without an answer, so that it may be stored all the same
 */
public record RefusedRecord(
        IngestRecord record, String reason, String message, List<Violation> violations, boolean mayBeStored) {
    private static final String PREFIX = "ERROR_REASON_";

    /** Makes a refused record. */
    public RefusedRecord {
        violations = List.copyOf(violations);
    }

    /** Names the reason and the rules, and nothing of the record, which may be personal. */
    @Override
    public String toString() {
        return "RefusedRecord[reason=" + reason + ", message=" + message + "]";
    }

    static RefusedRecord by(Refusal refusal, IngestRecord record) {
        String name = refusal.getReason().name();
        String reason = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        List<Violation> violations = refusal.getViolationsList().stream().map(Violation::of).toList();
        return new RefusedRecord(record, reason, refusal.getMessage(), violations, false);
    }

    static RefusedRecord by(GatewayException error, IngestRecord record) {
        boolean isOpen = switch (error.code()) {
            case INTERNAL, UNKNOWN, CANCELLED, ABORTED, DEADLINE_EXCEEDED, DATA_LOSS -> true;
            default -> false;
        };
        return new RefusedRecord(record, error.reason(), error.getMessage(), error.violations(), isOpen);
    }

    static RefusedRecord abandoned(IngestRecord record, boolean wasSent) {
        String message = "the publisher was closed before the gateway had answered";
        return new RefusedRecord(record, "", Status.Code.CANCELLED + ": " + message, List.of(), wasSent);
    }
}
