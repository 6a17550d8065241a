package org.circleosd.pluginmanager.api.engine;

/** Is told how far a compilation is. */
@FunctionalInterface
public interface CompileProgress {

    /** For those who only want the end. */
    CompileProgress UNSEEN = (compiled, of) -> {};

    /**
     * Called on the compiling thread, often and in order.
     *
     * @param compiled functions that are ready; 0 to {@code of}
     * @param of functions of the module
     */
    void compiled(int compiled, int of);
}
