package com.personalizegateway.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds strings with half of a surrogate pair, which are no Unicode.
 *
 * <p>protobuf for Java sends a question mark instead, and says so in a log only: two IDs would become one.
 */
final class LoneSurrogates {
    private static final String RULE = "LONE_SURROGATE";
    private static final String DESCRIPTION =
            "holds half of a surrogate pair, as a text that was cut within a character does";
    private static final int MAX_VIOLATIONS = 20;

    private final List<Violation> violations = new ArrayList<>();

    private LoneSurrogates() {}

    /**
     * Lets a message pass in which there is none.
     *
     * @throws GatewayException if there is one
     */
    static <M extends Message> M refuse(M message) {
        LoneSurrogates found = new LoneSurrogates();
        found.searchMessage(Path.ROOT, message);
        if (!found.violations.isEmpty()) {
            throw GatewayException.refused(found.violations);
        }
        return message;
    }

    static boolean isIn(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(unit, text.charAt(i + 1));
            if (!isPair) {
                return true;
            }
            i++;
        }
        return false;
    }

    static Violation at(String path) {
        return new Violation(path, RULE, DESCRIPTION);
    }

    private void searchMessage(Path path, Message message) {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            JavaType type = field.getJavaType();
            if (type != JavaType.STRING && type != JavaType.MESSAGE) {
                continue;
            }
            if (field.isRepeated()) {
                searchList(path, field, (List<?>) entry.getValue());
            } else {
                search(new Path(path, field.getName(), Path.NO_INDEX, null), entry.getValue());
            }
        }
    }

    private void searchList(Path path, FieldDescriptor field, List<?> values) {
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value instanceof MapEntry<?, ?> entry && entry.getKey() instanceof String key) {
                // The map of a Struct: its own name is no part of the path.
                Path property = new Path(path, "", Path.NO_INDEX, key);
                search(property, key);
                search(property, entry.getValue());
            } else {
                search(new Path(path, field.getName(), i, null), value);
            }
        }
    }

    private void search(Path path, Object value) {
        if (violations.size() == MAX_VIOLATIONS) {
            return;
        }
        if (value instanceof String text && isIn(text)) {
            violations.add(at(path.text()));
        } else if (value instanceof Message message) {
            searchMessage(path, message);
        }
    }

    /** A path that is spelled out only if it is needed. */
    private record Path(Path parent, String field, int index, String key) {
        static final int NO_INDEX = -1;
        static final Path ROOT = new Path(null, "", NO_INDEX, null);

        String text() {
            if (parent == null) {
                return "";
            }
            String before = parent.text();
            if (key != null) {
                return PropertyPath.of(before, key);
            }
            if (isOfValue()) {
                return before;
            }
            String name = before.isEmpty() || field.isEmpty() ? before + field : before + "." + field;
            return index == NO_INDEX ? name : name + "[" + index + "]";
        }

        /** Whether it is within a Value, whose fields are no part of the path either. */
        private boolean isOfValue() {
            for (Path one = parent; one != null; one = one.parent) {
                if (one.key != null) {
                    return true;
                }
            }
            return false;
        }
    }
}
