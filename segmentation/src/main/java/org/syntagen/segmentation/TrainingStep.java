package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/**
 * One step of training: cross-entropy of both heads, backwards, for each batch, and the update.
 *
 * @param model whose parameters require gradients; not owned
 * @param update moves them, once the gradients of all batches are there
 * @param auxiliaryLoss weight of the auxiliary head's loss
 */
record TrainingStep(
    DeepLabV3 model, Optimizer.Update update, double auxiliaryLoss, Precision precision) {

  /**
   * Adds the gradients of a batch that has labels to those that wait for the update.
   *
   * @param noise where dropout draws from; null drops nothing
   * @param number of the step, from 1
   * @param share of the batch in the step's loss
   * @return the loss of the batch
   * @throws TrainingException if the loss is no number; nothing is moved then
   */
  double accumulate(Batch batch, SeededNoise noise, int number, double learningRate, double share) {
    try (Scope scope = new Scope()) {
      int size = batch.size();
      Tensor colors = Tensors.of(batch.colors(), batch.images(), 3, size, size);
      Tensor labels = Tensors.of(batch.labels(), batch.images(), size, size);
      DeepLabV3.Logits logits =
          precision.forward(() -> model.forward(colors, Mode.training(noise)));
      Tensor loss = Ops.add(loss(logits.out(), labels), loss(logits.aux(), labels), auxiliaryLoss);
      double value = loss.item_double();
      if (!Double.isFinite(value)) {
        throw new TrainingException(
            "training diverged at iteration %d: the loss is %s on samples %s; lower the learning rate (now %s)"
                .formatted(number, value, batch.ids(), learningRate));
      }
      (share == 1 ? loss : Ops.scale(loss, share)).backward();
      return value;
    }
  }

  private static Tensor loss(Tensor logits, Tensor labels) {
    return Ops.crossEntropy(logits, labels, ClassSet.VOID);
  }
}
