package org.syntagen.diffusion.scheduler;

import java.util.function.BiFunction;

/** The samplers to choose from. */
public enum SchedulerKind {
  DDIM("DDIMScheduler", DdimScheduler::new),
  DPM_SOLVER_PP_2M("DPMSolverMultistepScheduler", DpmSolverMultistepScheduler::new);

  private final String className;
  private final BiFunction<SchedulerConfig, Integer, Scheduler> constructor;

  SchedulerKind(String className, BiFunction<SchedulerConfig, Integer, Scheduler> constructor) {
    this.className = className;
    this.constructor = constructor;
  }

  /** diffusers' class, as model_index.json and scheduler_config.json name it. */
  public String className() {
    return className;
  }

  /**
   * A scheduler for one sampling run.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public Scheduler create(SchedulerConfig config, int steps) {
    return constructor.apply(config, steps);
  }
}
