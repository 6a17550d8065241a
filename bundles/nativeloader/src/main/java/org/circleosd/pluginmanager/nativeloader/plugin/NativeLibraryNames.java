package org.circleosd.pluginmanager.nativeloader.plugin;

/** How this machine names libraries: {@code .so}, {@code .dylib} or {@code .dll}. */
public final class NativeLibraryNames {

    private static final String STEM = "x";

    private NativeLibraryNames() {}

    /** Returns the end of a library's file name on this machine, with its dot. */
    public static String suffix() {
        String mapped = System.mapLibraryName(STEM);
        return mapped.substring(mapped.indexOf(STEM) + STEM.length());
    }
}
