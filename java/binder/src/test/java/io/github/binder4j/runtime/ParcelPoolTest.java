package io.github.binder4j.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.binder4j.parcel.ParcelData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParcelPoolTest {
    @Test
    void shouldNotHandOutALentParcelThatWasRecycledBeforeItIsTakenBack() {
        ParcelData lent = ParcelPool.ofThread().lend();
        lent.writeInt(1);
        ParcelPool.recycle(lent);
        ParcelPool.recycle(lent);

        List<ParcelData> obtained = new ArrayList<>();
        for (int i = 0; i < 20; i++) { // more than the pool keeps
            ParcelData other = ParcelPool.obtain();
            assertNotSame(lent, other);
            obtained.add(other);
        }
        ParcelPool.ofThread().takeBack(lent);

        ParcelData again = ParcelPool.obtain();
        assertSame(lent, again);
        assertFalse(again.isLent());
        assertFalse(again.isRecycled());
        assertEquals(0, again.size());
        again.writeInt(2);
        assertEquals(4, again.size());
        obtained.forEach(ParcelPool::recycle);
        ParcelPool.recycle(again);
    }

    @Test
    void shouldTakeBackALentParcelOnce() {
        for (boolean recycled : new boolean[] {false, true}) {
            ParcelData lent = ParcelPool.ofThread().lend();
            if (recycled) {
                ParcelPool.recycle(lent);
            }
            ParcelPool.ofThread().takeBack(lent);
            ParcelPool.recycle(lent); // by who kept it after the call

            assertSame(lent, ParcelPool.obtain());
            assertNotSame(lent, ParcelPool.obtain());
            ParcelPool.recycle(lent);
        }
    }
}
