import type { TrainingStatus } from '#core/trainer.ts';

/** What a job that this process runs has come to, or that it still runs after `waitMs`. */
export async function statusWithin(ended: Promise<TrainingStatus>, waitMs: number): Promise<TrainingStatus> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stillRunning = new Promise<TrainingStatus>((resolve) => {
    timer = setTimeout(resolve, waitMs, { state: 'running' });
  });
  try {
    return await Promise.race([ended, stillRunning]);
  } finally {
    clearTimeout(timer);
  }
}
