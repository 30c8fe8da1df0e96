package com.personalizegateway.client;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code properties} of a record, made from Java's own values without rounding any. */
public final class RecordProperties {
    /** 2^53 - 1, the largest whole number up to which a double holds each. */
    private static final long MAX_EXACT = (1L << 53) - 1;

    private static final Fault NULL = new Fault("NULL_PROPERTY", "is null: leave the key out");
    private static final Fault NESTED =
            new Fault("NESTED_PROPERTY", "is neither text, number, boolean nor a list of texts");
    private static final Fault NOT_FINITE = new Fault("FINITE", "is no finite number: leave the key out");
    private static final Fault INEXACT =
            new Fault("PRECISION", "is a number that would be rounded: send it as a string");

    private final Struct.Builder properties = Struct.newBuilder();
    private final List<Violation> violations = new ArrayList<>();

    private RecordProperties() {}

    /**
     * Makes properties of a map. Its values are texts, booleans, numbers, and collections of texts; an
     * {@link Optional} stands for its value, and is left out where it is empty. A {@code float} stays the
     * number that it prints as.
     *
     * @param properties by the names of columns in camelCase
     * @return the properties
     * @throws GatewayException if a value is null, nested, no finite number, or a number that a double does
     *     not hold as it is; all of them are among its violations
     */
    public static Struct of(Map<String, ?> properties) {
        RecordProperties made = new RecordProperties();
        properties.forEach(made::put);
        if (!made.violations.isEmpty()) {
            throw GatewayException.refused(made.violations);
        }
        return made.properties.build();
    }

    private void put(String key, Object value) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> put(key, present));
            return;
        }
        String path = PropertyPath.of("properties", String.valueOf(key));
        try {
            if (key == null) {
                throw new Fault("PROPERTY_KEY", "is a null key");
            }
            properties.putFields(text(key), value(value));
        } catch (Fault fault) {
            violations.add(new Violation(path, fault.rule, fault.getMessage()));
        }
    }

    private static Value value(Object value) throws Fault {
        if (value == null) {
            throw NULL;
        }
        if (value instanceof Boolean bool) {
            return Value.newBuilder().setBoolValue(bool).build();
        }
        if (value instanceof CharSequence || value instanceof Character) {
            return Value.newBuilder().setStringValue(text(value.toString())).build();
        }
        if (value instanceof Number number) {
            return Value.newBuilder().setNumberValue(number(number)).build();
        }
        if (value instanceof Collection<?> entries) {
            return Value.newBuilder().setListValue(list(entries)).build();
        }
        throw NESTED;
    }

    private static ListValue list(Collection<?> entries) throws Fault {
        ListValue.Builder list = ListValue.newBuilder();
        for (Object entry : entries) {
            if (!(entry instanceof CharSequence)) {
                throw NESTED;
            }
            list.addValues(Value.newBuilder().setStringValue(text(entry.toString())));
        }
        return list.build();
    }

    private static double number(Number number) throws Fault {
        if (number instanceof Double) {
            return finite(number.doubleValue());
        }
        if (number instanceof Float) {
            // Widened as it is, 0.1f would be 0.10000000149011612.
            return finite(Double.parseDouble(number.toString()));
        }
        if (number instanceof BigDecimal decimal) {
            return decimal(decimal);
        }
        if (number instanceof BigInteger integer) {
            return decimal(new BigDecimal(integer));
        }
        return decimal(BigDecimal.valueOf(number.longValue()));
    }

    private static double finite(double number) throws Fault {
        if (!Double.isFinite(number)) {
            throw NOT_FINITE;
        }
        return exact(number);
    }

    /** A decimal is held as it is where the double that is next to it prints as the same number. */
    private static double decimal(BigDecimal decimal) throws Fault {
        double number = decimal.doubleValue();
        if (!Double.isFinite(number) || BigDecimal.valueOf(number).compareTo(decimal) != 0) {
            throw INEXACT;
        }
        return exact(number);
    }

    private static double exact(double number) throws Fault {
        if (Math.abs(number) > MAX_EXACT) {
            throw INEXACT;
        }
        return number;
    }

    private static String text(String text) throws Fault {
        if (LoneSurrogates.isIn(text)) {
            Violation violation = LoneSurrogates.at("");
            throw new Fault(violation.rule(), violation.description());
        }
        return text;
    }

    /** What is wrong with a value. */
    private static final class Fault extends Exception {
        private static final long serialVersionUID = 1;
        private final String rule;

        Fault(String rule, String description) {
            super(description, null, false, false);
            this.rule = rule;
        }
    }
}
