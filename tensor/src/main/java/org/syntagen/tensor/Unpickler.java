package org.syntagen.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Interprets the pickle of a dictionary of tensors, and no more. A pickle is a program for a stack
 * machine that may call any Python function; this one knows the opcodes that torch.save writes
 * (protocol 2) and the names that its tensors mention. Every other opcode or name is refused by
 * name, and nothing is ever executed: a tensor stays the description of one.
 *
 * <p>The result holds {@link Dictionary}, {@link TensorView}, {@link Long} and {@link String}.
 * Everything else that a checkpoint may carry (lists, numbers, None, …) becomes a {@link Plain}
 * value without content. Source: Python's pickletools documentation of the opcodes.
 */
final class Unpickler {
  static final int MAX_PICKLE = 1 << 24;

  private static final int MAX_VALUES = 1 << 21; // that a pickle may make in all
  private static final int MAX_STACK = 1 << 16;
  private static final int MAX_MARKS = 64;
  private static final int MAX_MEMO = 1 << 20;
  private static final int MAX_NAME = 256;
  private static final int MAX_RANK = 8; // of a tensor

  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";

  private static final Map<String, Dtype> STORAGES =
      Map.of(
          "torch.FloatStorage", Dtype.F32,
          "torch.HalfStorage", Dtype.F16,
          "torch.BFloat16Storage", Dtype.BF16,
          "torch.DoubleStorage", Dtype.F64,
          "torch.LongStorage", Dtype.I64,
          "torch.IntStorage", Dtype.I32,
          "torch.ShortStorage", Dtype.I16,
          "torch.CharStorage", Dtype.I8,
          "torch.ByteStorage", Dtype.U8,
          "torch.BoolStorage", Dtype.BOOL);

  /**
   * Stable Diffusion 1's own checkpoints keep what Lightning's ModelCheckpoint remembers under that
   * class as a key. The name may be mentioned; calling it is refused.
   */
  private static final Set<String> NAMES =
      Stream.concat(
              STORAGES.keySet().stream(),
              Stream.of(
                  ORDERED_DICT,
                  TENSOR,
                  PARAMETER,
                  "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"))
          .collect(Collectors.toUnmodifiableSet());

  /** A value whose content no tensor depends on. */
  enum Plain {
    LIST,
    OTHER
  }

  /** A dictionary's entries under string keys; others are dropped. */
  record Dictionary(Map<String, Object> entries) {}

  /** Bytes of a storage: the zip entry data/{@code key}. */
  record Storage(Dtype dtype, String key, long elements) {}

  /** A tensor as it is described; nothing of it is checked yet. */
  record TensorView(Storage storage, long offset, long[] shape, long[] strides) {}

  private record Global(String name) {}

  private record Tuple(List<Object> items) {}

  private final ByteBuffer in;
  private final String where;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>(); // heights of the stack
  private final Map<Integer, Object> memo = new HashMap<>();
  private int values;
  private int at; // of the current opcode

  /**
   * @param pickle little-endian, at most {@link #MAX_PICKLE} bytes
   * @param where begins every message
   */
  Unpickler(ByteBuffer pickle, String where) {
    this.in = pickle;
    this.where = where;
  }

  /**
   * The dictionary that the pickle makes.
   *
   * @throws WeightsException if it is truncated or does anything else
   */
  Dictionary run() {
    while (true) {
      at = in.position();
      int opcode = unsignedByte();
      if (opcode == '.') {
        Object result = pop();
        if (!(result instanceof Dictionary dictionary)) {
          throw new WeightsException(where + ": expected a dictionary of tensors, found none");
        }
        return dictionary;
      }
      step(opcode);
    }
  }

  private void step(int opcode) {
    switch (opcode) {
      case 0x80 -> protocol(unsignedByte());
      case '(' -> mark();
      case '}' -> push(new Dictionary(new LinkedHashMap<>()));
      case ']' -> push(Plain.LIST);
      case ')' -> push(new Tuple(List.of()));
      case 't' -> push(new Tuple(popMark()));
      case 0x85 -> push(new Tuple(pop(1)));
      case 0x86 -> push(new Tuple(pop(2)));
      case 0x87 -> push(new Tuple(pop(3)));
      case 'N', 0x88, 0x89 -> push(Plain.OTHER); // None, True, False
      case 'G' -> { // a double
        take(8);
        push(Plain.OTHER);
      }
      case 'K' -> push((long) unsignedByte());
      case 'M' -> push((long) (in.getShort(take(2)) & 0xffff));
      case 'J' -> push((long) in.getInt(take(4)));
      case 0x8a -> push(longInteger(unsignedByte()));
      case 'X' -> push(text(in.getInt(take(4))));
      case 'c' -> push(global());
      case 'Q' -> push(storage(pop()));
      case 'R' -> push(call());
      case 'b' -> build();
      case 'a' -> append(pop(1));
      case 'e' -> append(popMark());
      case 's' -> setItems(pop(2));
      case 'u' -> setItems(popMark());
      case 'q' -> remember(unsignedByte());
      case 'r' -> remember(in.getInt(take(4)));
      case 'h' -> push(recall(unsignedByte()));
      case 'j' -> push(recall(in.getInt(take(4))));
      default ->
          throw refuse("opcode " + name(opcode) + " is none that a dictionary of tensors needs");
    }
  }

  private static String name(int opcode) {
    String name =
        switch (opcode) {
          case 'i' -> "INST ";
          case 'o' -> "OBJ ";
          case 'P' -> "PERSID ";
          case 0x81 -> "NEWOBJ ";
          case 0x82, 0x83, 0x84 -> "EXT ";
          case 0x92 -> "NEWOBJ_EX ";
          case 0x93 -> "STACK_GLOBAL ";
          default -> "";
        };
    return name + "0x%02x".formatted(opcode);
  }

  private void protocol(int version) {
    if (version != 2) {
      throw refuse("pickle protocol " + version + "; expected 2, which torch.save writes");
    }
  }

  // ---- the stack --------------------------------------------------------------------------------

  private void push(Object value) {
    if (++values > MAX_VALUES || stack.size() >= MAX_STACK) {
      throw refuse("more values than any dictionary of tensors needs");
    }
    stack.add(value);
  }

  private Object pop() {
    return pop(1).get(0);
  }

  private List<Object> pop(int n) {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stack.size() - n < floor) {
      throw refuse("the stack is empty");
    }
    return cut(stack.size() - n);
  }

  private void mark() {
    if (marks.size() >= MAX_MARKS) {
      throw refuse("nested deeper than " + MAX_MARKS + " levels");
    }
    marks.add(stack.size());
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw refuse("a mark is missing");
    }
    return cut(marks.remove(marks.size() - 1));
  }

  private List<Object> cut(int height) {
    List<Object> top = stack.subList(height, stack.size());
    List<Object> items = new ArrayList<>(top);
    top.clear();
    return items;
  }

  private Object peek() {
    Object top = pop();
    stack.add(top);
    return top;
  }

  private void remember(int index) {
    if (index < 0 || index >= MAX_MEMO) {
      throw refuse("memo entry " + Integer.toUnsignedString(index) + " is beyond " + MAX_MEMO);
    }
    memo.put(index, peek());
  }

  private Object recall(int index) {
    Object value = memo.get(index);
    if (value == null) {
      throw refuse("memo entry " + Integer.toUnsignedString(index) + " was never made");
    }
    return value;
  }

  // ---- values -----------------------------------------------------------------------------------

  private int unsignedByte() {
    return in.get(take(1)) & 0xff;
  }

  /** Steps over {@code n} bytes and says where they start. */
  private int take(int n) {
    if (n < 0 || n > in.remaining()) {
      throw refuse("truncated");
    }
    int start = in.position();
    in.position(start + n);
    return start;
  }

  private long longInteger(int bytes) {
    if (bytes > Long.BYTES) {
      throw refuse("an integer of " + bytes + " bytes");
    }
    int start = take(bytes);
    long value = bytes > 0 && in.get(start + bytes - 1) < 0 ? -1 : 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | in.get(start + i) & 0xff;
    }
    return value;
  }

  private String text(int bytes) {
    return new String(in.array(), in.arrayOffset() + take(bytes), bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
      if (c < ' ' || c > '~' || line.length() == MAX_NAME) {
        throw refuse("a global whose name is none");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private Global global() {
    String name = line() + "." + line();
    if (!NAMES.contains(name)) {
      throw refuse("global " + name + " is none that a dictionary of tensors needs");
    }
    return new Global(name);
  }

  /** The tuple ("storage", class, key, device, number of elements). */
  private Storage storage(Object id) {
    if (id instanceof Tuple tuple
        && tuple.items.size() == 5
        && "storage".equals(tuple.items.get(0))
        && tuple.items.get(1) instanceof Global type
        && STORAGES.containsKey(type.name)
        && tuple.items.get(2) instanceof String key
        && tuple.items.get(4) instanceof Long elements) {
      return new Storage(STORAGES.get(type.name), key, elements);
    }
    throw refuse("a persistent id that is no storage");
  }

  /** The same tuple may stand in many calls, each of which makes numbers of it. */
  private void requireRank(Tuple extents) {
    if (extents.items.size() > MAX_RANK) {
      throw refuse("a tensor of more than " + MAX_RANK + " dimensions");
    }
  }

  private Object call() {
    Object arguments = pop();
    Object function = pop();
    if (!(function instanceof Global global) || !(arguments instanceof Tuple tuple)) {
      throw refuse("a call of what is no function");
    }
    List<Object> items = tuple.items;
    switch (global.name) {
      case ORDERED_DICT -> {
        if (items.isEmpty()) {
          return new Dictionary(new LinkedHashMap<>());
        }
      }
      case TENSOR -> {
        // storage, offset, size, stride, requires_grad, hooks and, lately, metadata
        if ((items.size() == 6 || items.size() == 7)
            && items.get(0) instanceof Storage storage
            && items.get(1) instanceof Long offset
            && items.get(2) instanceof Tuple size
            && items.get(3) instanceof Tuple stride) {
          requireRank(size);
          requireRank(stride);
          return new TensorView(storage, offset, integers(size), integers(stride));
        }
      }
      case PARAMETER -> {
        if (items.size() == 3 && items.get(0) instanceof TensorView tensor) {
          return tensor;
        }
      }
      default -> throw refuse("a call of " + global.name + ", which no tensor needs");
    }
    throw refuse("a call of " + global.name + " with other arguments than torch.save writes");
  }

  private long[] integers(Tuple tuple) {
    return tuple.items.stream()
        .mapToLong(
            item -> {
              if (item instanceof Long integer) {
                return integer;
              }
              throw refuse("a shape that is not made of integers");
            })
        .toArray();
  }

  /** Attributes of an ordered dictionary (PyTorch keeps versions of modules there) are dropped. */
  private void build() {
    Object state = pop();
    if (!(state instanceof Dictionary) || !(peek() instanceof Dictionary)) {
      throw refuse("attributes of what is no dictionary");
    }
  }

  private void append(List<Object> items) {
    if (peek() != Plain.LIST) {
      throw refuse(items.size() + " items for what is no list");
    }
  }

  private void setItems(List<Object> items) {
    if (items.size() % 2 != 0 || !(peek() instanceof Dictionary dictionary)) {
      throw refuse("items for what is no dictionary");
    }
    for (int i = 0; i < items.size(); i += 2) {
      if (items.get(i) instanceof String key) {
        dictionary.entries.put(key, items.get(i + 1));
      }
    }
  }

  private WeightsException refuse(String what) {
    return new WeightsException(where + ", byte " + at + ": " + what + "; not read");
  }
}
