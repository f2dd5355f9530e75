package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  @Test
  void aTensorIsFreedWithItsScope() {
    Tensor tensor;
    try (Scope scope = new Scope()) {
      tensor = Tensors.zeros(3);
      assertAlive(tensor);
    }
    assertFreed(tensor);
  }

  @Test
  void aKeptTensorBelongsToTheEnclosingScope() {
    Tensor kept;
    Tensor other;
    try (Scope outer = new Scope()) {
      try (Scope inner = new Scope()) {
        other = Tensors.zeros(3);
        kept = inner.keep(Tensors.zeros(3));
      }
      assertFreed(other);
      assertAlive(kept);
    }
    assertFreed(kept);
  }

  @Test
  void withoutAnEnclosingScopeAKeptTensorBelongsToTheCaller() {
    Tensor kept;
    try (Scope scope = new Scope()) {
      kept = scope.keep(Tensors.zeros(3));
      assertThat(scope.keep(kept)).isSameAs(kept);
    }
    assertAlive(kept);
    kept.close();
    assertFreed(kept);
  }

  @Test
  void aChainFreesWhatLiesBetween() {
    List<Tensor> seen = new ArrayList<>();
    Tensor last;
    try (Scope scope = new Scope()) {
      Tensor first = Tensors.zeros(3);
      UnaryOperator<Tensor> plusOne =
          x -> {
            seen.forEach(ScopeTest::assertFreed);
            assertAlive(x);
            seen.add(x == first ? Tensors.zeros(1) : x); // what a step makes is freed too
            return Ops.plus(x, 1);
          };
      last = Scope.chain(first, List.of(x -> x, plusOne, x -> x, plusOne, x -> x, plusOne));
      seen.forEach(ScopeTest::assertFreed);
      assertThat(seen).hasSize(3);
      assertAlive(first);
      assertThat(Tensors.floats(last)).containsExactly(3, 3, 3);
    }
    assertFreed(last);
  }

  @Test
  void keepingATensorOfAnOuterScopeLeavesItThere() {
    Tensor tensor;
    try (Scope outer = new Scope()) {
      tensor = Tensors.zeros(3);
      try (Scope inner = new Scope()) {
        inner.keep(tensor);
      }
      assertAlive(tensor);
    }
    assertFreed(tensor);
  }

  @Test
  void anOwnedTensorOutlivesEveryScope() {
    Tensor inner;
    Tensor outer;
    Tensor kept;
    Tensor none = Tensors.zeros(3);
    try (Scope wide = new Scope()) {
      outer = Tensors.zeros(3);
      try (Scope narrow = new Scope()) {
        inner = Scope.own(Tensors.zeros(3));
        kept = Scope.own(narrow.keep(Tensors.zeros(3)));
        Scope.own(outer);
        Scope.own(none);
      }
    }
    for (Tensor tensor : new Tensor[] {inner, outer, kept, none}) {
      assertAlive(tensor);
      tensor.close();
      assertFreed(tensor);
    }
  }

  @Test
  void aComputationThatReturnsAWeightDoesNotFreeIt() {
    try (StateDict weights = new StateDict("test")) {
      weights.put("a", Tensors.zeros(3));
      try (Scope scope = new Scope()) {
        assertThat(Scope.compute(() -> weights.get("a"))).isSameAs(weights.get("a"));
      }
      assertAlive(weights.get("a"));
    }
  }

  @Test
  void aComputationFreesEverythingButItsResult() {
    Tensor[] intermediate = new Tensor[1];
    try (Scope scope = new Scope()) {
      Tensor result =
          Scope.compute(
              () -> {
                intermediate[0] = Tensors.full(2, 3);
                return Ops.scale(intermediate[0], 3);
              });
      assertThat(Tensors.floats(result)).containsExactly(6, 6, 6);
      assertFreed(intermediate[0]);
    }
  }

  @Test
  void anExceptionClosesTheScope() {
    Tensor[] made = new Tensor[1];
    assertThatThrownBy(
            () ->
                Scope.compute(
                    () -> {
                      made[0] = Tensors.zeros(3);
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");
    assertFreed(made[0]);
  }

  @Test
  void aScopeDoesNotReachTensorsOfAnotherThread() {
    Tensor foreign;
    try (Scope scope = new Scope()) {
      foreign = CompletableFuture.supplyAsync(() -> Tensors.zeros(3)).join();
    }
    assertAlive(foreign);
    foreign.close();
  }

  @Test
  void aViewOutlivesTheTensorItLooksAt() {
    try (Scope outer = new Scope()) {
      Tensor view = Scope.compute(() -> Tensors.range(6).narrow(0, 2, 3));
      assertThat(Tensors.floats(view)).containsExactly(2, 3, 4);
    }
  }

  @Test
  void nativeMemoryStaysFlatOver300Iterations() throws IOException {
    assumeTrue(Files.isReadable(STATUS), "no " + STATUS + ": resident memory cannot be measured");
    Tensor carried = Scope.own(Tensors.zeros(1 << 18)); // 1 MiB
    long before = 0;
    for (int i = 0; i < 300; i++) {
      if (i == 20) {
        before = residentMib();
      }
      Tensor next;
      try (Scope scope = new Scope()) {
        Tensor a = Ops.plus(carried, 1);
        next = Scope.own(Ops.scale(a, 0.5).add(a));
      }
      carried.close();
      carried = next;
    }
    carried.close();
    // Three tensors an iteration would take 840 MiB.
    assertThat(residentMib() - before).isLessThan(64);
  }

  private static long residentMib() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IllegalStateException("no VmRSS in " + STATUS);
  }

  private static void assertAlive(Tensor tensor) {
    assertThat(tensor.numel()).isEqualTo(3);
  }

  private static void assertFreed(Tensor tensor) {
    assertThatThrownBy(tensor::numel).isInstanceOf(NullPointerException.class);
  }
}
