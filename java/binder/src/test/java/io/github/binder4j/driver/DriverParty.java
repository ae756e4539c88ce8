package io.github.binder4j.driver;

import static io.github.binder4j.driver.Commands.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.binder4j.driver.ScriptedDriver.Returns;
import io.github.binder4j.memory.OffHeap;
import io.github.binder4j.memory.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One process on a device, with one thread: who the {@link DriverContract} is between. */
public abstract class DriverParty implements TransactionHandler, ObjectRegistry {
    public final BinderDriver device;
    public final DriverThread thread;
    final DriverRules rules;
    final List<String> notices = new ArrayList<>();
    private long buffer;
    private boolean closed;

    protected DriverParty(BinderDriver device, DriverRules rules) {
        this.device = device;
        this.rules = rules;
        this.thread = new DriverThread(device);
    }

    /** The next read brings this. */
    protected abstract void says(Consumer<Returns> expected);

    /** A read of what was last {@link #says said}. */
    protected abstract void read();

    /** The next write is taken to that many bytes. */
    protected abstract void takes(int bytes);

    /** From now on the driver refuses this command. */
    protected abstract void refuses(int word);

    /** This is why the last transaction failed: a negative errno, or 0. */
    protected abstract void failedBecause(int param);

    /** Becoming the context manager ends with this. */
    protected abstract void answersToTheClaimOfHandle0(int result);

    void reads(Consumer<Returns> expected) {
        says(expected);
        read();
    }

    void enter() {
        thread.enterLooper();
        thread.flush();
    }

    /** A read would wait. */
    void hearsNothing() {
        assertEquals(0, device.calls().pollReadable(device.descriptor().fd, 0));
    }

    /** Waits until a read would bring something. */
    void hearsSomething() {
        assertEquals(1, device.calls().pollReadable(device.descriptor().fd, -1));
    }

    void calls(int flags, Payload data) {
        calls(DriverContract.HANDLE, flags, data);
    }

    public void calls(int handle, int flags, Payload data) {
        thread.transaction(handle, DriverContract.CODE, flags, data);
        thread.flush();
    }

    void replies(int flags, Payload data) {
        thread.reply(flags, data);
        thread.flush();
    }

    /** The outcomes of the last read; news of objects are answered with the next write. */
    public List<Integer> outcomes() {
        List<Integer> outcomes = new ArrayList<>();
        while (thread.hasReturns()) {
            int outcome = thread.dispatchNext(this, this);
            if (outcome == BR_REPLY) {
                buffer = thread.dataAddress();
            }
            if (outcome != 0) {
                outcomes.add(outcome);
            }
        }
        return outcomes;
    }

    /** Gives back the buffer dispatched last, with the next write. */
    public void frees() {
        thread.freeBuffer(buffer);
    }

    public void freesNow() {
        frees();
        thread.flush();
    }

    /** An int of the data dispatched last. */
    int intAt(int offset) {
        return OffHeap.viewReadOnly(buffer, offset + Integer.BYTES).bytes.getInt(offset);
    }

    void checkExtendedError(int param) {
        failedBecause(param);
        assertEquals(param, thread.takeExtendedError());
        assertEquals(0, thread.takeExtendedError());
    }

    /** Ends the process, in the driver's eyes. */
    void close() {
        if (!closed) {
            closed = true;
            device.beginClose();
            device.closeDescriptor();
            device.unmap();
        }
    }

    @Override
    public void onTransaction() {
        buffer = thread.dataAddress();
    }

    @Override
    public void onSpawnLooper() {
        notices.add("spawn");
    }

    @Override
    public void onIncrefs(long ptr) {
        notices.add("increfs");
    }

    @Override
    public void onAcquire(long ptr) {
        notices.add("acquire");
    }

    @Override
    public void onRelease(long ptr) {
        notices.add("release");
    }

    @Override
    public void onDecrefs(long ptr) {
        notices.add("decrefs");
    }

    @Override
    public void onDeadBinder(long cookie) {
        notices.add("dead");
    }

    @Override
    public void onDeathNotificationCleared(long cookie) {
        notices.add("death cleared");
    }

    @Override
    public void onFrozenBinder(long cookie, boolean frozen) {
        notices.add("frozen " + frozen);
    }

    @Override
    public void onFreezeNotificationCleared(long cookie) {
        notices.add("freeze cleared");
    }

    @Override
    public void onUnknownReturn(int command) {
        notices.add("unknown");
    }
}
