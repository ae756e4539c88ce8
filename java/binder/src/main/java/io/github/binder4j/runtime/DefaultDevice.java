package io.github.binder4j.runtime;

import io.github.binder4j.driver.BinderDriver;
import io.github.binder4j.driver.GivenPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The device a program uses when it names none, opened when first needed. */
public final class DefaultDevice {
    /** System property that names the device. */
    public static final String PROPERTY = "binder4j.device";
    /** Environment variable that names the device. */
    public static final String ENVIRONMENT = "BINDER4J_DEVICE";

    private static final List<Path> CANDIDATES = List.of(Path.of("/dev/binderfs/binder"), Path.of("/dev/binder"));

    private static ProcessState process;

    private DefaultDevice() {}

    /**
     * The default device's process state; a closed one is opened anew.
     *
     * @throws io.github.binder4j.errors.BinderUnavailableException saying why there is none and what to do
     */
    public static synchronized ProcessState get() {
        if (process == null || process.driver().isClosing()) {
            process = ProcessState.open(path(), BinderDriver.DEFAULT_MAPPING_SIZE);
        }
        return process;
    }

    /** The device that an argument of the program names. */
    public static Path ofArgument(String argument) {
        return GivenPath.ofArgument(argument);
    }

    /** Which device that is: what the property or the environment names, else the first that exists. */
    public static Path path() {
        Path named = GivenPath.ofSetting(PROPERTY, ENVIRONMENT);
        if (named != null) {
            return named;
        }
        return CANDIDATES.stream().filter(Files::exists).findFirst().orElse(CANDIDATES.get(0));
    }
}
