package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.personalizegateway.v1.PutEventsRequest;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoneSurrogatesTest {
    private static final String EMOJI = "\uD83D\uDE00";
    private static final String HALF = "a\uD83D";

    @Test
    void wholeCharactersPass() {
        PutEventsRequest request = Records.putOf(
                Records.anonymous().setUserId(EMOJI).addImpression("\u0000\uFFFF").build());

        assertSame(request, LoneSurrogates.refuse(request));
    }

    @Test
    void eachIsNamedByItsPath() {
        Value half = Value.newBuilder().setStringValue(HALF).build();
        Struct properties = Struct.newBuilder()
                .putFields("text", half)
                .putFields("list", Value.newBuilder().setListValue(ListValue.newBuilder().addValues(half)).build())
                .build();
        PutEventsRequest request = Records.putOf(
                        Records.anonymous().build(),
                        Records.anonymous()
                                .setSessionId(HALF)
                                .addImpression(EMOJI)
                                .addImpression(HALF)
                                .setProperties(properties)
                                .build())
                .toBuilder()
                .setDatasetGroup(HALF)
                .build();

        GatewayException error =
                assertThrows(GatewayException.class, () -> LoneSurrogates.refuse(request));

        assertEquals(
                List.of(
                        "dataset_group",
                        "events[1].impression[1]",
                        "events[1].properties[\"list\"]",
                        "events[1].properties[\"text\"]",
                        "events[1].session_id"),
                error.violations().stream().map(Violation::field).sorted().toList());
    }

    @Test
    void whatIsFoundIsWhatCannotBeEncoded() {
        Random random = new Random(1);
        char[] units = {'a', '\uD83D', '\uDE00', '\uD7FF', '\uE000'};
        for (int round = 0; round < 5_000; round++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(6), 0, units.length).forEach(i -> text.append(units[i]));
            assertEquals(!isEncodable(text), LoneSurrogates.isIn(text.toString()));
        }
    }

    private static boolean isEncodable(CharSequence text) {
        try {
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException notUnicode) {
            return false;
        }
    }
}
