package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerUsersTest {

    private static final Machine MACHINE = Objects.requireNonNull(Machine.current());

    @TempDir
    private Path folder;

    @Test
    void liveWorkers_haveDifferentUsersUntilNoneIsLeft() throws IOException {
        try (WorkerUsers users = open()) {
            assertThat(users.take()).hasValue(65_000);
            assertThat(users.take()).hasValue(65_001);
            assertThat(users.take()).hasValue(65_002);
            assertThat(users.take()).isEqualTo(OptionalInt.empty());
            users.giveBack(65_001);
            assertThat(users.take()).hasValue(65_001);
        }
    }

    @Test
    void givenBackUser_isTakenLast() throws IOException {
        try (WorkerUsers users = open()) {
            assertThat(users.take()).hasValue(65_000);
            users.giveBack(65_000);
            assertThat(users.take()).hasValue(65_001);
        }
    }

    @Test
    void secondDaemon_takesOtherUsers() throws IOException {
        try (WorkerUsers one = open()) {
            assertThat(one.take()).hasValue(65_000);
            assertThat(one.take()).hasValue(65_001);
            try (WorkerUsers other = open()) {
                assertThat(other.take()).hasValue(65_002);
                assertThat(other.take()).isEqualTo(OptionalInt.empty());
                assertThat(one.take()).isEqualTo(OptionalInt.empty());
                one.giveBack(65_000);
                assertThat(other.take()).hasValue(65_000);
            }
            assertThat(one.take()).hasValue(65_002);
        }
    }

    @Test
    void lockFile_isForTheOwnerOnly() throws IOException {
        try (WorkerUsers users = open()) {
            assertThat(users.take()).isPresent();
            assertThat(Files.getPosixFilePermissions(folder.resolve("locks")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void usersAreForRoot_anOrdinaryUserIsToldWhatIsMissing() throws IOException {
        Path locks = folder.resolve("locks");
        if ((ProcessStatus.ofSelf().bits("CapEff") & 1) != 0) {
            try (WorkerUsers users = WorkerUsers.open(MACHINE, locks, 65_000, 65_002)) {
                assertThat(users.take()).hasValue(65_000);
            }
        } else {
            assertThatIOException()
                    .isThrownBy(() -> WorkerUsers.open(MACHINE, locks, 65_000, 65_002))
                    .withMessageContaining("does not run as root");
        }
    }

    private WorkerUsers open() throws IOException {
        return WorkerUsers.withLocks(folder.resolve("locks"), 65_000, 65_002);
    }
}
