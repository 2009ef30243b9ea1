/**
 * A minimal WebAssembly assembler: expressions are byte lists that compose as functions do,
 * so a kernel reads as the formula it computes. Only what the kernels of this folder use.
 * Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export type Code = readonly number[];
export type ValueType = 'i32' | 'f32' | 'v128';

const typeBytes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

function floatBytes(value: number): number[] {
  return [...new Uint8Array(new Float32Array([value]).buffer)];
}

const memoryArgument = (alignment: number, offset: number): Code => [...unsigned(alignment), ...unsigned(offset)];
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];

const binary =
  (...opcode: number[]) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode];
const binarySimd = (opcode: number) => binary(...simd(opcode));
const unarySimd =
  (opcode: number) =>
  (value: Code): Code => [...value, ...simd(opcode)];

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  subtract: binary(0x6b),
  multiply: binary(0x6c),
  shiftLeft: binary(0x74),
  shiftRight: binary(0x75),
  and: binary(0x71),
  less: binary(0x48),
  lessOrEqual: binary(0x4c),
  greaterOrEqual: binary(0x4e),
  equal: binary(0x46),
  load: (address: Code, offset = 0): Code => [...address, 0x28, ...memoryArgument(2, offset)],
};

export const f32 = {
  constant: (value: number): Code => [0x43, ...floatBytes(value)],
  add: binary(0x92),
  subtract: binary(0x93),
  multiply: binary(0x94),
  divide: binary(0x95),
  maximum: binary(0x97),
  sqrt: (value: Code): Code => [...value, 0x91],
  fromI32: (value: Code): Code => [...value, 0xb2],
  load: (address: Code, offset = 0): Code => [...address, 0x2a, ...memoryArgument(2, offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x38, ...memoryArgument(2, offset)],
};

export const f32x4 = {
  constant: (value: number): Code => {
    const lane = floatBytes(value);
    return [...simd(0x0c), ...lane, ...lane, ...lane, ...lane];
  },
  load: (address: Code, offset = 0): Code => [...address, ...simd(0x00), ...memoryArgument(2, offset)],
  loadSplat: (address: Code, offset = 0): Code => [...address, ...simd(0x09), ...memoryArgument(2, offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...simd(0x0b), ...memoryArgument(2, offset)],
  splat: unarySimd(0x13),
  lane: (value: Code, lane: number): Code => [...value, ...simd(0x1f), lane],
  nearest: unarySimd(0x6a),
  negate: unarySimd(0xe1),
  add: binarySimd(0xe4),
  subtract: binarySimd(0xe5),
  multiply: binarySimd(0xe6),
  divide: binarySimd(0xe7),
  minimum: binarySimd(0xe8),
  maximum: binarySimd(0xe9),
  /** left × right + addend in the relaxed SIMD extension: rounded once where the processor can. */
  multiplyAdd: (left: Code, right: Code, addend: Code): Code => [...left, ...right, ...addend, ...simd(0x105)],
};

export const i32x4 = {
  constant: (value: number): Code => {
    const lane = [...new Uint8Array(new Int32Array([value]).buffer)];
    return [...simd(0x0c), ...lane, ...lane, ...lane, ...lane];
  },
  add: binarySimd(0xae),
  shiftLeft: (value: Code, bits: number): Code => [...value, ...i32.constant(bits), ...simd(0xab)],
  truncate: unarySimd(0xf8),
};

/** `if (condition) { then } else { otherwise }` */
export function when(condition: Code, then: Code, otherwise: Code = []): Code {
  return [...condition, 0x04, 0x40, ...then, ...(otherwise.length > 0 ? [0x05, ...otherwise] : []), 0x0b];
}

export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** `for (counter = start; counter < end; counter += step) { body }`, signed. */
export function loop(counter: Local, start: Code, end: Code, step: Code, body: Code): Code {
  return [
    ...counter.set(start),
    ...[0x02, 0x40, 0x03, 0x40],
    ...i32.greaterOrEqual(counter.get, end),
    ...[0x0d, 1],
    ...body,
    ...counter.set(i32.add(counter.get, step)),
    ...[0x0c, 0, 0x0b, 0x0b],
  ];
}

interface FunctionEntry {
  name: string;
  parameters: ValueType[];
  results: ValueType[];
  locals: ValueType[];
  body: Code;
}

export interface FunctionScope {
  local(type: ValueType): Local;
}

/** Collects functions and turns them into the bytes of a module that imports `env.memory`. */
export class ModuleBuilder {
  readonly #functions: FunctionEntry[] = [];

  /** Adds an exported function and returns the code that calls it with given arguments. */
  define(
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    write: (parameters: Local[], scope: FunctionScope) => Code,
  ): (...operands: Code[]) => Code {
    const types: ValueType[] = [...parameters];
    const make = (index: number): Local => ({
      get: [0x20, ...unsigned(index)],
      set: (value) => [...value, 0x21, ...unsigned(index)],
    });
    const scope: FunctionScope = {
      local: (type) => {
        types.push(type);
        return make(types.length - 1);
      },
    };
    const body = write(
      parameters.map((_, index) => make(index)),
      scope,
    );
    const index = this.#functions.length;
    this.#functions.push({ name, parameters: [...parameters], results: [...results], locals: types.slice(parameters.length), body });
    return (...operands) => [...operands.flat(), 0x10, ...unsigned(index)];
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
    const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
    const text = (value: string): number[] => [...unsigned(value.length), ...new TextEncoder().encode(value)];
    const typeList = (types: readonly ValueType[]): number[] => vector(types.map((type) => [typeBytes[type]]));
    const functions = this.#functions;
    const bodies = functions.map((entry) => {
      const locals = vector(entry.locals.map((type) => [1, typeBytes[type]]));
      const content = [...locals, ...entry.body, 0x0b];
      return [...unsigned(content.length), ...content];
    });
    return new Uint8Array([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, vector(functions.map((entry) => [0x60, ...typeList(entry.parameters), ...typeList(entry.results)]))),
      ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 1]])),
      ...section(3, vector(functions.map((_, index) => unsigned(index)))),
      ...section(7, vector(functions.map((entry, index) => [...text(entry.name), 0x00, ...unsigned(index)]))),
      ...section(10, vector(bodies)),
    ]);
  }
}
