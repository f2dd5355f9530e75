package org.syntagen.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.syntagen.tensor.Unpickler.Dictionary;
import org.syntagen.tensor.Unpickler.Storage;
import org.syntagen.tensor.Unpickler.TensorView;

/**
 * Reads what torch.save writes (.bin, .ckpt, .pth): a zip archive with a pickle that describes the
 * tensors and one stored entry for the bytes of each storage. The pickle is interpreted by an
 * interpreter that knows dictionaries of tensors and nothing else: no code is ever run, and nothing
 * the file says is believed until it is checked.
 */
public final class PickledTensors {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_ENTRIES = 1 << 17;
  private static final int MAX_NAME = 1024;
  private static final int CHUNK = 1 << 16; // bytes, a multiple of every element's

  /** Tied weights count twice, but no more than this in all. */
  private static final int MAX_SHARING = 4;

  private static final String RESAVE =
      "; expected PyTorch's zip format: load it with PyTorch and save it again";

  private final Path file;
  private final FileChannel channel;
  private final String root;
  private final StoredZip zip;
  private final boolean bigEndian;
  private final Map<String, MappedByteBuffer> mapped = new HashMap<>();
  private final StateDict state;
  private int visited; // entries of dictionaries
  private long bytes; // of all tensors

  private PickledTensors(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    zip = StoredZip.read(channel, file);
    root = root();
    bigEndian = bigEndian();
    state = new StateDict(file.toString());
  }

  /** Formats that torch.save wrote over time, told apart by their first bytes. */
  enum Kind {
    ZIP,
    /** Before PyTorch 1.6. */
    PICKLE,
    /** Before PyTorch 0.1.10. */
    TAR,
    OTHER;

    static Kind of(FileChannel channel) throws IOException {
      int length = (int) Math.min(channel.size(), 512);
      byte[] head = WeightFile.readFully(channel, 0, length).array();
      if (length >= 4 && Arrays.equals(head, 0, 4, new byte[] {'P', 'K', 3, 4}, 0, 4)) {
        return ZIP;
      }
      if (length >= 2 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5 && !json(head)) {
        return PICKLE;
      }
      byte[] tar = "ustar".getBytes(StandardCharsets.US_ASCII);
      return length == 512 && Arrays.equals(head, 257, 262, tar, 0, tar.length) ? TAR : OTHER;
    }

    /** A safetensors header may be 0x…80 bytes long, but is JSON. */
    private static boolean json(byte[] head) {
      return head.length > 8 && head[8] == '{';
    }
  }

  /**
   * Maps a file. Names of tensors in dictionaries within dictionaries are joined by dots, as in
   * {@code state_dict.conv.weight}; tensors in lists or under keys that are no text are passed
   * over, as is everything that is no tensor. The tensors lie in read-only memory: copy the
   * dictionary before training or changing them in place. The file must not be truncated while it
   * is in use.
   *
   * @return the tensors in the file's order; the caller closes them
   * @throws WeightsException if the file is missing, truncated, inconsistent, in a format older
   *     than PyTorch 1.6, or if its pickle asks for anything but tensors
   */
  public static StateDict read(Path file) {
    return of(file, PickledTensors::read);
  }

  /** See {@link WeightFile#fingerprint}. */
  static String fingerprint(Path file) {
    return of(file, PickledTensors::fingerprint);
  }

  /** What may fail to read. */
  private interface Reading<T> {
    T of(PickledTensors tensors) throws IOException;
  }

  private static <T> T of(Path file, Reading<T> reading) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      switch (Kind.of(channel)) {
        case PICKLE -> throw new WeightsException(file + ": PyTorch's format before 1.6" + RESAVE);
        case TAR -> throw new WeightsException(file + ": PyTorch's format before 0.1.10" + RESAVE);
        case OTHER -> throw new WeightsException(file + ": no file of torch.save's" + RESAVE);
        default -> {
          return reading.of(new PickledTensors(file, channel));
        }
      }
    } catch (IOException e) {
      throw WeightFile.unreadable(file, e, "a file written by torch.save");
    }
  }

  private StateDict read() throws IOException {
    Map<String, TensorView> views = views();
    try {
      for (Map.Entry<String, TensorView> view : views.entrySet()) {
        state.put(view.getKey(), tensor(view.getKey(), view.getValue()));
      }
      return state;
    } catch (RuntimeException | IOException e) {
      state.close();
      throw e;
    }
  }

  private String fingerprint() throws IOException {
    TensorDigest digest = new TensorDigest();
    for (Map.Entry<String, TensorView> view : new TreeMap<>(views()).entrySet()) {
      hash(view.getKey(), view.getValue(), digest);
    }
    return digest.hex();
  }

  /** The descriptions of all tensors, in the file's order. */
  private Map<String, TensorView> views() throws IOException {
    StoredZip.Entry pickle = zip.entries().get(root + "data.pkl");
    if (pickle.size() > Unpickler.MAX_PICKLE) {
      throw new WeightsException(
          file + ": data.pkl is larger than " + Unpickler.MAX_PICKLE + " bytes");
    }
    ByteBuffer program = WeightFile.readFully(channel, pickle.position(), (int) pickle.size());
    Map<String, TensorView> views = new LinkedHashMap<>();
    flatten(new Unpickler(program, file + ": data.pkl").run(), "", 1, views);
    return views;
  }

  /** The archive's one folder, with a slash. */
  private String root() {
    List<String> pickles =
        zip.entries().keySet().stream().filter(name -> name.matches("[^/]+/data\\.pkl")).toList();
    if (pickles.size() != 1) {
      throw new WeightsException(
          file + ": a zip archive without data.pkl; expected a file written by torch.save");
    }
    return pickles.get(0).substring(0, pickles.get(0).lastIndexOf('/') + 1);
  }

  private boolean bigEndian() throws IOException {
    StoredZip.Entry entry = zip.entries().get(root + "byteorder");
    if (entry == null) {
      return false; // files before PyTorch 2.1 do not say, and are little-endian
    }
    int length = (int) Math.min(entry.size(), 16);
    byte[] text = WeightFile.readFully(channel, entry.position(), length).array();
    return switch (new String(text, StandardCharsets.US_ASCII)) {
      case "little" -> false;
      case "big" -> true;
      default -> throw new WeightsException(file + ": byteorder is neither little nor big");
    };
  }

  private void flatten(
      Dictionary dictionary, String prefix, int depth, Map<String, TensorView> views) {
    if (depth > MAX_DEPTH) {
      throw new WeightsException(
          file + ": data.pkl: dictionaries nested deeper than " + MAX_DEPTH + " levels");
    }
    dictionary
        .entries()
        .forEach(
            (key, value) -> {
              String name = prefix + key;
              if (++visited > MAX_ENTRIES || name.length() > MAX_NAME) {
                throw new WeightsException(
                    file + ": data.pkl: more or longer names than any model has");
              }
              if (value instanceof Dictionary inner) {
                flatten(inner, name + ".", depth + 1, views);
              } else if (value instanceof TensorView view && views.put(name, view) != null) {
                throw new WeightsException(file + ": tensor " + name + " appears twice");
              }
            });
  }

  // ---- tensors ----------------------------------------------------------------------------------

  private Tensor tensor(String name, TensorView view) throws IOException {
    String where = file + ": tensor " + name;
    Storage storage = view.storage();
    StoredZip.Entry entry = entry(storage, where);
    int width = storage.dtype().bytes();
    boolean inPlace = entry.position() % width == 0 && !(bigEndian && width > 1);
    long elements = requireInside(view, where);
    count((inPlace ? elements : storage.elements()) * width);
    if (elements == 0) {
      return Scope.compute(() -> Tensors.empty(storage.dtype(), view.shape()));
    }
    MappedByteBuffer memory = memory(entry, where);
    return Scope.compute(
        () -> {
          Tensor whole = inPlace ? stored(memory, storage) : copied(memory, storage);
          return whole.as_strided(view.shape(), view.strides(), new LongOptional(view.offset()));
        });
  }

  private void hash(String name, TensorView view, TensorDigest digest) throws IOException {
    String where = file + ": tensor " + name;
    StoredZip.Entry entry = entry(view.storage(), where);
    Dtype dtype = view.storage().dtype();
    int width = dtype.bytes();
    long elements = requireInside(view, where);
    count(elements * width);
    digest.begin(name, dtype, view.shape());
    if (elements == 0) {
      return;
    }
    if (isDense(view) && !(bigEndian && width > 1)) {
      digest.update(channel, entry.position() + view.offset() * width, elements * width);
    } else {
      new Gathering(view, memory(entry, where), digest).run();
    }
  }

  /** Whether a view's elements lie one after the other. */
  private static boolean isDense(TensorView view) {
    long stride = 1;
    for (int i = view.shape().length - 1; i >= 0; i--) {
      if (view.shape()[i] != 1 && view.strides()[i] != stride) {
        return false;
      }
      stride *= view.shape()[i];
    }
    return true;
  }

  /** Hashes the elements of a view in its order, each in little-endian bytes. */
  private final class Gathering {
    private final TensorView view;
    private final ByteBuffer memory;
    private final TensorDigest digest;
    private final int width;
    private final ByteBuffer chunk;

    Gathering(TensorView view, ByteBuffer memory, TensorDigest digest) {
      this.view = view;
      this.memory = memory;
      this.digest = digest;
      this.width = view.storage().dtype().bytes();
      this.chunk = ByteBuffer.allocate(CHUNK);
    }

    void run() {
      gather(0, view.offset());
      digest.update(chunk.flip());
    }

    /** The part of the view whose first dimensions are fixed, from an element of the storage on. */
    private void gather(int dimension, long element) {
      if (dimension == view.shape().length) {
        add((int) (element * width));
        return;
      }
      for (long i = 0; i < view.shape()[dimension]; i++) {
        gather(dimension + 1, element + i * view.strides()[dimension]);
      }
    }

    private void add(int position) {
      if (chunk.remaining() < width) {
        digest.update(chunk.flip());
        chunk.clear();
      }
      for (int i = 0; i < width; i++) {
        chunk.put(memory.get(position + (bigEndian ? width - 1 - i : i)));
      }
    }
  }

  /** Counts bytes of tensors, whichever way they share those of the file. */
  private void count(long more) throws IOException {
    bytes += more;
    if (bytes > MAX_SHARING * channel.size()) {
      throw new WeightsException(
          file + ": its tensors claim more than " + MAX_SHARING + " times the bytes it has");
    }
  }

  private StoredZip.Entry entry(Storage storage, String where) {
    StoredZip.Entry entry = zip.entries().get(root + "data/" + storage.key());
    if (entry == null) {
      throw new WeightsException(where + ": the archive has no storage " + storage.key());
    }
    long claimed = storage.elements();
    int width = storage.dtype().bytes();
    if (claimed < 0 || claimed > entry.size() / width || claimed * width != entry.size()) {
      throw new WeightsException(
          where
              + " claims "
              + claimed
              + " elements of "
              + storage.dtype()
              + " in storage "
              + storage.key()
              + ", which has "
              + entry.size()
              + " bytes");
    }
    return entry;
  }

  /** The number of elements of a view, all of which lie in the storage. */
  private static long requireInside(TensorView view, String where) {
    long[] shape = view.shape();
    long[] strides = view.strides();
    if (shape.length != strides.length || view.offset() < 0) {
      throw new WeightsException(
          where
              + " has "
              + shape.length
              + " dimensions, "
              + strides.length
              + " strides, offset "
              + view.offset());
    }
    try {
      long elements = 1;
      long span = 1;
      long last = view.offset();
      for (int i = 0; i < shape.length; i++) {
        if (shape[i] < 0 || strides[i] < 0) {
          throw new ArithmeticException("negative");
        }
        elements *= shape[i];
        span = Math.multiplyExact(span, Math.max(1, shape[i])); // an extent of 0 excuses no other
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), strides[i]));
      }
      if (elements == 0
          || last < view.storage().elements() && elements <= view.storage().elements()) {
        return elements;
      }
    } catch (ArithmeticException e) {
      // told below
    }
    throw new WeightsException(
        where
            + " of shape "
            + Arrays.toString(shape)
            + ", strides "
            + Arrays.toString(strides)
            + " and offset "
            + view.offset()
            + " reaches beyond the "
            + view.storage().elements()
            + " elements of storage "
            + view.storage().key());
  }

  private MappedByteBuffer memory(StoredZip.Entry entry, String where) throws IOException {
    MappedByteBuffer memory = mapped.get(entry.name());
    if (memory == null) {
      memory = WeightFile.map(channel, entry.position(), entry.size(), where);
      mapped.put(entry.name(), memory);
      state.retain(memory);
    }
    return memory;
  }

  /** All elements of a storage where they lie in the file. */
  private static Tensor stored(MappedByteBuffer memory, Storage storage) {
    return torch.from_blob(
        new BytePointer(memory),
        new long[] {storage.elements()},
        Tensors.hostOptions(storage.dtype()));
  }

  /** All elements of a storage, aligned and in this machine's byte order. */
  private Tensor copied(MappedByteBuffer memory, Storage storage) {
    Dtype dtype = storage.dtype();
    Tensor raw =
        torch.from_blob(
            new BytePointer(memory),
            new long[] {storage.elements(), dtype.bytes()},
            Tensors.hostOptions(Dtype.U8));
    Tensor ordered = bigEndian ? raw.flip(1).contiguous() : raw.clone();
    return ordered.view(dtype.scalarType()).reshape(storage.elements());
  }
}
