package io.github.binder4j.files;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A descriptor whose close(2) waits for a peer holds nobody but that. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // nothing else ends a thread in close(2)
class CloserTest {
    /** A copy of a socket's descriptor, and no other in this process. */
    private static OwnedDescriptor onlyCopyOf(LingeringSocket socket) throws IOException {
        OwnedDescriptor copy = OwnedDescriptor.duplicate(socket.number());
        socket.closeOwn();
        return copy;
    }

    private static void awaitClosing(LingeringSocket socket) throws Exception {
        while (!socket.isClosing()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldNotWaitForWhatLingers() throws Exception {
        try (LingeringSocket socket = new LingeringSocket()) {
            OwnedDescriptor copy = onlyCopyOf(socket);
            copy.drop();

            awaitClosing(socket);
            assertTrue(copy.number() < 0);
        }
    }

    @Test
    void shouldCloseOthersMeanwhile() throws Exception {
        List<LingeringSocket> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                LingeringSocket socket = new LingeringSocket();
                stuck.add(socket);
                OwnedDescriptor.closeNumber(onlyCopyOf(socket).detach());
                awaitClosing(socket);
            }
            for (LingeringSocket socket : stuck) {
                assertTrue(socket.isClosing());
            }
        } finally {
            for (LingeringSocket socket : stuck) {
                socket.close();
            }
        }
    }

    /** Tests count descriptors, and so do users. */
    @Test
    void shouldCloseAtOnceWhatCannotWait() throws Exception {
        try (Pipe pipe = new Pipe()) {
            OwnedDescriptor.closeNumber(pipe.writing);
            assertFalse(pipe.isOpen());
        }
    }
}
