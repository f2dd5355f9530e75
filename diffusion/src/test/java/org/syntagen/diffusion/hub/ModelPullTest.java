package org.syntagen.diffusion.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.syntagen.diffusion.hub.TestHub.LISTING;
import static org.syntagen.diffusion.hub.TestHub.MODEL;
import static org.syntagen.diffusion.hub.TestHub.UNET;
import static org.syntagen.diffusion.hub.TestHub.resolve;
import static org.syntagen.diffusion.hub.TestHub.store;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.diffusion.hub.TestHub.Request;
import tools.jackson.databind.node.ObjectNode;

class ModelPullTest {
  private static final List<String> WANTED =
      List.of(
          "scheduler/scheduler_config.json",
          "tokenizer/vocab.json",
          "tokenizer/merges.txt",
          "text_encoder/config.json",
          "unet/config.json",
          "vae/config.json",
          "tokenizer/tokenizer_config.json",
          "tokenizer/special_tokens_map.json",
          "text_encoder/model.safetensors",
          UNET,
          "vae/diffusion_pytorch_model.safetensors",
          "model_index.json");

  @TempDir Path temp;
  private Path folder;
  private TestHub server;

  @BeforeEach
  void start() {
    server = new TestHub();
    folder = temp.resolve("model");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void pull() {
    pull(server.hub());
  }

  private void pull(Hub hub) {
    ModelPull.plan(hub, MODEL, "main", folder).run((file, done) -> {});
  }

  private byte[] unet() {
    return server.files.get(UNET);
  }

  private void assertWhole() throws IOException {
    assertThat(filesIn(folder)).containsExactlyInAnyOrderElementsOf(WANTED);
    for (String path : WANTED) {
      assertThat(folder.resolve(path)).hasBinaryContent(server.files.get(path));
    }
  }

  private static List<String> filesIn(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .toList();
    }
  }

  private List<String> ranges() {
    return server.requests(store(UNET)).stream().map(Request::range).toList();
  }

  private static ThrowableAssertAlternative<? extends Exception> refused(
      Class<? extends Exception> type, ThrowingCallable call) {
    return assertThatExceptionOfType(type)
        .isThrownBy(call)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContain("\n")
                    .doesNotContain(TestHub.TOKEN)
                    .hasSizeLessThan(400));
  }

  @Test
  void aModelComesWithWhatItNeedsAndNothingElseAndItsIndexLast() throws IOException {
    List<Long> progress = new ArrayList<>();
    ModelPull pull = ModelPull.plan(server.hub(), MODEL, "main", folder);
    assertThat(pull.commit()).isEqualTo(TestHub.COMMIT);
    assertThat(pull.files()).isEqualTo(WANTED.size());
    long size = WANTED.stream().mapToLong(path -> server.files.get(path).length).sum();
    assertThat(pull.size()).isEqualTo(size);
    assertThat(pull.bytesLeft()).isEqualTo(size);
    assertThat(filesIn(folder)).isEmpty();
    pull.run((file, done) -> progress.add(done));
    assertWhole();
    assertThat(progress).isSorted().endsWith(size);
    assertThat(pull.bytesLeft()).isZero();
    assertThat(pull.isWhole()).isTrue();
    List<String> asked =
        server.requests().stream()
            .map(Request::path)
            .filter(path -> path.startsWith("/someone"))
            .toList();
    assertThat(asked).isEqualTo(WANTED.stream().map(TestHub::resolve).toList());
  }

  @Test
  void aWholeModelIsLeftAloneByASecondPull() throws IOException {
    pull();
    server.forget();
    var before = Files.getLastModifiedTime(folder.resolve(UNET));
    pull();
    assertThat(server.requests()).extracting(Request::path).containsExactly(LISTING);
    assertThat(Files.getLastModifiedTime(folder.resolve(UNET))).isEqualTo(before);
    assertWhole();
  }

  @Test
  void aFileOfAnotherOriginIsNeitherReplacedNorBelieved() throws IOException {
    Path own = folder.resolve(UNET);
    Files.createDirectories(own.getParent());
    Files.write(own, TestHub.damaged(unet()));
    refused(InputException.class, this::pull).withMessageContaining(UNET);
    assertThat(own).hasBinaryContent(TestHub.damaged(unet()));
    assertThat(filesIn(folder)).containsExactly(UNET);
  }

  @Test
  void theTokenGoesToTheHubAloneAndOnlyTheHub() throws IOException {
    server.fault(resolve("unet/config.json"), TestHub.redirect("/elsewhere"));
    server.fault("/elsewhere", TestHub.send(server.files.get("unet/config.json")));
    pull();
    assertWhole();
    assertThat(server.requests())
        .anyMatch(request -> request.host().equals("localhost"))
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.host().equals("127.0.0.1") ? "Bearer hf_secret" : null));
    assertThat(server.requests("/elsewhere")).hasSize(1);
  }

  @Test
  void withoutATokenNoneIsSent() {
    ModelPull.plan(new Hub(server.address(), Optional.of(" ")), MODEL, "main", folder);
    assertThat(server.requests()).extracting(Request::authorization).containsOnlyNulls();
  }

  @Test
  void anotherPortIsAnotherHost() throws IOException {
    try (TestHub other = new TestHub()) {
      String path = "vae/config.json";
      server.fault(resolve(path), TestHub.redirect(other.address() + resolve(path)));
      pull();
      assertThat(other.requests(resolve(path)))
          .singleElement()
          .satisfies(request -> assertThat(request.authorization()).isNull());
    }
    assertWhole();
  }

  @Test
  void aConnectionThatBreaksOffIsTakenUpAgain() throws IOException {
    HttpHandler breaking = TestHub.announce(300_000, Arrays.copyOf(unet(), 100_000));
    server.fault(store(UNET), breaking, breaking, breaking, breaking);
    pull();
    assertWhole();
    assertThat(server.pauses)
        .containsExactly(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(8));
  }

  @Test
  void anAnswerThatEndsTooEarlyIsContinuedWhereItEnded() throws IOException {
    server.fault(store(UNET), TestHub.cut(unet(), 100_000));
    pull();
    assertWhole();
    assertThat(ranges()).containsExactly(null, "bytes=100000-");
  }

  @Test
  void aPullThatGaveUpGoesOnWhereItStopped() throws IOException {
    server.fault(store(UNET), TestHub.cut(unet(), 100_000));
    server.fault(
        store(UNET), Collections.nCopies(4, TestHub.status(503)).toArray(HttpHandler[]::new));
    refused(HubException.class, this::pull)
        .withMessageContaining(UNET)
        .withMessageContaining("5 times (localhost answers 503)");
    assertThat(folder.resolve(UNET)).doesNotExist();
    assertThat(folder.resolve("model_index.json")).doesNotExist();
    server.forget();
    ModelPull again = ModelPull.plan(server.hub(), MODEL, "main", folder);
    long vae = server.files.get("vae/diffusion_pytorch_model.safetensors").length;
    assertThat(again.bytesLeft())
        .isEqualTo(200_000 + vae + server.files.get("model_index.json").length);
    again.run((file, done) -> {});
    assertWhole();
    assertThat(ranges()).containsExactly("bytes=100000-");
  }

  @Test
  void aServerThatKnowsNoRangesSendsAllAgain() throws IOException {
    server.fault(store(UNET), TestHub.cut(unet(), 100_000), TestHub.whole(unet()));
    pull();
    assertWhole();
    assertThat(ranges()).containsExactly(null, "bytes=100000-");
  }

  @Test
  void aRangeThatWasNotAskedForIsThrownAway() throws IOException {
    HttpHandler other =
        exchange -> {
          exchange.getResponseHeaders().set("Content-Range", "bytes 5-9/300000");
          exchange.sendResponseHeaders(206, 5);
          exchange.getResponseBody().write(new byte[5]);
        };
    server.fault(store(UNET), TestHub.cut(unet(), 100_000), other, TestHub.cut(unet(), 70_000));
    server.fault(store(UNET), TestHub.status(416));
    pull();
    assertWhole();
    assertThat(ranges()).containsExactly(null, "bytes=100000-", null, "bytes=70000-", null);
  }

  @Test
  void moreThanTheListingSaysIsNotTaken() throws IOException {
    byte[] longer = Arrays.copyOf(unet(), unet().length + 50_000);
    server.fault(store(UNET), TestHub.whole(longer));
    String vae = "vae/diffusion_pytorch_model.safetensors";
    server.fault(store(vae), TestHub.announce(900_000_000_000L, server.files.get(vae)));
    pull();
    assertWhole();
  }

  @Test
  void damageOnTheWayIsFoundAndFetchedAgain() throws IOException {
    server.fault(store(UNET), TestHub.send(TestHub.damaged(unet())));
    String config = "vae/config.json";
    server.fault(resolve(config), TestHub.send(TestHub.damaged(server.files.get(config))));
    pull();
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(strings = {UNET, "vae/config.json"})
  void damageThatStaysIsSaidAndNothingOfItKept(String path) throws IOException {
    HttpHandler damaged = TestHub.send(TestHub.damaged(server.files.get(path)));
    server.fault(resolve(path), damaged, damaged);
    refused(HubException.class, this::pull)
        .withMessageContaining(path)
        .withMessageContaining("damaged");
    assertThat(filesIn(folder)).noneMatch(file -> file.contains(Path.of(path).getFileName() + "."));
    assertThat(folder.resolve(path)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000, 300_000, 400_000})
  void anEarlierPartThatIsDamagedIsNotBuiltOn(int length) throws IOException {
    leavePart(new byte[length]);
    pull();
    assertWhole();
  }

  @Test
  void aPartThatOnlyLacksItsNameGetsItWithoutBeingFetched() throws IOException {
    pull();
    Files.delete(folder.resolve(UNET));
    leavePart(unet());
    server.forget();
    ModelPull pull = ModelPull.plan(server.hub(), MODEL, "main", folder);
    assertThat(pull.isWhole()).isFalse();
    assertThat(pull.bytesLeft()).isZero();
    pull.run((file, done) -> {});
    assertWhole();
    assertThat(server.requests()).extracting(Request::path).containsExactly(LISTING);
  }

  /** As a process does that is killed. */
  private void leavePart(byte[] content) throws IOException {
    Path part = listed(UNET).partIn(folder);
    Files.createDirectories(part.getParent());
    Files.write(part, content);
  }

  private HubFile listed(String path) {
    byte[] answer = server.listing().toString().getBytes(StandardCharsets.UTF_8);
    return Listing.parse(answer, "main", "test").file(path);
  }

  @Test
  void twoPullsDoNotWriteOneFile() throws IOException {
    HubFile file = listed(UNET);
    Files.createDirectories(folder.resolve("unet"));
    try (FileChannel other =
        FileChannel.open(
            file.partIn(folder), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertThat(other.tryLock()).isNotNull();
      refused(InputException.class, this::pull).withMessageContaining("another download");
    }
    pull();
    assertWhole();
  }

  @Test
  void aSilentConnectionIsGivenUpAndTriedAgain() throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    server.fault(
        store(UNET),
        exchange -> {
          exchange.sendResponseHeaders(200, 300_000);
          exchange.getResponseBody().write(unet(), 0, 1000);
          exchange.getResponseBody().flush();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    pull(server.hub(Duration.ofSeconds(3)));
    over.countDown();
    assertWhole();
    assertThat(server.pauses).isNotEmpty();
  }

  @Test
  void aHubInTroubleIsAskedAgain() throws IOException {
    server.fault(LISTING, TestHub.status(500), TestHub.status(429));
    server.fault(resolve(UNET), TestHub.status(502));
    server.fault(store(UNET), TestHub.status(403)); // as of an address that has expired
    pull();
    assertWhole();
    assertThat(server.pauses).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void whatMayNotBeReadIsTheUsersToMend(int status) {
    server.fault(LISTING, TestHub.status(status));
    refused(InputException.class, this::pull)
        .withMessageContaining("someone/tiny")
        .withMessageContaining(status == 404 ? "there is none" : "accept its licence")
        .withMessageContaining(status == 404 ? "--revision" : "HF_TOKEN");
    server.fault(resolve("vae/config.json"), TestHub.status(status));
    refused(InputException.class, this::pull).withMessageContaining("vae/config.json");
    assertThat(server.pauses).isEmpty();
  }

  @Test
  void otherAnswersAreTheHubsFault() {
    server.fault(LISTING, TestHub.status(418));
    refused(HubException.class, this::pull).withMessageContaining("answers 418");
  }

  @Test
  void aHubThatIsNotThereIsSaidAtOnce() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Hub nobody =
        new Hub(
            "http://127.0.0.1:" + port,
            Optional.empty(),
            Duration.ofSeconds(9),
            server.pauses::add);
    refused(HubException.class, () -> pull(nobody))
        .withMessageContaining("cannot be reached (no connection)")
        .withMessageContaining("--hub")
        .withMessageContaining("another machine");
    assertThat(server.pauses).isEmpty();
  }

  @Test
  void redirectsEnd() {
    HttpHandler[] loop =
        Collections.nCopies(20, TestHub.redirect(LISTING)).toArray(HttpHandler[]::new);
    server.fault(LISTING, loop);
    refused(HubException.class, this::pull).withMessageContaining("more than 10 redirects");
    assertThat(server.requests()).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "file:///etc/passwd",
        "ftp://localhost/x",
        "http:///x",
        "http://[",
        "mailto:x"
      })
  void redirectsLeadToTheWebOnly(String target) {
    server.fault(resolve("vae/config.json"), TestHub.redirect(target));
    refused(HubException.class, this::pull).withMessageContaining("vae/config.json");
    assertThat(folder.resolve("vae/config.json")).doesNotExist();
  }

  @Test
  void pathsThatNoOneAskedForAreNeverWritten() throws IOException {
    ObjectNode listing = server.listing();
    for (String path :
        List.of("../evil", "/tmp/evil", "unet/../../evil", "unet\\evil", "", "unet/evil\u0000")) {
      listing.withArray("siblings").addObject().put("rfilename", path).put("size", -1);
    }
    listing.withArray("siblings").add(7).addNull().addObject();
    server.fault(LISTING, TestHub.text(listing.toString()));
    pull();
    assertWhole();
    assertThat(filesIn(temp)).allMatch(file -> file.startsWith("model/")).hasSize(WANTED.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "1.5", "\"300000\"", "null", "99999999999999999999", "9000000000000000000"})
  void absurdSizesAreRefusedBeforeAnythingIsFetched(String size) throws IOException {
    String listing =
        server
            .listing()
            .toString()
            .replace("\"" + UNET + "\",\"size\":300000", "\"" + UNET + "\",\"size\":" + size);
    server.fault(LISTING, TestHub.text(listing));
    refused(HubException.class, this::pull);
    assertThat(filesIn(folder)).isEmpty();
    assertThat(server.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "xyz", "../../../../evil", "ABCDEF"})
  void aFileWithoutAChecksumIsRefused(String hash) {
    ObjectNode listing = server.listing();
    TestHub.entry(listing, "vae/config.json").put("blobId", hash);
    server.fault(LISTING, TestHub.text(listing.toString()));
    refused(HubException.class, this::pull).withMessageContaining("vae/config.json");
    ObjectNode large = server.listing();
    TestHub.entry(large, UNET).putObject("lfs").put("sha256", hash);
    server.fault(LISTING, TestHub.text(large.toString()));
    refused(HubException.class, this::pull).withMessageContaining(UNET);
  }

  @Test
  void aLargeTextIsRefused() {
    ObjectNode listing = server.listing();
    TestHub.entry(listing, "tokenizer/vocab.json").put("size", 1L << 30);
    server.fault(LISTING, TestHub.text(listing.toString()));
    refused(HubException.class, this::pull).withMessageContaining("tokenizer/vocab.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>welcome</html>", "[]", "{}", "{\"siblings\":7}"})
  void whatIsNoListingIsRefused(String answer) {
    server.fault(LISTING, TestHub.text(answer));
    refused(HubException.class, this::pull).withMessageContaining("someone/tiny");
  }

  @Test
  void aListingWithoutEndIsRefused() {
    server.fault(LISTING, TestHub.whole(new byte[17 << 20]));
    refused(HubException.class, this::pull).withMessageContaining("larger than 16 MiB");
    server.fault(LISTING, TestHub.text("{\"siblings\":[" + "7,".repeat(20_000) + "7]}"));
    refused(HubException.class, this::pull).withMessageContaining("10000 files");
  }

  @Test
  void aModelOfAnotherKindIsRefusedBeforeItIsFetched() throws IOException {
    ObjectNode listing = server.listing();
    listing
        .putObject("config")
        .putObject("diffusers")
        .put("_class_name", "StableDiffusionXLPipeline");
    server.fault(LISTING, TestHub.text(listing.toString()));
    refused(InputException.class, this::pull)
        .withMessageContaining("StableDiffusionXLPipeline")
        .withMessageContaining("expected");
    server.files.remove("model_index.json");
    refused(InputException.class, this::pull).withMessageContaining("no model_index.json");
    assertThat(filesIn(folder)).isEmpty();
  }

  @Test
  void aDiskThatIsTooSmallIsSaidBeforehand() {
    refused(
            StorageException.class,
            () -> ModelPull.requireSpace(folder.resolve("a/b"), Long.MAX_VALUE))
        .withMessageContaining("the disk is full")
        .withMessageContaining("GB are needed");
  }

  @Test
  void aFolderThatCannotBeOneIsNamed() throws IOException {
    folder = Files.writeString(temp.resolve("file"), "x").resolve("model");
    refused(InputException.class, this::pull).withMessageContaining("file");
  }

  @Test
  void aBranchWithASlashIsOneWord() {
    server.fault(
        "/api/models/someone/tiny/revision/refs/pr/1", TestHub.text(server.listing().toString()));
    ModelPull.plan(server.hub(), MODEL, "refs/pr/1", folder);
    for (String revision : List.of("", "../x", "a b", "-x", "a..b", "x?y", "x".repeat(300))) {
      refused(InputException.class, () -> ModelPull.plan(server.hub(), MODEL, revision, folder))
          .withMessageContaining("--revision");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "huggingface.co",
        "ftp://huggingface.co",
        "http://",
        "https://a b",
        "file:/tmp",
        "https://me:word@host",
        "https://host/?x=1"
      })
  void anAddressThatIsNoneIsRefused(String address) {
    refused(InputException.class, () -> new Hub(address, Optional.empty()))
        .withMessageContaining("https://huggingface.co");
  }

  @Test
  void aTokenThatIsNoneIsRefusedWithoutShowingIt() {
    refused(
            InputException.class,
            () -> new Hub("https://host", Optional.of(TestHub.TOKEN + "\r\nX: y")))
        .withMessageContaining("HF_TOKEN");
  }
}
