package org.circleosd.pluginmanager.trust;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Fault;
import org.circleosd.pluginmanager.json.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * The operator's file of grants, read again when it changed. A change that cannot be read leaves the rules as they
 * were. Thread-safe.
 */
final class GrantsFile {

    private static final System.Logger LOG = System.getLogger(GrantsFile.class.getName());

    private final Path file;
    /** What was read last; guarded by this. */
    private Content last = new Content(null, null);

    private List<GrantRule> rules = List.of();
    /** Why there are no rules; null: there are. Guarded by this. */
    private @Nullable String unreadable;

    GrantsFile(Path file) {
        this.file = file;
    }

    /**
     * Returns the rules; none if there is no file.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} if the file cannot be read and there are no rules from
     *     before
     */
    synchronized List<GrantRule> rules() {
        read();
        if (unreadable != null) {
            throw new PluginException(
                    ErrorCode.CAPABILITY_DENIED, "nothing is granted until the grants can be read: " + unreadable);
        }
        return rules;
    }

    /** Reads the file if it changed, and logs what is wrong with it. */
    synchronized void read() {
        Content now = content();
        if (!now.equals(last)) {
            last = now;
            take(now);
        }
    }

    /** Says whether there was a file when it was read last. */
    synchronized boolean exists() {
        return last.latin1 != null || last.problem != null;
    }

    Path path() {
        return file;
    }

    private void take(Content now) {
        try {
            if (now.problem != null) {
                throw new PluginException(ErrorCode.CAPABILITY_DENIED, file + ": " + now.problem);
            }
            rules = now.latin1 == null ? List.of() : parse(now.latin1.getBytes(ISO_8859_1));
            unreadable = null;
            LOG.log(System.Logger.Level.INFO, "{0}: {1} rules for what plugins may do", file, rules.size());
        } catch (PluginException e) {
            boolean isFirst = rules.isEmpty();
            if (isFirst) {
                unreadable = e.getMessage();
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}; {1}",
                    e.getMessage(),
                    isFirst ? "nothing is granted until it is right" : "the rules from before stay");
        }
    }

    private List<GrantRule> parse(byte[] json) {
        Fault fault = new Fault(ErrorCode.CAPABILITY_DENIED, file.toString());
        return List.copyOf(GrantsReader.read(new Checked(JsonText.read(json, fault), "", fault)));
    }

    private Content content() {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                return new Content(null, "no regular file; expected a JSON file");
            }
            try (InputStream in = Files.newInputStream(file)) {
                String latin1 = new String(in.readNBytes(JsonText.MAX_BYTES + 1), ISO_8859_1);
                return othersMayWrite()
                        ? new Content(latin1, "every user of this machine may write it; take that away (chmod o-w)")
                        : new Content(latin1, null);
            }
        } catch (NoSuchFileException e) {
            return new Content(null, null);
        } catch (IOException e) {
            return new Content(null, "cannot be read: " + e.getMessage());
        }
    }

    private boolean othersMayWrite() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        return view != null && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE);
    }

    /**
     * What was found; neither text nor a problem if there is no file.
     *
     * @param latin1 every byte as a character, so that the parser judges the encoding
     */
    private record Content(
            @Nullable String latin1, @Nullable String problem) {}
}
