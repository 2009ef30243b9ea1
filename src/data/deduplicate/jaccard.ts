import type { ComparableUnits } from './comparable-units.ts';
import { shingleReader } from './shingle-hashes.ts';

/** The Jaccard similarity of two texts' sets of shingles, exact up to hashes of 32 bits that fall together. */
export function jaccardReader(): (left: ComparableUnits, right: ComparableUnits) => number {
  const read = shingleReader();
  let keys = new Uint32Array(4096);
  // The last time a slot was used: twice a call's number for the left set alone, one more once the right set has it too.
  let times = new Uint32Array(4096);
  let time = 0;
  return (left, right) => {
    const most = left.length + right.length + 2;
    if (keys.length < 2 * most || time > 0xffff_fff0) {
      const size = 2 ** Math.ceil(Math.log2(Math.max(4096, 2 * most)));
      keys = new Uint32Array(size);
      times = new Uint32Array(size);
      time = 0;
    }
    time += 2;
    const mask = keys.length - 1;
    let [distinct, common] = [0, 0];
    const first = read(left);
    for (let at = 0; at < first.count; at += 1) {
      const hash = first.hashes[at]!;
      let slot = hash & mask;
      while (times[slot]! >= time && keys[slot] !== hash) slot = (slot + 1) & mask;
      if (times[slot]! >= time) continue;
      times[slot] = time;
      keys[slot] = hash;
      distinct += 1;
    }
    const second = read(right);
    for (let at = 0; at < second.count; at += 1) {
      const hash = second.hashes[at]!;
      let slot = hash & mask;
      while (times[slot]! >= time && keys[slot] !== hash) slot = (slot + 1) & mask;
      if (times[slot] === time) common += 1;
      else if (times[slot]! < time) {
        keys[slot] = hash;
        distinct += 1;
      }
      times[slot] = time + 1;
    }
    return common / distinct;
  };
}
