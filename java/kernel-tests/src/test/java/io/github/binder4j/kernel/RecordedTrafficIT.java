package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.BinderDevice;
import io.github.binder4j.runtime.RecordedTraffic;
import io.github.binder4j.testkit.BinderTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kernel and the library say to each other keeps to the rules that scripts are held to. */
@BinderTest(serviceManager = true)
class RecordedTrafficIT {
    private static final int THREADS = 4;
    private static final int ROUNDS = 50;

    @Test
    void shouldKeepToTheRulesOfScripts() throws Exception {
        try (RecordedTraffic traffic =
                new RecordedTraffic(BinderDevice.getDefault().path(), "traffic", THREADS, ROUNDS)) {
            traffic.run();
            traffic.end();

            assertEquals(List.of(), traffic.violations());
            assertTrue(traffic.exchanges() > THREADS * ROUNDS * 8, "exchanges: " + traffic.exchanges());
        }
    }
}
