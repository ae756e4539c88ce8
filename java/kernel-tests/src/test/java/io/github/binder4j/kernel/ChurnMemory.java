package io.github.binder4j.kernel;

import android.os.Parcel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process uses.
 *
 * @param heapBytes objects on its heap after a collection
 * @param residentKib memory of all kinds
 */
record ChurnMemory(long heapBytes, long residentKib) {

    static ChurnMemory here() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new ChurnMemory(runtime.totalMemory() - runtime.freeMemory(), residentKibNow());
    }

    private static long residentKibNow() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String line =
                    lines.filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(Parcel parcel) {
        parcel.writeLong(heapBytes);
        parcel.writeLong(residentKib);
    }

    static ChurnMemory read(Parcel parcel) {
        return new ChurnMemory(parcel.readLong(), parcel.readLong());
    }
}
