package io.github.binder4j.testkit;

import java.lang.reflect.Constructor;

/** Instances that no constructor has touched: JUnit wants one of the test class, whose constructor belongs in the container. */
final class Unconstructed {

    private Unconstructed() {}

    /** By the JDK's support for serialisation libraries; named in a string because javac cannot be told to accept it. */
    static <T> T instanceOf(Class<T> type) throws ReflectiveOperationException {
        Class<?> factoryClass = Class.forName("sun.reflect.ReflectionFactory");
        Object factory = factoryClass.getMethod("getReflectionFactory").invoke(null);
        Constructor<?> constructor = (Constructor<?>) factoryClass
                .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(factory, type, Object.class.getDeclaredConstructor());
        return type.cast(constructor.newInstance());
    }
}
