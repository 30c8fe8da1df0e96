package com.personalizegateway.client;

/** The path of a property, as the gateway writes it. */
final class PropertyPath {
    private static final int MAX_CHARACTERS = 64;

    private PropertyPath() {}

    static String of(String properties, String key) {
        StringBuilder path = new StringBuilder(properties).append("[\"");
        key.codePoints().limit(MAX_CHARACTERS).forEach(character -> append(path, character));
        return path.append("\"]").toString();
    }

    private static void append(StringBuilder path, int character) {
        if (character == '"' || character == '\\') {
            path.append('\\').append((char) character);
        } else if (character >= ' ' && character <= '~') {
            path.append((char) character);
        } else {
            for (char unit : Character.toChars(character)) {
                path.append(String.format("\\u%04x", (int) unit));
            }
        }
    }
}
