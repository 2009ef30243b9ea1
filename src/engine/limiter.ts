import type { Clock } from './clock.ts';

export interface LimiterOptions {
  readonly initial: number;
  readonly maximum: number;
  readonly clock: Clock;
  /** Aborted when nothing more should be sent; what waits is rejected with its reason. */
  readonly stopping?: AbortSignal;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Bounds the requests in flight to one model and adapts the bound: additive increase, multiplicative decrease
 * (Chiu and Jain 1989), down to a quarter of where it began. A refusal for load halves it at most once per window of
 * answers; a window that is much slower than the fastest one seen lowers it by a tenth.
 */
export class Limiter {
  #limit: number;
  #inFlight = 0;
  #answersInWindow = 0;
  #latencyInWindow = 0;
  #fastestWindow = Number.POSITIVE_INFINITY;
  #decreasedInWindow = false;
  #pausedUntil = 0;
  #resumeTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #waiting: Waiter[] = [];
  readonly #minimum: number;
  readonly #maximum: number;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal | undefined;

  constructor(options: LimiterOptions) {
    this.#limit = Math.max(1, Math.min(options.initial, options.maximum));
    this.#maximum = Math.max(1, options.maximum);
    // refusals that do not depend on load must not bring a run to a crawl
    this.#minimum = Math.max(1, Math.floor(this.#limit / 4));
    this.#clock = options.clock;
    this.#stopping = options.stopping;
    options.stopping?.addEventListener('abort', () => {
      for (const waiter of this.#waiting.splice(0)) waiter.reject(options.stopping?.reason);
    });
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Resolves when a request may be sent, `again` before those that are sent for the first time. Each must be followed by one `release`. */
  acquire(signal: AbortSignal, again = false): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#stopping?.aborted) return Promise.reject(this.#stopping.reason);
    if (this.#mayStart()) {
      this.#inFlight++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const index = this.#waiting.indexOf(waiter);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        resolve: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        reject: (reason) => {
          signal.removeEventListener('abort', onAbort);
          reject(reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (again) this.#waiting.unshift(waiter);
      else this.#waiting.push(waiter);
    });
  }

  /** Ends a request. `overloaded` where the service refused it for load. */
  release(outcome: 'answered' | 'overloaded' | 'failed', latencyMs: number): void {
    this.#inFlight--;
    if (outcome === 'overloaded') {
      if (!this.#decreasedInWindow) this.#limit = Math.max(this.#minimum, this.#limit / 2);
      this.#decreasedInWindow = true;
    } else if (outcome === 'answered') this.#answered(latencyMs);
    this.#startWaiting();
  }

  /** Sends nothing before that time (milliseconds since 1970), as a `Retry-After` asks. */
  pauseUntil(time: number): void {
    if (time <= this.#pausedUntil) return;
    this.#pausedUntil = time;
    clearTimeout(this.#resumeTimer);
    const resume = () => {
      // a timer may fire a moment before the clock says so, and then nobody else would start what waits
      this.#pausedUntil = 0;
      this.#startWaiting();
    };
    this.#resumeTimer = setTimeout(resume, Math.max(0, time - this.#clock.now()));
    this.#resumeTimer.unref();
  }

  #answered(latencyMs: number): void {
    this.#answersInWindow++;
    this.#latencyInWindow += latencyMs;
    if (this.#answersInWindow < Math.max(8, this.#limit)) return;
    const latency = this.#latencyInWindow / this.#answersInWindow;
    this.#fastestWindow = Math.min(this.#fastestWindow, latency);
    // four times the fastest window: queueing at the service, not noise
    if (latency > 4 * this.#fastestWindow) this.#limit = Math.max(this.#minimum, this.#limit * 0.9);
    else if (!this.#decreasedInWindow) this.#limit = Math.min(this.#maximum, this.#limit + Math.max(1, this.#limit / 4));
    this.#answersInWindow = 0;
    this.#latencyInWindow = 0;
    this.#decreasedInWindow = false;
  }

  #mayStart(): boolean {
    return this.#inFlight < this.limit && this.#clock.now() >= this.#pausedUntil;
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#mayStart()) {
      this.#inFlight++;
      this.#waiting.shift()?.resolve();
    }
  }
}
