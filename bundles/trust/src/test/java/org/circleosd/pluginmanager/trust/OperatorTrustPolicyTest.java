package org.circleosd.pluginmanager.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorTrustPolicyTest {

    private static final Sha256 DIGEST = new Sha256("a".repeat(64));
    private static final Sha256 OTHER = new Sha256("b".repeat(64));
    private static final PluginImage IMAGE = new PluginImage(DIGEST, Path.of("/store/x"), 8, Path.of("/tmp/x.wasm"));

    @TempDir
    private Path dir;

    private Path file;
    private Path data;

    @BeforeEach
    void makeAFolder() throws IOException {
        file = dir.resolve("grants.json");
        data = Files.createDirectory(dir.resolve("data")).toRealPath();
    }

    @Test
    void anyImage_isTakenAndHasNoSigner() {
        assertThat(policy().verify(IMAGE, asking())).isEmpty();
    }

    @Test
    void whatReachesNothing_needsNoRuleAndNoFile() throws IOException {
        write("{");

        assertThat(granted(policy(), asking(ask("random", "true"), ask("clock", "\"fine\""), ask("log", "true"))))
                .containsExactly("random true", "clock \"fine\"", "log true");
        assertThat(granted(new OperatorTrustPolicy(config("")), asking())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // the lesser access, the smaller quota
                "fs | [{'name':'data','access':'ro'}] | 'fs':{'data':{'path':'DATA','access':'rw'}} | [{'name':'data','access':'ro','path':'DATA'}]",
                "fs | [{'name':'data','access':'rw'}] | 'fs':{'data':{'path':'DATA','access':'ro'}} | [{'name':'data','access':'ro','path':'DATA'}]",
                "fs | [{'name':'data','access':'rw','quota_bytes':9}] | 'fs':{'data':{'path':'DATA','access':'rw'}} | [{'name':'data','access':'rw','path':'DATA','quota_bytes':9}]",
                "fs | [{'name':'data','access':'rw','quota_bytes':9}] | 'fs':{'data':{'path':'DATA','access':'rw','quota_bytes':7}} | [{'name':'data','access':'rw','path':'DATA','quota_bytes':7}]",
                "fs | [{'name':'tmp','access':'rw'}] | 'fs':{'tmp':{'memory':true,'quota_bytes':7}} | [{'name':'tmp','access':'rw','quota_bytes':7}]",
                // hosts: what both allow
                "net | ['api.example.com:443'] | 'net':['api.example.com:443','x.org'] | ['api.example.com:443']",
                "net | ['API.example.com'] | 'net':['*.Example.com:443'] | ['api.example.com:443']",
                "net | ['*'] | 'net':['a.org:1','*.b.org'] | ['a.org:1','*.b.org']",
                "net | ['*.a.org:80','a.org'] | 'net':['*'] | ['*.a.org:80','a.org']",
                "env | ['TZ','HOME'] | 'env':{'HOME':'/x','TZ':'UTC','PATH':'/'} | {'TZ':'UTC','HOME':'/x'}",
                "kv | {} | 'kv':{'quota_bytes':5} | {'quota_bytes':5}",
                "kv | {'quota_bytes':4} | 'kv':{'quota_bytes':5} | {'quota_bytes':4}",
                "kv | {} | 'kv':{} | {}",
                "call | ['other'] | 'call':['other','more'] | ['other']",
            })
    void askedAndGranted_isGiven(String kind, String asked, String grant, String scope) throws IOException {
        write(rules("{'match':{'name':'hello'},'grant':{" + grant + "}}"));

        assertThat(granted(policy(), asking(ask(kind, json(asked))))).containsExactly(kind + " " + json(scope));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "fs | [{'name':'data','access':'ro'}] | 'fs':{'tmp':{'memory':true,'quota_bytes':7}} | fs 'data' | {'fs':{'data':{'path':'/absolute/path','access':'ro'}}}",
                "net | ['a.org:443','b.org'] | 'net':['b.org','a.org:80'] | net 'a.org:443' | {'net':['a.org:443']}",
                "net | ['a.org'] | 'net':['*.a.org','aXorg'] | net 'a.org' | {'net':['a.org']}",
                "env | ['TZ','HOME'] | 'env':{} | env 'TZ', env 'HOME' | {'env':{'TZ':'value','HOME':'value'}}",
                "kv | {'quota_bytes':4} | 'call':['other'] | kv | {'kv':{'quota_bytes':4}}",
                "call | ['other','more'] | 'call':['other'] | call 'more' | {'call':['more']}",
            })
    void askedAndNotGranted_isRefusedWithTheRuleToAdd(
            String kind, String asked, String grant, String words, String toAdd) throws IOException {
        write(rules("{'match':{'name':'hello'},'grant':{" + grant + "}}"));

        assertDenied(
                policy(),
                IMAGE,
                asking(ask(kind, json(asked))),
                "the manifest of 'hello' asks for what no rule grants: " + words
                        + ". If it may have that, add to the rules of " + file + ": "
                        + json("{'match':{'name':'hello'},'grant':" + toAdd + "}"));
    }

    @Test
    void withoutAFile_theRefusalShowsTheWholeFile() {
        assertDenied(
                policy(),
                IMAGE,
                asking(ask("env", "[\"TZ\"]"), ask("net", "[\"a.org\"]")),
                "the manifest of 'hello' asks for what no rule grants: env 'TZ', net 'a.org'. If it may have that, make the file "
                        + file + " with: "
                        + rules("{'match':{'name':'hello'},'grant':{'env':{'TZ':'value'},'net':['a.org']}}"));
        assertDenied(
                new OperatorTrustPolicy(config(" ")),
                IMAGE,
                asking(ask("kv", "{}")),
                "the manifest of 'hello' asks for what no rule grants: kv. Name a file of rules under 'grants' in "
                        + "org.circleosd.pluginmanager.trust.cfg, with the rule "
                        + json("{'match':{'name':'hello'},'grant':{'kv':{}}}"));
    }

    @Test
    void rulesThatMatch_areUnited() throws IOException {
        write(rules(
                "{'match':{'name':'h*'},'grant':{'env':{'A':'1'},'fs':{'data':{'path':'DATA','access':'ro','quota_bytes':5}},'kv':{'quota_bytes':1}}}",
                "{'match':{'sha256':'" + DIGEST
                        + "'},'grant':{'env':{'B':'2'},'fs':{'data':{'path':'DATA/','access':'rw','quota_bytes':7}},'kv':{}}}",
                "{'match':{'name':'other'},'grant':{'env':{'C':'3'}}}"));

        assertThat(granted(
                        policy(),
                        asking(
                                ask("env", "[\"A\",\"B\"]"),
                                ask("fs", json("[{'name':'data','access':'rw'}]")),
                                ask("kv", "{}"))))
                .containsExactly(
                        json("env {'A':'1','B':'2'}"),
                        json("fs [{'name':'data','access':'rw','path':'DATA','quota_bytes':7}]"),
                        "kv {}");
        assertDenied(policy(), IMAGE, asking(ask("env", "[\"C\"]")), "env 'C'");
    }

    @Test
    void rulesThatDiffer_areRefusedWithBothPlaces() throws IOException {
        write(rules(
                "{'match':{'name':'*'},'grant':{'fs':{'data':{'path':'DATA','access':'ro'}}}}",
                "{'match':{'name':'*'},'grant':{'fs':{'data':{'memory':true,'quota_bytes':1}}}}"));

        assertDenied(
                policy(),
                IMAGE,
                asking(ask("kv", "{}")),
                file + ": /rules/0/grant/fs/data and " + file
                        + ": /rules/1/grant/fs/data both match the plugin and differ; expected one meaning of the name");
    }

    @Test
    void digestInARule_pinsTheLinkedModulesToo() throws IOException {
        write(rules("{'match':{'sha256':['" + DIGEST + "']},'grant':{'kv':{}}}"));
        PluginImage linked = new PluginImage(
                DIGEST,
                IMAGE.file(),
                8,
                IMAGE.origin(),
                Map.of("lib", new PluginImage(OTHER, Path.of("/store/y"), 8, Path.of("/tmp/y.wasm"))));

        assertThat(granted(policy(), asking(ask("kv", "{}")))).containsExactly("kv {}");
        assertDenied(policy(), linked, asking(ask("kv", "{}")), "kv");

        write(rules("{'match':{'sha256':['" + DIGEST + "','" + OTHER + "']},'grant':{'kv':{}}}"));
        assertThat(policy().grant(linked, asking(ask("kv", "{}")), Optional.empty()))
                .containsExactly(new CapabilityGrant("kv", "{}"));
    }

    @Test
    void starInAPluginsName_isNotOfferedAsAPattern() {
        assertDenied(
                policy(),
                IMAGE,
                named("*", ask("kv", "{}")),
                json("'rules':[{'match':{'sha256':['" + DIGEST + "']},'grant':{'kv':{}}}]"));
    }

    @Test
    void folderThatIsNotThere_isRefusedAtTheLoad() throws IOException {
        write(rules("{'match':{'name':'*'},'grant':{'fs':{'data':{'path':'DATA/missing','access':'ro'}}}}"));
        PluginManifest manifest = asking(ask("fs", json("[{'name':'data','access':'ro'}]")));
        OperatorTrustPolicy policy = policy();

        assertDenied(
                policy,
                IMAGE,
                manifest,
                file + ": /rules/0/grant/fs/data/path: " + data
                        + "/missing cannot be found (NoSuchFileException); make the folder, or change the rule");
        Files.createFile(data.resolve("missing"));
        assertDenied(policy, IMAGE, manifest, "/missing is no folder; make the folder, or change the rule");
        Files.delete(data.resolve("missing"));
        Files.createSymbolicLink(data.resolve("missing"), dir);
        assertThat(granted(policy, manifest))
                .containsExactly(json("fs [{'name':'data','access':'ro','path':'" + dir.toRealPath() + "'}]"));
    }

    @Test
    void changedFile_isReadAtTheNextLoad() throws IOException {
        OperatorTrustPolicy policy = policy();
        PluginManifest manifest = asking(ask("kv", "{}"));
        assertDenied(policy, IMAGE, manifest, "kv");

        write(rules("{'match':{'name':'*'},'grant':{'kv':{}}}"));
        assertThat(granted(policy, manifest)).containsExactly("kv {}");
        write(rules("{'match':{'name':'*'},'grant':{'kv':{'quota_bytes':3}}}"));
        assertThat(granted(policy, manifest)).containsExactly("kv {\"quota_bytes\":3}");
        Files.delete(file);
        assertDenied(policy, IMAGE, manifest, "make the file");
    }

    @Test
    void brokenChange_leavesTheRulesAsTheyWere() throws IOException {
        write(rules("{'match':{'name':'*'},'grant':{'kv':{}}}"));
        OperatorTrustPolicy policy = policy();
        PluginManifest manifest = asking(ask("kv", "{}"));

        for (String broken : List.of("{", "{}", "[]", rules("{}"), "")) {
            write(broken);
            assertThat(granted(policy, manifest)).as(broken).containsExactly("kv {}");
        }
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(granted(policy, manifest)).containsExactly("kv {}");
    }

    @Test
    void brokenFromTheStart_refusesAndSaysWhy() throws IOException {
        write("{\"policy_version\":2}");
        OperatorTrustPolicy policy = policy();

        assertDenied(
                policy,
                IMAGE,
                asking(ask("kv", "{}")),
                "nothing is granted until the grants can be read: " + file
                        + ": /policy_version: the number 2; expected the number 1");
        write(rules("{'match':{'name':'*'},'grant':{'kv':{}}}"));
        assertThat(granted(policy, asking(ask("kv", "{}")))).containsExactly("kv {}");
    }

    @Test
    void fileThatAnybodyMayWrite_isNotTrusted() throws IOException {
        write(rules("{'match':{'name':'*'},'grant':{'kv':{}}}"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"));

        assertDenied(policy(), IMAGE, asking(ask("kv", "{}")), "every user of this machine may write it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'policy_version':1} | /rules: missing; expected an array of rules",
                "{'policy_version':1,'rules':[],'rule':1} | /rule: unknown member; expected one of policy_version, rules",
                "{'policy_version':1,'rules':[{'grant':{}}]} | /rules/0/match: missing; expected an object with name or sha256",
                "{'policy_version':1,'rules':[{'match':{},'grant':{}}]} | /rules/0/match: nothing; expected a name, a sha256 or both; {\"name\":\"*\"} matches any plugin",
                "{'policy_version':1,'rules':[{'match':{'id':'x'},'grant':{}}]} | /rules/0/match/id: unknown member; expected one of name, sha256",
                "{'policy_version':1,'rules':[{'match':{'sha256':[]},'grant':{}}]} | /rules/0/match/sha256: an empty array; expected at least one SHA-256",
                "{'policy_version':1,'rules':[{'match':{'name':'x'}}]} | /rules/0/grant: missing; expected an object with fs, net, env, kv or call",
                "GRANT'random':true} | /rules/0/grant/random: unknown member; expected one of call, env, fs, kv, net",
                "GRANT'fs':{'data':{'access':'ro'}}} | /rules/0/grant/fs/data/path: missing; expected an absolute path, as '/srv/data'",
                "GRANT'fs':{'data':{'path':'srv','access':'ro'}}} | /rules/0/grant/fs/data/path: 'srv'; expected an absolute path, as '/srv/data'",
                "GRANT'fs':{'data':{'path':'/srv'}}} | /rules/0/grant/fs/data/access: missing; expected 'ro' or 'rw'",
                "GRANT'fs':{'data':{'memory':true}}} | /rules/0/grant/fs/data/quota_bytes: missing; expected the most bytes that the folder may take of the daemon's memory",
                "GRANT'fs':{'data':{'memory':true,'path':'/srv','quota_bytes':1}}} | /rules/0/grant/fs/data/path: a path beside memory; expected one of them",
                "GRANT'fs':{'/data':{}}} | /rules/0/grant/fs/~1data: the name of the member; expected a logical folder name, as 'data'; never a path of the host",
                "GRANT'net':['http://a']} | /rules/0/grant/net/0: 'http://a'; expected 'host' or 'host:port', as 'api.example.com:443'; a * stands for any characters",
                "GRANT'env':{'TZ':1}} | /rules/0/grant/env/TZ: the number 1; expected a string without NUL characters",
            })
    void ruleThatIsWrong_isNamedWithItsPlace(String grants, String message) throws IOException {
        String json = json(grants.replace("GRANT", "{'policy_version':1,'rules':[{'match':{'name':'*'},'grant':{"));
        write(
                json.startsWith("{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"*\"},\"grant\":{")
                        ? json + "}]}"
                        : json);

        assertDenied(policy(), IMAGE, asking(ask("kv", "{}")), file + ": " + message);
    }

    private OperatorTrustPolicy policy() {
        return new OperatorTrustPolicy(config(file.toString()));
    }

    private String rules(String... rules) {
        return json("{'policy_version':1,'rules':[" + String.join(",", rules) + "]}");
    }

    private String json(String text) {
        return text.replace('\'', '"').replace("DATA", data.toString());
    }

    private void write(String grants) throws IOException {
        Files.writeString(file, grants);
    }

    private static List<String> granted(OperatorTrustPolicy policy, PluginManifest manifest) {
        return policy.grant(IMAGE, manifest, Optional.empty()).stream()
                .map(grant -> grant.kind() + " " + grant.scope())
                .toList();
    }

    private static void assertDenied(
            OperatorTrustPolicy policy, PluginImage image, PluginManifest manifest, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> policy.grant(image, manifest, Optional.empty()))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.CAPABILITY_DENIED);
    }

    private static Capability ask(String kind, String request) {
        return new Capability(kind, request);
    }

    private static PluginManifest asking(Capability... capabilities) {
        return named("hello", capabilities);
    }

    private static PluginManifest named(String name, Capability... capabilities) {
        return new PluginManifestBuilder(name, "1.0", "", PluginType.WASM, "")
                .capabilities(List.of(capabilities))
                .build();
    }

    private static OperatorTrustPolicy.Config config(String grants) {
        return new OperatorTrustPolicy.Config() {
            @Override
            public String grants() {
                return grants;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return OperatorTrustPolicy.Config.class;
            }
        };
    }
}
