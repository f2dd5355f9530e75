package org.syntagen.diffusion.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** The samplers to choose from. */
public enum SchedulerKind {
  DDIM("DDIMScheduler", DdimScheduler::new),
  DDPM("DDPMScheduler", DdpmScheduler::new),
  PNDM("PNDMScheduler", (config, steps, noise) -> new PndmScheduler(config, steps)),
  LCM("LCMScheduler", LcmScheduler::new),
  EULER("EulerDiscreteScheduler", (config, steps, noise) -> new EulerScheduler(config, steps)),
  EULER_ANCESTRAL("EulerAncestralDiscreteScheduler", EulerAncestralScheduler::new),
  HEUN("HeunDiscreteScheduler", (config, steps, noise) -> new HeunScheduler(config, steps)),
  LMS("LMSDiscreteScheduler", (config, steps, noise) -> new LmsScheduler(config, steps)),
  DPM_SOLVER_PP_2M(
      "DPMSolverMultistepScheduler",
      (config, steps, noise) -> new DpmSolverMultistepScheduler(config, steps)),
  DPM_SOLVER_PP_2S(
      "DPMSolverSinglestepScheduler",
      (config, steps, noise) -> new DpmSolverSinglestepScheduler(config, steps)),
  UNIPC("UniPCMultistepScheduler", (config, steps, noise) -> new UniPcScheduler(config, steps));

  private interface Constructor {
    Scheduler create(SchedulerConfig config, int steps, Supplier<Tensor> noise);
  }

  private final String className;
  private final Constructor constructor;

  SchedulerKind(String className, Constructor constructor) {
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
   * @param steps as users count them; the model may be called more often ({@link
   *     Scheduler#timesteps})
   * @param noise gives fresh standard normal numbers of the sample's shape; asked during steps by
   *     the stochastic schedulers (DDPM, Euler ancestral, LCM, and DDIM with η above 0), never by
   *     the others
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps, or
   *     the configuration asks for what this scheduler does not have
   */
  public Scheduler create(SchedulerConfig config, int steps, Supplier<Tensor> noise) {
    return constructor.create(config, steps, noise);
  }
}
