package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.syntagen.diffusion.ModelInspection;
import org.syntagen.diffusion.ModelInspection.Contents;
import org.syntagen.diffusion.ModelInspection.PartReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen models inspect}: a model file or folder to a report. */
@Command(
    name = "inspect",
    description = {
      "Say what a model file or folder is, and list missing, unexpected and misshapen tensors.",
      "Runs nothing that a file holds."
    },
    footer = {
      "",
      "Example: a checkpoint in one file",
      "  syntagen models inspect model.safetensors",
      "Example: a folder in diffusers layout, for a program",
      "  syntagen models inspect stable-diffusion-2-1 --json"
    })
final class InspectCommand implements Callable<Integer> {
  /** Of each list, for readers; --json has them all. */
  private static final int SHOWN = 10;

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A .safetensors, .ckpt or .bin file, or a folder with model_index.json.")
  private Path model;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    ModelInspection inspection = ModelInspection.of(model);
    if (json) {
      System.out.println(Json.line(summary(inspection)));
    } else {
      print(inspection);
    }
    return 0;
  }

  private void print(ModelInspection inspection) {
    System.out.println(
        model
            + ": "
            + inspection.architecture().title()
            + (inspection.ema() ? ", with a moving average of the U-Net (--ema)" : "")
            + (inspection.loadable() ? "" : "; cannot be loaded"));
    inspection.parts().forEach(part -> row(part.part().folder(), part.contents()));
    row("all", inspection.contents());
    System.out.println("fingerprint " + inspection.fingerprint());
    for (PartReport part : inspection.parts()) {
      list(part, "missing", part.missing());
      list(part, "unexpected", part.unexpected());
      list(part, "misshapen", part.misshapen());
    }
  }

  private static void row(String name, Contents contents) {
    String dtypes =
        contents.dtypes().keySet().stream().map(Enum::name).collect(Collectors.joining(", "));
    System.out.printf(
        "%-14s%,6d tensors%,16d parameters  %s%n",
        name, contents.tensors(), contents.parameters(), dtypes);
  }

  private static void list(PartReport part, String what, List<String> tensors) {
    tensors.stream()
        .limit(SHOWN)
        .forEach(tensor -> System.out.println(part.part().folder() + " " + what + ": " + tensor));
    if (tensors.size() > SHOWN) {
      System.out.println(
          part.part().folder() + " " + what + ": " + (tensors.size() - SHOWN) + " more (--json)");
    }
  }

  private Map<String, Object> summary(ModelInspection inspection) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("model", model.toString());
    summary.put("architecture", inspection.architecture().name());
    summary.put("loadable", inspection.loadable());
    summary.put("ema", inspection.ema());
    summary.putAll(contents(inspection.contents()));
    summary.put("fingerprint", inspection.fingerprint());
    Map<String, Object> parts = new LinkedHashMap<>();
    for (PartReport part : inspection.parts()) {
      Map<String, Object> report = contents(part.contents());
      report.put("missing", part.missing());
      report.put("unexpected", part.unexpected());
      report.put("misshapen", part.misshapen());
      parts.put(part.part().folder(), report);
    }
    summary.put("parts", parts);
    return summary;
  }

  private static Map<String, Object> contents(Contents contents) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("tensors", contents.tensors());
    map.put("parameters", contents.parameters());
    map.put("dtypes", contents.dtypes());
    return map;
  }
}
