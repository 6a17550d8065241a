package org.circleosd.pluginmanager.bench;

import java.util.Locale;

/** Calls of the plugins of a {@link LiveDaemon}: each has an answer of its own, and one plugin counts durably. */
final class MixedCalls implements SteadyLoad.Script {

    /** One call in so many changes what the daemon keeps. */
    private static final int ROUND = 8;

    private static final String ANY = "";

    private final String name;
    private int calls;
    /** How often the tally was asked to count, by earlier clients too; negative: not known. */
    private long count = -1;

    private String expected = ANY;

    MixedCalls(int connection) {
        name = "c" + connection;
    }

    @Override
    public String next() {
        int call = calls++;
        String text = name + "-" + call;
        if (call % ROUND == ROUND - 1) {
            expected = count < 0 ? ANY : answer(String.valueOf(count + 1));
            return NativeDaemon.invoke("tally", "add", name);
        }
        return switch (call % ROUND % 3) {
            case 0 -> call("hello", "handle", text, "Hello, " + text + "!");
            case 1 -> call("upper", "handle", text, text.toUpperCase(Locale.ROOT));
            default -> call("echo", "echo", text, text);
        };
    }

    private String call(String id, String function, String payload, String result) {
        expected = answer(result);
        return NativeDaemon.invoke(id, function, payload);
    }

    @Override
    public boolean isRight(String answer) {
        boolean counted = calls % ROUND == 0;
        if (counted) {
            String number = answer.replaceFirst(".*\"resp\":\"(\\d+)\".*", "$1");
            count = number.equals(answer) ? -1 : Long.parseLong(number);
        }
        return expected.equals(ANY) || expected.equals(answer);
    }

    @Override
    public void lost() {
        if (calls % ROUND == 0) {
            count = -1;
        }
    }

    private static String answer(String text) {
        return "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + text + "\"}}";
    }
}
