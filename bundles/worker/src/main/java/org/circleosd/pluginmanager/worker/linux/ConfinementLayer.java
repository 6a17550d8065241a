package org.circleosd.pluginmanager.worker.linux;

/** What keeps a plugin in, from the strongest to the weakest. */
public enum ConfinementLayer {
    /** A process of its own. */
    PROCESS("process"),
    /** Files, TCP ports and signals by Landlock. */
    LANDLOCK("landlock"),
    /** System calls. */
    SECCOMP("seccomp"),
    /** Resource limits. */
    LIMITS("rlimits"),
    /** A user that nothing else runs as. */
    USER("uid"),
    /** A network without interfaces. */
    NETWORK("netns"),
    /** Memory and tasks as a group. */
    GROUP("cgroup"),
    /** No memory that is writable and executable. */
    EXACT_MEMORY("mdwe");

    private final String label;

    ConfinementLayer(String label) {
        this.label = label;
    }

    /** Returns the name that people see. */
    public String label() {
        return label;
    }
}
