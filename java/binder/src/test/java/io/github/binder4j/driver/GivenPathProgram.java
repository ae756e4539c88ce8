package io.github.binder4j.driver;

import io.github.binder4j.BinderDevice;
import io.github.binder4j.errors.BinderUnavailableException;
import io.github.binder4j.runtime.DefaultDevice;
import java.nio.file.Path;

/** Opens the device that it is given: by its argument, else as programs are given their default device. */
final class GivenPathProgram {
    private GivenPathProgram() {}

    public static void main(String[] args) {
        Path path = args.length > 0 ? DefaultDevice.ofArgument(args[0]) : DefaultDevice.path();
        try {
            BinderDevice.open(path).close();
        } catch (BinderUnavailableException e) {
            System.out.println(e.errno() + " " + e.getMessage());
        }
    }
}
