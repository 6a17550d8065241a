package org.circleosd.pluginmanager.api;

import java.util.Objects;

/**
 * The one exception that crosses a service boundary. It holds text only, never a cause, so that it does not keep the
 * classes of a replaced bundle alive: the room that owns a library logs the library's exception and throws this.
 */
public final class PluginException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /**
     * Makes a failure.
     *
     * @param code why, for programs
     * @param message why, for people: what was expected, what was found, where, and what to do next
     */
    public PluginException(ErrorCode code, String message) {
        super(Objects.requireNonNull(message));
        this.code = Objects.requireNonNull(code);
    }

    /** Returns why, for programs. */
    public ErrorCode code() {
        return code;
    }

    /** Returns why, for people; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
