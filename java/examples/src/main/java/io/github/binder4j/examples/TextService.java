package io.github.binder4j.examples;

import android.os.Binder;
import android.os.RemoteException;
import android.os.ServiceManager;
import io.github.binder4j.BinderDevice;
import io.github.binder4j.BlobView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** The example's service: offers {@link IText} under a name and serves until it is killed. */
public final class TextService extends IText.Stub {
    static final String NAME = "text";

    private volatile String lastNote = "(none)";

    public static void main(String[] args) {
        ServiceManager.addService(NAME, new TextService());
        System.out.println("ready: registered as \"" + NAME + "\"");
        Binder.joinThreadPool();
    }

    @Override
    public String transform(String text) {
        if (text == null) {
            throw new IllegalArgumentException("transform(null): a text is needed");
        }
        System.out.println("transform(\"" + text + "\") called by user " + getCallingUid() + ", "
                + (getCallingPid() == 0 ? "whose process is in another pid namespace" : "process " + getCallingPid()));
        return new StringBuilder(text).reverse().toString().toUpperCase(Locale.ROOT);
    }

    @Override
    public void note(String text) {
        System.out.println("note(\"" + text + "\") called oneway");
        lastNote = text;
    }

    @Override
    protected Receipt deliver(BlobView data) {
        BinderDevice device = BinderDevice.getDefault();
        long offset = device.offsetInMapping(data);
        CRC32 checksum = new CRC32();
        data.update(checksum);
        System.out.printf(
                "received %d bytes, read in place at offset 0x%x of the driver's mapping%n", data.size(), offset);
        System.out.println("/proc/self/maps shows it: " + mappingLine(device.path()));
        return new Receipt(checksum.getValue(), offset);
    }

    @Override
    public void callBack(ITextListener listener) throws RemoteException {
        System.out.println("calling the client back through the object it passed");
        listener.onText("your note was: " + lastNote);
    }

    private static String mappingLine(Path device) {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.endsWith("/" + device.getFileName()))
                    .collect(Collectors.joining("; "));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/self/maps", e);
        }
    }
}
