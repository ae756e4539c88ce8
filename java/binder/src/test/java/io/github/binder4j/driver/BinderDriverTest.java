package io.github.binder4j.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.natives.BinderNative;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The mapping of a device, here of a file. */
@Timeout(60)
class BinderDriverTest {
    private static final int SIZE = 1 << 20;

    @Test
    void shouldLetTheFileGoAtOnceAndTheAddressesWhenNoBufferOfThemIsLeft() throws Exception {
        long address = map();
        BinderDriver driver = new BinderDriver(
                DriverCalls.KERNEL,
                new Descriptor(Path.of("/dev/file"), -1, -1, 0),
                8,
                OffHeap.viewReadOnly(address, SIZE));
        ByteBuffer part = driver.mapping().bytes.slice(100, 8);
        assertTrue(lineOf(address).contains("memfd:mapped"), lineOf(address));
        assertFalse(driver.mapping().isGone());

        driver.unmap();

        assertTrue(driver.mapping().isGone());
        assertTrue(lineOf(address).contains("r--p"), lineOf(address));
        assertFalse(lineOf(address).contains("memfd"), lineOf(address));
        driver = null;
        System.gc();
        assertEquals(0, part.getLong(0));
        Reference.reachabilityFence(part);
        part = null;
        while (lineOf(address).contains("r--p")) {
            System.gc();
        }
    }

    private static long map() {
        int fd = BinderNative.memfd("mapped", SIZE, 1);
        long address = BinderNative.mapDevice(fd, SIZE);
        assertTrue(address > 0);
        BinderNative.closeFd(fd);
        return address;
    }

    /** What the kernel says of the mapping that begins there; empty if none does. */
    private static String lineOf(long address) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.startsWith(Long.toHexString(address) + "-"))
                    .findFirst()
                    .orElse("");
        }
    }
}
