package org.circleosd.pluginmanager.nativeloader.binary;

import java.util.Collection;
import java.util.List;

/** Lists names of a file for people, bounded: the file chose their number and their length. */
final class ShownNames {

    private static final int MOST = 20;
    private static final int LONGEST = 200;

    private ShownNames() {}

    static String sorted(Collection<String> names) {
        return inOrder(names.stream().sorted().toList());
    }

    static String inOrder(List<String> names) {
        String list = String.join(
                ", ", names.stream().limit(MOST).map(ShownNames::shortened).toList());
        return names.size() <= MOST ? list : list + " and " + (names.size() - MOST) + " more";
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
    }
}
