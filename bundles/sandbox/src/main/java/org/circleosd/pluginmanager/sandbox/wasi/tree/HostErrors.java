package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.util.Map;

/** What the guest is told of a failure of the host. */
final class HostErrors {

    /** Java has no exceptions of their own for these; their texts are the C library's, in the daemon's language. */
    private static final Map<String, Integer> TEXTS = Map.ofEntries(
            Map.entry("Too many levels of symbolic links", WasiErrno.LOOP),
            Map.entry("NOFOLLOW_LINKS", WasiErrno.LOOP),
            Map.entry("Is a directory", WasiErrno.ISDIR),
            Map.entry("Not a directory", WasiErrno.NOTDIR),
            Map.entry("Directory not empty", WasiErrno.NOTEMPTY),
            Map.entry("File name too long", WasiErrno.NAMETOOLONG),
            Map.entry("No space left on device", WasiErrno.NOSPC),
            Map.entry("Disk quota exceeded", WasiErrno.DQUOT),
            Map.entry("File too large", WasiErrno.FBIG),
            Map.entry("Read-only file system", WasiErrno.ROFS),
            Map.entry("Too many open files", WasiErrno.NFILE),
            Map.entry("Device or resource busy", WasiErrno.BUSY),
            Map.entry("Invalid argument", WasiErrno.INVAL),
            Map.entry("cross-device link", WasiErrno.XDEV),
            Map.entry("Operation not permitted", WasiErrno.ACCES));

    private HostErrors() {}

    /** Returns what to throw; throws itself if the call's time is up. */
    static TreeFailure failure(IOException e) {
        if (e instanceof ClosedByInterruptException) {
            Interruption.stopIfInterrupted();
        }
        return TreeFailure.of(errno(e));
    }

    private static int errno(IOException e) {
        if (e instanceof NoSuchFileException) {
            return WasiErrno.NOENT;
        } else if (e instanceof FileAlreadyExistsException) {
            return WasiErrno.EXIST;
        } else if (e instanceof DirectoryNotEmptyException) {
            return WasiErrno.NOTEMPTY;
        } else if (e instanceof NotDirectoryException) {
            return WasiErrno.NOTDIR;
        } else if (e instanceof NotLinkException) {
            return WasiErrno.INVAL;
        } else if (e instanceof AccessDeniedException) {
            return WasiErrno.ACCES;
        } else if (e instanceof AtomicMoveNotSupportedException) {
            return WasiErrno.XDEV;
        }
        String reason = e instanceof FileSystemException failed ? failed.getReason() : e.getMessage();
        String text = reason == null ? "" : reason;
        return TEXTS.entrySet().stream()
                .filter(entry -> text.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(WasiErrno.IO);
    }
}
