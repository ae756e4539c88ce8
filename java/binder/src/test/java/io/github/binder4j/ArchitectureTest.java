package io.github.binder4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import android.os.Binder;
import android.os.IBinder;
import android.os.IInterface;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the arrows between packages, and the surface that generated stubs inherit. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.github.binder4j", "android.os");

    @Test
    void shouldLookAtTheWholeLibraryAndNoTests() {
        for (String name : new String[] {
            "android.os.Parcel",
            "io.github.binder4j.BinderDevice",
            "io.github.binder4j.binderfs.TransactionReports",
            "io.github.binder4j.binderfs.Binderfs",
            "io.github.binder4j.driver.DriverThread",
            "io.github.binder4j.errors.BinderUnavailableException",
            "io.github.binder4j.files.OwnedDescriptor",
            "io.github.binder4j.memory.OffHeap",
            "io.github.binder4j.natives.BinderNative",
            "io.github.binder4j.parcel.ParcelData",
            "io.github.binder4j.runtime.ProcessState"
        }) {
            assertTrue(CLASSES.contain(name), name);
        }
        assertTrue(!CLASSES.contain(ArchitectureTest.class.getName()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "io.github.binder4j          | android.os runtime parcel driver files memory errors",
                "android.os                  | runtime parcel driver files errors",
                "io.github.binder4j.binderfs | memory natives driver errors",
                "io.github.binder4j.runtime  | parcel driver files memory errors jdk.jfr",
                "io.github.binder4j.parcel   | files memory",
                "io.github.binder4j.driver   | memory natives",
                "io.github.binder4j.files    | memory natives",
                "io.github.binder4j.memory   | natives",
                "io.github.binder4j.errors   | android.os"
            })
    void shouldImportOnlyFromBelow(String from, String allowed) {
        String[] packages = Stream.concat(
                        Stream.of(from, "java.."),
                        Arrays.stream(allowed.split(" "))
                                .filter(name -> !name.isEmpty())
                                .map(name -> name.contains(".") ? name : "io.github.binder4j." + name))
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(from)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(CLASSES);
    }

    @Test
    void shouldLetErrorsBeNothingButExceptions() {
        classes()
                .that()
                .resideInAPackage("io.github.binder4j.errors")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .beAssignableTo(Exception.class)
                .check(CLASSES);
    }

    @Test
    void shouldKeepEveryClassInAPackageThatHasARule() {
        classes()
                .should()
                .resideInAnyPackage(
                        "io.github.binder4j",
                        "android.os",
                        "io.github.binder4j.binderfs",
                        "io.github.binder4j.runtime",
                        "io.github.binder4j.parcel",
                        "io.github.binder4j.driver",
                        "io.github.binder4j.files",
                        "io.github.binder4j.memory",
                        "io.github.binder4j.errors",
                        "io.github.binder4j.natives")
                .check(CLASSES);
    }

    @Test
    void shouldKeepThreadsOutOfParcels() {
        noClasses()
                .that()
                .resideInAPackage("io.github.binder4j.parcel")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.ThreadLocal")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent..")
                .check(CLASSES);
    }

    // A generated Stub inherits from these, next to methods of the user's naming

    @Test
    void shouldGiveBinderNoMemberAndroidsHasNot() {
        assertInherited(
                Binder.class,
                Set.of(
                        "LOG_RUNTIME_EXCEPTION",
                        "UNSET_WORKSOURCE",
                        "attachInterface",
                        "clearCallingIdentity",
                        "clearCallingWorkSource",
                        "dump",
                        "dumpAsync",
                        "flushPendingCommands",
                        "forceDowngradeToSystemStability",
                        "getCallingPid",
                        "getCallingUid",
                        "getCallingUidOrThrow",
                        "getCallingUserHandle",
                        "getCallingWorkSourceUid",
                        "getExtension",
                        "getInterfaceDescriptor",
                        "getMaxTransactionId",
                        "getTransactionName",
                        "getTransactionTraceName",
                        "handleShellCommand",
                        "isBinderAlive",
                        "isDirectlyHandlingTransaction",
                        "joinThreadPool",
                        "linkToDeath",
                        "markVintfStability",
                        "onShellCommand",
                        "onTransact",
                        "pingBinder",
                        "queryLocalInterface",
                        "restoreCallingIdentity",
                        "restoreCallingWorkSource",
                        "setCallingWorkSourceUid",
                        "setExtension",
                        "shellCommand",
                        "transact",
                        "unlinkToDeath",
                        "withCleanCallingIdentity"));
    }

    @Test
    void shouldGiveIBinderNoMemberAndroidsHasNot() {
        assertInherited(
                IBinder.class,
                Set.of(
                        "DUMP_TRANSACTION",
                        "DeathRecipient",
                        "FIRST_CALL_TRANSACTION",
                        "FLAG_CLEAR_BUF",
                        "FLAG_COLLECT_NOTED_APP_OPS",
                        "FLAG_ONEWAY",
                        "FrozenStateChangeCallback",
                        "INTERFACE_TRANSACTION",
                        "LAST_CALL_TRANSACTION",
                        "LIKE_TRANSACTION",
                        "MAX_IPC_SIZE",
                        "PING_TRANSACTION",
                        "SHELL_COMMAND_TRANSACTION",
                        "SYSPROPS_TRANSACTION",
                        "TWEET_TRANSACTION",
                        "addFrozenStateChangeCallback",
                        "dump",
                        "dumpAsync",
                        "getExtension",
                        "getInterfaceDescriptor",
                        "getSuggestedMaxIpcSizeBytes",
                        "isBinderAlive",
                        "linkToDeath",
                        "pingBinder",
                        "queryLocalInterface",
                        "removeFrozenStateChangeCallback",
                        "shellCommand",
                        "transact",
                        "unlinkToDeath"));
        assertInherited(IBinder.DeathRecipient.class, Set.of("binderDied"));
    }

    @Test
    void shouldGiveIInterfaceNoMemberAndroidsHasNot() {
        assertInherited(IInterface.class, Set.of("asBinder"));
    }

    private static void assertInherited(Class<?> type, Set<String> androids) {
        Stream<Member> members =
                Stream.concat(Arrays.stream(type.getDeclaredFields()), Arrays.stream(type.getDeclaredMethods()));
        Set<String> inherited = Stream.concat(
                        members.filter(member -> isInherited(member.getModifiers()))
                                .map(Member::getName),
                        Arrays.stream(type.getDeclaredClasses())
                                .filter(nested -> isInherited(nested.getModifiers()))
                                .map(Class::getSimpleName))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> foreign = new TreeSet<>(inherited);
        foreign.removeAll(androids);
        assertEquals(Set.of(), foreign, () -> "members of " + type + " that Android's has not");
        assertTrue(!inherited.isEmpty());
    }

    private static boolean isInherited(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
