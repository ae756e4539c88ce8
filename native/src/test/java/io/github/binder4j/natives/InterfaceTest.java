package io.github.binder4j.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The native methods and the number of their interface, which tells a C layer of another version. */
class InterfaceTest {
    private static final List<Class<?>> CLASSES =
            List.of(BinderNative.class, NativeDescriptors.class, NativeLibrary.class, NativeMemory.class);

    /** Of the number and the methods that it stands for. */
    private static final String DIGEST = "4a1593fbb651a148";

    @Test
    void shouldHaveANumberOfItsOwn() throws NoSuchAlgorithmException {
        String digest = digest(NativeLibrary.INTERFACE + "\n"
                + natives().map(Method::toString).sorted().collect(Collectors.joining("\n")));

        assertEquals(
                DIGEST,
                digest,
                "the native methods are others: raise B4J_INTERFACE (library.h) and NativeLibrary.INTERFACE, so that neither"
                        + " the old classes nor the old library are taken for the new ones; then put here the digest that this"
                        + " test finds");
    }

    /** What JavaCPP does with any other needs its own classes, which are not there when a program runs. */
    @Test
    void shouldTakeAndGivePrimitivesAlone() {
        natives()
                .filter(method -> method.getDeclaringClass() == BinderNative.class)
                .flatMap(method -> Stream.concat(
                                Stream.of(method.getReturnType()), Stream.of(method.getParameterTypes()))
                        .filter(type -> !type.isPrimitive() && type != byte[].class)
                        .map(type -> method + " has " + type))
                .forEach(wrong -> assertTrue(false, wrong));
    }

    private static Stream<Method> natives() {
        return CLASSES.stream()
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> Modifier.isNative(method.getModifiers()));
    }

    private static String digest(String text) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, 8);
    }
}
