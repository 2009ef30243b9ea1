/** One adapted linear layer: W' = W + scale · up × down. */
export interface LoraModule {
  readonly rank: number;
  readonly scale: number;
  /** PEFT's lora_A, [rank, inputs]. */
  readonly down: Float32Array;
  /** PEFT's lora_B, [outputs, rank]. */
  readonly up: Float32Array;
}

/** A LoRA adapter (Hu et al. 2021) in memory. Plain data: it travels to worker threads as it is. */
export interface LoraAdapter {
  /** Hash of its content: what caches know it by. */
  readonly key: string;
  /** By `layers.N.<linear module>`. */
  readonly modules: ReadonlyMap<string, LoraModule>;
  /** Fingerprint of the base that it was trained on, where its file says it. */
  readonly baseFingerprint?: string;
}
