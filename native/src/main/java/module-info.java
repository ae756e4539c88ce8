/** The C layer of binder4j, bound by JavaCPP when it is built; for the library only. */
@SuppressWarnings("module") // the library is built after this module
module io.github.binder4j.natives {
    requires static org.bytedeco.javacpp;

    exports io.github.binder4j.natives to
            io.github.binder4j;
}
