package com.personalizegateway.client;

import com.personalizegateway.v1.ActionInteraction;
import com.personalizegateway.v1.Event;
import com.personalizegateway.v1.IngestBatchRequest;
import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.PutActionInteractionsRequest;
import com.personalizegateway.v1.PutEventsRequest;
import java.util.List;
import java.util.UUID;

/** Gives events an ID before they are first sent, so that the same event sent twice is one event. */
final class EventIds {
    private EventIds() {}

    static PutEventsRequest in(PutEventsRequest request) {
        List<Event> events = request.getEventsList();
        if (events.stream().allMatch(Event::hasEventId)) {
            return request;
        }
        List<Event> named = events.stream().map(EventIds::in).toList();
        return request.toBuilder().clearEvents().addAllEvents(named).build();
    }

    static PutActionInteractionsRequest in(PutActionInteractionsRequest request) {
        List<ActionInteraction> interactions = request.getActionInteractionsList();
        if (interactions.stream().allMatch(ActionInteraction::hasEventId)) {
            return request;
        }
        List<ActionInteraction> named = interactions.stream().map(EventIds::in).toList();
        return request.toBuilder().clearActionInteractions().addAllActionInteractions(named).build();
    }

    static IngestBatchRequest in(IngestBatchRequest request) {
        List<IngestRecord> named = request.getRecordsList().stream().map(EventIds::in).toList();
        return request.toBuilder().clearRecords().addAllRecords(named).build();
    }

    static IngestRecord in(IngestRecord record) {
        if (record.hasEvent() && !record.getEvent().hasEventId()) {
            return record.toBuilder().setEvent(in(record.getEvent())).build();
        }
        if (record.hasActionInteraction() && !record.getActionInteraction().hasEventId()) {
            return record.toBuilder().setActionInteraction(in(record.getActionInteraction())).build();
        }
        return record;
    }

    static Event in(Event event) {
        return event.hasEventId() ? event : event.toBuilder().setEventId(fresh()).build();
    }

    static ActionInteraction in(ActionInteraction interaction) {
        return interaction.hasEventId() ? interaction : interaction.toBuilder().setEventId(fresh()).build();
    }

    private static String fresh() {
        return UUID.randomUUID().toString();
    }
}
