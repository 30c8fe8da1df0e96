package com.personalizegateway.client;

import java.util.Objects;

/**
 * A place where a request breaks a rule.
 *
 * @param field the path of the field: {@code events[3].properties["timestamp"]}
 * @param rule the name of a value of the enum {@link com.personalizegateway.v1.Rule} without its prefix:
 *     {@code REQUIRED}; where Personalize refused a request, the error code of AWS
 * @param description what is wrong and what to send instead, for a developer
 */
public record Violation(String field, String rule, String description) {
    private static final String PREFIX = "RULE_";

    /** Makes a violation. */
    public Violation {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(description, "description");
    }

    static Violation of(com.personalizegateway.v1.Violation told) {
        // A rule of a newer gateway has no name here; its description still says what to do.
        String name = told.getRule().name();
        String rule = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return new Violation(told.getField(), rule, told.getDescription());
    }
}
