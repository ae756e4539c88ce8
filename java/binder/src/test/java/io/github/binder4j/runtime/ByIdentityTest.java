package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ByIdentityTest {
    private static final int MANY = 1_000_000;

    private final ByIdentity<Integer> values = new ByIdentity<>();

    @Test
    void shouldKeepTheOrderAndRemoveWhatWasAddedFirstUnderAKey() {
        values.add("a", 1);
        values.add("b", 2);
        values.add("a", 3);
        values.add("a", 4);
        assertEquals(List.of(1, 2, 3, 4), values.values());

        assertEquals(1, values.remove("a"));
        assertEquals(List.of(2, 3, 4), values.values());
        assertEquals(3, values.remove("a"));
        assertEquals(2, values.remove("b"));
        assertEquals(4, values.remove("a"));
        assertNull(values.remove("a"));
        assertTrue(values.isEmpty());

        values.add("a", 5);
        assertEquals(List.of(5), values.values());
        values.clear();
        assertTrue(values.isEmpty());
        assertNull(values.remove("a"));
    }

    @Test
    void shouldTellKeysByIdentity() {
        String key = new String("a");
        values.add(key, 1);

        assertNull(values.remove(new String("a")));
        assertEquals(1, values.remove(key));
    }

    /** Whatever is done, it is as a list would have it. */
    @Test
    void shouldDoAsAListThatIsSearched() {
        Random random = new Random(4711);
        Object[] keys = {"a", "b", "c", "d"};
        List<Object> listKeys = new ArrayList<>();
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Object key = keys[random.nextInt(keys.length)];
            if (random.nextInt(100) < 52) {
                values.add(key, i);
                listKeys.add(key);
                list.add(i);
            } else {
                int at = listKeys.indexOf(key);
                assertEquals(at < 0 ? null : list.get(at), values.remove(key), "step " + i);
                if (at >= 0) {
                    listKeys.remove(at);
                    list.remove(at);
                }
            }
            assertEquals(list.isEmpty(), values.isEmpty());
        }
        assertEquals(list, values.values());
    }

    /** Searched for one after the other, they would take an hour. */
    @Test
    @Timeout(60)
    void shouldRemoveTheLastAsFastAsTheFirst() {
        Object[] keys = new Object[MANY];
        for (int i = 0; i < MANY; i++) {
            keys[i] = new Object();
            values.add(keys[i], i);
        }
        for (int i = MANY - 1; i >= 0; i--) {
            assertEquals(i, values.remove(keys[i]));
        }
        assertTrue(values.isEmpty());
    }
}
