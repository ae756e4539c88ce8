package io.github.binder4j.bench.dbus;

import org.freedesktop.dbus.annotations.DBusInterfaceName;
import org.freedesktop.dbus.annotations.MethodNoReply;
import org.freedesktop.dbus.interfaces.DBusInterface;

/** What the server exports. Public, as dbus-java makes proxies of it and calls it by reflection. */
@DBusInterfaceName("io.github.binder4j.Bench")
public interface BenchService extends DBusInterface {
    String PATH = "/io/github/binder4j/Bench";

    /** Answers a message, as the bytes of an answer. */
    byte[] exchange(byte[] message);

    /** Takes a message without an answer. */
    @MethodNoReply
    void send(byte[] message);
}
