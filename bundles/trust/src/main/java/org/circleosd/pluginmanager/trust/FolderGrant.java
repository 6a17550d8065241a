package org.circleosd.pluginmanager.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * A folder that a rule gives.
 *
 * @param path absolute; null: it lives in memory
 * @param quotaBytes most bytes that the plugin may keep in it; empty: no limit of its own
 * @param place file and JSON pointer of the grant, for messages
 */
record FolderGrant(@Nullable Path path, boolean writable, OptionalLong quotaBytes, String place) {

    boolean hasPathOf(FolderGrant other) {
        return Objects.equals(path, other.path);
    }

    /** Returns what two rules give together. */
    FolderGrant or(FolderGrant other) {
        return new FolderGrant(path, writable || other.writable, Grants.larger(quotaBytes, other.quotaBytes), place);
    }

    /**
     * Returns where the folder is, without symbolic links; empty if it lives in memory.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} if there is no such folder
     */
    Optional<Path> realPath() {
        if (path == null) {
            return Optional.empty();
        }
        try {
            Path real = path.toRealPath();
            if (Files.isDirectory(real)) {
                return Optional.of(real);
            }
        } catch (IOException e) {
            throw noFolder(path, " cannot be found (" + e.getClass().getSimpleName() + ")");
        }
        throw noFolder(path, " is no folder");
    }

    private PluginException noFolder(Path where, String problem) {
        return new PluginException(
                ErrorCode.CAPABILITY_DENIED,
                place + "/path: " + where + problem + "; make the folder, or change the rule");
    }
}
