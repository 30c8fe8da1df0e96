package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.personalizegateway.v1.ActionInteraction;
import com.personalizegateway.v1.Event;
import com.personalizegateway.v1.IngestBatchRequest;
import com.personalizegateway.v1.IngestRecord;
import com.personalizegateway.v1.Item;
import com.personalizegateway.v1.PutActionInteractionsRequest;
import com.personalizegateway.v1.PutEventsRequest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventIdsTest {
    @Test
    void anEventWithoutAnIdGetsOneOfItsOwn() {
        PutEventsRequest request =
                Records.putOf(Records.anonymous().build(), Records.event("mine"), Records.anonymous().build());

        List<Event> named = EventIds.in(request).getEventsList();

        assertEquals(4, UUID.fromString(named.get(0).getEventId()).version());
        assertEquals(Records.event("mine"), named.get(1));
        assertNotEquals(named.get(0).getEventId(), named.get(2).getEventId());
        assertEquals(Records.anonymous().build(), named.get(0).toBuilder().clearEventId().build());
    }

    @Test
    void anEmptyIdStaysForTheGatewayToRefuse() {
        PutEventsRequest request = Records.putOf(Records.event(""));

        assertSame(request, EventIds.in(request));
    }

    @Test
    void actionInteractionsGetIdsToo() {
        PutActionInteractionsRequest request = PutActionInteractionsRequest.newBuilder()
                .addActionInteractions(ActionInteraction.newBuilder().setActionId("a"))
                .addActionInteractions(ActionInteraction.newBuilder().setEventId("mine"))
                .build();

        List<ActionInteraction> named = EventIds.in(request).getActionInteractionsList();

        assertEquals(4, UUID.fromString(named.get(0).getEventId()).version());
        assertEquals(request.getActionInteractions(1), named.get(1));
    }

    @Test
    void ofABatchOnlyEventsGetIds() {
        IngestRecord item = IngestRecord.newBuilder().setItem(Item.newBuilder().setItemId("i")).build();
        IngestRecord nothing = IngestRecord.getDefaultInstance();
        IngestBatchRequest request = IngestBatchRequest.newBuilder()
                .addRecords(item)
                .addRecords(IngestRecord.newBuilder().setEvent(Records.anonymous()))
                .addRecords(IngestRecord.newBuilder().setActionInteraction(ActionInteraction.newBuilder()))
                .addRecords(nothing)
                .build();

        List<IngestRecord> named = EventIds.in(request).getRecordsList();

        assertEquals(List.of(item, nothing), List.of(named.get(0), named.get(3)));
        assertEquals(4, UUID.fromString(named.get(1).getEvent().getEventId()).version());
        assertEquals(4, UUID.fromString(named.get(2).getActionInteraction().getEventId()).version());
    }
}
