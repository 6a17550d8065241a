package org.circleosd.pluginmanager.api.action;

import java.util.Optional;
import java.util.OptionalLong;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.osgi.annotation.versioning.ProviderType;

/** A request's members. A member that is absent or null counts as not given. */
@ProviderType
public interface ActionRequest {

    /** Returns who asks. */
    Caller caller();

    /**
     * Returns a member that must be a string.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} if it is absent or no string
     */
    String string(String member);

    /**
     * Returns a member that is a string if given.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} if it is given and no string
     */
    Optional<String> optionalString(String member);

    /**
     * Returns a member that is true or false if given; absent counts as false.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} if it is given and neither
     */
    boolean flag(String member);

    /**
     * Returns a member that is a whole number from 0 to 2^53 - 1 if given.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} if it is given and no such number
     */
    OptionalLong optionalNumber(String member);

    /**
     * Returns a member as bytes: a string as its UTF-8 bytes, any other value as its compact JSON text; absent or null
     * as no bytes.
     */
    byte[] bytes(String member);
}
