package com.personalizegateway.client;

import com.google.protobuf.Timestamp;
import com.personalizegateway.v1.Event;
import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.PutEventsRequest;
import java.util.List;

/** Records for tests. */
final class Records {
    private Records() {}

    static Event event(String eventId) {
        return anonymous().setEventId(eventId).build();
    }

    static Event.Builder anonymous() {
        return Event.newBuilder()
                .setSessionId("s-1")
                .setEventType("View")
                .setEventTime(Timestamp.newBuilder().setSeconds(1_700_000_000));
    }

    static IngestRecord record(String eventId) {
        return IngestRecord.newBuilder().setEvent(event(eventId)).build();
    }

    static PutEventsRequest putOf(Event... events) {
        return PutEventsRequest.newBuilder().addAllEvents(List.of(events)).build();
    }

    static List<String> ids(List<IngestRecord> records) {
        return records.stream().map(record -> record.getEvent().getEventId()).toList();
    }

    static List<String> ids(IngestRequest request) {
        return ids(request.getRecordsList());
    }
}
