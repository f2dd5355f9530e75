package org.syntagen.diffusion.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * Brings a model from a hub into a folder. Every file appears when it is whole and its checksum is
 * right, model_index.json last; after an interruption it goes on where it stopped.
 */
public final class ModelPull {
  private final Hub hub;
  private final ModelName model;
  private final Path folder;
  private final String commit;
  private final List<HubFile> files;
  private final List<HubFile> missing = new ArrayList<>();

  private ModelPull(Hub hub, ModelName model, Path folder, Listing listing) {
    this.hub = hub;
    this.model = model;
    this.folder = folder;
    this.commit = listing.commit();
    this.files = ModelFiles.of(listing, model.toString());
    for (HubFile file : files) {
      if (!isThere(file)) {
        missing.add(file);
      }
    }
  }

  /**
   * Asks the hub what the model consists of and looks what of it is in the folder; files that are
   * there are read and checked. Nothing is written.
   *
   * @param revision a branch, tag or commit
   * @throws InputException if there is no such model, it may not be read or is no Stable Diffusion
   *     in diffusers' layout, or the folder holds other files of the same names
   * @throws HubException if the hub fails
   */
  public static ModelPull plan(Hub hub, ModelName model, String revision, Path folder) {
    return new ModelPull(hub, model, folder, hub.list(model, revision));
  }

  private boolean isThere(HubFile file) {
    Path path = file.in(folder);
    try {
      if (!Files.exists(path)) {
        return false;
      }
      if (file.isAt(path)) {
        return true;
      }
    } catch (IOException e) {
      throw new InputException(path + ": cannot be read (" + e.getMessage() + ")", e);
    }
    throw new InputException(
        "%s is not that of %s at %s; remove it or choose another --out"
            .formatted(path, model, commit));
  }

  /** The commit that is fetched, whatever becomes of its branch meanwhile. */
  public String commit() {
    return commit;
  }

  /** How many files the model has. */
  public int files() {
    return files.size();
  }

  /** Size of the whole model in bytes. */
  public long size() {
    return files.stream().mapToLong(HubFile::size).sum();
  }

  /** Whether nothing is left to do. */
  public boolean isWhole() {
    return missing.isEmpty();
  }

  /** How many bytes are still to be fetched. */
  public long bytesLeft() {
    return missing.stream().mapToLong(file -> file.size() - there(file)).sum();
  }

  private long there(HubFile file) {
    try {
      Path part = file.partIn(folder);
      long size = Files.exists(part) ? Files.size(part) : 0;
      return size > file.size() ? 0 : size;
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }

  /**
   * Fetches what is missing.
   *
   * @param progress told the path of the file under way and how many of {@link #bytesLeft} are done
   * @throws HubException if the hub or the line to it fails
   * @throws StorageException if the disk fails, or it is plain from the start that it is too small
   */
  public void run(ObjLongConsumer<String> progress) {
    requireSpace(folder, bytesLeft());
    long before = 0;
    for (HubFile file : missing) {
      long done = before;
      long there = there(file);
      Download.fetch(
          hub,
          hub.source(model, commit, file),
          file,
          folder,
          position -> progress.accept(file.path(), done + Math.max(0, position - there)));
      before += file.size() - there;
    }
    missing.clear();
  }

  /** Refuses to start what cannot end well. */
  static void requireSpace(Path folder, long bytes) {
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      if (free < bytes) {
        throw StorageException.of(
            folder,
            new IOException(
                "not enough space: %.1f GB are needed, %.1f GB are free"
                    .formatted(bytes / 1e9, free / 1e9)));
      }
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }
}
