package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LivePluginHostTest {

    @Test
    void rootsOfOneLine_areSeparatedByCommas() {
        assertThat(LivePluginHost.roots("/srv/plugins, /opt/more/../plugins ,"))
                .containsExactly(Path.of("/srv/plugins"), Path.of("/opt/plugins"));
    }

    @Test
    void noRoots_meanAnywhere() {
        assertThat(LivePluginHost.roots("")).isEmpty();
        assertThat(LivePluginHost.roots(" , ")).isEmpty();
    }
}
