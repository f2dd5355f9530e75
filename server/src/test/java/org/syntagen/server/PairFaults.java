package org.syntagen.server;

import static org.syntagen.server.Fault.any;
import static org.syntagen.server.Fault.noise;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;

/** What is wrong with the archives of datasets and of predictions. */
final class PairFaults {
  private static final String IMAGE = "image/0001.png";
  private static final String MASK = "mask/0000.png";
  private static final String LIST = "train.txt";

  private PairFaults() {}

  /** Of a dataset of two pairs that {@link Pairs#pack} writes. */
  static List<Fault<RawZip>> ofDatasets(Path folder) {
    List<Fault<RawZip>> faults = new ArrayList<>(ArchiveFaults.all(folder));
    ImageFaults.all(IMAGE, Reason.RULES_BROKEN).forEach(fault -> faults.add(in(fault, IMAGE)));
    ImageFaults.all(MASK, Reason.RULES_BROKEN).forEach(fault -> faults.add(in(fault, MASK)));
    ImageFaults.ofMasks(MASK, Reason.RULES_BROKEN).forEach(fault -> faults.add(in(fault, MASK)));
    faults.addAll(
        List.of(
            broken(
                "JPEG of 65,000 × 65,000",
                "image/0001.jpg is 65000×65000 pixels; at most",
                (zip, random) -> {
                  byte[] jpeg = jpeg(zip);
                  int at = 0; // of the frame's header
                  while (jpeg[at] != (byte) 0xff || jpeg[at + 1] != (byte) 0xc0) {
                    at++;
                  }
                  Arrays.fill(jpeg, at + 5, at + 9, (byte) 0xfd);
                  jpeg[at + 6] = (byte) 0xe8;
                  jpeg[at + 8] = (byte) 0xe8;
                  return zip.without(IMAGE).with(RawZip.deflated("image/0001.jpg", jpeg));
                }),
            broken(
                "JPEG cut short",
                "image/0001.jpg cannot be read as an image",
                (zip, random) -> {
                  byte[] jpeg = jpeg(zip);
                  byte[] cut = Arrays.copyOf(jpeg, jpeg.length - random.inclusive(30, 150));
                  return zip.without(IMAGE).with(RawZip.deflated("image/0001.jpg", cut));
                }),
            broken(
                "image of another size",
                "image/0001.png is \\d+×\\d+ pixels; expected 24×16",
                (zip, random) ->
                    content(
                        zip,
                        IMAGE,
                        ImageFaults.encoded(
                            new BufferedImage(
                                random.inclusive(25, 60),
                                random.inclusive(1, 40),
                                BufferedImage.TYPE_INT_RGB),
                            "png"))),
            broken(
                "another pixel than committed to",
                "manifest.json says datasetFingerprint .*; the files have .*, and 1 violations",
                (zip, random) -> {
                  BufferedImage image = ImageFaults.image(zip.get(IMAGE).content());
                  int x = random.nextInt(24);
                  int y = random.nextInt(16);
                  image.setRGB(x, y, image.getRGB(x, y) ^ 1 << random.nextInt(24));
                  return content(zip, IMAGE, ImageFaults.encoded(image, "png"));
                }),
            broken(
                "masks of each other",
                "manifest.json says datasetFingerprint",
                (zip, random) -> {
                  byte[] first = zip.get(MASK).content();
                  content(zip, MASK, zip.get("mask/0001.png").content());
                  return content(zip, "mask/0001.png", first);
                }),
            broken(
                "two images of a stem",
                "0001.* and .*0001.* have the same stem",
                (zip, random) ->
                    zip.with(
                        RawZip.deflated(
                            "image/0001" + any(random, ".jpg", ".jpeg", ".webp"), jpeg(zip)))),
            broken(
                "list that leads out",
                "train.txt line \\d: \".*\" is no stem of a file",
                (zip, random) ->
                    list(zip, "0000", any(random, "../0001", "/etc/passwd", "a\u001b[31mb"))),
            broken(
                "list of what is missing",
                "train.txt lists .*, of which there is no image",
                (zip, random) -> list(zip, "0000", "0001", "x" + random.nextInt(1000))),
            broken(
                "list of too little",
                "there is an image of 0001, which train.txt does not list",
                (zip, random) -> list(zip, "0000")),
            broken(
                "list with a pair twice",
                "train.txt line 3: 0001 is listed twice",
                (zip, random) -> list(zip, "0000", "0001", "0001")),
            broken(
                "endless line",
                "train.txt line 2 is longer than",
                (zip, random) -> list(zip, "0000", "0".repeat(random.inclusive(2000, 500_000)))),
            broken(
                "list that is no text",
                "train.txt line 1 (is not UTF-8 text|: \".*\" is no stem)",
                (zip, random) ->
                    content(
                        zip,
                        LIST,
                        ArchiveFaults.joined(new byte[] {(byte) 0xff, '\n'}, noise(random, 40)))),
            broken("empty list", "the dataset is empty", (zip, random) -> list(zip, " ", "")),
            broken("no list", "the list train.txt is missing", (zip, random) -> zip.without(LIST)),
            broken(
                "too many pairs",
                "train.txt lists \\d+ pairs; expected at most 3",
                (zip, random) -> {
                  int more = random.inclusive(2, 200);
                  StringBuilder stems = new StringBuilder("0000\n0001\n");
                  for (int i = 0; i < more; i++) {
                    stems.append("more").append(i).append('\n');
                    zip.with(zip.get(IMAGE).named("image/more" + i + ".png"));
                    zip.with(zip.get(MASK).named("mask/more" + i + ".png"));
                  }
                  return content(zip, LIST, stems.toString());
                }),
            broken(
                "no images",
                "is no dataset; expected image/, mask/ and train.txt",
                (zip, random) -> zip.without(IMAGE).without("image/0000.png")),
            broken(
                "no masks",
                "the dataset's folder mask is missing",
                (zip, random) -> zip.without(MASK).without("mask/0001.png")),
            broken(
                "two wrapper folders",
                "is no dataset|has no manifest.json",
                (zip, random) -> wrapped(zip, "a/b/"),
                Reason.NOT_AS_COMMITTED),
            broken(
                "dataset under way",
                "holds an unfinished dataset",
                (zip, random) -> content(zip, "journal/0.jsonl", "{}")),
            broken(
                "damaged dataset.json",
                "dataset.json",
                (zip, random) -> content(zip, "dataset.json", damagedJson(random))),
            broken(
                "damaged samples.jsonl",
                "samples.jsonl line 1",
                (zip, random) -> content(zip, "samples.jsonl", damagedJson(random) + "\n")),
            broken(
                "damaged manifest",
                "manifest.json",
                (zip, random) -> content(zip, Manifest.FILE, damagedJson(random))),
            broken(
                "manifest cut short",
                "manifest.json",
                (zip, random) -> {
                  byte[] whole = zip.get(Manifest.FILE).content();
                  return content(
                      zip, Manifest.FILE, Arrays.copyOf(whole, random.nextInt(whole.length)));
                }),
            broken(
                "endless manifest",
                "manifest.json is larger than 4 MiB",
                (zip, random) -> content(zip, Manifest.FILE, noise(random, 5_000_000))),
            broken(
                "manifest that is a folder",
                "manifest.json cannot be read",
                (zip, random) -> content(zip.without(Manifest.FILE), Manifest.FILE + "/x", "{}")),
            broken(
                "no manifest",
                "the archive has no manifest.json",
                (zip, random) -> zip.without(Manifest.FILE),
                Reason.NOT_AS_COMMITTED),
            broken(
                "another manifest",
                "manifest.json in the archive is not the one that was committed to",
                (zip, random) ->
                    content(
                        zip,
                        Manifest.FILE,
                        new String(zip.get(Manifest.FILE).content(), StandardCharsets.UTF_8)
                            .replaceFirst("\"seed\":\\d+", "\"seed\":" + random.inclusive(8, 99))),
                Reason.NOT_AS_COMMITTED)));
    return faults;
  }

  /** Of predictions for the images t0, t1 and t2, as {@link Pairs#predictions} writes them. */
  static List<Fault<RawZip>> ofPredictions(Path folder) {
    String name = "t1.png";
    List<Fault<RawZip>> faults = new ArrayList<>(ArchiveFaults.all(folder));
    ImageFaults.all(name, Reason.PREDICTIONS_REFUSED).forEach(fault -> faults.add(in(fault, name)));
    ImageFaults.ofMasks(name, Reason.PREDICTIONS_REFUSED)
        .forEach(fault -> faults.add(in(fault, name)));
    faults.addAll(
        List.of(
            Fault.of(
                "three PNGs of many pixels",
                Reason.PREDICTIONS_REFUSED,
                "t\\d.png is \\d+×\\d+ pixels; expected 24×16",
                (zip, random) -> {
                  Fault<byte[]> large = ImageFaults.all(name, Reason.PREDICTIONS_REFUSED).get(1);
                  byte[] png = large.spoiling().of(zip.get(name).content(), random);
                  content(content(zip, "t0.png", png), "t2.png", png);
                  return content(zip, name, png).bytes();
                }),
            Fault.of(
                "prediction that is missing",
                Reason.PREDICTIONS_REFUSED,
                "t\\d.png is missing; expected one PNG for each of the 3 test images",
                (zip, random) -> zip.without("t" + random.nextInt(3) + ".png").bytes()),
            Fault.of(
                "prediction that is a folder",
                Reason.PREDICTIONS_REFUSED,
                "t1.png is missing",
                (zip, random) -> content(zip.without(name), name + "/x", "x").bytes()),
            Fault.of(
                "prediction of void",
                Reason.PREDICTIONS_REFUSED,
                "t1.png holds void \\(255\\)",
                (zip, random) -> {
                  BufferedImage image = ImageFaults.image(zip.get(name).content());
                  image.getRaster().setSample(random.nextInt(24), random.nextInt(16), 0, 255);
                  return content(zip, name, ImageFaults.encoded(image, "png")).bytes();
                }),
            Fault.of(
                "prediction of another size",
                Reason.PREDICTIONS_REFUSED,
                "t1.png is \\d+×\\d+ pixels; expected 24×16, the size of its image",
                (zip, random) -> {
                  BufferedImage image = ImageFaults.image(zip.get(name).content());
                  BufferedImage part =
                      image.getSubimage(0, 0, random.inclusive(1, 23), random.inclusive(1, 16));
                  return content(zip, name, ImageFaults.encoded(part, "png")).bytes();
                })));
    return faults;
  }

  private static Fault<RawZip> broken(
      String kind, String message, BiFunction<RawZip, SplitMix64, RawZip> change) {
    return broken(kind, message, change, Reason.RULES_BROKEN);
  }

  private static Fault<RawZip> broken(
      String kind, String message, BiFunction<RawZip, SplitMix64, RawZip> change, Reason reason) {
    return Fault.of(kind, reason, message, (zip, random) -> change.apply(zip, random).bytes());
  }

  /** A fault of a picture as that of an archive that is sound otherwise. */
  private static Fault<RawZip> in(Fault<byte[]> fault, String name) {
    return new Fault<>(
        fault.kind() + (name.startsWith("image") ? ", image" : ", mask"),
        fault.reason(),
        fault.message(),
        (zip, random) ->
            content(zip, name, fault.spoiling().of(zip.get(name).content(), random)).bytes());
  }

  private static RawZip list(RawZip zip, String... stems) {
    return content(zip, LIST, String.join("\n", stems) + "\n");
  }

  private static RawZip content(RawZip zip, String name, String content) {
    return content(zip, name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static RawZip content(RawZip zip, String name, byte[] content) {
    return zip.with(RawZip.stored(name, content));
  }

  private static RawZip wrapped(RawZip zip, String folders) {
    zip.entries.replaceAll(entry -> entry.named(folders + entry.name()));
    return zip;
  }

  private static byte[] jpeg(RawZip zip) {
    return ImageFaults.encoded(ImageFaults.image(zip.get(IMAGE).content()), "jpg");
  }

  private static String damagedJson(SplitMix64 random) {
    int depth = random.inclusive(600, 5000);
    return any(
        random,
        "{",
        "[]",
        "null",
        "{\"format\":1}",
        "{\"a\":".repeat(depth) + "1" + "}".repeat(depth),
        "[".repeat(depth),
        "{\"seed\":1" + "0".repeat(depth) + "}",
        "\u0000\u0001",
        "{\"a\":1,\"a\":2}",
        "{\"\u001b[31m\":1}");
  }
}
