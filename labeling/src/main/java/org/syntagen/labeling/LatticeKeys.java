package org.syntagen.labeling;

import java.util.Arrays;

/** Numbers keys as they come, from 0. Keys are not negative. */
final class LatticeKeys {
  private static final long FREE = -1;

  private long[] keys = new long[1 << 10]; // by number
  private long[] slots = new long[1 << 11];
  private int[] numbers = new int[1 << 11]; // by slot
  private int size;

  LatticeKeys() {
    Arrays.fill(slots, FREE);
  }

  int size() {
    return size;
  }

  long key(int number) {
    return keys[number];
  }

  /** The key's number, a new one if it is new. */
  int add(long key) {
    int slot = slot(key);
    if (slots[slot] == FREE) {
      if (size == keys.length) {
        grow();
        slot = slot(key);
      }
      keys[size] = key;
      slots[slot] = key;
      numbers[slot] = size++;
    }
    return numbers[slot];
  }

  /** The key's number, −1 if it has none. */
  int find(long key) {
    int slot = slot(key);
    return slots[slot] == FREE ? -1 : numbers[slot];
  }

  private void grow() {
    keys = Arrays.copyOf(keys, 2 * size);
    slots = new long[4 * size];
    numbers = new int[4 * size];
    Arrays.fill(slots, FREE);
    for (int i = 0; i < size; i++) {
      int slot = slot(keys[i]);
      slots[slot] = keys[i];
      numbers[slot] = i;
    }
  }

  /** Where the key is or would be; half of the slots are free. */
  private int slot(long key) {
    int mask = slots.length - 1;
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (slots[slot] != key && slots[slot] != FREE) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
