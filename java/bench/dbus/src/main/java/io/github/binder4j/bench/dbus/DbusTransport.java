package io.github.binder4j.bench.dbus;

import io.github.binder4j.bench.result.Transports;
import io.github.binder4j.bench.transport.Arrivals;
import io.github.binder4j.bench.transport.Serving;
import io.github.binder4j.bench.transport.Shapes;
import io.github.binder4j.bench.worker.ArrayMessage;
import io.github.binder4j.bench.worker.Connection;
import io.github.binder4j.bench.worker.Message;
import io.github.binder4j.bench.worker.Transport;
import java.util.concurrent.CountDownLatch;
import org.freedesktop.dbus.connections.IDisconnectCallback;
import org.freedesktop.dbus.connections.impl.DirectConnection;
import org.freedesktop.dbus.connections.impl.DirectConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.utils.Util;

/**
 * dbus-java without a bus: peer to peer on Unix domain sockets. A listening connection has one peer, so there is a socket for
 * each, whose path is the address and the connection's number. Threads are dbus-java's own choice: on each side of each
 * connection one that sends and one that receives, and at the server up to four that answer.
 */
public final class DbusTransport implements Transport {
    @Override
    public String name() {
        return Transports.DBUS;
    }

    @Override
    public void serve(String address, int threads) throws DBusException, InterruptedException {
        CountDownLatch bound = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Listener listener = new Listener(busAddress(address, i), bound::countDown);
            Serving.thread("dbus " + i, listener.connection::listen);
        }
        bound.await();
    }

    @Override
    public Connection connect(String address, int index) throws DBusException {
        return new Client(DirectConnectionBuilder.forAddress(busAddress(address, index))
                .build()
                .getRemoteObject(BenchService.PATH, BenchService.class));
    }

    private static String busAddress(String address, int index) {
        return "unix:path=" + address + '-' + index;
    }

    /** A connection that waits for a peer. When that leaves it is to end: dbus-java would read and read the end of the stream. */
    private static final class Listener implements IDisconnectCallback {
        private final DirectConnection connection;

        Listener(String busAddress, Runnable bound) throws DBusException {
            connection = DirectConnectionBuilder.forAddress(busAddress + ",listen=true,guid=" + Util.genGUID())
                    .withDisconnectCallback(this)
                    .transportConfig()
                    .withAfterBindCallback(transport -> bound.run())
                    .back()
                    .build();
            connection.exportObject(BenchService.PATH, new Service());
        }

        @Override
        public void clientDisconnect() {
            connection.disconnect();
        }
    }

    /** Of one connection. Its methods run in several threads at once and in any order. */
    private static final class Service implements BenchService {
        private final Arrivals arrivals = new Arrivals();
        private volatile RuntimeException refused;

        @Override
        public byte[] exchange(byte[] message) {
            return ArrayMessage.kind(message) == Message.FLUSH ? flush(message) : ArrayMessage.answer(message);
        }

        private byte[] flush(byte[] message) {
            long arrived = arrivals.await(ArrayMessage.sequence(message));
            if (refused != null) {
                throw refused;
            }
            return ArrayMessage.arrived(arrived);
        }

        @Override
        public void send(byte[] message) {
            try {
                ArrayMessage.check(message);
            } catch (RuntimeException e) {
                refused = e; // told to the next flush: nobody waits for an answer to this message
            }
            arrivals.add();
        }

        @Override
        public boolean isRemote() {
            return false;
        }

        @Override
        public String getObjectPath() {
            return PATH;
        }
    }

    private static final class Client implements Connection {
        private final BenchService service;
        private final byte[] flush = ArrayMessage.of(Message.FLUSH, 0);
        private byte[] outgoing;

        Client(BenchService service) {
            this.service = service;
        }

        @Override
        public void prepare(String shape, int sizeBytes) {
            outgoing = ArrayMessage.of(Shapes.kindOf(shape), sizeBytes);
        }

        @Override
        public void exchange(long sequence) {
            ArrayMessage.setSequence(outgoing, sequence);
            ArrayMessage.checkAnswer(service.exchange(outgoing), outgoing);
        }

        /** Without its sequence, which nobody reads: the array is sent by another thread, later. */
        @Override
        public void send(long sequence) {
            service.send(outgoing);
        }

        @Override
        public void flush(long sent) {
            ArrayMessage.setSequence(flush, sent);
            ArrayMessage.checkAnswer(service.exchange(flush), flush);
        }
    }
}
