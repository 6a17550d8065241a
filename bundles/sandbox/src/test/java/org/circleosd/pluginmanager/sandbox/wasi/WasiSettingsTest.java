package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.sandbox.Failures;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WasiSettingsTest {

    private static final String DATA = "[{\"name\":\"data\",\"access\":\"rw\"}]";

    @Test
    void folders_areReadAsTheyAreWritten() {
        assertThat(GrantReader.folders(
                        "[{\"name\":\"data\",\"access\":\"ro\",\"path\":\"/srv/data\",\"quota_bytes\":5},"
                                + "{\"access\":\"rw\",\"name\":\"tmp\"}]"))
                .containsExactly(
                        new GrantedFolder("data", true, Optional.of(Path.of("/srv/data")), OptionalLong.of(5)),
                        new GrantedFolder("tmp", false, Optional.empty(), OptionalLong.empty()));
        assertThat(GrantReader.folders("[]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                       | an array of folders
            [1]                                                                      | a folder as
            [{"name":"a","access":"ro"}] 1                                           | nothing after it
            [{"name":"a/b","access":"ro"}]                                           | a folder's name
            [{"name":"..","access":"ro"}]                                            | a folder's name
            [{"access":"ro"}]                                                        | a folder's name
            [{"name":"a"}]                                                           | access 'ro' or 'rw'
            [{"name":"a","access":"x"}]                                              | access 'ro' or 'rw'
            [{"name":"a","access":"ro","path":"srv"}]                                | an absolute path
            [{"name":"a","access":"ro","path":1}]                                    | a text for 'path'
            [{"name":"a","access":"ro","quota_bytes":-1}]                            | not negative
            [{"name":"a","access":"ro","quota_bytes":"1"}]                           | a whole number
            [{"name":"a","access":"ro","more":1}]                                    | found 'more'
            [{"name":"a","access":"ro"},{"name":"a","access":"rw"}]                  | two are named 'a'
            [{"name":"a","name":"b","access":"ro"}]                                  | no JSON text
            [                                                                        | no JSON text
            """)
    void grantThatCannotBeRead_isDeniedWithWhatWasExpected(String scope, String message) {
        Failures.assertFails(ErrorCode.CAPABILITY_DENIED, () -> GrantReader.folders(scope))
                .contains("fs", message);
    }

    @Test
    void environment_isConfigUnderTheGrant() {
        WasiSettings settings = WasiSettings.of(
                manifest(Map.of("A", "config", "B", "config", "x=y", "no variable", "C", "nul\0")),
                List.of(new CapabilityGrant("env", "{\"B\":\"grant\"}"), new CapabilityGrant("net", "[]")),
                InstancePolicy.POOLED);
        assertThat(settings.environment().stream().map(variable -> new String(variable, UTF_8)))
                .containsExactly("A=config\0", "B=grant\0");
    }

    @Test
    void statefulGuest_keepsItsDescriptorsAndItsFolders() {
        Wasi wasi = new Wasi(settings(InstancePolicy.STATEFUL), new CallLog(text -> {}, 100));
        TreeFolder folder = wasi.descriptors().get(3).folder().folder();
        folder.createFile("kept", Access.WRITE).close();
        wasi.files().close(1);
        wasi.endCall();
        assertThat(wasi.descriptors().get(3).folder().folder().names(10)).containsExactly("kept");
        assertThat(wasi.descriptors().isOpen(1)).isTrue();
        wasi.close();
        assertThat(wasi.descriptors().isOpen(3)).isFalse();
    }

    @Test
    void pooledGuest_returnsToItsGrantedFolders() {
        Wasi wasi = new Wasi(settings(InstancePolicy.POOLED), new CallLog(text -> {}, 100));
        wasi.descriptors()
                .get(3)
                .folder()
                .folder()
                .createFile("gone", Access.WRITE)
                .close();
        wasi.files().renumber(3, 0);
        wasi.endCall();
        assertThat(wasi.descriptors().get(3).preopened()).isEqualTo("/data");
        assertThat(wasi.descriptors().get(3).folder().folder().find("gone")).isNull();
        assertThat(wasi.descriptors().isOpen(4)).isFalse();
    }

    private static WasiSettings settings(InstancePolicy policy) {
        return WasiSettings.of(manifest(Map.of()), List.of(new CapabilityGrant("fs", DATA)), policy);
    }

    private static PluginManifest manifest(Map<String, String> config) {
        return new PluginManifestBuilder("plug", "1", "", PluginType.WASM, "")
                .config(config)
                .build();
    }
}
