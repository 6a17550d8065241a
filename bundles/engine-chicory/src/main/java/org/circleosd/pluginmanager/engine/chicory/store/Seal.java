package org.circleosd.pluginmanager.engine.chicory.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells what this daemon wrote from what others did: a message authentication code with a secret key.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2104">HMAC</a>
 */
final class Seal {

    static final int BYTES = 32;

    private static final Logger LOG = System.getLogger(Seal.class.getName());
    private static final String ALGORITHM = "HmacSHA256";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final SecretKeySpec key;

    private Seal(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** Reads the key; makes one if there is none, or none that only its owner can have read. */
    static Seal of(Path keyFile) throws IOException {
        if (Files.exists(keyFile, NOFOLLOW_LINKS) && !isSecret(keyFile)) {
            LOG.log(
                    Level.WARNING,
                    "{0} is no file of {1} bytes that only its owner can read; a new key is made, and what was"
                            + " compiled before is compiled anew",
                    keyFile,
                    BYTES);
            Files.delete(keyFile);
        }
        if (!Files.exists(keyFile, NOFOLLOW_LINKS)) {
            make(keyFile);
        }
        return new Seal(Files.readAllBytes(keyFile));
    }

    private static boolean isSecret(Path keyFile) throws IOException {
        PosixFileAttributes found = Files.readAttributes(keyFile, PosixFileAttributes.class, NOFOLLOW_LINKS);
        return found.isRegularFile() && found.size() == BYTES && OWNER_ONLY.containsAll(found.permissions());
    }

    /** Whoever is first makes the key: a link, unlike a move, does not replace the key of another. */
    private static void make(Path keyFile) throws IOException {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Path folder = keyFile.toAbsolutePath().getParent();
        Path written = Files.createTempFile(folder, keyFile.getFileName() + ".", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(written, WRITE)) {
                channel.write(ByteBuffer.wrap(key));
                channel.force(true);
            }
            Files.createLink(keyFile, written);
        } catch (FileAlreadyExistsException e) {
            LOG.log(Level.DEBUG, "another engine made the key", e);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    byte[] code(byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    boolean fits(byte[] code, byte[] content) {
        return MessageDigest.isEqual(code, code(content));
    }
}
