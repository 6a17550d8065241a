package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineSplitterTest implements LineSplitter.Sink {

    private static final int LIMIT = 8;

    private final BufferBudget budget = new BufferBudget(1 << 20);
    private final LineSplitter splitter = new LineSplitter(LIMIT, budget);
    private final List<String> seen = new ArrayList<>();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a~b~|a,b",
                "a\\b~c~|a\\b,c",
                "a^~b^~|a,b",
                "'~~ ~^~\t~a~'|a",
                "' a ~'|' a '",
                "12345678~x~|12345678,x",
                "12345678^~x~|12345678,x",
                "123456789~x~|LONG,x",
                "123456789^~x~|LONG,x",
                "12345678^9~x~|LONG,x",
                "1234567890123456789012345~x~|LONG,x",
                "'        ~x~'|x",
                "a^b~|a^b",
                "a^^~|a^",
                "a~b|a,b",
                "a~b^|a,b",
                "'a~ '|a",
                "1234567890|LONG",
                "1234567890~123456789012~|LONG,LONG"
            })
    void bytes_becomeLinesHoweverTheyArrive(String text, String lines) {
        byte[] bytes = bytes(text);
        List<String> expected = List.of(lines.split(",", -1));
        for (int piece = 1; piece <= bytes.length; piece++) {
            seen.clear();
            LineSplitter fresh = new LineSplitter(LIMIT, budget);
            for (int from = 0; from < bytes.length; from += piece) {
                int count = Math.min(piece, bytes.length - from);
                byte[] part = new byte[LIMIT * 4];
                System.arraycopy(bytes, from, part, 0, count);
                fresh.feed(part, count, this);
            }
            fresh.end(this);
            assertThat(seen).as("in pieces of %d", piece).containsExactlyElementsOf(expected);
            assertThat(budget.heldBytes()).isZero();
        }
    }

    @Test
    void overLongLine_isToldBeforeItsEndAndKeepsNoMemory() {
        feed("1234567");
        assertThat(budget.heldBytes()).isPositive();
        feed("8901");
        assertThat(seen).containsExactly("LONG");
        assertThat(budget.heldBytes()).isZero();
        feed("2345");
        assertThat(seen).containsExactly("LONG");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 31})
    void overLongLineWithoutEnd_isEndless(int piece) {
        long fed = 0;
        while (!splitter.isEndless()) {
            feed("x".repeat(piece));
            fed += piece;
            assertThat(fed).isLessThanOrEqualTo((long) LIMIT * LineSplitter.ENDLESS_FACTOR + piece);
        }
        assertThat(fed).isGreaterThan((long) LIMIT * LineSplitter.ENDLESS_FACTOR);
        assertThat(seen).containsExactly("LONG");
    }

    @Test
    void lineWithoutRoom_isDroppedUpToItsEnd() {
        LineSplitter poor = new LineSplitter(1 << 10, new BufferBudget(300));
        byte[] start = bytes("x".repeat(400));
        poor.feed(start, start.length, this);
        poor.feed(bytes("yz~ok~"), 6, this);
        assertThat(seen).containsExactly("NO ROOM", "ok");
    }

    private void feed(String text) {
        byte[] bytes = bytes(text);
        splitter.feed(bytes, bytes.length, this);
    }

    /** In the texts ~ is a line feed and ^ a carriage return. */
    private static byte[] bytes(String text) {
        return text.replace('~', '\n').replace('^', '\r').getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void line(byte[] line) {
        seen.add(new String(line, StandardCharsets.UTF_8).replace('\r', '^'));
    }

    @Override
    public void tooLong() {
        seen.add("LONG");
    }

    @Override
    public void noRoom() {
        seen.add("NO ROOM");
    }
}
