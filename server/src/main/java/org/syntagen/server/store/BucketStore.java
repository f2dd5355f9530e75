package org.syntagen.server.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.ServerOptions;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.utils.Md5Utils;

/**
 * Files lie in a bucket of a store that speaks Amazon's S3, each under the id of its submission.
 * One is sent in parts and appears when it is whole; only then the server's folder loses it.
 */
public final class BucketStore implements FileStore, AutoCloseable {
  /** In memory while it is sent. S3 takes at least 5 MiB and 10,000 of them. */
  private static final int PART = 32 << 20;

  private static final Duration CONNECTING = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final String BYTES = "application/octet-stream";

  private final S3Client s3;
  private final String bucket;
  private final String prefix;
  private final FolderStore coming;
  private final int part;

  BucketStore(ServerOptions.Bucket options, ServerFolder folder, int part) {
    this.s3 = client(options);
    this.bucket = options.name();
    this.prefix = options.prefix();
    this.coming = new FolderStore(folder);
    this.part = part;
  }

  /**
   * Opens a bucket, and writes into it to see whether that works.
   *
   * @throws InputException if it does not
   */
  public static BucketStore open(ServerOptions.Bucket options, ServerFolder folder) {
    BucketStore store = new BucketStore(options, folder, PART);
    try {
      store.probe();
      return store;
    } catch (S3Exception e) {
      store.close();
      throw new InputException(
          "the bucket \"%s\" cannot be used: %s; see to --s3-bucket, its region and the key in AWS_ACCESS_KEY_ID"
              .formatted(options.name(), reason(e)),
          e);
    } catch (SdkClientException e) {
      store.close();
      throw new InputException(
          "%s cannot be reached (%s); see to --s3-endpoint"
              .formatted(options.endpoint().map(URI::toString).orElse("Amazon S3"), e.getMessage()),
          e);
    }
  }

  private static S3Client client(ServerOptions.Bucket options) {
    S3ClientBuilder client =
        S3Client.builder()
            .region(Region.of(options.region()))
            .credentialsProvider(
                StaticCredentialsProvider.create(credentials(options.credentials())))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECTING)
                    .socketTimeout(SILENCE))
            // Amazon's chunks and newer checksums are not known to all stores that speak S3.
            .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    options.endpoint().ifPresent(uri -> client.endpointOverride(uri).forcePathStyle(true));
    return client.build();
  }

  private static AwsCredentials credentials(ServerOptions.Credentials key) {
    return key.sessionToken()
        .<AwsCredentials>map(token -> AwsSessionCredentials.create(key.id(), key.secret(), token))
        .orElseGet(() -> AwsBasicCredentials.create(key.id(), key.secret()));
  }

  private void probe() {
    String key = prefix + "probe";
    s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.empty());
    s3.deleteObject(request -> request.bucket(bucket).key(key));
  }

  private static String reason(S3Exception e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorCode() == null
        ? "status " + e.statusCode()
        : "%s (%s)".formatted(details.errorMessage(), details.errorCode());
  }

  @Override
  public void keep(UUID submission) {
    if (coming.find(submission).isEmpty()) {
      return;
    }
    Path file = coming.folder().upload(submission);
    String key = key(submission);
    dropUnfinished(key);
    try (InputStream in = Files.newInputStream(file)) {
      send(key, in);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
    coming.delete(submission);
  }

  /** A server that was killed has left the parts that it had sent. */
  private void dropUnfinished(String key) {
    for (MultipartUpload unfinished :
        s3.listMultipartUploadsPaginator(request -> request.bucket(bucket).prefix(key)).uploads()) {
      s3.abortMultipartUpload(
          request -> request.bucket(bucket).key(key).uploadId(unfinished.uploadId()));
    }
  }

  private void send(String key, InputStream in) throws IOException {
    String upload = s3.createMultipartUpload(request -> request.bucket(bucket).key(key)).uploadId();
    List<CompletedPart> sent = new ArrayList<>();
    for (byte[] next = in.readNBytes(part); next.length > 0; next = in.readNBytes(part)) {
      sent.add(send(key, upload, sent.size() + 1, next));
    }
    s3.completeMultipartUpload(
        request ->
            request
                .bucket(bucket)
                .key(key)
                .uploadId(upload)
                .multipartUpload(parts -> parts.parts(sent)));
  }

  private CompletedPart send(String key, String upload, int number, byte[] bytes) {
    String tag =
        s3.uploadPart(
                request ->
                    request
                        .bucket(bucket)
                        .key(key)
                        .uploadId(upload)
                        .partNumber(number)
                        .contentMD5(Md5Utils.md5AsBase64(bytes)),
                RequestBody.fromContentProvider(
                    () -> new ByteArrayInputStream(bytes), bytes.length, BYTES))
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(tag).build();
  }

  @Override
  public Path fetch(UUID submission, Path into) {
    if (coming.find(submission).isPresent()) {
      return coming.fetch(submission, into);
    }
    Path copy = into.resolve(submission.toString());
    s3.getObject(request -> request.bucket(bucket).key(key(submission)), copy);
    return copy;
  }

  @Override
  public Optional<Resource> find(UUID submission) {
    return coming.find(submission).or(() -> kept(submission));
  }

  private Optional<Resource> kept(UUID submission) {
    try {
      ResponseInputStream<GetObjectResponse> object =
          s3.getObject(request -> request.bucket(bucket).key(key(submission)));
      return Optional.of(
          new InputStreamResource(object) {
            @Override
            public long contentLength() {
              return object.response().contentLength();
            }
          });
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  @Override
  public void delete(UUID submission) {
    s3.deleteObject(request -> request.bucket(bucket).key(key(submission)));
    coming.delete(submission);
  }

  private String key(UUID submission) {
    return prefix + submission;
  }

  @Override
  public void close() {
    s3.close();
  }
}
