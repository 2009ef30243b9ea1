import { describe, expect, it } from 'vitest';
import { manualClock, never } from './engine.fixture.ts';
import { Limiter } from './limiter.ts';

/** Answers `count` requests one after the other. */
async function answer(limiter: Limiter, count: number, latencyMs = 10): Promise<void> {
  for (let i = 0; i < count; i++) {
    await limiter.acquire(never);
    limiter.release('answered', latencyMs);
  }
}

describe('a limiter', () => {
  it('lets no more than its bound through at once', async () => {
    const limiter = new Limiter({ initial: 2, maximum: 2, clock: manualClock() });
    await limiter.acquire(never);
    await limiter.acquire(never);
    let third = false;
    const waiting = limiter.acquire(never).then(() => {
      third = true;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    limiter.release('answered', 1);
    await waiting;
    expect(third).toBe(true);
  });

  it('grows to its maximum while answers come', async () => {
    const limiter = new Limiter({ initial: 4, maximum: 16, clock: manualClock() });
    await answer(limiter, 500);
    expect(limiter.limit).toBe(16);
  });

  it('halves once for a burst of refusals, and grows again', async () => {
    const limiter = new Limiter({ initial: 16, maximum: 16, clock: manualClock() });
    for (let i = 0; i < 8; i++) await limiter.acquire(never);
    for (let i = 0; i < 8; i++) limiter.release('overloaded', 0);
    expect(limiter.limit).toBe(8);
    await answer(limiter, 200);
    expect(limiter.limit).toBe(16);
  });

  it('lowers its bound when answers become much slower', async () => {
    const limiter = new Limiter({ initial: 16, maximum: 16, clock: manualClock() });
    await answer(limiter, 32, 10);
    await answer(limiter, 160, 100);
    expect(limiter.limit).toBeLessThan(12);
    await answer(limiter, 2_000, 100);
    expect(limiter.limit).toBe(4);
  });

  it('sends nothing while it is paused', async () => {
    const clock = manualClock();
    const limiter = new Limiter({ initial: 4, maximum: 4, clock });
    limiter.pauseUntil(clock.now() + 20);
    let started = false;
    const waiting = limiter.acquire(never).then(() => {
      started = true;
    });
    await Promise.resolve();
    expect(started).toBe(false);
    clock.advance(21);
    await waiting;
    expect(started).toBe(true);
  });

  it('goes on after a pause even where the timer is ahead of the clock', async () => {
    const clock = manualClock();
    const limiter = new Limiter({ initial: 4, maximum: 4, clock });
    limiter.pauseUntil(clock.now() + 5);
    await limiter.acquire(never);
  });

  it('forgets a waiter that is aborted', async () => {
    const limiter = new Limiter({ initial: 1, maximum: 1, clock: manualClock() });
    await limiter.acquire(never);
    const controller = new AbortController();
    const waiting = limiter.acquire(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    limiter.release('answered', 1);
    await limiter.acquire(never);
  });
});
