package org.circleosd.pluginmanager.api;

import java.util.Locale;

/**
 * Why something failed. The wire form is the lower-case name; it is a promise to clients: once released, a code is
 * never renamed and never changes its meaning. The text beside it may change at any time.
 */
public enum ErrorCode {
    /** The request line is not one JSON value in UTF-8. */
    BAD_JSON,
    /** The request is no object, or a member of it is missing, has the wrong type or breaks a rule. */
    BAD_REQUEST,
    /** No action has the requested name. */
    UNKNOWN_ACTION,
    /** The request, a file or a result is longer than its limit. */
    TOO_LARGE,
    /** The caller may not do this. */
    FORBIDDEN,
    /** Too much work is waiting; try again later. */
    BUSY,
    /** The deadline passed before the work was done. */
    TIMEOUT,
    /** The caller gave up before the work was done. */
    CANCELLED,
    /** A part of the daemon is being replaced and did not return in time; try again. */
    UNAVAILABLE,
    /** The daemon is going down. */
    SHUTTING_DOWN,
    /** A defect of the daemon; its log has the trace. */
    INTERNAL,

    /** The path names nothing that can be loaded: missing, no regular file, unreadable or not allowed. */
    PATH_INVALID,
    /** The manifest is not well-formed or breaks a rule. */
    MANIFEST_INVALID,
    /** The plugin file is not a plugin of the manifest's type, or is damaged. */
    PLUGIN_INVALID,
    /** The plugin is made for another host, ABI or machine. */
    INCOMPATIBLE,
    /** The id is taken. */
    ALREADY_LOADED,
    /** The plugin asks for a capability that was not granted. */
    CAPABILITY_DENIED,
    /** The plugin asks for more than a limit allows. */
    LIMIT_EXCEEDED,
    /** A plugin that this one depends on is not loaded. */
    DEPENDENCY_MISSING,
    /** Plugins depend on each other in a circle. */
    DEPENDENCY_CYCLE,
    /** A signature is needed and there is none. */
    UNSIGNED,
    /** The signature does not match the files. */
    SIGNATURE_INVALID,
    /** The signer's key is not trusted. */
    KEY_UNTRUSTED,
    /** The signer's key is outside its period of validity. */
    KEY_EXPIRED,
    /** The key or the file was revoked. */
    REVOKED,
    /** A newer release of the plugin was seen before. */
    ROLLBACK_REFUSED,

    /** No plugin has the id. */
    PLUGIN_NOT_FOUND,
    /** The plugin has no function of this name. */
    FUNCTION_NOT_FOUND,
    /** The plugin's code trapped: it broke a rule of its machine. */
    PLUGIN_TRAP,
    /** The plugin answered with an error of its own. */
    PLUGIN_ERROR,
    /** The plugin's process died. */
    PLUGIN_CRASHED,
    /** The plugin is out of service; the message says how to bring it back. */
    PLUGIN_FAILED,
    /** The plugin used up its memory. */
    OUT_OF_MEMORY,
    /** Another plugin needs this one. */
    IN_USE,

    /** The state can be read but not written. */
    STATE_READ_ONLY,
    /** The state on disk is damaged. */
    STATE_CORRUPT;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** Returns the code as clients see it: lower-case letters and underscores. */
    public String wireName() {
        return wireName;
    }

    /** Says whether nothing was done and the same request may succeed when it is sent again. */
    public boolean isTransient() {
        return this == BUSY || this == UNAVAILABLE;
    }
}
