package org.circleosd.pluginmanager.socket;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Says which users may connect: the daemon's own, root, and those that the operator names. */
final class PeerPolicy {

    private static final System.Logger LOG = System.getLogger(PeerPolicy.class.getName());
    /** Uids whose refusal is remembered, so that it is logged once; more than these are logged each time. */
    private static final int REMEMBERED = 1024;

    private final boolean everyone;
    private final Set<Long> allowed = new HashSet<>();
    private final Set<Long> refused = ConcurrentHashMap.newKeySet();

    /**
     * Makes a policy.
     *
     * @param ownUid uid of this process
     * @param more further uids, separated by commas, or {@code *} for every uid that the file's mode lets in
     * @throws CannotListenException for any other text
     */
    PeerPolicy(long ownUid, String more) throws CannotListenException {
        everyone = more.trim().equals("*");
        allowed.add(0L);
        allowed.add(ownUid);
        if (everyone || more.isBlank()) {
            return;
        }
        for (String uid : more.split(",", -1)) {
            try {
                allowed.add(Long.parseUnsignedLong(uid.trim()));
            } catch (NumberFormatException e) {
                throw new CannotListenException("allowed.uids is '" + more
                        + "'; expected numeric user ids separated by commas, or *; set it in the socket's .cfg file");
            }
        }
    }

    /**
     * Says whether this peer may connect; logs a refusal, once for each uid.
     *
     * @param uid -1 if the system does not tell
     */
    boolean admits(long uid, long pid) {
        if (everyone || (uid >= 0 && allowed.contains(uid))) {
            return true;
        }
        if (refused.size() >= REMEMBERED || refused.add(uid)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "refused a connection of uid {0} (pid {1}); allowed.uids in the socket''s .cfg file would let it in",
                    Long.toString(uid),
                    Long.toString(pid));
        }
        return false;
    }
}
