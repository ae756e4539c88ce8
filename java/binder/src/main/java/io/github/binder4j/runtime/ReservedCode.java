package io.github.binder4j.runtime;

/** Codes that libbinder answers for every object, whatever its class does; those Java's {@code IBinder} has no name for. */
public final class ReservedCode {
    /** {@code _EXT}: the object's extension, a strong binder. */
    public static final int EXTENSION = '_' << 24 | 'E' << 16 | 'X' << 8 | 'T';

    /** {@code _PID}: the object's process, an int. */
    public static final int DEBUG_PID = '_' << 24 | 'P' << 16 | 'I' << 8 | 'D';

    private ReservedCode() {}
}
