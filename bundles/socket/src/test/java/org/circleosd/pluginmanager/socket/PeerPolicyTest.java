package org.circleosd.pluginmanager.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerPolicyTest {

    @ParameterizedTest
    @CsvSource({
        "1000,true",
        "0,true",
        "1001,false",
        "-1,false",
        "4294967294,false",
    })
    void byDefault_onlyOwnUserAndRootAreAdmitted(long uid, boolean admitted) throws Exception {
        assertThat(new PeerPolicy(1000, "").admits(uid, 1)).isEqualTo(admitted);
    }

    @Test
    void namedUids_areAdmittedToo() throws Exception {
        PeerPolicy policy = new PeerPolicy(1000, " 1001, 4294967294 ");
        assertThat(policy.admits(1001, 1)).isTrue();
        assertThat(policy.admits(4294967294L, 1)).isTrue();
        assertThat(policy.admits(1002, 1)).isFalse();
    }

    @Test
    void star_admitsEveryone() throws Exception {
        assertThat(new PeerPolicy(1000, "*").admits(-1, -1)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "1001,", "-1", "1 2", "*,1"})
    void anythingElse_isRefusedWithTheKey(String text) {
        assertThatExceptionOfType(CannotListenException.class)
                .isThrownBy(() -> new PeerPolicy(1000, text))
                .withMessageContaining("allowed.uids")
                .withMessageContaining(text);
    }
}
