package org.syntagen.server.job;

import java.io.IOException;
import org.springframework.stereotype.Component;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.submission.Submission;

/**
 * Sampled pairs of datasets to look at. Pictures are written anew, so nothing but pixels of what a
 * stranger sent reaches a browser.
 */
@Component
class Galleries {
  private static final int MOST = 24;

  private final ServerFolder folder;

  Galleries(ServerFolder folder) {
    this.folder = folder;
  }

  /**
   * Keeps pairs that lie evenly over a dataset, as 0-image.png, 0-mask.png and so on.
   *
   * @return how many
   */
  int sample(Submission submission, Dataset dataset, ClassSet classes) {
    int size = Math.min(MOST, dataset.size());
    try (WorkFolder part = WorkFolder.in(folder)) {
      for (int i = 0; i < size; i++) {
        int position = (int) ((long) i * dataset.size() / size);
        Images.writePng(part.path().resolve(i + "-image.png"), dataset.image(position));
        LabelMap.read(dataset.maskFile(position), classes)
            .write(part.path().resolve(i + "-mask.png"));
      }
      part.moveTo(folder.gallery(submission.id()));
      return size;
    } catch (IOException e) {
      throw StorageException.of(folder.work(), e);
    }
  }
}
