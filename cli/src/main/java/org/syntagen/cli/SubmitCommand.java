package org.syntagen.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.tensor.WeightFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code syntagen submit}: a package or a result to a competition's server. */
@Command(
    name = "submit",
    description = {
      "Commit to a package, or with --miou to a result on the test images, and upload it.",
      "A result is a .zip of predictions, or the trained network, which the server then runs.",
      "The commit's instant decides. Whatever broke off goes on when the same command is run again.",
      "What the server answered, a signed receipt included, is kept beside the file."
    },
    footer = {
      "",
      "Example: a dataset, packed with package",
      "  SYNTAGEN_TOKEN=… syntagen submit entry.zip --server https://example.org",
      "Example: predictions, one palette PNG a test image",
      "  syntagen submit predictions.zip --miou 47.36 --code https://example.org/team/code \\",
      "    --server https://example.org",
      "Example: the network that the package speaks of",
      "  syntagen submit net.safetensors --miou 47.36 --code https://example.org/team/code \\",
      "    --server https://example.org"
    })
final class SubmitCommand implements Callable<Integer> {
  private static final int MOST_MANIFEST_BYTES = 4 << 20;

  /** A submission of a file, kept beside it as FILE.submission.json. */
  private record Ticket(String server, String submission, String document, String receipt) {}

  @Parameters(paramLabel = "FILE", description = "What package wrote, or a result.")
  private Path file;

  @Option(names = "--miou", description = "Of a result: the score that you claim, in percent.")
  private Double miou;

  @Option(names = "--code", description = "Of a result: the https address of your code.")
  private String code;

  @Mixin private ServerOption server;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if ((miou == null) != (code == null)) {
      throw new InputException("--miou and --code go together, for a result");
    }
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": there is no such file");
    }
    CompetitionServer connection = server.connect();
    Optional<Manifest> manifest = miou == null ? Optional.of(manifest()) : Optional.empty();
    String document = manifest.map(Manifest::toCanonicalJson).orElseGet(this::claim);
    Ticket ticket =
        kept(document)
            .orElseGet(
                () ->
                    manifest
                        .map(each -> commit(connection, each))
                        .orElseGet(() -> commit(connection, document)));
    upload(connection, ticket);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("submission", ticket.submission);
    result.put("ticket", ticketFile().toString());
    System.out.println(
        json
            ? Json.line(result)
            : "submission %s is uploaded; syntagen status %1$s --server %s tells what becomes of it"
                .formatted(ticket.submission, ticket.server));
    return 0;
  }

  private Manifest manifest() {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(Manifest.FILE);
      if (entry == null) {
        throw new InputException(
            file + " has no manifest.json; pack it with package, or give --miou and --code");
      }
      byte[] bytes = zip.getInputStream(entry).readNBytes(MOST_MANIFEST_BYTES);
      return Manifest.parse(new String(bytes, StandardCharsets.UTF_8), Manifest.FILE);
    } catch (IOException e) {
      throw new InputException(file + " is no sound zip archive (" + e.getMessage() + ")", e);
    }
  }

  private String claim() {
    String hash;
    try {
      hash = Fingerprint.ofFile(file);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
    return GenerateCommand.checked(() -> new Claim(miou, code, kind(), hash)).toCanonicalJson();
  }

  private Claim.Kind kind() {
    if (file.toString().endsWith(".zip")) {
      return Claim.Kind.PREDICTIONS;
    }
    WeightFile.fingerprint(file); // refuses what is no checkpoint before it costs a submission
    return Claim.Kind.CHECKPOINT;
  }

  private Ticket commit(CompetitionServer connection, Manifest manifest) {
    JsonNode answer = connection.post("/api/submissions/dataset", manifest.toCanonicalJson());
    JsonNode signed = answer.path("receipt");
    Receipt receipt =
        new Receipt(
            signed.path("manifest").asString(""),
            Instant.parse(signed.path("time").asString("")),
            signed.path("signature").asString(""));
    if (!receipt.isFor(manifest, connection.hostKey())) {
      throw new ServerException("the receipt does not hold; tell the organisers");
    }
    return keep(answer, manifest.toCanonicalJson(), Documents.toCanonicalJson(receipt));
  }

  private Ticket commit(CompetitionServer connection, String claim) {
    return keep(connection.post("/api/submissions/test", claim), claim, "");
  }

  private Ticket keep(JsonNode answer, String document, String receipt) {
    Ticket ticket =
        new Ticket(server.address().toString(), answer.path("id").asString(""), document, receipt);
    try {
      AtomicFile.writeText(ticketFile(), Documents.toCanonicalJson(ticket) + "\n");
    } catch (IOException e) {
      throw StorageException.of(ticketFile(), e);
    }
    return ticket;
  }

  /** The ticket of this very document at this server, if there is one. */
  private Optional<Ticket> kept(String document) {
    if (!Files.exists(ticketFile())) {
      return Optional.empty();
    }
    Ticket ticket =
        Documents.fromJson(Documents.text(ticketFile()), Ticket.class, ticketFile().toString());
    return Optional.of(ticket)
        .filter(each -> each.server.equals(server.address().toString()))
        .filter(each -> each.document.equals(document));
  }

  private Path ticketFile() {
    return file.resolveSibling(file.getFileName() + ".submission.json");
  }

  private void upload(CompetitionServer connection, Ticket ticket) {
    try (Progress progress = new Progress("KiB", Math.max(1, Files.size(file) >> 10))) {
      connection.upload(ticket.submission, file, bytes -> progress.at(bytes >> 10, ""));
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }
}
