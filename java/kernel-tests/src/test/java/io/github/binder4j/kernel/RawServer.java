package io.github.binder4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.binder4j.kernel.RawClient.Event;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A service without a library: a thread that does with each call what the test says. */
final class RawServer {
    static final long OBJECT = 0x5000;

    private static final int POLL_MS = 20;

    private final Path device;
    private final String name;
    private final int mappingSize;
    private final Thread thread = new Thread(this::run, "raw-server");
    private final CountDownLatch ready = new CountDownLatch(1);
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<Event> others = new CopyOnWriteArrayList<>();
    private volatile Behaviour behaviour = RawServer::answer;
    private volatile boolean stopped;

    /** What to do with a call. */
    interface Behaviour {
        void serve(RawClient raw, Event call);
    }

    /** Serves under a name, which it has when this returns. */
    RawServer(Path device, String name, int mappingSize) throws InterruptedException {
        this.device = device;
        this.name = name;
        this.mappingSize = mappingSize;
        thread.start();
        assertTrue(ready.await(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS), () -> "not ready: " + failures);
    }

    /** Answers that there was no exception, and nothing else. */
    static void answer(RawClient raw, Event call) {
        raw.reply(call, 0, new RawParcel().int32(0));
    }

    void will(Behaviour next) {
        behaviour = next;
    }

    /** The commands that came and were no calls, of which failures of the server's own replies are some. */
    List<Event> others() {
        return others;
    }

    private void run() {
        try (RawClient raw = new RawClient(device, mappingSize)) {
            register(raw);
            raw.command(RawClient.BC_ENTER_LOOPER).writeAll();
            ready.countDown();
            while (!stopped && !raw.isClosed()) {
                Event event = raw.poll(POLL_MS);
                if (event != null && event.command == RawClient.BR_TRANSACTION) {
                    behaviour.serve(raw, event);
                } else if (event != null && event.command != RawClient.BR_TRANSACTION_COMPLETE) {
                    others.add(event);
                }
            }
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private void register(RawClient raw) {
        if (mappingSize > 0) {
            raw.addService(name, OBJECT);
        } else {
            // The answer cannot be delivered to who has no room for it.
            assertEquals(RawClient.BR_DEAD_REPLY, raw.offer(name, OBJECT).command);
        }
    }

    /** Ends the process, in the driver's eyes. */
    void close() throws InterruptedException {
        stopped = true;
        thread.join(Await.PATIENCE.toMillis());
        assertEquals(List.of(), failures);
    }
}
