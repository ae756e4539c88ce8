package io.github.binder4j.kernel;

import android.os.Binder;
import android.os.IBinder;
import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import android.os.ParcelFileDescriptor.AutoCloseInputStream;
import android.os.ParcelFileDescriptor.AutoCloseOutputStream;
import android.os.RemoteException;
import android.os.ServiceManager;
import com.sun.management.UnixOperatingSystemMXBean;
import io.github.binder4j.BlobView;
import io.github.binder4j.Buffers;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A service that takes and gives file descriptors: a process of its own, or an object of the test's. */
final class DescriptorPeer extends Binder {
    static final String READY = "descriptors: ready";
    static final String NAME = "descriptors";

    /** A pipe's end to write a string to. */
    static final int WRITE = FIRST_CALL_TRANSACTION;
    /** Answers a pipe's end to read a string from. */
    static final int GIVE = FIRST_CALL_TRANSACTION + 1;
    /** Answers what it reads from a pipe's end. */
    static final int READ = FIRST_CALL_TRANSACTION + 2;
    /** Reads nothing of its arguments. */
    static final int IGNORE = FIRST_CALL_TRANSACTION + 3;

    static final int THROW = FIRST_CALL_TRANSACTION + 4;
    /** Throws after it wrote a descriptor into its reply. */
    static final int THROW_LATE = FIRST_CALL_TRANSACTION + 5;
    /** Answers an array in the other order. */
    static final int REVERSE = FIRST_CALL_TRANSACTION + 6;
    /** Drops what it reads. */
    static final int DROP = FIRST_CALL_TRANSACTION + 7;
    /** Writes a byte to every descriptor of an array in a buffer. */
    static final int WRITE_TO_ARRAY = FIRST_CALL_TRANSACTION + 8;
    /** Answers how many pipe ends this process has open. */
    static final int COUNT = FIRST_CALL_TRANSACTION + 9;
    /**
     * Opens as many descriptors as this process may, less {@link #ROOM}: each of a JVM's threads needs one to load a
     * class, and its compiler threads read the cgroup's files.
     */
    static final int FILL = FIRST_CALL_TRANSACTION + 10;

    static final int EMPTY = FIRST_CALL_TRANSACTION + 11;
    /** Calls {@link #GIVE_MANY} of an object while the process is full; answers what came of it. */
    static final int ASK_WHILE_FULL = FIRST_CALL_TRANSACTION + 12;

    static final int COLLECT = FIRST_CALL_TRANSACTION + 13;
    /** Answers an array of as many as asked for. */
    static final int GIVE_MANY = FIRST_CALL_TRANSACTION + 14;
    /** Waits for {@link #LET_GO}. */
    static final int WAIT = FIRST_CALL_TRANSACTION + 15;

    static final int LET_GO = FIRST_CALL_TRANSACTION + 16;
    static final int NOTE = FIRST_CALL_TRANSACTION + 17;
    /** How often {@link #NOTE} came since this was asked last. */
    static final int NOTED = FIRST_CALL_TRANSACTION + 18;
    /** Known to nobody. */
    static final int UNKNOWN = FIRST_CALL_TRANSACTION + 19;

    private static final int ROOM = 20;
    /** More than {@link #FILL} leaves room for. */
    static final int SEVERAL = 2 * ROOM;

    private final List<ParcelFileDescriptor> filling = new ArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger notes = new AtomicInteger();

    /** Arguments: the name to be found under. */
    public static void main(String[] args) {
        ServiceManager.addService(args.length == 0 ? NAME : args[0], new DescriptorPeer());
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> System.out.println("descriptors: uncaught " + e));
        System.out.println(READY);
        Binder.joinThreadPool();
    }

    @Override
    protected boolean onTransact(int code, Parcel data, Parcel reply, int flags) throws RemoteException {
        if (code < FIRST_CALL_TRANSACTION || code >= UNKNOWN) {
            return super.onTransact(code, data, reply, flags);
        }
        data.enforceInterface(Peer.DESCRIPTOR);
        try {
            serve(code, data, reply);
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return true;
    }

    private void serve(int code, Parcel data, Parcel reply) throws IOException, RemoteException {
        switch (code) {
            case WRITE -> write(data.readTypedObject(ParcelFileDescriptor.CREATOR), data.readString());
            case GIVE -> give(data.readString(), reply);
            case READ -> answerRead(data, reply);
            case IGNORE -> reply.writeNoException();
            case THROW -> throw new IllegalStateException("as asked");
            case THROW_LATE -> {
                give("never read", reply);
                throw new IllegalStateException("as asked");
            }
            case REVERSE -> reverse(data.createRawFileDescriptorArray(), reply);
            case DROP -> data.readFileDescriptor();
            case WRITE_TO_ARRAY -> writeToArray(data, reply);
            case COUNT -> {
                reply.writeNoException();
                reply.writeInt(openPipeEnds());
            }
            case FILL -> fill();
            case EMPTY -> empty();
            case COLLECT -> System.gc();
            case GIVE_MANY -> giveMany(data.readInt(), reply);
            case ASK_WHILE_FULL -> askWhileFull(data.readStrongBinder(), reply);
            default -> serveMore(code, reply);
        }
    }

    private void serveMore(int code, Parcel reply) {
        reply.writeNoException();
        switch (code) {
            case WAIT -> permits.acquireUninterruptibly();
            case LET_GO -> permits.release();
            case NOTE -> notes.incrementAndGet();
            case NOTED -> reply.writeInt(notes.getAndSet(0));
            default -> throw new AssertionError(code);
        }
    }

    static int openPipeEnds() throws IOException {
        return OwnProcess.descriptors("pipe:.*").size();
    }

    static void write(ParcelFileDescriptor to, String text) throws IOException {
        try (AutoCloseOutputStream out = new AutoCloseOutputStream(to)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What comes out of a pipe until its end, which comes when nobody has its other end any more. */
    static String read(ParcelFileDescriptor from) throws IOException {
        try (InputStream in = new BufferedInputStream(new AutoCloseInputStream(from))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void give(String text, Parcel reply) throws IOException {
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        write(pipe[1], text);
        reply.writeNoException();
        reply.writeTypedObject(pipe[0], ParcelFileDescriptor.PARCELABLE_WRITE_RETURN_VALUE);
    }

    private static void giveMany(int count, Parcel reply) throws IOException {
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        reply.writeNoException();
        reply.writeInt(count);
        for (int i = 0; i < count; i++) {
            reply.writeFileDescriptor(pipe[0].getFileDescriptor());
        }
        pipe[0].close();
        pipe[1].close();
    }

    private static void answerRead(Parcel data, Parcel reply) throws IOException {
        String text = read(data.readFileDescriptor());
        reply.writeNoException();
        reply.writeString(text);
    }

    private static void reverse(FileDescriptor[] descriptors, Parcel reply) throws IOException {
        FileDescriptor[] reversed = new FileDescriptor[descriptors.length];
        for (int i = 0; i < reversed.length; i++) {
            reversed[i] = descriptors[reversed.length - 1 - i];
        }
        reply.writeNoException();
        reply.writeRawFileDescriptorArray(reversed);
        for (FileDescriptor descriptor : descriptors) {
            new FileOutputStream(descriptor).close();
        }
    }

    private static void writeToArray(Parcel data, Parcel reply) throws IOException {
        BlobView numbers = Buffers.view(data);
        ParcelFileDescriptor[] copies = Buffers.createDescriptorArray(data);
        reply.writeNoException();
        reply.writeInt(copies.length);
        for (int i = 0; i < copies.length; i++) {
            try (ParcelFileDescriptor second = ParcelFileDescriptor.fromFd(numbers.getInt(i * 4))) {
                new FileOutputStream(second.getFileDescriptor()).write('a' + i);
            }
            write(copies[i], "" + i);
        }
    }

    private void fill() throws IOException {
        ParcelFileDescriptor[] pipe = ParcelFileDescriptor.createPipe();
        filling.add(pipe[0]);
        filling.add(pipe[1]);
        UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        long free = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount();
        for (long i = free; i > ROOM; i--) {
            filling.add(pipe[0].dup());
        }
    }

    private void empty() throws IOException {
        for (ParcelFileDescriptor descriptor : filling) {
            descriptor.close();
        }
        filling.clear();
    }

    private void askWhileFull(IBinder target, Parcel reply) throws IOException, RemoteException {
        String outcome;
        fill();
        try {
            outcome = Calls.call(
                    target, GIVE_MANY, data -> data.writeInt(SEVERAL), result -> "came: " + result.dataSize());
        } catch (RemoteException e) {
            outcome = e.getMessage();
        } finally {
            empty();
        }
        reply.writeNoException();
        reply.writeString(outcome);
    }
}
