package org.circleosd.pluginmanager.launcher;

/** The daemon cannot start; the message is one line: why, and what to do. */
final class StartException extends Exception {

    private static final long serialVersionUID = 1;

    StartException(String why, String whatToDo) {
        super(oneLine(why + "; " + whatToDo));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ").strip();
    }
}
