package org.circleosd.pluginmanager.protocol;

/** The kinds of JSON values, told apart by their first byte. */
enum JsonKind {
    STRING("a string"),
    NUMBER("a number"),
    OBJECT("an object"),
    ARRAY("an array"),
    BOOLEAN("a boolean"),
    NULL("null");

    private final String shown;

    JsonKind(String shown) {
        this.shown = shown;
    }

    static JsonKind ofFirstByte(byte first) {
        return switch (first) {
            case '"' -> STRING;
            case '{' -> OBJECT;
            case '[' -> ARRAY;
            case 't', 'f' -> BOOLEAN;
            case 'n' -> NULL;
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> NUMBER;
            default -> throw new IllegalStateException("no JSON value starts with byte " + first);
        };
    }

    /** Returns the kind for messages, with its article. */
    String shown() {
        return shown;
    }
}
