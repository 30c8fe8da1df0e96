package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordPropertiesTest {
    private static final long LIMIT = 1L << 53;

    static Stream<Arguments> taken() {
        return Stream.of(
                Arguments.of("red", text("red")),
                Arguments.of(new StringBuilder("red"), text("red")),
                Arguments.of('r', text("r")),
                Arguments.of("\uD83D\uDE00", text("\uD83D\uDE00")),
                Arguments.of(true, Value.newBuilder().setBoolValue(true).build()),
                Arguments.of((byte) 1, number(1)),
                Arguments.of((short) -1, number(-1)),
                Arguments.of(7, number(7)),
                Arguments.of(LIMIT - 1, number(9007199254740991.0)),
                Arguments.of(1 - LIMIT, number(-9007199254740991.0)),
                Arguments.of(0.1f, number(0.1)),
                Arguments.of(0.1, number(0.1)),
                Arguments.of(new BigDecimal("0.10"), number(0.1)),
                Arguments.of(BigInteger.TEN, number(10)),
                Arguments.of(Optional.of(1), number(1)),
                Arguments.of(List.of(), list()),
                Arguments.of(List.of("a", "b"), list(text("a"), text("b"))));
    }

    @ParameterizedTest
    @MethodSource("taken")
    void javasOwnValuesAreTaken(Object value, Value expected) {
        Struct properties = RecordProperties.of(Map.of("key", value));

        assertEquals(Struct.newBuilder().putFields("key", expected).build(), properties);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(null, "NULL_PROPERTY"),
                Arguments.of(LIMIT, "PRECISION"),
                Arguments.of(-LIMIT, "PRECISION"),
                Arguments.of(Long.MAX_VALUE, "PRECISION"),
                Arguments.of(1e16, "PRECISION"),
                Arguments.of(BigInteger.TWO.pow(53).add(BigInteger.ONE), "PRECISION"),
                Arguments.of(new BigDecimal("0.1234567890123456789"), "PRECISION"),
                Arguments.of(new BigDecimal("1e400"), "PRECISION"),
                Arguments.of(Double.NaN, "FINITE"),
                Arguments.of(Float.POSITIVE_INFINITY, "FINITE"),
                Arguments.of(Map.of("a", 1), "NESTED_PROPERTY"),
                Arguments.of(List.of(1), "NESTED_PROPERTY"),
                Arguments.of(Collections.singletonList(null), "NESTED_PROPERTY"),
                Arguments.of(new int[] {1}, "NESTED_PROPERTY"),
                Arguments.of("\uD83D", "LONE_SURROGATE"),
                Arguments.of(List.of("\uDE00"), "LONE_SURROGATE"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatWouldBeLostOrRoundedIsRefused(Object value, String rule) {
        GatewayException error = assertThrows(
                GatewayException.class, () -> RecordProperties.of(Collections.singletonMap("key", value)));

        assertEquals(
                List.of(List.of("properties[\"key\"]", rule)),
                error.violations().stream().map(one -> List.of(one.field(), one.rule())).toList());
    }

    @Test
    void allFaultsAreNamedAtOnce() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("a", null);
        properties.put("fine", 1);
        properties.put("b\"\u00e9", Double.NaN);

        GatewayException error =
                assertThrows(GatewayException.class, () -> RecordProperties.of(properties));

        assertEquals("INVALID_FIELDS", error.reason());
        assertEquals(
                List.of("properties[\"a\"]", "properties[\"b\\\"\\u00e9\"]"),
                error.violations().stream().map(Violation::field).toList());
    }

    @Test
    void anEmptyOptionalIsLeftOut() {
        Struct properties = RecordProperties.of(Map.of("gone", Optional.empty(), "here", 1));

        assertEquals(Struct.newBuilder().putFields("here", number(1)).build(), properties);
    }

    @Test
    void everyWholeNumberThatIsTakenComesBack() {
        LongStream near = Arrays.stream(new long[] {0, LIMIT, -LIMIT, 1L << 52, Long.MIN_VALUE})
                .flatMap(center -> LongStream.rangeClosed(-3, 3).map(offset -> center + offset));
        LongStream.concat(near, new Random(1).longs(10_000)).forEach(number -> {
            boolean fits = Math.abs((double) number) < LIMIT;
            if (fits) {
                Struct properties = RecordProperties.of(Map.of("key", number));
                assertEquals(number, (long) properties.getFieldsOrThrow("key").getNumberValue());
            } else {
                assertThrows(GatewayException.class, () -> RecordProperties.of(Map.of("key", number)));
            }
        });
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(number).build();
    }

    private static Value list(Value... values) {
        return Value.newBuilder()
                .setListValue(ListValue.newBuilder().addAllValues(List.of(values)))
                .build();
    }
}
