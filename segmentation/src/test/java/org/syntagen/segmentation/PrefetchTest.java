package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.SplitMix64;

class PrefetchTest {
  @Test
  void everythingComesInOrderAndNothingBeyondTheEndIsMade() {
    Set<Long> made = ConcurrentHashMap.newKeySet();
    try (Prefetch<Long> squares =
        new Prefetch<>(
            i -> {
              made.add(i);
              return i * i;
            },
            5,
            100)) {
      for (long i = 5; i < 100; i++) {
        assertThat(squares.next()).isEqualTo(i * i);
      }
      assertThatThrownBy(squares::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(made).hasSize(95).doesNotContain(4L, 100L);
  }

  @Test
  void onceClosedNobodyUsesTheSource() throws InterruptedException {
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean used = new AtomicBoolean();
    SplitMix64 random = new SplitMix64(1);
    Prefetch<Long> ahead =
        new Prefetch<>(
            i -> {
              used.set(true);
              began.countDown();
              while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
              }
              long last = 0;
              for (int k = 0; k < 10_000_000; k++) { // goes on for a while all the same
                last = random.nextInt(9);
              }
              used.set(false);
              return last;
            },
            0,
            1);
    Thread reader = new Thread(ahead::next);
    reader.start();
    began.await();
    ahead.close();
    assertThat(used).isFalse();
    reader.join();
  }
}
