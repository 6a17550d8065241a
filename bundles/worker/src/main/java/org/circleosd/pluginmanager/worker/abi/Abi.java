package org.circleosd.pluginmanager.worker.abi;

/** The native plugin ABI of {@code plugin.h}: numbers and codes. Its functions are in {@code AbiSymbol}. */
public final class Abi {

    /** Changes when an old plugin can no longer be called. */
    public static final int MAJOR = 1;
    /** Grows with a function or a field. */
    public static final int MINOR = 0;

    /** All went well. */
    public static final int OK = 0;
    /** It failed, nobody says why. */
    public static final int FAIL = -1;
    /** There is no such function. */
    public static final int NO_FUNCTION = -2;
    /** An argument is not understood. */
    public static final int BAD_ARGUMENT = -3;
    /** There is no room for it. */
    public static final int NO_MEMORY = -4;
    /** The host's ABI is not supported. */
    public static final int WRONG_ABI = -5;
    /** A capability is not granted. */
    public static final int DENIED = -6;
    /** There is no such key. */
    public static final int NOT_FOUND = -7;
    /** The call was cancelled. */
    public static final int CANCELLED = -8;

    private Abi() {}

    /** Shows a result code for a message: its number and, for a code of the ABI, its name. */
    public static String shown(int code) {
        return switch (code) {
            case FAIL -> "-1 (failed)";
            case NO_FUNCTION -> "-2 (no such function)";
            case BAD_ARGUMENT -> "-3 (bad argument)";
            case NO_MEMORY -> "-4 (out of memory)";
            case WRONG_ABI -> "-5 (ABI not supported)";
            case DENIED -> "-6 (denied)";
            case NOT_FOUND -> "-7 (not found)";
            case CANCELLED -> "-8 (cancelled)";
            default -> Integer.toString(code);
        };
    }
}
