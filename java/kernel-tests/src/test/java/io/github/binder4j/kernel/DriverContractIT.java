package io.github.binder4j.kernel;

import static io.github.binder4j.driver.Commands.BR_REPLY;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.BinderDevice;
import io.github.binder4j.driver.DriverContract;
import io.github.binder4j.driver.DriverParty;
import io.github.binder4j.driver.RecordedDriver;
import io.github.binder4j.driver.RecordedParty;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import io.github.binder4j.testkit.BinderTest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract, with the kernel's own words: that the scripted driver keeps to it too is a unit test's to say. */
@Tag("binderfs")
@BinderTest(serviceManager = true)
class DriverContractIT extends DriverContract {
    private static final int FREEZE_TIMEOUT_MS = 20_000;
    private static final int GET_SERVICE = 1;
    private static final int ADD_SERVICE = 5;
    private static final int DUMP_PRIORITY_DEFAULT = 8;

    private static final AtomicInteger OFFERED = new AtomicInteger();

    /** This process outside of the container, where it is frozen. */
    private static int pid;

    private final Map<DriverParty, String> names = new HashMap<>();

    @BeforeAll
    static void openFirst() {
        pid = BinderLogs.ofThisProcess().pid();
    }

    /** On another thread, for opening asks the driver for its version: a thread's first read is its first ioctl. */
    @Override
    protected DriverParty open(int mappingSize) {
        Path path = BinderDevice.getDefault().path();
        return new RecordedParty(CompletableFuture.supplyAsync(() -> new RecordedDriver(path, mappingSize))
                .join());
    }

    @Override
    protected void offer(DriverParty server) {
        String name = "contract-" + OFFERED.incrementAndGet();
        names.put(server, name);
        RawParcel arguments = manager().string16(name).binder(NODE).int32(0).int32(DUMP_PRIORITY_DEFAULT);
        call(server, ADD_SERVICE, arguments);
        server.freesNow();
    }

    @Override
    protected void find(DriverParty server, DriverParty client, int handle) {
        call(client, GET_SERVICE, manager().string16(names.get(server)));
        client.thread.acquire(handle);
        client.freesNow();
    }

    private static RawParcel manager() {
        return new RawParcel().token("android.os.IServiceManager");
    }

    private static void call(DriverParty party, int code, RawParcel arguments) {
        party.thread.transaction(0, code, 0, new Sent(arguments));
        List<Integer> outcomes = List.of();
        while (!outcomes.contains(BR_REPLY)) {
            party.thread.writeRead();
            outcomes = party.outcomes();
        }
        assertEquals(0, party.thread.flags());
    }

    @Override
    protected void freeze(DriverParty any, boolean frozen) {
        any.device.freeze(pid, frozen, FREEZE_TIMEOUT_MS);
    }

    @Override
    protected boolean tellsOfFreezing() {
        return Kernel.tellsOfFreezing();
    }

    private record Sent(RawParcel parcel, ByteBuffer table) implements Payload {
        Sent(RawParcel parcel) {
            this(parcel, parcel.offsetTable());
        }

        @Override
        public long dataAddress() {
            return OffHeap.addressOf(parcel.data);
        }

        @Override
        public int dataSize() {
            return (int) parcel.dataSize();
        }

        @Override
        public long offsetsAddress() {
            return OffHeap.addressOf(table);
        }

        @Override
        public int offsetsSize() {
            return (int) parcel.offsetsSize();
        }
    }
}
