package io.github.binder4j.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening a device, on a file that only says it is one: each step fails in turn, and nothing stays open. */
class OpeningTest {
    private static final int SIZE = 8192;
    private static final int ENOMEM = 12;

    @TempDir
    private Path directory;

    private enum Step {
        OPEN,
        VERSION,
        MAP,
        VIEW,
        DUPLICATE,
        REGISTER,
        OPENED
    }

    /** The kernel, but for the protocol version and one step, which fails instead of being made or after it. */
    private static final class Failing implements OpeningCalls {
        private final Step failing;
        private final Supplier<Long> failure;
        private long slot = -1;

        Failing(Step failing, Supplier<Long> failure) {
            this.failing = failing;
            this.failure = failure;
        }

        private long step(Step step, Supplier<Long> made) {
            return step == failing ? failure.get() : made.get();
        }

        @Override
        public int open(Path path) {
            return (int) step(Step.OPEN, () -> (long) OpeningCalls.super.open(path));
        }

        @Override
        public int protocolVersion(int fd) {
            return (int) step(Step.VERSION, () -> (long) BinderNative.userProtocolVersion());
        }

        @Override
        public long map(int fd, long size) {
            return step(Step.MAP, () -> OpeningCalls.super.map(fd, size));
        }

        @Override
        public OffHeap view(long address, int size) {
            step(Step.VIEW, () -> 0L);
            return OpeningCalls.super.view(address, size);
        }

        @Override
        public int duplicate(int fd) {
            return (int) step(Step.DUPLICATE, () -> (long) OpeningCalls.super.duplicate(fd));
        }

        @Override
        public long register(int fd) {
            slot = step(Step.REGISTER, () -> OpeningCalls.super.register(fd));
            return slot;
        }

        @Override
        public void opened() {
            step(Step.OPENED, () -> 0L);
        }
    }

    private Path file() throws IOException {
        return Files.write(directory.resolve("device"), new byte[SIZE]);
    }

    private static List<String> held(Path file) throws IOException {
        List<String> held = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
                    held.add(descriptor.toString());
                }
            }
        }
        try (Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            mappings.filter(line -> line.endsWith(file.toString())).forEach(held::add);
        }
        return held;
    }

    @Test
    void shouldHoldTheDeviceAndACopyAndItsMappingUntilDiscarded() throws IOException {
        Failing calls = new Failing(null, null);
        BinderDriver driver = new Opening(calls, file(), SIZE).open();
        assertEquals(3, held(file()).size(), held(file()).toString());
        assertEquals(SIZE, driver.mapping().size());

        driver.discard();

        assertEquals(List.of(), held(file()));
        assertFalse(isRegistered(calls.slot));
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void shouldLeaveNothingIfAStepRunsOutOfMemory(Step step) throws IOException {
        Failing calls = new Failing(step, () -> {
            throw new OutOfMemoryError(step.name());
        });

        OutOfMemoryError thrown = assertThrows(OutOfMemoryError.class, () -> new Opening(calls, file(), SIZE).open());

        assertEquals(step.name(), thrown.getMessage());
        assertEquals(List.of(), held(file()));
        assertFalse(isRegistered(calls.slot));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "VERSION", "MAP", "DUPLICATE", "REGISTER"})
    void shouldLeaveNothingIfTheSystemRefusesAStep(Step step) throws IOException {
        Failing calls = new Failing(step, () -> (long) -ENOMEM);

        DriverException thrown = assertThrows(DriverException.class, () -> new Opening(calls, file(), SIZE).open());

        assertEquals(ENOMEM, thrown.errno());
        assertTrue(thrown.getMessage().contains(file().toString()), thrown.getMessage());
        assertEquals(List.of(), held(file()));
        assertFalse(isRegistered(calls.slot));
    }

    @Test
    void shouldLeaveNothingOfADriverThatSpeaksAnotherProtocol() throws IOException {
        Failing calls = new Failing(Step.VERSION, () -> 1L);

        assertThrows(ProtocolVersionException.class, () -> new Opening(calls, file(), SIZE).open());

        assertEquals(List.of(), held(file()));
    }

    /** Retiring a slot tells whether it was taken; that of a step that failed was not. */
    private static boolean isRegistered(long slot) {
        return slot >= 0 && BinderNative.retireDevice(slot) == 0;
    }
}
