package io.github.binder4j.runtime;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.driver.ScriptedDriver;
import io.github.binder4j.driver.ScriptedDriver.Command;
import io.github.binder4j.parcel.ParcelData;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** A process on a scripted driver, and what its tests share. The creating thread is the scripted one. */
final class ScriptedProcess {
    static final int STABILITY = 12;

    final ScriptedDriver driver = new ScriptedDriver();
    final ProcessState process;
    final RemoteObject manager;

    ScriptedProcess() {
        this(new DeviceThreads());
    }

    ScriptedProcess(DeviceThreads threads) {
        process = new ProcessState(driver.device(), threads);
        manager = (RemoteObject) process.contextManager();
    }

    /** Closes the device and checks that every buffer was freed once at most. */
    void close() {
        process.close();
        assertEquals(List.of(), driver.mistakes());
    }

    // Calls

    /** A call of the manager that is answered with {@code data}; returns the reply. */
    ParcelData call(byte[] data, long... offsets) throws TransactionFailure {
        driver.answer(returns -> returns.noop().complete().reply(data, offsets));
        ParcelData reply = new ParcelData();
        assertEquals(Status.OK, transact(new ParcelData(), reply));
        return reply;
    }

    int transact(ParcelData data, ParcelData reply) throws TransactionFailure {
        return process.transact(manager, 1, data, reply, 0);
    }

    /** The stand-in for a handle that arrives in a reply, which is recycled. */
    RemoteObject receive(int handle) throws TransactionFailure {
        ParcelData reply = call(flatHandle(handle), 0);
        RemoteObject object = (RemoteObject) reply.readObject();
        reply.recycle();
        return object;
    }

    /** The ptr of the first object in the data of the last transaction or reply. */
    long lastPtr() {
        List<Command> commands = driver.lastOwnCall().commands();
        return commands.get(commands.size() - 1).dataBuffer().getLong(8);
    }

    static ParcelData parcelOf(Object... objects) {
        ParcelData data = new ParcelData();
        for (Object object : objects) {
            data.writeObject(object, STABILITY);
        }
        return data;
    }

    static byte[] ints(int... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            data.putInt(value);
        }
        return data.array();
    }

    static byte[] flatHandle(int handle) {
        return ints(0x73682a85, 0, handle, 0, 0, 0, STABILITY);
    }

    static byte[] flatBinder(long ptr) {
        return ints(0x73622a85, 0, (int) ptr, (int) (ptr >>> 32), 0, 0, STABILITY);
    }

    // The collector

    /** Runs the collector until {@code done}; the test's timeout ends it if that never comes. */
    static void collectUntil(BooleanSupplier done) throws InterruptedException {
        while (!done.getAsBoolean()) {
            collectOnce();
        }
    }

    /** Returns after the cleaner has run what became unreachable before this call. */
    static void collectOnce() throws InterruptedException {
        CountDownLatch cleaned = new CountDownLatch(1);
        Object sentinel = new Object();
        ProcessState.CLEANER.register(sentinel, cleaned::countDown);
        Reference.reachabilityFence(sentinel);
        sentinel = null;
        do {
            System.gc();
        } while (!cleaned.await(10, java.util.concurrent.TimeUnit.MILLISECONDS));
    }

    /** An object whose calls a lambda serves. */
    static final class Served extends LocalObject {
        interface Handler {
            int serve(int code, ParcelData data, ParcelData reply, int flags);
        }

        private final Handler handler;

        Served(Handler handler) {
            this.handler = handler;
        }

        /** One that is not called. */
        Served() {
            this((code, data, reply, flags) -> {
                throw new AssertionError("called");
            });
        }

        @Override
        protected int transact(int code, ParcelData data, ParcelData reply, int flags) {
            return handler.serve(code, data, reply, flags);
        }
    }
}
