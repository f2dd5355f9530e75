package org.syntagen.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A module may use only those before it in this list; see docs/architecture.md. */
class ModuleOrderTest {
  private static final List<String> ORDER =
      List.of(
          "tensor",
          "dataset",
          "diffusion",
          "labeling",
          "segmentation",
          "challenge",
          "server",
          "cli");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.syntagen");

  @Test
  void everyModuleIsLookedAt() {
    for (String module : ORDER) {
      Assertions.assertThat(CLASSES)
          .anyMatch(type -> type.getPackageName().startsWith("org.syntagen." + module));
    }
  }

  @TestFactory
  Stream<DynamicTest> noModuleUsesALaterOne() {
    return ORDER.stream()
        .limit(ORDER.size() - 1)
        .map(
            module -> {
              String[] later =
                  ORDER.subList(ORDER.indexOf(module) + 1, ORDER.size()).stream()
                      .map(ModuleOrderTest::in)
                      .toArray(String[]::new);
              return DynamicTest.dynamicTest(module, () -> forbid(module, later));
            });
  }

  @Test
  void datasetsNeedNoTensors() {
    forbid("dataset", in("tensor"), "org.bytedeco..");
  }

  @Test
  void theChallengeLoadsNoModels() {
    forbid("challenge", in("tensor"), in("diffusion"), in("labeling"), "org.bytedeco..");
  }

  @Test
  void onlyTheServerKnowsTheWeb() {
    String[] web = {"org.springframework..", "jakarta.servlet.."};
    ORDER.stream().filter(module -> !module.equals("server")).forEach(each -> forbid(each, web));
    forbid("server", in("tensor"), in("diffusion"), in("labeling"), "org.bytedeco..");
  }

  @Test
  void diffusionAndSegmentationDoNotKnowEachOther() {
    forbid("diffusion", in("segmentation"));
    forbid("segmentation", in("diffusion"), in("labeling"));
  }

  @Test
  void onlyTensorKnowsTheBindingBeyondTheTensorType() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("tensor"))
        .should()
        .dependOnClassesThat(
            new DescribedPredicate<JavaClass>("belong to the binding, except Tensor") {
              @Override
              public boolean test(JavaClass type) {
                return type.getPackageName().startsWith("org.bytedeco")
                    && !List.of("Tensor", "TensorBase", "AbstractTensor", "Pointer")
                        .contains(type.getSimpleName());
              }
            })
        .check(CLASSES);
  }

  private static void forbid(String module, String... packages) {
    noClasses()
        .that()
        .resideInAPackage(in(module))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .check(CLASSES);
  }

  private static String in(String module) {
    return "org.syntagen." + module + "..";
  }
}
