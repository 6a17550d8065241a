package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.worker.wire.AbiSymbol;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.junit.jupiter.api.Test;

class ProtocolHeaderTest {

    private static final Pattern NUMBER = Pattern.compile("(?m)^#define (\\w+) \\(?(\\d+)u?(?: << (\\d+)\\))?$");

    @Test
    void header_hasTheNumbersOfTheJavaSide() throws Exception {
        Map<String, Long> expected = new TreeMap<>();
        for (FrameKind kind : FrameKind.values()) {
            expected.put("FRAME_" + kind.name(), (long) kind.number());
        }
        for (ConfineStep step : ConfineStep.values()) {
            expected.put("STEP_" + step.name(), (long) step.number());
        }
        for (LoadStage stage : LoadStage.values()) {
            expected.put("STAGE_" + stage.name(), (long) stage.number());
        }
        for (ResultStatus status : ResultStatus.values()) {
            expected.put("STATUS_" + status.name(), (long) status.number());
        }
        for (AbiSymbol symbol : AbiSymbol.values()) {
            expected.put("SYMBOL_" + symbol.name(), (long) AbiSymbol.mask(symbol.symbol()::equals));
        }
        expected.put("PROTOCOL_VERSION", (long) FrameKind.PROTOCOL_VERSION);
        expected.put("FRAME_HEAD_BYTES", (long) new FrameBytes(1, FrameKind.PING).toBytes().length);
        expected.put("MAX_LOG_BYTES", (long) Frame.MAX_LOG_BYTES);
        expected.put("MAX_REQUEST_BYTES", (long) Frame.MAX_REQUEST_BYTES);
        expected.put("MAX_THREADS", (long) Frame.MAX_THREADS);

        assertThat(header()).containsExactlyInAnyOrderEntriesOf(expected);
    }

    private static Map<String, Long> header() throws Exception {
        Map<String, Long> numbers = new TreeMap<>();
        Matcher line = NUMBER.matcher(Files.readString(Path.of("src/main/c/worker_protocol.h")));
        while (line.find()) {
            long shift = line.group(3) == null ? 0 : Long.parseLong(line.group(3));
            numbers.put(line.group(1), Long.parseLong(line.group(2)) << shift);
        }
        return numbers;
    }
}
