package io.github.binder4j.programs;

/**
 * Loads the C layer, and says how that went. In a package of its own: where the C layer is a module, its package is no longer
 * looked for on the class path.
 */
public final class LoadProgram {
    private LoadProgram() {}

    public static void main(String[] args) throws ReflectiveOperationException {
        try {
            // Initialised, not used: a module exports it to the library alone.
            Class.forName("io.github.binder4j.natives.BinderNative");
            System.out.println("loaded");
        } catch (LinkageError e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
