export interface AdamWState {
  /** Updates done. */
  step: number;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface AdamWOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export function createAdamWState(size: number): AdamWState {
  return { step: 0, firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
}

/** One update in place: Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). */
export function updateAdamW(parameters: Float32Array, gradient: Float32Array, state: AdamWState, options: AdamWOptions): void {
  const { learningRate, weightDecay } = options;
  const { firstMoment, secondMoment } = state;
  state.step += 1;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = 1 - beta2 ** state.step;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]!;
    const first = beta1 * firstMoment[i]! + (1 - beta1) * g;
    const second = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    firstMoment[i] = first;
    secondMoment[i] = second;
    const direction = first / correction1 / (Math.sqrt(second / correction2) + epsilon);
    parameters[i]! -= learningRate * (direction + weightDecay * parameters[i]!);
  }
}

/** Scales a gradient down to a largest Euclidean norm, in place; returns the norm it had. */
export function clipGradient(gradient: Float32Array, largest: number): number {
  let square = 0;
  for (const value of gradient) square += value * value;
  const norm = Math.sqrt(square);
  if (norm > largest) {
    const factor = largest / norm;
    for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor;
  }
  return norm;
}
