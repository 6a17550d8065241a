package org.circleosd.pluginmanager.worker.linux;

/**
 * How a daemon confines its workers.
 *
 * @param confined whether at all
 * @param firstUser smallest number of the users, and groups, that workers of a daemon with root's rights run as
 * @param lastUser largest of these numbers
 */
public record ConfinementSettings(boolean confined, int firstUser, int lastUser) {

    /** Confined, with the users 65000 to 65499. */
    public static final ConfinementSettings DEFAULT = new ConfinementSettings(true, 65_000, 65_499);

    /** Checks the range. */
    public ConfinementSettings {
        if (firstUser <= 0 || lastUser < firstUser) {
            throw new IllegalArgumentException("users from " + firstUser + " to " + lastUser
                    + ": the first has to be positive and no larger than the last");
        }
    }
}
