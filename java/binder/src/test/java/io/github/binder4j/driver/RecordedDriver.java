package io.github.binder4j.driver;

import static io.github.binder4j.driver.ScriptedDriver.view;

import io.github.binder4j.driver.ScriptedDriver.Command;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** A device of the kernel's driver, whose every exchange is held against the rules that scripts are held to. */
public final class RecordedDriver implements DriverCalls {
    /** What the calling thread's last BINDER_WRITE_READ did. */
    private record Exchange(int consumed, ByteBuffer read) {}

    private final BinderDriver device;
    private final DriverRules rules;
    private final ThreadLocal<Exchange> last = new ThreadLocal<>();

    /** Opens a device, to be closed as any is. */
    public RecordedDriver(Path path, int mappingSizeBytes) {
        BinderDriver opened = BinderDriver.open(path, mappingSizeBytes);
        rules = new DriverRules(opened.mapping());
        device = new BinderDriver(this, opened.descriptor(), opened.protocolVersion(), opened.mapping());
    }

    public BinderDriver device() {
        return device;
    }

    public DriverRules rules() {
        return rules;
    }

    /** What the calling thread's last BINDER_WRITE_READ brought. */
    ByteBuffer lastRead() {
        return last.get().read();
    }

    /** How many bytes of the calling thread's last write the driver took. */
    int lastConsumed() {
        return last.get().consumed();
    }

    @Override
    public long writeRead(int fd, long bwrAddress, int writeSize, int readSize) {
        ByteBuffer bwr = view(bwrAddress, 48);
        List<Command> offered = ScriptedDriver.decode(view(bwr.getLong(16), writeSize), writeSize);
        rules.begin(offered);
        long result = KERNEL.writeRead(fd, bwrAddress, writeSize, readSize);
        int consumed = (int) bwr.getLong(8);
        ByteBuffer read =
                copy(view(bwr.getLong(40), readSize), readSize == 0 || result < 0 ? 0 : (int) bwr.getLong(32));
        last.set(new Exchange(consumed, read));
        rules.end(
                offered,
                ScriptedDriver.within(offered, consumed),
                (int) Math.min(result, 0),
                readSize == 0 ? null : read,
                readSize);
        return result;
    }

    private static ByteBuffer copy(ByteBuffer source, int size) {
        byte[] bytes = new byte[size];
        source.get(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** In two steps, so that both are recorded. */
    @Override
    public long replyAndRead(int fd, long bwrAddress, int writeSize, int readSize) {
        return ScriptedDriver.replyAndRead(this, fd, bwrAddress, writeSize, readSize);
    }

    @Override
    public int extendedError(int fd, long outAddress) {
        int result = KERNEL.extendedError(fd, outAddress);
        if (result == 0) {
            rules.extendedErrorIs(view(outAddress, 12).getInt(8));
        }
        return result;
    }

    @Override
    public int enterThread(long deviceSlot) {
        return KERNEL.enterThread(deviceSlot);
    }

    @Override
    public int leaveThread(long deviceSlot) {
        rules.threadExits();
        return KERNEL.leaveThread(deviceSlot);
    }

    @Override
    public int setMaxThreads(int fd, int count) {
        rules.maxThreadsAre(count);
        return KERNEL.setMaxThreads(fd, count);
    }

    @Override
    public int becomeContextManager(int fd, int nodeFlags) {
        return KERNEL.becomeContextManager(fd, nodeFlags);
    }

    @Override
    public int enableOnewaySpamDetection(int fd, int enable) {
        rules.spamDetectionIsOn();
        return KERNEL.enableOnewaySpamDetection(fd, enable);
    }

    @Override
    public int freeze(int fd, int pid, int enable, int timeoutMs) {
        return KERNEL.freeze(fd, pid, enable, timeoutMs);
    }

    @Override
    public int frozenInfo(int fd, long inOutAddress) {
        return KERNEL.frozenInfo(fd, inOutAddress);
    }

    @Override
    public int nodeDebugInfo(int fd, long inOutAddress) {
        return KERNEL.nodeDebugInfo(fd, inOutAddress);
    }

    @Override
    public int nodeInfoForRef(int fd, long inOutAddress) {
        return KERNEL.nodeInfoForRef(fd, inOutAddress);
    }

    @Override
    public int pollReadable(int fd, int timeoutMs) {
        return KERNEL.pollReadable(fd, timeoutMs);
    }

    @Override
    public int wakeThreads(int fd, int copy) {
        return KERNEL.wakeThreads(fd, copy);
    }

    @Override
    public void close(int fd, int copy, long deviceSlot) {
        KERNEL.close(fd, copy, deviceSlot);
    }

    @Override
    public int replaceMapping(long address, long size) {
        return KERNEL.replaceMapping(address, size);
    }

    @Override
    public Runnable unmapping(long address, long size) {
        return KERNEL.unmapping(address, size);
    }
}
