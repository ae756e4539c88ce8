package io.github.binder4j.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Carries a Throwable from the container to the host. */
final class Failures {

    private static final int MAX_CAUSES = 20;

    private Failures() {}

    /** The throwable itself, or a {@link RemoteFailure} in its likeness when something in it cannot be serialised. */
    static byte[] serialize(Throwable failure) {
        try {
            return write(failure);
        } catch (IOException | RuntimeException e) {
            return serializeLikeness(failure);
        }
    }

    private static byte[] serializeLikeness(Throwable failure) {
        try {
            return write(RemoteFailure.of(failure, MAX_CAUSES));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] write(Throwable failure) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
            objects.writeObject(failure);
        }
        return bytes.toByteArray();
    }

    /**
     * The throwable that was serialised.
     *
     * @param text stands in for it when it cannot be read back
     * @param loader knows the classes of the tests
     */
    static Throwable deserialize(byte[] failure, String text, ClassLoader loader) {
        try (ObjectInputStream objects = new LoaderObjectInputStream(new ByteArrayInputStream(failure), loader)) {
            return (Throwable) objects.readObject();
        } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError e) {
            RemoteFailure likeness = new RemoteFailure(text);
            likeness.addSuppressed(e);
            return likeness;
        }
    }

    static String describe(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private static final class LoaderObjectInputStream extends ObjectInputStream {
        private final ClassLoader loader;

        LoaderObjectInputStream(InputStream in, ClassLoader loader) throws IOException {
            super(in);
            this.loader = loader;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, loader);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description);
            }
        }
    }
}
