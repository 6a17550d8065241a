package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void enoughRoom_columnsAreAsWideAsTheyNeed() {
        assertThat(table().render(0)).isEqualTo("""
                        ID            NAME                  STATE
                        hello         Hello                 active
                        a-longer-one  Something rather big  failed""");
    }

    @Test
    void narrowTerminal_widestColumnIsCutAndTheFirstIsNot() {
        assertThat(table().render(34)).isEqualTo("""
                        ID            NAME          STATE
                        hello         Hello         active
                        a-longer-one  Something...  failed""");
    }

    @Test
    void noRoomAtAll_columnsKeepTheirSmallestWidth() {
        assertThat(table().render(1)).isEqualTo("""
                        ID            NAME    STATE
                        hello         Hello   active
                        a-longer-one  Som...  failed""");
    }

    @Test
    void wideCharacters_countTwoColumns() {
        TextTable table = new TextTable("A", "B");
        table.row("日本", "x");
        table.row("abcd", "y");

        assertThat(table.render(0)).isEqualTo("A     B\n日本  x\nabcd  y");
    }

    @Test
    void cellWithControlCharacters_cannotBreakTheRow() {
        TextTable table = new TextTable("A");
        table.row("x\n\u001b[31my");

        assertThat(table.render(0)).isEqualTo("A\nx\\u000a\\u001b[31my");
    }

    @Test
    void wrongNumberOfCells_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TextTable("A", "B").row("only one"));
    }

    private static TextTable table() {
        TextTable table = new TextTable("ID", "NAME", "STATE");
        table.row("hello", "Hello", "active");
        table.row("a-longer-one", "Something rather big", "failed");
        return table;
    }
}
