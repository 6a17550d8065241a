package org.circleosd.pluginmanager.nativeloader.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkerLogTest {

    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Test
    void lines_areHandedOnWhole_alsoTheLastOne() {
        WorkerLog log = read("one\n\ntwo größe\nthree".getBytes(StandardCharsets.UTF_8));

        assertThat(lines).containsExactly("ONE", "TWO GRÖSSE", "THREE");
        assertThat(log.lastLines()).isEqualTo(lines);
    }

    @Test
    void moreThanTheRate_isDroppedAndCounted() {
        byte[] flood = new byte[5 << 20];
        java.util.Arrays.fill(flood, (byte) 'x');

        read(flood);

        // However long the reading took, at most one piece of the rate for each second of it was kept.
        assertThat(lines).anyMatch(line -> line.matches("\\[[0-9]+ BYTES DROPPED: MORE THAN 1048576 IN A SECOND]"));
        assertThat(lines).allMatch(line -> line.length() <= 8 << 10);
    }

    private WorkerLog read(byte[] bytes) {
        WorkerLog log = new WorkerLog(
                new ByteArrayInputStream(bytes), line -> line.toUpperCase(java.util.Locale.ROOT), lines::add);
        log.start();
        log.awaitEnd(Duration.ofSeconds(20));
        return log;
    }
}
